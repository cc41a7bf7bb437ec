"""Raw tables in, rows out: where text becomes values.

Nothing here answers a question or knows the web.
"""
