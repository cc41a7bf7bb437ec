"""The holidays that operators loaded, a row a year.

Revision 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "nuanfeng"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "holidays",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Drop it; the homes keep theirs."""
    op.drop_table("holidays", schema=SCHEMA)
