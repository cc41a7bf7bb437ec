-- One piece of a stored file. By part's primary key, behind the unique key (dataset, version).
SELECT part.body
  FROM nuanfeng.part
  JOIN nuanfeng.release ON release.id = part.release
 WHERE release.dataset = %(dataset)s AND release.version = %(version)s AND part.name = %(name)s
   AND part.number = %(number)s
