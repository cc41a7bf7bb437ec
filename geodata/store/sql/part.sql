-- A piece of a stored file.
INSERT INTO nuanfeng.part (release, name, number, body) VALUES (%(release)s, %(name)s, %(number)s, %(body)s)
