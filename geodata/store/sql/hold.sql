-- The holidays of a year, unless a later word on them is here. By holidays' primary key.
INSERT INTO nuanfeng.holidays AS held (year, at, body) VALUES (%(year)s, %(at)s, %(body)s)
ON CONFLICT (year) DO UPDATE SET at = excluded.at, body = excluded.body WHERE held.at < excluded.at
