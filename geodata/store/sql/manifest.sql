-- The manifest of a version as it was stored, and its checksum. By the unique key (dataset, version).
SELECT manifest, manifest_sha256 FROM nuanfeng.release WHERE dataset = %(dataset)s AND version = %(version)s
