"""What else a place says of itself: layer, source, position, entry, fee, wheelchair and so on.

Revision 0002. Places of versions from before have null there; the views show them with the source
and licence of their release.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "nuanfeng"
WORDS = ("type", "fee", "wheelchair", "level", "position", "layer", "source", "licence")
VIEWS = (("points", "point"), ("streets", "line"))
#: The columns of a view before this step, in their order.
BEFORE = (
    "place.key", "place.id", "place.kind", "place.name", "place.name_en", "place.address",
    "place.district", "place.street", "place.door", "place.opening_hours",
    "place.opening_hours_text", "place.operator", "place.offers", "place.parent_street_id",
    "place.verified_by", "place.src_file", "place.src_sheet", "place.src_id", "place.src_datum",
    "place.phones", "place.services", "place.needs", "place.audience", "place.zones",
    "place.capacity", "place.verified_at", "place.src_row", "place.src_lon", "place.src_lat",
)  # fmt: skip
RELEASE = ("release.dataset", "release.version", "release.synthetic", "release.title")
ADDED = (
    "place.type", "place.fee", "place.wheelchair", "place.level", "place.maybe", "place.position",
    "place.radius_m", "place.layer", "place.entry",
)  # fmt: skip


def upgrade() -> None:
    """Add the columns, and show them."""
    for name in WORDS:
        op.add_column("place", sa.Column(name, sa.Text), schema=SCHEMA)
    op.add_column("place", sa.Column("maybe", ARRAY(sa.Text)), schema=SCHEMA)
    op.add_column("place", sa.Column("radius_m", sa.Double), schema=SCHEMA)
    op.add_column("place", sa.Column("entry", JSONB), schema=SCHEMA)
    own = "COALESCE(place.licence, release.licence) AS licence, "
    own += "COALESCE(place.source, release.source) AS source"
    _show(f"{own}, release.data_date, {', '.join(ADDED)}")  # replaced: who may read it still may


def downgrade() -> None:
    """Drop them; the versions themselves stay whole."""
    for view, _ in VIEWS:
        op.execute(f"DROP VIEW {SCHEMA}.{view}")
    _show("release.licence, release.source, release.data_date")
    for name in (*WORDS, "maybe", "radius_m", "entry"):
        op.drop_column("place", name, schema=SCHEMA)


def _show(last: str) -> None:
    """Both views, the columns from before first."""
    for view, column in VIEWS:
        shown = ", ".join((*BEFORE, f"place.{column}", *RELEASE))
        op.execute(f"""
            CREATE OR REPLACE VIEW {SCHEMA}.{view} AS
            SELECT {shown}, {last}
              FROM {SCHEMA}.pointer
              JOIN {SCHEMA}.release ON release.id = pointer.current
              JOIN {SCHEMA}.place ON place.release = release.id
             WHERE place.{column} IS NOT NULL
        """)  # noqa: S608  # names of our own
