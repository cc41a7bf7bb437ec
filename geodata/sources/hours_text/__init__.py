"""The notice on a door: opening hours in Chinese, cut into words that are all known and put
together as rules.
"""
