-- An older version becomes the current one, and what came before it the previous one. By pointer's primary key.
UPDATE nuanfeng.pointer
   SET current = %(number)s,
       previous = (SELECT max(id) FROM nuanfeng.release WHERE dataset = %(dataset)s AND id < %(number)s)
 WHERE dataset = %(dataset)s
