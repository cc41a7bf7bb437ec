-- The step of the schema that the database has reached; no such table before it was prepared.
SELECT version_num FROM nuanfeng.alembic_version
