"""What riders say: posts, and what becomes of them. Stands on app.db; knows no desk.

`posting.py` is the one way in: it checks where a post comes from, and runs its unit of work
together with its Idempotency-Key and its allowance, so that all are kept or none. No position finer
than a geohash of six letters, no address of a network and no cookie is ever written.
"""
