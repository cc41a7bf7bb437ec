-- A version, before its bytes.
INSERT INTO nuanfeng.release
       (dataset, version, manifest, manifest_sha256, synthetic, title, licence, source, data_date, places,
        published_at, published_by)
VALUES (%(dataset)s, %(version)s, %(manifest)s, %(manifest_sha256)s, %(synthetic)s, %(title)s, %(licence)s, %(source)s,
        %(data_date)s, %(places)s, %(published_at)s, %(published_by)s)
RETURNING id
