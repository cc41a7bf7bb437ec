-- The holidays of a country's year, unless a later word on them is here. By holidays' primary key.
INSERT INTO nuanfeng.holidays AS held (country, year, at, body)
VALUES (%(country)s, %(year)s, %(at)s, %(body)s)
ON CONFLICT (country, year) DO UPDATE SET at = excluded.at, body = excluded.body
 WHERE held.at < excluded.at
