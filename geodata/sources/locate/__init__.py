"""Addresses become points with a radius that holds, or honestly do not.

Bound to one address book: what the book does not know is told, and nothing is made up.
"""
