"""The desk: where street offices, unions and companies keep the map true and answer riders.

Pages that need no script, for people who sign in. Every view names its verb and its reach
(views.py); every change is written to the audit in the same unit of work.
"""
