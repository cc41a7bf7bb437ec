-- Every version that is kept, the newest first. By the unique key (dataset, version).
SELECT release.version, release.pushed_at, release.pushed_by, release.places, release.synthetic, release.source,
       coalesce(release.id = pointer.current, false), coalesce(release.id = pointer.previous, false)
  FROM nuanfeng.release
  JOIN nuanfeng.pointer ON pointer.dataset = release.dataset
 WHERE release.dataset = %(dataset)s
 ORDER BY release.id DESC
