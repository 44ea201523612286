"""reminder: how it was told, whatever the rules are by now; a column that nobody used goes

Filled in where it is certain: what was told since the rules of its county last changed, for the numbers of steps
counted by another ladder before.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# The product's own ladder at this schema: working days from the due day, and whom it tells; then its repeats.
_STEPS = (
    (-7, "care_officer"), (-3, "care_officer"), (-1, "care_officer"), (0, "care_officer"), (1, "care_officer"),
    (2, "supervisor"), (5, "commission_staff"), (8, "leader"),
)  # fmt: skip
_EVERY, _AGAIN = 5, ("supervisor", "commission_staff", "leader")

_REMINDER = sa.table(
    "reminder",
    sa.column("county_id", sa.BigInteger),
    sa.column("step", sa.Integer),
    sa.column("distance", sa.Integer),
    sa.column("recipient", sa.String),
    sa.column("at", storage.clock.Moment()),
)
_COUNTY = sa.table("county", sa.column("id", sa.BigInteger))
_VERSION = sa.table(
    "rulebookversion",
    sa.column("county_id", sa.BigInteger),
    sa.column("version", sa.Integer),
    sa.column("data", sa.JSON),
    sa.column("created_at", storage.clock.Moment()),
)


def upgrade() -> None:
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.add_column(sa.Column("distance", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("recipient", sa.String(length=40), nullable=True))
        batch_op.alter_column("step", existing_type=sa.Integer(), nullable=True)
    op.drop_column("outbox", "step")  # no copy of the table: SQLite drops a column by itself
    connection = op.get_bind()
    for (county_id,) in connection.execute(sa.select(_COUNTY.c.id)).all():
        _fill(connection, county_id)


def _fill(connection: sa.Connection, county_id: int) -> None:
    newest = (
        sa.select(_VERSION.c.data, _VERSION.c.created_at)
        .where(_VERSION.c.county_id == county_id)
        .order_by(_VERSION.c.version.desc())
    )
    saved = connection.execute(newest.limit(1)).first()
    steps, every = list(_STEPS), _EVERY
    again: tuple[str, ...] = _AGAIN
    certain = [_REMINDER.c.county_id == county_id]
    if saved is not None:
        data: dict[str, Any] = saved[0]
        ladder = data.get("ladder")
        if ladder is None:
            return
        steps = [(step["offset"], step["to"]) for step in ladder["steps"]]
        every, again = ladder["repeat_every"], tuple(ladder["repeat_to"])
        certain.append(_REMINDER.c.at >= saved[1])
    for number, (distance, recipient) in enumerate(steps):
        of_step = sa.update(_REMINDER).where(*certain, _REMINDER.c.step == number)
        connection.execute(of_step.values(distance=distance, recipient=recipient))
    # of a repeat it is not known for which of its recipients somebody heard, unless it has but one
    repeats = sa.update(_REMINDER).where(*certain, _REMINDER.c.step >= len(steps))
    connection.execute(
        repeats.values(
            distance=steps[-1][0] + every * (_REMINDER.c.step - len(steps) + 1),
            recipient=again[0] if len(again) == 1 else None,
        )
    )


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM reminder WHERE step IS NULL"))
    op.add_column("outbox", sa.Column("step", sa.Integer(), nullable=True))
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.alter_column("step", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("recipient")
        batch_op.drop_column("distance")
