-- A version with its bytes and places (they cascade). By the unique key (dataset, version).
DELETE FROM nuanfeng.release WHERE dataset = %(dataset)s AND version = %(version)s
