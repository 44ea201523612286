"""the first tables

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auditrecord",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=True),
        sa.Column("at", storage.clock.Moment(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditrecord")),
    )
    with op.batch_alter_table("auditrecord", schema=None) as batch_op:
        batch_op.create_index("ix_auditrecord_county_at", ["county_id", "at"], unique=False)

    op.create_table(
        "county",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(2), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("zone", sa.String(40), nullable=False),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county")),
        sa.UniqueConstraint("code", name=op.f("uq_county_code")),
    )
    op.create_table(
        "inbox",
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("received_at", storage.clock.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "event_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.String(20), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("dedupe", sa.String(120), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("due_at", storage.clock.Moment(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("replaces", sa.BigInteger(), nullable=True),
        sa.Column("nonce", sa.String(20), nullable=False),
        sa.Column("payload_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("owner", sa.String(40), nullable=True),
        sa.Column("lease_until", storage.clock.Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(80), nullable=True),
        sa.Column("receipt", sa.String(200), nullable=True),
        sa.Column("sent_at", storage.clock.Moment(), nullable=True),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("nonce", name=op.f("uq_outbox_nonce")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_member_kind", ["member_id", "kind", "id"], unique=False)
        batch_op.create_index(
            "ix_outbox_open",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('todo', 'sending')"),
            postgresql_where=sa.text("state IN ('todo', 'sending')"),
        )
        batch_op.create_index(
            "uq_outbox_dedupe",
            ["dedupe"],
            unique=True,
            sqlite_where=sa.text("dedupe IS NOT NULL"),
            postgresql_where=sa.text("dedupe IS NOT NULL"),
        )

    op.create_table(
        "sandboxmessage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(40), nullable=False),
        sa.Column("sender", sa.String(3), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=True),
        sa.Column("seal_row", sa.BigInteger(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("sent_at", storage.clock.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandboxmessage")),
        sa.UniqueConstraint("address", "event_id", name=op.f("uq_sandboxmessage_address_event_id")),
        sa.UniqueConstraint("seal_row", name=op.f("uq_sandboxmessage_seal_row")),
    )
    with op.batch_alter_table("sandboxmessage", schema=None) as batch_op:
        batch_op.create_index("ix_sandboxmessage_address", ["address", "id"], unique=False)

    op.create_table(
        "setting",
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "rulebookversion",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_rulebookversion_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebookversion")),
        sa.UniqueConstraint("county_id", "version", name=op.f("uq_rulebookversion_county_id_version")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_unit_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("county_id", "name", name=op.f("uq_unit_county_id_name")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("supervisor_id", sa.BigInteger(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(10), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("digest_at", storage.clock.Moment(), nullable=True),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_member_county_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["member.id"], name=op.f("fk_member_supervisor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_member_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("number", name=op.f("uq_member_number")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index("ix_member_county_name", ["county_id", "name_index"], unique=False)
        batch_op.create_index("ix_member_digest_at", ["digest_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_supervisor_id"), ["supervisor_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("name_keys_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("post_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("political_status", sa.String(20), nullable=False),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_person_county_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_county_name", ["county_id", "name_index"], unique=False)

    op.create_table(
        "address",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("bound_at", storage.clock.Moment(), nullable=False),
        sa.Column("unreachable_at", storage.clock.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_address_county_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_address_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("channel", "address_index", name=op.f("uq_address_channel_address_index")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index("ix_address_member", ["member_id"], unique=False)

    op.create_table(
        "care_case",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("stage_since", sa.Date(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("care_officer_id", sa.BigInteger(), nullable=True),
        sa.Column("awaits_officer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("heavy", sa.Boolean(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("conduct", sa.String(20), nullable=False),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["care_officer_id"], ["member.id"], name=op.f("fk_care_case_care_officer_id")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_care_case_county_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_care_case_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_case")),
        sa.UniqueConstraint("code", name=op.f("uq_care_case_code")),
    )
    with op.batch_alter_table("care_case", schema=None) as batch_op:
        batch_op.create_index("ix_care_case_county_state", ["county_id", "state"], unique=False)
        batch_op.create_index("ix_care_case_officer", ["care_officer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_case_person_id"), ["person_id"], unique=False)

    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", storage.clock.Moment(), nullable=False),
        sa.Column("expires_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_draft_county_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_draft_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint(
            "member_id", "form", "subject_id", name=op.f("uq_draft_member_id_form_subject_id")
        ),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index("ix_draft_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "invite",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", storage.clock.Moment(), nullable=False),
        sa.Column("used_at", storage.clock.Moment(), nullable=True),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_invite_county_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_invite_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("code_index", name=op.f("uq_invite_code_index")),
    )
    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invite_member_id"), ["member_id"], unique=False)

    op.create_table(
        "memberrole",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("duty", sa.String(10), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_memberrole_county_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_memberrole_member_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_memberrole_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_memberrole_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberrole")),
    )
    with op.batch_alter_table("memberrole", schema=None) as batch_op:
        batch_op.create_index("ix_memberrole_county_role", ["county_id", "role"], unique=False)
        batch_op.create_index(batch_op.f("ix_memberrole_member_id"), ["member_id"], unique=False)

    op.create_table(
        "sanction",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_sanction_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_sanction_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
    )
    with op.batch_alter_table("sanction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sanction_case_id"), ["case_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("next_look_at", storage.clock.Moment(), nullable=True),
        sa.Column("next_step", sa.Integer(), nullable=True),
        sa.Column("acknowledged_until", storage.clock.Moment(), nullable=True),
        sa.Column("rest_until", storage.clock.Moment(), nullable=True),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_visit_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_visit_county_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["member.id"], name=op.f("fk_visit_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("code", name=op.f("uq_visit_code")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index("ix_visit_case_state", ["case_id", "state"], unique=False)
        batch_op.create_index("ix_visit_county_state", ["county_id", "state", "due_on"], unique=False)
        batch_op.create_index(
            "ix_visit_next_look_at",
            ["next_look_at"],
            unique=False,
            sqlite_where=sa.text("next_look_at IS NOT NULL"),
            postgresql_where=sa.text("next_look_at IS NOT NULL"),
        )
        batch_op.create_index("ix_visit_officer_state", ["officer_id", "state", "due_on"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", storage.clock.Moment(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state_of_mind_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name=op.f("fk_note_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_note_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_note_county_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_note_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index("ix_note_case_held", ["case_id", "held_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "outboxitem",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_outboxitem_outbox_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_outboxitem_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outboxitem")),
        sa.UniqueConstraint("outbox_id", "visit_id", name=op.f("uq_outboxitem_outbox_id_visit_id")),
    )
    with op.batch_alter_table("outboxitem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outboxitem_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", storage.clock.Moment(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_reminder_county_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_reminder_member_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_reminder_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "visit_id", "due_on", "step", "member_id", name=op.f("uq_reminder_visit_id_due_on_step_member_id")
        ),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index("ix_reminder_member_day", ["member_id", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_reminder_outbox_id"), ["outbox_id"], unique=False)

    op.create_table(
        "visitevent",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.clock.Moment(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_visitevent_actor_id")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_visitevent_county_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visitevent_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitevent")),
    )
    with op.batch_alter_table("visitevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visitevent_visit_id"), ["visit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("visitevent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visitevent_visit_id"))

    op.drop_table("visitevent")
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_outbox_id"))
        batch_op.drop_index("ix_reminder_member_day")

    op.drop_table("reminder")
    with op.batch_alter_table("outboxitem", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outboxitem_visit_id"))

    op.drop_table("outboxitem")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_visit_id"))
        batch_op.drop_index("ix_note_case_held")

    op.drop_table("note")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_officer_state")
        batch_op.drop_index(
            "ix_visit_next_look_at",
            sqlite_where=sa.text("next_look_at IS NOT NULL"),
            postgresql_where=sa.text("next_look_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_visit_county_state")
        batch_op.drop_index("ix_visit_case_state")

    op.drop_table("visit")
    with op.batch_alter_table("sanction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sanction_case_id"))

    op.drop_table("sanction")
    with op.batch_alter_table("memberrole", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberrole_member_id"))
        batch_op.drop_index("ix_memberrole_county_role")

    op.drop_table("memberrole")
    with op.batch_alter_table("invite", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invite_member_id"))

    op.drop_table("invite")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index("ix_draft_expires_at")

    op.drop_table("draft")
    with op.batch_alter_table("care_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_case_person_id"))
        batch_op.drop_index("ix_care_case_officer")
        batch_op.drop_index("ix_care_case_county_state")

    op.drop_table("care_case")
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_index("ix_address_member")

    op.drop_table("address")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_county_name")

    op.drop_table("person")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_supervisor_id"))
        batch_op.drop_index("ix_member_digest_at")
        batch_op.drop_index("ix_member_county_name")

    op.drop_table("member")
    op.drop_table("unit")
    op.drop_table("rulebookversion")
    op.drop_table("setting")
    with op.batch_alter_table("sandboxmessage", schema=None) as batch_op:
        batch_op.drop_index("ix_sandboxmessage_address")

    op.drop_table("sandboxmessage")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outbox_dedupe",
            sqlite_where=sa.text("dedupe IS NOT NULL"),
            postgresql_where=sa.text("dedupe IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_open",
            sqlite_where=sa.text("state IN ('todo', 'sending')"),
            postgresql_where=sa.text("state IN ('todo', 'sending')"),
        )
        batch_op.drop_index("ix_outbox_member_kind")

    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_table("county")
    with op.batch_alter_table("auditrecord", schema=None) as batch_op:
        batch_op.drop_index("ix_auditrecord_county_at")

    op.drop_table("auditrecord")
