-- Another version becomes the current one, and what was current the previous one. By pointer's primary key.
INSERT INTO nuanfeng.pointer AS pointer (dataset, current)
SELECT dataset, id FROM nuanfeng.release WHERE dataset = %(dataset)s AND version = %(version)s
ON CONFLICT (dataset) DO UPDATE
   SET previous = CASE WHEN pointer.current = excluded.current THEN pointer.previous ELSE pointer.current END,
       current = excluded.current
