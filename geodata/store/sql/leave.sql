-- A version that comes back is no longer the previous one. By pointer's primary key.
UPDATE nuanfeng.pointer
   SET previous = NULL
 WHERE dataset = %(dataset)s
   AND previous = (SELECT id FROM nuanfeng.release WHERE dataset = %(dataset)s AND version = %(version)s)
