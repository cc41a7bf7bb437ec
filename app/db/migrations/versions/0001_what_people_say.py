"""What people say and operators publish."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    _about()
    _allowance()
    _directory()
    _letter()
    _notice()
    _posted()
    _report()
    _revoked_plate()
    _salt()
    _wish()
    _wish_event()
    _letter_event()
    _letter_key()
    _report_event()
    _accounts()
    _hung_on_accounts()
    _audit()
    _edit()
    _job()
    _job_file()
    _mapping()
    _upload()
    _upload_part()
    _letter_draft()
    _pin()
    _answer_template()
    _visit_round()


def _about() -> None:
    op.create_table(
        "about",
        sa.Column("dataset", sa.String(length=80), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dataset", name=op.f("pk_about")),
    )


def _allowance() -> None:
    op.create_table(
        "allowance",
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", "what", "hour", name=op.f("pk_allowance")),
    )
    with op.batch_alter_table("allowance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allowance_hour"), ["hour"], unique=False)


def _directory() -> None:
    op.create_table(
        "directory",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_directory")),
    )
    with op.batch_alter_table("directory", schema=None) as batch_op:
        batch_op.create_index("ix_directory_kind_id", ["kind", "id"], unique=False)


def _letter() -> None:
    op.create_table(
        "letter",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_letter")),
        sa.UniqueConstraint("id", name=op.f("uq_letter_id")),
        sa.UniqueConstraint("receipt", name=op.f("uq_letter_receipt")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_received_at"), ["received_at"], unique=False)


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("identifier", sa.String(length=80), nullable=False),
        sa.Column("root", sa.String(length=80), nullable=False),
        sa.Column("refers_to", sa.String(length=80), nullable=True),
        sa.Column("msg_type", sa.String(length=8), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=False),
        sa.Column("onset", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_notice")),
        sa.UniqueConstraint("identifier", name=op.f("uq_notice_identifier")),
        sa.UniqueConstraint("refers_to", name=op.f("uq_notice_refers_to")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_root"), ["root"], unique=False)


def _posted() -> None:
    op.create_table(
        "posted",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_posted")),
    )
    with op.batch_alter_table("posted", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posted_at"), ["at"], unique=False)


def _report() -> None:
    op.create_table(
        "report",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reporter", sa.String(length=64), nullable=False),
        sa.Column("salted_on", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("has_ticket", sa.Boolean(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_report")),
        sa.UniqueConstraint("id", name=op.f("uq_report_id")),
        sa.UniqueConstraint("key", name=op.f("uq_report_key")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_place"), ["place"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_salted_on"), ["salted_on"], unique=False)


def _revoked_plate() -> None:
    op.create_table(
        "revoked_plate",
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("place", "key_number", name=op.f("pk_revoked_plate")),
    )


def _salt() -> None:
    op.create_table(
        "salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_salt")),
    )


def _wish() -> None:
    op.create_table(
        "wish",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("cell", sa.String(length=6), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_wish")),
        sa.UniqueConstraint("id", name=op.f("uq_wish_id")),
        sa.UniqueConstraint("key", name=op.f("uq_wish_key")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wish_cell"), ["cell"], unique=False)


def _wish_event() -> None:
    op.create_table(
        "wish_event",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cell", sa.String(length=6), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_wish_event")),
    )
    with op.batch_alter_table("wish_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wish_event_cell"), ["cell"], unique=False)


def _letter_event() -> None:
    op.create_table(
        "letter_event",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("letter", sa.String(length=20), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter"], ["letter.id"], name=op.f("fk_letter_event_letter_letter")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_letter_event")),
        sa.UniqueConstraint("letter", "turn", name=op.f("uq_letter_event_letter_turn")),
    )


def _letter_key() -> None:
    op.create_table(
        "letter_key",
        sa.Column("letter", sa.String(length=20), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter"], ["letter.id"], name=op.f("fk_letter_key_letter_letter")
        ),
        sa.PrimaryKeyConstraint("letter", name=op.f("pk_letter_key")),
    )


def _report_event() -> None:
    op.create_table(
        "report_event",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("report", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report"], ["report.id"], name=op.f("fk_report_event_report_report")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_report_event")),
    )
    with op.batch_alter_table("report_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_event_report"), ["report"], unique=False)


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("scope_kind", sa.String(length=8), nullable=False),
        sa.Column("scope_name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("password", sa.String(length=200)),
        sa.Column("factor", sa.LargeBinary()),
        sa.Column("factor_step", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=64)),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("subject", name=op.f("uq_account_subject")),
    )


def _hung_on_accounts() -> None:
    tables = {
        "account_link": (
            sa.Column("token", sa.String(length=64), nullable=False),
            sa.Column("account", sa.BigInteger(), nullable=False),
            sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("token", name=op.f("pk_account_link")),
        ),
        "recovery_code": (
            sa.Column("code", sa.String(length=64), nullable=False),
            sa.Column("account", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("code", name=op.f("pk_recovery_code")),
        ),
        "desk_session": (
            sa.Column("token", sa.String(length=64), nullable=False),
            sa.Column("account", sa.BigInteger(), nullable=False),
            sa.Column("csrf", sa.String(length=64), nullable=False),
            sa.Column("language", sa.String(length=8), nullable=False),
            sa.Column("agent", sa.String(length=120), nullable=False),
            sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint("token", name=op.f("pk_desk_session")),
        ),
    }
    for name, columns in tables.items():
        of_account = sa.ForeignKeyConstraint(
            ["account"], ["account.number"], name=op.f(f"fk_{name}_account_account")
        )
        op.create_table(name, *columns, of_account)
        op.create_index(op.f(f"ix_{name}_account"), name, ["account"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("thing", sa.String(length=120), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=False),
        sa.Column("after", sa.String(length=200), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
        sa.UniqueConstraint("digest", name=op.f("uq_audit_digest")),
    )
    for column in ("thing", "who"):
        op.create_index(op.f(f"ix_audit_{column}"), "audit", [column], unique=False)


def _edit() -> None:
    op.create_table(
        "edit",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=2000), nullable=True),
        sa.Column("base", sa.String(length=2000), nullable=True),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_edit")),
    )
    with op.batch_alter_table("edit", schema=None) as batch_op:
        batch_op.create_index("ix_edit_place_field", ["place", "field"], unique=False)
        batch_op.create_index(batch_op.f("ix_edit_version"), ["version"], unique=False)


def _job() -> None:
    op.create_table(
        "job",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("district", sa.String(length=80), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job")),
        sa.UniqueConstraint("id", name=op.f("uq_job_id")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_state"), ["state"], unique=False)


def _job_file() -> None:
    op.create_table(
        "job_file",
        sa.Column("job", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name=op.f("fk_job_file_job_job")),
        sa.PrimaryKeyConstraint("job", "name", name=op.f("pk_job_file")),
    )


def _mapping() -> None:
    op.create_table(
        "mapping",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.Column("meaning", sa.String(length=80), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_mapping")),
    )
    with op.batch_alter_table("mapping", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mapping_layer"), ["layer"], unique=False)


def _upload() -> None:
    op.create_table(
        "upload",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("district", sa.String(length=80), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_upload")),
        sa.UniqueConstraint("id", name=op.f("uq_upload_id")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_at"), ["at"], unique=False)


def _upload_part() -> None:
    op.create_table(
        "upload_part",
        sa.Column("upload", sa.String(length=20), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload"], ["upload.id"], name=op.f("fk_upload_part_upload_upload")
        ),
        sa.PrimaryKeyConstraint("upload", "part", name=op.f("pk_upload_part")),
    )


def _letter_draft() -> None:
    op.create_table(
        "letter_draft",
        sa.Column("letter", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter"], ["letter.id"], name=op.f("fk_letter_draft_letter_letter")
        ),
        sa.PrimaryKeyConstraint("letter", name=op.f("pk_letter_draft")),
    )
    op.create_table(
        "photo",
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", "shown", name=op.f("pk_photo")),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_photo_sha256"), ["sha256"], unique=False)


def _pin() -> None:
    op.create_table(
        "pin",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=True),
        sa.Column("coarse", sa.String(length=40), nullable=True),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_pin")),
    )
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pin_layer"), ["layer"], unique=False)


def _answer_template() -> None:
    op.create_table(
        "answer_template",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("owner_kind", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_answer_template")),
    )
    with op.batch_alter_table("answer_template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_template_id"), ["id"], unique=False)


def _visit_round() -> None:
    op.create_table(
        "visit_round",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_visit_round")),
        sa.UniqueConstraint("id", name=op.f("uq_visit_round_id")),
    )
    with op.batch_alter_table("visit_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_round_account"), ["account"], unique=False)


def downgrade() -> None:
    """And back."""
    for name in (
        "visit_round",
        "answer_template",
        "pin",
        "photo",
        "upload_part",
        "upload",
        "mapping",
        "job_file",
        "job",
        "edit",
        "letter_draft",
        "audit",
        "desk_session",
        "recovery_code",
        "account_link",
        "account",
    ):
        op.drop_table(name)
    with op.batch_alter_table("report_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_event_report"))

    op.drop_table("report_event")
    op.drop_table("letter_key")
    op.drop_table("letter_event")
    with op.batch_alter_table("wish_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_event_cell"))

    op.drop_table("wish_event")
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_cell"))

    op.drop_table("wish")
    op.drop_table("salt")
    op.drop_table("revoked_plate")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_place"))
        batch_op.drop_index(batch_op.f("ix_report_expires_at"))

    op.drop_table("report")
    with op.batch_alter_table("posted", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posted_at"))

    op.drop_table("posted")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_root"))
        batch_op.drop_index(batch_op.f("ix_notice_expires"))

    op.drop_table("notice")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_received_at"))

    op.drop_table("letter")
    with op.batch_alter_table("directory", schema=None) as batch_op:
        batch_op.drop_index("ix_directory_kind_id")

    op.drop_table("directory")
    with op.batch_alter_table("allowance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allowance_hour"))

    op.drop_table("allowance")
    op.drop_table("about")
