-- One publisher of a dataset at a time, until its transaction ends in whatever way.
SELECT pg_try_advisory_xact_lock(hashtextextended('nuanfeng ' || %(dataset)s, 0))
