"""Holidays belong to a country: a row a country and year.

Revision 0004. The years that were loaded before are China's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "nuanfeng"


def upgrade() -> None:
    """Add the column, and make it part of the key."""
    own = sa.Column("country", sa.Text, nullable=False, server_default="CN")
    op.add_column("holidays", own, schema=SCHEMA)
    _key("country", "year")


def downgrade() -> None:
    """Drop it, and the years of other countries: the homes keep theirs."""
    op.execute(f"DELETE FROM {SCHEMA}.holidays WHERE country <> 'CN'")  # noqa: S608  # names of our own
    _key("year")
    op.drop_column("holidays", "country", schema=SCHEMA)


def _key(*columns: str) -> None:
    op.drop_constraint("holidays_pkey", "holidays", schema=SCHEMA)
    op.create_primary_key("holidays_pkey", "holidays", [*columns], schema=SCHEMA)
