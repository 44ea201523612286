"""Inbox and outbox: every message in counts once, every message out is a row before it is a message."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint, event, text
from sqlmodel import Field, SQLModel, col

from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_word_column,
    moment_column,
    reference,
    row_number_column,
    word_column,
)


class OutboxState(StrEnum):
    todo = "todo"
    sending = "sending"  # claimed under a lease
    sent = "sent"
    withdrawn = "withdrawn"  # no longer made sense when its time came
    dead = "dead"  # cannot be delivered; a person has to look

    @property
    def at_its_end(self) -> OutboxState | None:
        """Itself, if nobody is to send the row any more: what its `ended` says."""
        return None if self in (OutboxState.todo, OutboxState.sending) else self


# What `ended` says of an answer that is still in the hands of the process which made it (reminders/abandoned.py).
IN_HAND = OutboxState.sending
# Said as the partial indexes say it, so that they are used.
OPEN, DEAD, SENT = "ended IS NULL", "ended = 'dead'", "ended = 'sent'"
UNASKED = "kind <> 'reply'"  # what goes out without being the answer to something: the few that are looked up by kind
OLD_NONCE = "length(nonce) = 16"  # from before schema 0025: it says nothing of its row
# The kinds of rows that wait for nothing else: those of safety calls.
URGENT = ("safety", "safety_taken", "safety_unheard")


def urgent(of: str = "") -> str:
    """Whether a row waits for nothing else, as the partial index says it; `of` is what a query calls the table, with a
    dot. Were it `kind IN (…)`, SQLite would make a table of the list for each new row, only to see whether that belongs
    into the index: a quarter of what a row costs."""
    return "(" + " OR ".join(f"{of}kind = '{kind}'" for kind in URGENT) + ")"


def _some(name: str, columns: str, which: str) -> Index:
    """Finds few rows among many."""
    return Index(name, *columns.split(", "), sqlite_where=text(which), postgresql_where=text(which))


def _about(table: str) -> Index:
    """Finds what was said in one form."""
    return _some(f"ix_{table}_about", "about", "about IS NOT NULL")


class Inbox(SQLModel, table=True):
    """The key of an event that was handled. Inserted in the same transaction as its effect.

    Where the channel can take a message back, what was typed into a form is remembered until the form is done:
    `about` is the draft, `receipt` what the channel knows the message by.
    """

    # SQLite keeps the rows in the index of their key, and has no other place for them. When they came is in no index:
    # each message would pay for what is asked once a day.
    __table_args__ = (
        _about("inbox"),
        {"sqlite_with_rowid": False},
    )

    channel: str = Field(primary_key=True, max_length=20)
    event_id: str = Field(primary_key=True, max_length=200)
    received_at: datetime = moment_column()
    about: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    receipt: str | None = Field(default=None, max_length=200)


class Outbox(SQLModel, table=True):
    """One message to one member. `kind` and the sealed payload say what; the words are found when it is sent.

    A message to somebody who is not a member yet (an unbound chat) has an address instead of a member. `receipt` is
    what the vendor knows it by, one word for each part that has gone out: a second attempt goes on after them.
    `unanswered` counts the attempts after which nobody knows whether it arrived: one that is sent after such an attempt
    is perhaps there twice. `tried_since` is when somebody first tried, in real time.

    `ended` is NULL for as long as whoever claims it may send it, then its last state. The indexes ask for it and not
    for the state: a claim changes nothing that any of them knows, so that none has to be written. (Whoever asks for
    `ended` asks for the state, too: while an upgrade is under way a process of the version before knows only that one.)
    An answer is born with `IN_HAND` there: nobody else is to have it for the length of a lease, and no index knows it.
    """

    __table_args__ = (
        Index(
            "ix_outbox_open",
            "due_at",
            "id",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        _some("ix_outbox_member_kind", "member_id, kind, id", UNASKED),
        _some("ix_outbox_nonce", "nonce", OLD_NONCE),
        _about("outbox"),
        # Whether an older one for the same person is open: asked for every row of a claim.
        _some("ix_outbox_line", "member_id, id", OPEN),
        _some("ix_outbox_urgent", "due_at, id", f"{OPEN} AND {urgent()}"),
        _some("ix_outbox_dead", "due_at", DEAD),
        # What somebody was shown last: asked for whatever they type.
        _some("ix_outbox_shown", "member_id, id", SENT),
        _some("ix_outbox_doubted", "id", "unanswered > 0"),
        Index(
            "uq_outbox_dedupe",
            "dedupe",
            unique=True,
            sqlite_where=text("dedupe IS NOT NULL"),
            postgresql_where=text("dedupe IS NOT NULL"),
        ),
    )

    id: int = row_number_column()
    county_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    member_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    channel: str | None = Field(default=None, max_length=20)
    address_sealed: bytes | None = None
    kind: str = Field(max_length=20)
    dedupe: str | None = Field(default=None, max_length=120)
    ended: OutboxState | None = maybe_word_column(OutboxState)
    state: OutboxState = word_column(OutboxState, OutboxState.todo)
    due_at: datetime = moment_column()
    day: date | None = None
    replaces: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    about: int | None = Field(default=None, sa_type=BigInteger, nullable=True)  # the draft it asks for
    nonce: str = Field(max_length=20)
    payload_sealed: bytes | None = None
    owner: str | None = Field(default=None, max_length=40)
    lease_until: datetime | None = maybe_moment_column()
    attempts: int = 0
    unanswered: int = 0
    tried_since: datetime | None = maybe_moment_column()
    error: str | None = Field(default=None, max_length=80)
    receipt: str | None = Field(default=None, max_length=2000)
    sent_at: datetime | None = maybe_moment_column()
    created_at: datetime = moment_column()

    @property
    def perhaps_seen(self) -> bool:
        """Whether some of it may be in the chat already: then it goes on to say what it said the first time."""
        return self.unanswered > 0 or self.receipt is not None


@event.listens_for(col(Outbox.state), "set")
def _ends(row: Outbox, state: OutboxState, _before: object, _event: object) -> None:
    row.ended = state.at_its_end


class Pace(SQLModel, table=True):
    """When a channel, or one chat of it (`target`, a fingerprint), may be written to again. In real time."""

    channel: str = Field(primary_key=True, max_length=20)
    target: bytes = Field(primary_key=True)
    free_at: datetime = moment_column()


class OutboxItem(SQLModel, table=True):
    """A visit that a sent message speaks of, so that the message can be brought up to date when the visit is."""

    __table_args__ = (UniqueConstraint("outbox_id", "visit_id"),)

    id: int = id_column()
    outbox_id: int = Field(foreign_key="outbox.id", sa_type=BigInteger)
    visit_id: int = reference("visit", index=True)


PAYLOAD = "outbox.payload"
ADDRESS = "outbox.address"
