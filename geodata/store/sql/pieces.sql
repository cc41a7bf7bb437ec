-- How many pieces a stored file has. By part's primary key, behind the unique key (dataset, version).
SELECT count(*)
  FROM nuanfeng.part
  JOIN nuanfeng.release ON release.id = part.release
 WHERE release.dataset = %(dataset)s AND release.version = %(version)s AND part.name = %(name)s
