-- Every version that is kept, the newest first. By the unique key (dataset, version).
SELECT release.id, release.version, release.manifest_sha256, release.published_at, release.published_by, release.places,
       release.synthetic, release.source, release.data_date, pointer.current, pointer.previous,
       release.manifest
  FROM nuanfeng.release
  JOIN nuanfeng.pointer ON pointer.dataset = release.dataset
 WHERE release.dataset = %(dataset)s
 ORDER BY release.id DESC
