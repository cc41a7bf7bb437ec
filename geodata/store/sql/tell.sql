-- Heard by every server that listens, once the transaction is through.
SELECT pg_notify('nuanfeng', %(dataset)s)
