"""How Alembic reaches the database: over the connection that `postgis.prepare` hands it.

Opens none itself.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table_schema="nuanfeng"
)
with context.begin_transaction():
    context.run_migrations()
