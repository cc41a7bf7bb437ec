"""Releases with their stored bytes, which of them is current, and their places for QGIS.

Revision 0001.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "nuanfeng"
#: What a place has in the database, as geodata/places/README.md says; lists stay lists.
WORDS = (
    "kind", "name", "name_en", "address", "district", "street", "door", "opening_hours",
    "opening_hours_text",
    "operator", "offers", "parent_street_id", "verified_by", "src_file", "src_sheet", "src_id",
    "src_datum",
)  # fmt: skip
LISTS = ("phones", "services", "needs", "audience", "zones")


def upgrade() -> None:
    """Make the tables, their indexes and the views."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _releases()
    _places()
    for view, column in (("points", "point"), ("streets", "line")):
        op.execute(_view(view, column))


def downgrade() -> None:
    """Drop all of it, and with it every version; the extensions stay."""
    for view in ("streets", "points"):
        op.execute(f"DROP VIEW {SCHEMA}.{view}")
    for table in ("place", "pointer", "part", "release"):
        op.drop_table(table, schema=SCHEMA)


def _releases() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("manifest_sha256", sa.Text, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("data_date", sa.Date, nullable=False),
        sa.Column("places", sa.BigInteger, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.UniqueConstraint("dataset", "version"),
        schema=SCHEMA,
    )
    op.create_table(
        "part",
        sa.Column("release", sa.BigInteger, _of_release("CASCADE"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    # Arrays hardly shrink, and compressing them would take longer than sending them.
    op.execute(f"ALTER TABLE {SCHEMA}.part ALTER COLUMN body SET STORAGE EXTERNAL")
    op.create_table(
        "pointer",
        sa.Column("dataset", sa.Text, primary_key=True),
        sa.Column("current", sa.BigInteger, _of_release(), nullable=False),
        sa.Column("previous", sa.BigInteger, _of_release()),
        schema=SCHEMA,
    )


def _places() -> None:
    op.create_table(
        "place",
        sa.Column("key", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("release", sa.BigInteger, _of_release("CASCADE"), nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in WORDS),
        *(sa.Column(name, ARRAY(sa.Text), nullable=False) for name in LISTS),
        sa.Column("capacity", sa.Integer),
        sa.Column("verified_at", sa.Date),
        sa.Column("src_row", sa.BigInteger),
        sa.Column("src_lon", sa.Double),
        sa.Column("src_lat", sa.Double),
        sa.Column("point", Geometry("POINT", srid=4326, spatial_index=False)),
        sa.Column("line", Geometry("LINESTRING", srid=4326, spatial_index=False)),
        sa.UniqueConstraint("release", "id"),
        sa.CheckConstraint("num_nonnulls(point, line) = 1", name="point_or_line"),
        schema=SCHEMA,
    )
    # With the release in front, a map of the current version reads no entry of an older one.
    for column in ("point", "line"):
        op.create_index(
            f"place_{column}",
            "place",
            ["release", column],
            schema=SCHEMA,
            postgresql_using="gist",
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def _of_release(when_deleted: str | None = None) -> sa.ForeignKey:
    return sa.ForeignKey(f"{SCHEMA}.release.id", ondelete=when_deleted)


def _view(view: str, column: str) -> str:
    """The places of the current version of every dataset, with what everybody must know of them."""
    own = ", ".join(
        f"place.{name}" for name in ("id", *WORDS, *LISTS, "capacity", "verified_at", "src_row")
    )
    return f"""
        CREATE VIEW {SCHEMA}.{view} AS
        SELECT place.key, {own}, place.src_lon, place.src_lat, place.{column},
               release.dataset, release.version, release.synthetic, release.title, release.licence,
               release.source,
               release.data_date
          FROM {SCHEMA}.pointer
          JOIN {SCHEMA}.release ON release.id = pointer.current
          JOIN {SCHEMA}.place ON place.release = release.id
         WHERE place.{column} IS NOT NULL
    """  # noqa: S608  # names of our own
