"""The safety call in the database: it climbs until somebody records having spoken with the person.

It knows neither hours nor days off, neither a held case nor a closed one. Every round is told to those whose step has
come and whom a message can reach; where there is nobody at all, the administrators hear that somebody has to be told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import bindparam, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from reminders import outbox, rungs
from reminders.ladder import Recipients, is_reachable, retell
from reminders.mechanism import Mechanism, mechanism_of
from reminders.outbox import insert_new
from storage.ids import new_id
from storage.prepared import Prepared
from storage.queries import calls as call_lists
from storage.queries.access import active_members
from storage.rulebook import Recipient
from storage.tables import METADATA
from storage.tables.calls import SafetyCall, SafetyTold
from storage.tables.mail import SENT, Outbox, OutboxState
from storage.tables.members import Role

KIND, TAKEN, UNHEARD = "safety", "safety_taken", "safety_unheard"
KINDS = frozenset({KIND, TAKEN, UNHEARD})
WITHDRAWN = "withdrawn"  # in the outcome of a call that nobody had to answer
SLICE = 50
# What is on its way is brought up to date behind itself: of one person, one message goes after the other.
_SHOWN = (OutboxState.sent, OutboxState.sending)
# The same for what is looked for by its reader, as the indexes of what somebody was sent and of what is open have it.
_SHOWN_BY_INDEX = (
    (text(f"outbox.{SENT}"), col(Outbox.state) == OutboxState.sent),
    (col(Outbox.ended).is_(None), col(Outbox.state) == OutboxState.sending),
)

_CALLS = METADATA.tables["safetycall"]
_ANY_LOOK = Prepared(
    select_columns(_CALLS.c.id)
    .where(_CALLS.c.next_look_at <= bindparam("now"))
    .order_by(_CALLS.c.next_look_at)
    .limit(1)
)


class Call(Protocol):
    """What is asked of a call, as it is or as it is foreseen."""

    @property
    def county_id(self) -> int: ...
    @property
    def case_id(self) -> int: ...
    @property
    def officer_id(self) -> int | None: ...
    @property
    def opened_by(self) -> int | None: ...


@dataclass(frozen=True)
class _Concerned:
    """A call as the ladder looks for people: due on the day itself, so that a cover acts for an officer on leave."""

    county_id: int
    case_id: int
    officer_id: int | None
    due_on: date
    rest_until: datetime | None = None


@dataclass(frozen=True)
class Hearers:
    """Who is told. `unheard`: nobody of them can be reached, so that the administrators hear, too."""

    members: tuple[int, ...]
    unheard: tuple[int, ...] = ()


def one_slice(session: Session, *, now: datetime, most: int = SLICE) -> int:
    """Look at the calls whose moment has come: one unit of work of the tick, and the first of it."""
    if _ANY_LOOK.first(session, {"now": now}) is None:
        return 0
    query = (
        select(SafetyCall).where(col(SafetyCall.next_look_at) <= now).order_by(col(SafetyCall.next_look_at))
    )
    found = session.exec(query.limit(min(most, SLICE)).with_for_update(skip_locked=True)).all()
    for call in found:
        climb(session, call, mechanism_of(session, call.county_id, fresh=True), now=now)
    return len(found)


def climb(
    session: Session, call: SafetyCall, mechanism: Mechanism, *, now: datetime, again: bool = False
) -> None:
    """Tell whoever is due, and set the next look. `again`: there is a fresh reason, so that everybody hears at once."""
    book = mechanism.rulebook.safety
    to = rungs.due(call.opened_at, call.told_at, now, book)
    if again:
        call.taken_by = call.taken_at = call.rest_until = None
        to = tuple(dict.fromkeys((*to, *rungs.so_far(call.opened_at, now, book))))
    if to:
        call.round, call.told_at = call.round + 1, now
        _tell(session, call, to, mechanism, now=now)
    call.next_look_at = rungs.next_look(call.opened_at, call.told_at, call.rest_until, book)


def hearers(
    session: Session,
    call: Call,
    to: tuple[Recipient, ...],
    day: date,
    *,
    first: bool = False,
    without: int | None = None,
) -> Hearers:
    """Whoever opened a call knows it, so that in the `first` round the next in line hears instead of them. `without` is
    somebody to whom a message could not be delivered."""
    if first and without is None:
        without = call.opened_by
    about = _Concerned(call.county_id, call.case_id, call.officer_id, day)
    knows = call.opened_by if first else None
    reached = _of(Recipients(session, reachable=True, without=without), about, to, day)
    reached = tuple(member for member in reached if member != knows)
    if reached:
        return Hearers(reached)
    there = _of(Recipients(session, without=without), about, to, day)
    return Hearers(there, _administrators(session, call.county_id))


def _of(people: Recipients, about: _Concerned, to: tuple[Recipient, ...], day: date) -> tuple[int, ...]:
    return tuple(dict.fromkeys(member for one in to for member in people.of(about, one, day)))


def _administrators(session: Session, county_id: int) -> tuple[int, ...]:
    found = active_members(session, county_id, Role.administrator)
    return tuple(member.id for member in found if is_reachable(session, member.id))


def _tell(
    session: Session,
    call: SafetyCall,
    to: tuple[Recipient, ...],
    mechanism: Mechanism,
    *,
    now: datetime,
    without: int | None = None,
) -> None:
    found = hearers(session, call, to, mechanism.day(now), first=call.round == 1, without=without)
    for member_id in found.members:
        row = _row(KIND, call, member_id, {"call": call.id, "round": call.round}, f"{call.round}", now)
        told = {
            "id": new_id(),
            "county_id": call.county_id,
            "call_id": call.id,
            "member_id": member_id,
            "round": call.round,
            "at": now,
            "outbox_id": row["id"],
        }
        if insert_new(session, SafetyTold, [told]):
            outbox.put(session, [row])
    # What told of it before becomes one line once this has arrived: it waits behind it.
    refresh_messages(session, call, now=now, of=found.members)
    for member_id in found.unheard:
        outbox.put_once(session, _row(UNHEARD, call, member_id, {"call": call.id}, f"{call.round}", now))


def _row(
    kind: str, call: SafetyCall, member_id: int, payload: dict[str, int], occasion: str, now: datetime
) -> dict[str, object]:
    return outbox.row(
        kind,
        now=now,
        county_id=call.county_id,
        member_id=member_id,
        payload=payload,
        dedupe=f"{kind}:{call.id}:{occasion}:{member_id}",
    )


def pass_on(session: Session, row: Outbox, mechanism: Mechanism, *, now: datetime) -> None:
    """A message of a call found nobody: whoever else is there hears in the same round, unless a newer one was told."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    call = session.get(SafetyCall, payload["call"], with_for_update=True)
    if call is None or call.closed_at is not None or payload["round"] != call.round:
        return
    to = rungs.so_far(call.opened_at, now, mechanism.rulebook.safety)
    _tell(session, call, to, mechanism, now=now, without=row.member_id)


def still_true(session: Session, row_member: int, call: SafetyCall, round_: int) -> bool:
    """Whether a message that waits is still to be sent: its call is open, and it is the newest for its reader."""
    return call.closed_at is None and call_lists.newest_round_told(session, call.id, row_member) <= round_


def take(session: Session, call: SafetyCall, member_id: int, mechanism: Mechanism, *, now: datetime) -> None:
    """Somebody is on it: once a round the climb rests for a while, and the others who were told hear who it is."""
    call.taken_by, call.taken_at = member_id, now
    if call.rest_until is None or call.rest_until <= (call.told_at or now):
        call.rest_until = rungs.rests_until(now, mechanism.rulebook.safety)
    call.next_look_at = rungs.next_look(
        call.opened_at, call.told_at, call.rest_until, mechanism.rulebook.safety
    )
    for other in call_lists.told_of(session, call.id):
        if other != member_id:
            occasion = f"{call.round}:{member_id}"
            payload = {"call": call.id, "by": member_id}
            outbox.put_once(session, _row(TAKEN, call, other, payload, occasion, now))
    refresh_messages(session, call, now=now)


def withdraw(session: Session, call: SafetyCall, member_id: int, *, now: datetime) -> None:
    """The note that had opened it was of somebody else, and nobody had a further reason: nothing more is told of it."""
    call.outcome = {WITHDRAWN: "note"}
    close(session, call, member_id, now=now)


def is_withdrawn(call: SafetyCall) -> bool:
    return WITHDRAWN in call.outcome


def close(session: Session, call: SafetyCall, member_id: int, *, now: datetime) -> None:
    """Somebody has spoken with the person: nothing more is told, and what was told says so."""
    taker = call.taken_by
    call.closed_by, call.closed_at = member_id, now
    call.next_look_at = call.rest_until = None
    session.flush()
    refresh_messages(session, call, now=now)
    # Who was told that somebody is on it has a button there, too; so has whoever was answered that they are.
    about = col(Outbox.dedupe).startswith(f"{TAKEN}:{call.id}:")
    hearers = {*call_lists.told_of(session, call.id), *([taker] if taker is not None else [])}
    query = select(Outbox).where(
        col(Outbox.member_id).in_(hearers), col(Outbox.kind).in_((TAKEN, "reply")), about
    )
    shown = [row for which in _SHOWN_BY_INDEX for row in session.exec(query.where(*which))]
    for sent in sorted(shown, key=lambda row: row.id):
        retell(session, sent, now=now)


def answer_key(call_id: int) -> str:
    """What makes the answer to somebody who is on it a message of this call."""
    return f"{TAKEN}:{call_id}:own:{new_id()}"


def told_in(sent: Outbox) -> dict[str, int]:
    """Which call a message tells of."""
    if sent.kind == "reply":
        return {"call": int((sent.dedupe or "").split(":")[1])}
    told: dict[str, int] = outbox.payload_of(sent.id, sent.payload_sealed)
    return told


def is_told_in(sent: Outbox) -> bool:
    own = sent.kind == "reply" and (sent.dedupe or "").startswith(f"{TAKEN}:")
    return own or sent.kind in (KIND, TAKEN)


def refresh_messages(
    session: Session, call: SafetyCall, *, now: datetime, of: Collection[int] | None = None
) -> None:
    """Have what tells of a call brought up to date: of each reader, or of some, the newest message. Those before it
    are one line each, and stay so."""
    query = (
        select(Outbox)
        .join(SafetyTold, col(SafetyTold.outbox_id) == Outbox.id)
        .where(SafetyTold.call_id == call.id, col(Outbox.state).in_(_SHOWN))
        .order_by(col(Outbox.id).desc())
    )
    seen = set[int | None]()
    for sent in session.exec(query).all():
        if sent.member_id not in seen and (of is None or sent.member_id in of):
            retell(session, sent, now=now)
        seen.add(sent.member_id)


def hand_over(session: Session, case_id: int, officer_id: int) -> None:
    """The case has another care officer: an open call of it is theirs, too."""
    call = call_lists.open_of(session, case_id)
    if call is not None:
        call.officer_id = officer_id


def replan(session: Session, county_id: int, mechanism: Mechanism) -> None:
    """Other rules hold: decide every next look anew. What is over by them is told at once."""
    query = select(SafetyCall).where(SafetyCall.county_id == county_id, col(SafetyCall.closed_at).is_(None))
    for call in session.exec(query.with_for_update()).all():
        book = mechanism.rulebook.safety
        call.next_look_at = rungs.next_look(call.opened_at, call.told_at, call.rest_until, book)
