"""Dates, planning, join page, templates"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import vidmsg.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sender_rate",
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("free_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_sender_rate")),
    )
    op.create_table(
        "worker_beat",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("host", sa.String(length=80), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=True),
        sa.Column("archived_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_template_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
    )
    op.create_index("ix_template_organisation_id", "template", ["organisation_id"], unique=False)

    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("created_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_feed_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_feed_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_feed_token_digest")),
    )
    op.create_index("ix_feed_user_id", "feed", ["user_id"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("created_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", sa.JSON(), nullable=True),
        sa.Column("started_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.Column("applied_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.Column("undone_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_import_batch_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_import_batch_team_id_team")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_import_batch_user_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index("ix_import_batch_organisation_id", "import_batch", ["organisation_id"], unique=False)

    op.create_table(
        "template_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_template_version_author_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["template.id"], name=op.f("fk_template_version_template_id_template"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_version")),
        sa.UniqueConstraint("template_id", "number", name=op.f("uq_template_version_template_id_number")),
    )
    op.create_table(
        "import_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_change_batch_id_import_batch"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_import_change_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
    )
    op.create_index("ix_import_change_batch_id", "import_change", ["batch_id"], unique=False)

    op.create_table(
        "join_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_join_request_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_join_request_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_request")),
    )
    op.create_index("ix_join_request_phone", "join_request", ["phone", "organisation_id"], unique=False)
    op.create_index("ix_join_request_at", "join_request", ["organisation_id", "at"], unique=False)

    op.create_table(
        "record_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=22), nullable=True),
        sa.Column("upload_id", sa.String(length=22), nullable=True),
        sa.Column("nudged_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_record_link_occurrence_id_occurrence"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_record_link_user_id_user"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_record_link_message_id_message"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_record_link_upload_id_upload"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_record_link_token_digest")),
    )
    for what in ("occurrence", "message", "upload"):
        op.create_index(f"ix_record_link_{what}", "record_link", [f"{what}_id"], unique=False)

    op.create_table(
        "first_text",
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", vidmsg.database.UTCDateTime(timezone=True), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=True),
        sa.Column("trouble", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_first_text_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_first_text_user_id_user"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_first_text")),
    )

    # Tables with rows are only added to, so that SQLite need not rebuild them and no reference is ever loose.
    _add("message", sa.Column("purpose", sa.String(10), server_default="greeting", nullable=False))
    _add("message", sa.Column("template_version_id", sa.Integer, sa.ForeignKey("template_version.id")))
    _add("message", sa.Column("wanted_at", vidmsg.database.UTCDateTime(timezone=True)))
    _add("message", sa.Column("send_on", sa.Date))
    _add("message", sa.Column("no_video", sa.String(5)))
    _add("message", sa.Column("fallback_video_id", sa.String(22), sa.ForeignKey("video.id")))
    _add("message", sa.Column("about_id", sa.Integer, sa.ForeignKey("person.id", ondelete="SET NULL")))
    _add("message", sa.Column("approved_by", sa.Integer, sa.ForeignKey("user.id", ondelete="SET NULL")))

    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("company_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("on_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("step", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("unit", sa.String(length=6), nullable=True))
        batch_op.add_column(sa.Column("series", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("target", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("leap", sa.String(length=5), nullable=True))
        batch_op.add_column(sa.Column("weekend", sa.String(length=6), nullable=True))
        batch_op.add_column(sa.Column("lead_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("send_at", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("send_zone", sa.String(length=6), nullable=True))
        batch_op.add_column(sa.Column("no_video", sa.String(length=5), nullable=True))
        batch_op.add_column(sa.Column("next_on", sa.Date(), nullable=True))
        batch_op.alter_column("month", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("day", existing_type=sa.INTEGER(), nullable=True)
        batch_op.drop_index(batch_op.f("ix_milestone_person_id"))
        counted = ["id", "kind", "active", "leap", "weekend", "team_id"]
        batch_op.create_index("ix_milestone_day", ["organisation_id", "month", "day", *counted], unique=False)
        dated = ["organisation_id", "on_date", *counted, "step", "unit"]
        batch_op.create_index("ix_milestone_date", dated, unique=False)
        batch_op.create_index("ix_milestone_next", ["next_on", "id"], unique=False)
        batch_op.create_index("ix_milestone_person_kind", ["person_id", "kind"], unique=False)
        own = sa.text("lead_days IS NOT NULL")
        batch_op.create_index("ix_milestone_lead", ["id"], unique=False, postgresql_where=own, sqlite_where=own)
        batch_op.create_foreign_key(
            batch_op.f("fk_milestone_company_id_company"), "company", ["company_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_milestone_organisation_id_organisation"), "organisation", ["organisation_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_milestone_team_id_team"), "team", ["team_id"], ["id"])

    _keep_sample_dates()
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.alter_column("organisation_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("team_id", existing_type=sa.Integer(), nullable=False)

    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation_id", sa.Integer(), nullable=False))
        batch_op.add_column(sa.Column("team_id", sa.Integer(), nullable=False))
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=False))
        batch_op.add_column(sa.Column("kind", sa.String(length=30), nullable=False))
        batch_op.add_column(sa.Column("count", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("natural_on", sa.Date(), nullable=False))
        batch_op.add_column(sa.Column("moved", sa.Boolean(), nullable=False))
        batch_op.add_column(sa.Column("send_at", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("send_zone", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("snoozed_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("skipped_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", vidmsg.database.UTCDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("created_at", vidmsg.database.UTCDateTime(timezone=True), nullable=False))
        batch_op.drop_index(batch_op.f("ix_occurrence_planned_on"))
        batch_op.create_index("ix_occurrence_assignee", ["assignee_id", "planned_on", "id"], unique=False)
        counted = ["planned_on", "id", "assignee_id", "kind", "skipped_at", "person_id"]
        batch_op.create_index("ix_occurrence_organisation", ["organisation_id", *counted], unique=False)
        batch_op.create_index("ix_occurrence_person", ["person_id", "planned_on"], unique=False)
        batch_op.create_index("ix_occurrence_team", ["team_id", *counted], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_occurrence_team_id_team"), "team", ["team_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_occurrence_person_id_person"), "person", ["person_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_occurrence_organisation_id_organisation"), "organisation", ["organisation_id"], ["id"]
        )

    _add("organisation", sa.Column("leap", sa.String(length=5), server_default="feb28", nullable=False))
    _add("organisation", sa.Column("weekend", sa.String(length=6), server_default="on", nullable=False))
    _add("organisation", sa.Column("holidays", sa.String(length=2), server_default="", nullable=False))
    _add("organisation", sa.Column("lead_days", sa.Integer(), server_default="3", nullable=False))
    _add("organisation", sa.Column("send_at", sa.Time(), server_default="09:10:00", nullable=False))
    _add("organisation", sa.Column("send_zone", sa.String(length=6), server_default="theirs", nullable=False))
    _add("organisation", sa.Column("no_video", sa.String(length=5), server_default="ask", nullable=False))
    _add("organisation", sa.Column("opens", sa.Integer(), server_default="9", nullable=False))
    _add("organisation", sa.Column("closes", sa.Integer(), server_default="20", nullable=False))
    _add("organisation", sa.Column("opens_sunday", sa.Integer(), server_default="12", nullable=False))
    _add("organisation", sa.Column("allowed_countries", sa.String(length=600), server_default="", nullable=False))
    _add("organisation", sa.Column("person_daily_cap", sa.Integer(), server_default="2", nullable=False))
    _add("organisation", sa.Column("daily_cap", sa.Integer(), server_default="500", nullable=False))
    _add("organisation", sa.Column("approval", sa.Boolean(), server_default=sa.false(), nullable=False))
    _add("organisation", sa.Column("join_token", sa.String(length=22), nullable=True))
    op.create_index("uq_organisation_join_token", "organisation", ["join_token"], unique=True)
    taken = sa.text("occurrence_id IS NOT NULL")
    op.create_index("ix_upload_occurrence", "upload", ["occurrence_id"], postgresql_where=taken, sqlite_where=taken)
    closed = sa.text("state = 'closed'")
    op.create_index("ix_upload_closed", "upload", ["moved_at"], postgresql_where=closed, sqlite_where=closed)
    _add("person", sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id", ondelete="CASCADE")))
    reps = sa.text("user_id IS NOT NULL")
    op.create_index("uq_person_user", "person", ["user_id"], unique=True, postgresql_where=reps, sqlite_where=reps)
    op.create_index("ix_person_owner", "person", ["owner_id"])
    _add("person", sa.Column("visits", sa.Integer(), nullable=True))
    _add("person", sa.Column("zone_is_guess", sa.Boolean, server_default=sa.false(), nullable=False))
    _add("person", sa.Column("folded", sa.String(length=363), server_default="", nullable=False))
    _add("company", sa.Column("folded", sa.String(length=360), server_default="", nullable=False))
    _fold_names()
    op.create_index("ix_person_folded", "person", ["team_id", "folded"])
    op.create_index("uq_company_name", "company", ["team_id", "folded"], unique=True)
    op.drop_index("ix_person_phone", "person")
    op.create_index("ix_person_number", "person", ["phone", "organisation_id"])
    _add("installation", sa.Column("frozen_at", vidmsg.database.UTCDateTime(timezone=True)))
    _add("installation", sa.Column("generation", sa.Integer(), server_default="0", nullable=False))
    _add("installation", sa.Column("counted_at", vidmsg.database.UTCDateTime(timezone=True)))
    _add("installation", sa.Column("place", sa.String(length=64)))
    op.create_index("ix_attempt_created", "attempt", ["created_at"])
    op.create_index("ix_message_video", "message", ["video_id"])
    op.create_index("ix_message_phone", "message", ["phone"])
    op.create_index("ix_attempt_phone", "attempt", ["phone"])
    unseen, listed = sa.text("seen_at IS NULL"), ["organisation_id", "at"]
    op.create_index("ix_inbound_unseen", "inbound", listed, postgresql_where=unseen, sqlite_where=unseen)
    troubled = sa.text("state IN ('unknown', 'unconfirmed', 'held', 'missed', 'failed', 'undelivered')")
    listed = ["organisation_id", "state", "changed_at"]
    op.create_index("ix_message_trouble", "message", listed, postgresql_where=troubled, sqlite_where=troubled)
    broken, listed = sa.text("state = 'failed'"), ["organisation_id", "created_at"]
    op.create_index("ix_video_broken", "video", listed, postgresql_where=broken, sqlite_where=broken)
    _add("user", sa.Column("text_to_record", sa.Boolean, server_default=sa.false(), nullable=False))
    _add("user", sa.Column("texts_from", sa.Integer))
    _add("user", sa.Column("texts_until", sa.Integer))


def _add(table: str, column: sa.Column[Any]) -> None:
    op.add_column(table, column, inline_references=True)


def _fold_names() -> None:
    """Names to compare by, which SQLite itself can't make of letters beyond ASCII. Of two companies of one name in a
    team the second keeps its own until somebody renames it."""
    connection, met = op.get_bind(), set[tuple[int, str]]()
    put = "UPDATE {table} SET folded = :folded WHERE id = :id"
    people = connection.execute(sa.text("SELECT id, first_name, last_name FROM person")).all()
    folded = [{"id": one.id, "folded": f"{one.first_name} {one.last_name}".strip().casefold()} for one in people]
    if folded:
        connection.execute(sa.text(put.format(table="person")), folded)
    for one in connection.execute(sa.text("SELECT id, team_id, name FROM company ORDER BY id")).all():
        name = one.name.strip().casefold()
        twin = (one.team_id, name) in met
        met.add((one.team_id, name))
        values = {"id": one.id, "folded": f"{name} {one.id}" if twin else name}
        connection.execute(sa.text(put.format(table="company")), values)


def _keep_sample_dates() -> None:
    """The first version made dates for sample people only, of two kinds that have other names now."""
    op.execute(
        "UPDATE milestone SET organisation_id = (SELECT organisation_id FROM person WHERE person.id = person_id),"
        " team_id = (SELECT team_id FROM person WHERE person.id = person_id),"
        " kind = CASE kind WHEN 'anniversary' THEN 'customer_since' WHEN 'other' THEN 'contract' ELSE kind END,"
        " next_on = '2026-11-22'"  # not in the future, so that planning looks at once
    )
