"""The tables of what people say, and what operators publish.

Append-only, but for what is counted (`allowance`), what is forgotten on its day (`salt`,
`posted`), the keys of letters, whose deletion is how a letter's text ends, and who may sign in
(`account` and what hangs on it). A state is a fold over events; no row says it.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from app.db.types import Instant

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    }
)


def _number() -> Column[int]:
    """The order in which rows were written; of SQLite its rowid, which must be an INTEGER there."""
    kind = BigInteger().with_variant(Integer(), "sqlite")
    return Column("number", kind, primary_key=True, autoincrement=True)


#: One row: whose database this is.
about: Final = Table(
    "about",
    metadata,
    Column("dataset", String(80), primary_key=True),
    Column("synthetic", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
)

# Posting ----------------------------------------------------------------------------------------

#: Of each day the salt that networks are hashed with; destroyed (deleted) once nothing of that day
#: lives any more.
salt: Final = Table(
    "salt",
    metadata,
    Column("day", Date, primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
)
#: What was posted under an Idempotency-Key, and what was answered; forgotten after seven days.
posted: Final = Table(
    "posted",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("body", String(64), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
#: How often a network or a place was heard within an hour; forgotten after a day.
allowance: Final = Table(
    "allowance",
    metadata,
    Column("who", String(64), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("hour", Instant, primary_key=True, index=True),
    Column("times", Integer, nullable=False),
)

# Reports ----------------------------------------------------------------------------------------

report: Final = Table(
    "report",
    metadata,
    _number(),
    Column("id", String(20), nullable=False, unique=True),
    Column("place", String(40), nullable=False, index=True),
    Column("type", String(16), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("reporter", String(64), nullable=False),
    Column("salted_on", Date, nullable=False, index=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("has_ticket", Boolean, nullable=False),
    Column("note", LargeBinary),
)
#: What became of a report: withdrawn by its reporter, or handled by an operator.
report_event: Final = Table(
    "report_event",
    metadata,
    _number(),
    Column("report", String(20), ForeignKey("report.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(80), nullable=False),
    Column("details", JSON, nullable=False),
)
#: Plates that prove nothing any more.
revoked_plate: Final = Table(
    "revoked_plate",
    metadata,
    Column("place", String(40), primary_key=True),
    Column("key_number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", String(80), nullable=False),
)

# Wishes -----------------------------------------------------------------------------------------

wish: Final = Table(
    "wish",
    metadata,
    _number(),
    Column("id", String(20), nullable=False, unique=True),
    Column("cell", String(6), nullable=False, index=True),
    Column("needs", JSON, nullable=False),
    Column("mode", String(8), nullable=False),
    Column("hour", SmallInteger),
    Column("note", LargeBinary),
    Column("received_at", Instant, nullable=False),
    Column("key", String(64), nullable=False, unique=True),
)
#: How the wishes of a cell ended: kept for later, built or refused, with a reason.
wish_event: Final = Table(
    "wish_event",
    metadata,
    _number(),
    Column("cell", String(6), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(80), nullable=False),
    Column("reason", String(2000), nullable=False),
)

# Letters ----------------------------------------------------------------------------------------

letter: Final = Table(
    "letter",
    metadata,
    _number(),
    Column("id", String(20), nullable=False, unique=True),
    Column("receipt", String(64), nullable=False, unique=True),
    Column("category", String(16), nullable=False),
    Column("street", String(80), nullable=False),
    Column("place", String(40), nullable=False),
    Column("received_at", Instant, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)
#: The key of each letter's text, wrapped by its month's; deleted when the text is to end.
letter_key: Final = Table(
    "letter_key",
    metadata,
    Column("letter", String(20), ForeignKey("letter.id"), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
letter_event: Final = Table(
    "letter_event",
    metadata,
    _number(),
    Column("letter", String(20), ForeignKey("letter.id"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("by", String(80), nullable=False),
    Column("details", JSON, nullable=False),
    Column("sealed", LargeBinary),
    UniqueConstraint("letter", "turn"),
)

# What operators publish -------------------------------------------------------------------------

#: A version of a notice (CAP 1.2): an alert, or an update or cancel of the one that it refers to.
notice: Final = Table(
    "notice",
    metadata,
    _number(),
    Column("identifier", String(80), nullable=False, unique=True),
    Column("root", String(80), nullable=False, index=True),
    Column("refers_to", String(80), unique=True),
    Column("msg_type", String(8), nullable=False),
    Column("sent", Instant, nullable=False),
    Column("onset", Instant, nullable=False),
    Column("expires", Instant, nullable=False, index=True),
    Column("by", String(80), nullable=False),
    Column("body", JSON, nullable=False),
)
#: A version of an entry of the directory: a contact, an event or a benefit; the latest holds.
directory: Final = Table(
    "directory",
    metadata,
    _number(),
    Column("kind", String(8), nullable=False),
    Column("id", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(80), nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("body", JSON, nullable=False),
    Index("ix_directory_kind_id", "kind", "id"),
)

# The desk: who may sign in, and what they did ---------------------------------------------------

#: Who may sign in to the desk. An account is never deleted, so that the audit's names stay one
#: person's; a closed one has no password, no second factor and no session.
account: Final = Table(
    "account",
    metadata,
    _number(),
    Column("name", String(40), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("scope_kind", String(8), nullable=False),
    Column("scope_name", String(80), nullable=False),
    Column("state", String(8), nullable=False),
    Column("password", String(200)),
    Column("factor", LargeBinary),
    Column("factor_step", BigInteger, nullable=False),
    Column("subject", String(64), unique=True),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)
#: A link that sets a password once; deleted when it is used.
account_link: Final = Table(
    "account_link",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("account", BigInteger, ForeignKey("account.number"), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False),
)
#: What stands in for the second factor; each is deleted when it is used.
recovery_code: Final = Table(
    "recovery_code",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("account", BigInteger, ForeignKey("account.number"), nullable=False, index=True),
)
desk_session: Final = Table(
    "desk_session",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("account", BigInteger, ForeignKey("account.number"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("agent", String(120), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)
#: What was done at the desk; each row holds the digest of the one before.
audit: Final = Table(
    "audit",
    metadata,
    _number(),
    Column("at", Instant, nullable=False),
    Column("who", String(40), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("verb", String(24), nullable=False),
    Column("thing", String(120), nullable=False, index=True),
    Column("field", String(40), nullable=False),
    Column("before", String(200), nullable=False),
    Column("after", String(200), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
)
#: An answer that waits for a second pair of eyes; deleted when it is sent or given back.
letter_draft: Final = Table(
    "letter_draft",
    metadata,
    Column("letter", String(20), ForeignKey("letter.id"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Tables by upload, edits and jobs -----------------------------------------------------------------

#: Work that a process of its own does. Its row changes: who holds the lease goes on with it.
job: Final = Table(
    "job",
    metadata,
    _number(),
    Column("id", String(20), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("district", String(80), nullable=False),
    Column("street", String(80), nullable=False),
    Column("details", JSON, nullable=False),
    Column("by", String(40), nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
    Column("state", String(12), nullable=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", JSON, nullable=False),
)
#: What came of a job: reports and lists, a row each.
job_file: Final = Table(
    "job_file",
    metadata,
    Column("job", String(20), ForeignKey("job.id"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
#: A table that somebody sent; its bytes stand in upload_part.
upload: Final = Table(
    "upload",
    metadata,
    _number(),
    Column("id", String(20), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("layer", String(80), nullable=False),
    Column("district", String(80), nullable=False),
    Column("street", String(80), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
upload_part: Final = Table(
    "upload_part",
    metadata,
    Column("upload", String(20), ForeignKey("upload.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
#: What headings and words of a layer's tables mean, as somebody said; the newest of each holds.
mapping: Final = Table(
    "mapping",
    metadata,
    _number(),
    Column("layer", String(80), nullable=False, index=True),
    Column("what", String(12), nullable=False),
    Column("word", String(200), nullable=False),
    Column("meaning", String(80), nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)
#: A field of a place that somebody, or a list, changed; of those by hand the newest holds.
edit: Final = Table(
    "edit",
    metadata,
    _number(),
    Column("place", String(40), nullable=False),
    Column("layer", String(80), nullable=False),
    Column("field", String(40), nullable=False),
    Column("value", String(2000)),
    Column("base", String(2000)),
    Column("how", String(12), nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", String(400), nullable=False),
    Column("file", String(200), nullable=False),
    Column("row", Integer),
    Column("version", String(64), nullable=False, index=True),
    Index("ix_edit_place_field", "place", "field"),
)
#: A photo of a place, one that is shown and one that waits; a replaced one is deleted.
photo: Final = Table(
    "photo",
    metadata,
    Column("place", String(40), primary_key=True),
    Column("shown", Boolean, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
#: A point that somebody put for a row of a layer's tables that has none of its own; of a name and
#: an address the newest holds, and one without a point takes it back.
pin: Final = Table(
    "pin",
    metadata,
    _number(),
    Column("layer", String(80), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("address", String(400), nullable=False),
    Column("point", String(40)),
    Column("coarse", String(40)),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)
#: What is often answered, of an account or of an office; of an id the newest holds.
answer_template: Final = Table(
    "answer_template",
    metadata,
    _number(),
    Column("id", String(20), nullable=False, index=True),
    Column("owner_kind", String(8), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("title", String(80), nullable=False),
    Column("text", String(2000), nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)
#: The places that somebody set out to look at, in walking order, until the round is ended.
visit_round: Final = Table(
    "visit_round",
    metadata,
    _number(),
    Column("id", String(20), nullable=False, unique=True),
    Column("account", String(40), nullable=False, index=True),
    Column("street", String(80), nullable=False),
    Column("places", JSON, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
