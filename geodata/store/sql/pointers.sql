-- The current and the previous version of a dataset, in one look. By pointer's and release's primary keys.
SELECT now.version, now.manifest_sha256, before.version, before.manifest_sha256
  FROM nuanfeng.pointer
  JOIN nuanfeng.release AS now ON now.id = pointer.current
  LEFT JOIN nuanfeng.release AS before ON before.id = pointer.previous
 WHERE pointer.dataset = %(dataset)s
