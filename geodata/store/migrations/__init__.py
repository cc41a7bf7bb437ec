"""The schema of the shared database, step by step.

Applied by `postgis.prepare`, and by nobody else.
"""
