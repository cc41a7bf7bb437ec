-- When and by whom a version was published. By the unique key (dataset, version).
SELECT published_at, published_by FROM nuanfeng.release WHERE dataset = %(dataset)s AND version = %(version)s
