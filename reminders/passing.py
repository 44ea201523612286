"""When a message finds nobody, or cannot be delivered: the next in line hears instead, so that nothing overdue stays
silent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlmodel import Session, col, select

from reminders import asking, calls, confirming, days_off, heartbeats, outbox, rules
from reminders.course import look_again
from reminders.ladder import Recipients, Watched, is_reachable, overseers_of, tell
from reminders.mechanism import Mechanism, mechanism_of
from storage.queries.access import Actor, active_members, may_hear, may_know_call
from storage.queries.recusals import barred
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox
from storage.tables.members import Address, Member, Role
from storage.tables.visits import Reminder, Visit, VisitState

CHASE = "chase"  # that somebody above waits for a visit
OFFICERS = frozenset(
    {
        "digest",
        "today",
        CHASE,
        "assigned",
        "extended",
        "cover",
        "resumed",
        "case_given",
        "reopened",
        asking.REFUSED,
    }
)
ABSENCES = frozenset({"leave", "leave_off"})
THE_HOUSE = frozenset({days_off.KIND, *heartbeats.KINDS})  # what administrators of the system are told
STEPS = frozenset({"today", "alert"})
LADDER = STEPS | {"digest"}
OF_ITS_DAY = frozenset(
    {"digest", "today"}
)  # on a later day the digest of that day says it, and says it right
# Whatever else there is waits for the hours of its reader: each new kind does, unless it is put down here.
AT_ANY_HOUR = calls.KINDS | {
    "reply", "update", "removal", "count", "fetch",  # what the reader has just asked for, and what nobody is woken by
    *heartbeats.KINDS,  # of the assistant's own death: no safety call would be heard of
}  # fmt: skip


def give_up(
    session: Session, row_id: int, owner: str, error: str, *, now: datetime, uncertain: bool = False
) -> bool:
    """Nobody sends this message any more: a person has to look, and the next in line hears. False where somebody else
    finishes the row."""
    if not outbox.mark_dead(session, row_id, owner, error, uncertain=uncertain):
        return False
    row = session.get_one(Outbox, row_id, populate_existing=True)
    if row.member_id is not None:
        county = session.get_one(Member, row.member_id).county_id
        pass_on(session, row, mechanism_of(session, county), now=now)
    return True


def pass_on(session: Session, row: Outbox, mechanism: Mechanism, *, now: datetime) -> None:
    """Have somebody else hear of what this message was about; once, however often that is asked."""
    if row.member_id is None:
        return
    if row.kind == "alert":
        _again(session, row, Recipients(session, reachable=True, without=row.member_id), mechanism, now)
    elif row.kind == "today":
        _due(session, row, row.member_id, mechanism, now)
    elif row.kind == calls.KIND:
        calls.pass_on(session, row, mechanism, now=now)
    elif row.kind in asking.ABOVE:
        _tell_others(session, row, Recipients(session, reachable=True, without=row.member_id), mechanism, now)
    elif row.kind in confirming.KINDS:
        confirming.pass_on(session, row, mechanism, now=now)
    elif row.kind == "concern":
        _worry(session, row, now)
    elif row.kind in ABSENCES | THE_HOUSE:
        (_leave if row.kind in ABSENCES else _house)(session, row, mechanism, now)
    elif row.kind in OFFICERS:
        _absence(session, session.get_one(Member, row.member_id), mechanism, now)


def wait_for_reader(
    session: Session, row: Outbox, reader: Member, mechanism: Mechanism, *, now: datetime
) -> datetime | None:
    """Until when a message waits for the hours of its reader; None where it may go. What nobody else can answer waits
    for the end of a leave, too."""
    if row.kind == confirming.CARD:
        moment = confirming.card_moment(session, reader, mechanism, now=now)
    else:
        moment = goes_out(row.kind, reader.own_hours, mechanism, now=now)
    return moment if moment > now else None


def goes_out(kind: str, own: rules.OwnHours | None, mechanism: Mechanism, *, now: datetime) -> datetime:
    """When a message that is ready now may go to a reader with these hours of their own."""
    if kind in AT_ANY_HOUR:
        return now
    book, calendar, zone = mechanism.rulebook, mechanism.calendar, mechanism.zone
    return rules.in_own_hours(now, own, book, calendar, zone, early=kind not in STEPS)


def is_overtaken(row: Outbox, moment: datetime, mechanism: Mechanism) -> bool:
    """Whether what goes out at a moment has been said by then, or will be at once: the digest of a later day lists all
    there is, and opens with what was due before."""
    return row.kind in OF_ITS_DAY and row.day is not None and mechanism.day(moment) > row.day


def hand_on(
    session: Session, row: Outbox, people: Recipients, mechanism: Mechanism, *, now: datetime
) -> bool:
    """Whether this message of the ladder, or that a visit is waited for, is for somebody who is on leave by now: then
    those who stand in hear it.

    A digest needs nobody else: their cover has one too, and their own first morning back lists it all.
    """
    if row.kind not in LADDER | asking.ABOVE | {CHASE} or row.member_id is None:
        return False
    reader = session.get_one(Member, row.member_id)
    away = row.member_id in people.away(reader.county_id, mechanism.day(now))
    if row.kind in asking.ABOVE and (away or row.member_id in people.barred(_visit_of(session, row))):
        return _tell_others(session, row, people, mechanism, now)
    if row.kind in asking.ABOVE or not away:
        return False
    if row.kind == CHASE:
        return _chase_cover(session, row, people, mechanism, now)
    return row.kind == "digest" or _again(session, row, people, mechanism, now)


def hand_over(session: Session, row: Outbox, reader: Actor, mechanism: Mechanism, *, now: datetime) -> bool:
    """A step of the ladder is about to be sent: of a visit that its reader may not hear of any more they are told
    nothing, and whoever may now hears of the step instead; of one that is quiet by now nobody is told until that is
    over. Whether there was such a visit."""
    handed_over = False
    people = Recipients(session, reachable=True, without=row.member_id)
    for reminder, visit in _told(session, row):
        if _is_put_off(session, reminder, visit, mechanism, now):
            handed_over = True
        elif not may_hear(session, reader, visit, mechanism.day(now)):
            session.delete(reminder)
            _tell_again(session, reminder, visit, people, mechanism, now)
            handed_over = True
    return handed_over


def stands(session: Session, row: Outbox, reader: Actor, mechanism: Mechanism, *, now: datetime) -> bool:
    """A message of a safety call is about to be sent: whether its call is open and it is the newest for its reader.
    Where they may not know of it any more, whoever may hears instead."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    call = session.get(SafetyCall, payload["call"], populate_existing=True)
    if call is None or not calls.still_true(session, reader.member_id, call, payload["round"]):
        return False
    if may_know_call(session, reader, call, mechanism.day(now)):
        return True
    pass_on(session, row, mechanism, now=now)
    return False


def _visit_of(session: Session, row: Outbox) -> Visit:
    return session.get_one(Visit, outbox.payload_of(row.id, row.payload_sealed)["visit"])


def _tell_others(
    session: Session, row: Outbox, people: Recipients, mechanism: Mechanism, now: datetime
) -> bool:
    """That a visit is to be moved, or was, goes to whoever else is above, while it stands; whether there is anybody."""
    visit, payload = _visit_of(session, row), outbox.payload_of(row.id, row.payload_sealed)
    about: dict[str, Any] = {key: payload[key] for key in ("visit", "on", "was") if key in payload}
    others = [one for one in asking.deciders(visit, people, mechanism.day(now)) if one != row.member_id]
    for member_id in others if asking.stands(session, row.kind, visit, about) else ():
        _put(session, row.kind, visit.county_id, member_id, about, also_told(str(row.dedupe), member_id), now)
    return bool(others)


def covers(visit: Watched, member_id: int | None, people: Recipients, day: date) -> list[int]:
    """Who makes a visit of a member's who is on leave on a day; nobody, where nobody covers or it is not theirs."""
    theirs = visit.officer_id == member_id and people.leave_of(visit, day) is not None
    return people.makers(visit, day) if theirs else []


def _chase_cover(
    session: Session, row: Outbox, people: Recipients, mechanism: Mechanism, now: datetime
) -> bool:
    """That a visit is waited for goes to whoever makes it now; whether there is anybody."""
    visit, payload = _visit_of(session, row), outbox.payload_of(row.id, row.payload_sealed)
    about: dict[str, Any] = {key: payload[key] for key in ("visit", "by") if key in payload}
    found = covers(visit, row.member_id, people, mechanism.day(now))
    for member_id in found:
        _put(session, CHASE, visit.county_id, member_id, about, f"{row.dedupe}:{member_id}", now)
    return bool(found)


def _again(session: Session, row: Outbox, people: Recipients, mechanism: Mechanism, now: datetime) -> bool:
    """The same step of the ladder once more, for others; whether others hear of it in every case."""
    others, day = True, mechanism.day(now)
    for reminder, visit in _told(session, row):
        step = _tell_again(session, reminder, visit, people, mechanism, now)
        if step is not None:
            others &= is_for_others(step, visit, row.member_id, people, day)
    return others


def is_for_others(
    step: rules.Step, visit: Watched, member_id: int | None, people: Recipients, day: date
) -> bool:
    """Whether there is somebody for a step, and it is not this member. Where there is nobody else, rather they."""
    found = {one for to in step.to for one in people.of(visit, to, day)}
    return bool(found) and member_id not in found


def _due(session: Session, row: Outbox, member_id: int, mechanism: Mechanism, now: datetime) -> None:
    """Of what is a member's to make their overseers hear that the member was not told; of what is nobody's to make
    the next in line hears."""
    told, day = _told(session, row), mechanism.day(now)
    people = Recipients(session, reachable=True, without=member_id)
    others = [(reminder, visit) for reminder, visit in told if member_id not in people.makers(visit, day)]
    for reminder, visit in others:
        _tell_again(session, reminder, visit, people, mechanism, now)
    if len(others) < len(told):
        _absence(session, session.get_one(Member, member_id), mechanism, now)


def _told(session: Session, row: Outbox) -> list[tuple[Reminder, Visit]]:
    """What a message of the ladder tells of, each with its visit."""
    of_row = select(Reminder).where(Reminder.outbox_id == row.id, col(Reminder.step).is_not(None))
    found = session.exec(of_row.order_by(col(Reminder.id))).all()
    return [(one, session.get_one(Visit, one.visit_id)) for one in found]


def _tell_again(
    session: Session,
    reminder: Reminder,
    visit: Visit,
    people: Recipients,
    mechanism: Mechanism,
    now: datetime,
) -> rules.Step | None:
    """The step that was told, told to those who are there; None where the visit has moved on since, or rests."""
    if not _stands(session, reminder, visit) or _is_put_off(session, reminder, visit, mechanism, now):
        return None
    if reminder.step is None:  # of rules that hold no more
        return None
    step = rules.step(visit.due_on, reminder.step, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    tell(session, visit, step, people, mechanism, now=now)
    return step


def _stands(session: Session, reminder: Reminder, visit: Visit) -> bool:
    """Whether a step is still one of its visit's, and the visit to be made."""
    if visit.state != VisitState.planned or visit.due_on != reminder.due_on:
        return False
    return session.get_one(Case, visit.case_id).state == CaseState.open


def _is_put_off(
    session: Session, reminder: Reminder, visit: Visit, mechanism: Mechanism, now: datetime
) -> bool:
    """Whether somebody has seen to a visit while its step waited for its reader's hours: then the ladder owes the step,
    and tells it with those that come meanwhile when the quiet time is over."""
    quiet = rules.is_quiet(visit.acknowledged_until, visit.rest_until, now)
    if not quiet or not _stands(session, reminder, visit):
        return False
    owed = min(step for step in (reminder.step, visit.next_step) if step is not None)
    look_again(visit, mechanism, now, owed=owed)
    session.delete(reminder)
    session.flush()
    return True


def _worry(session: Session, row: Outbox, now: datetime) -> None:
    """Worry about somebody goes to the office; where nobody there can be reached, to the leading group. Once to each,
    and to nobody who keeps out of the case."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    visit = session.get_one(Visit, payload["visit"])
    out = barred(session, visit.county_id).get(visit.case_id, frozenset()) | {row.member_id}
    about: dict[str, int] = {what: payload[what] for what in ("visit", "note") if what in payload}
    for member_id in _first_reachable(
        session, visit.county_id, Role.commission_staff, Role.leader, without=out
    ):
        key = also_told(str(row.dedupe), member_id)
        _put(session, row.kind, visit.county_id, member_id, about, key, now)


def _absence(session: Session, officer: Member, mechanism: Mechanism, now: datetime) -> None:
    payload = {"member": officer.id}
    if is_reachable(session, officer.id):
        payload |= {"undelivered": 1}
    for member_id, key in absence(session, officer, mechanism.day(now)):
        _put(session, "absent", officer.county_id, member_id, payload, key, now)


def absence(session: Session, officer: Member, today: date) -> list[tuple[int, str]]:
    """An officer cannot be told of their visits: their supervisor, or else the office, has to know that. Their ids,
    each with the key under which they are told once. Of one who can be reached, and whose message could not be
    delivered all the same, they hear once a day."""
    if is_reachable(session, officer.id):
        occasion = f"undelivered:{today.isoformat()}"
    else:
        since = session.exec(
            select(Address.unreachable_at)
            .where(Address.member_id == officer.id)
            .order_by(col(Address.unreachable_at).desc())
        ).first()
        occasion = since.isoformat() if since else "unbound"
    hearers = overseers_of(session, officer, today, reachable=True)
    return [(member_id, f"absent:{officer.id}:{occasion}:{member_id}") for member_id in hearers]


def _house(session: Session, row: Outbox, mechanism: Mechanism, now: datetime) -> None:
    if row.dedupe is None:
        return  # sent by a command while nobody ticks: it is tried anew, and says then what is true
    payload = outbox.payload_of(row.id, row.payload_sealed)
    about = {key: value for key, value in payload.items() if key in ("year", "since", "process")}
    reader = session.get_one(Member, row.member_id)
    for other in heartbeats.others(session, row.kind, reader, mechanism.day(now)):
        _put(session, row.kind, other.county_id, other.id, about, also_told(row.dedupe, other.id), now)


def _leave(session: Session, row: Outbox, mechanism: Mechanism, now: datetime) -> None:
    """That an officer is on leave reaches whoever oversees them next."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    leave = session.get_one(Leave, payload["leave"])
    officer, today = session.get_one(Member, leave.member_id), mechanism.day(now)
    for member_id in overseers_of(session, officer, today, reachable=True, without=row.member_id):
        key = also_told(str(row.dedupe), member_id)
        _put(session, row.kind, leave.county_id, member_id, {"leave": leave.id}, key, now)


def also_told(key: str, member_id: int) -> str:
    """The key of what one member is told, for another: whoever was told themselves is not told again."""
    return f"{key.rpartition(':')[0]}:{member_id}"


def _first_reachable(
    session: Session, county_id: int, *roles: Role, without: Collection[int | None]
) -> list[int]:
    """The members of the first of these roles in which anybody can be reached, some apart."""
    in_line = (
        [
            member.id
            for member in active_members(session, county_id, role)
            if member.id not in without and is_reachable(session, member.id)
        ]
        for role in roles
    )
    return next(chain((found for found in in_line if found), [[]]))


def _put(
    session: Session,
    kind: str,
    county_id: int,
    member_id: int,
    payload: dict[str, Any],
    key: str,
    now: datetime,
) -> None:
    row = outbox.row(kind, now=now, county_id=county_id, member_id=member_id, payload=payload, dedupe=key)
    outbox.put_once(session, row)
