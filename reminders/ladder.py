"""The ladder: one overdue visit, the people who have to hear of it, step by step; and keeping told things true.

A step is data of the rulebook: so many working days before or after the due day, to whom, by digest or by notice. How
it is written that somebody was told: reminders/telling.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from sqlalchemy import and_, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from reminders import outbox, rules
from reminders.mechanism import Mechanism
from reminders.telling import Telling, write
from storage.bulk import asking_among, listed
from storage.queries import leaves, recusals
from storage.queries.access import active_members, holders
from storage.rulebook import Recipient, Via
from storage.tables import METADATA
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Address, Member, MemberState, Role
from storage.tables.visits import Reminder, Visit

# of one visit, or of those of one case
SINGLE = (
    "chase", "assigned", "extended", "resumed", "case_given", "reopened", "move_asked", "move_refused", "moved",
)  # fmt: skip
NOTICES = ("digest", "today", "alert", *SINGLE)
REMEMBERED = timedelta(days=30)  # older messages are no longer brought up to date
_AT_MOST = 10


class OfCase(Protocol):
    """What belongs to a case."""

    @property
    def county_id(self) -> int: ...
    @property
    def case_id(self) -> int: ...


class Watched(OfCase, Protocol):
    """What the ladder has to know of an open visit."""

    @property
    def officer_id(self) -> int | None: ...
    @property
    def due_on(self) -> date: ...
    @property
    def rest_until(self) -> datetime | None: ...


class Known(Watched, Protocol):
    """An open visit that is a row."""

    @property
    def id(self) -> int: ...


AnyWatched = TypeVar("AnyWatched", bound=Watched)


class _Person(NamedTuple):
    """What the ladder has to know of a member."""

    id: int
    active: bool
    supervisor_id: int | None
    digest_at: datetime | None


_MEMBER, _ROLE = METADATA.tables["member"], METADATA.tables["memberrole"]
_SUPERVISOR = _MEMBER.alias("supervisor")
_COLUMNS = tuple(
    column
    for one in (_MEMBER, _SUPERVISOR)
    for column in (one.c.id, one.c.state == MemberState.active, one.c.supervisor_id, one.c.digest_at)
)
_BOTH = _MEMBER.outerjoin(_SUPERVISOR, _SUPERVISOR.c.id == _MEMBER.c.supervisor_id)
_PEOPLE = asking_among(lambda among: select_columns(*_COLUMNS).select_from(_BOTH).where(among(_MEMBER.c.id)))
_NOBODY: frozenset[int] = frozenset()
_LINE = tuple(Recipient)  # who hears where the one before cannot
_FROM = {recipient: _LINE[place:] for place, recipient in enumerate(_LINE)}
_ROLE_OF = {Recipient.commission_staff: Role.commission_staff, Recipient.leader: Role.leader}


class Recipients:
    """Who hears of a visit at a step, remembered while one slice is worked on.

    With `reachable`, only those whom a message can reach: for when one has just found nobody. `without` is somebody for
    whom one could not be delivered.
    """

    def __init__(self, session: Session, *, reachable: bool = False, without: int | None = None) -> None:
        self._session, self._reachable, self._without = session, reachable, without
        self._people: dict[int, _Person | None] = {}
        self._by_role: dict[tuple[int, Role], list[int]] = {}
        self._leave: dict[tuple[int, date], dict[int, leaves.Away]] = {}
        self._barred: dict[int, Mapping[int, frozenset[int]]] = {}

    def expect(self, officer_ids: Iterable[int], days: Mapping[int, date]) -> None:
        """Read at once what will be asked of these officers, and of these counties on a day each."""
        self.read(set(officer_ids))
        self._by_role |= holders(self._session, list(days), list(_ROLE_OF.values()))
        self._barred |= recusals.barred_in(self._session, list(days))
        for day in set(days.values()):
            counties = [county_id for county_id, its_day in days.items() if its_day == day]
            for county_id, away in leaves.running_in(self._session, counties, day).items():
                self._leave[county_id, day] = away

    def read(self, member_ids: set[int]) -> None:
        """These members, and their supervisors."""
        unknown = sorted(member_ids - self._people.keys())
        self._people |= dict.fromkeys(unknown)
        for pair in _PEOPLE.all(self._session, listed(self._session, unknown)):
            self._people[pair[0]] = _Person(*pair[:4])
            if pair[4] is not None:
                self._people[pair[4]] = _Person(*pair[4:])

    def of(self, visit: Watched, to: Recipient, day: date, *, makers: list[int] | None = None) -> list[int]:
        """The member ids, for what is told on a day. Whoever cannot hear (no supervisor, suspended, on leave, the
        officer themselves) or must not (recused, the person concerned) is passed over, and the next in line hears
        instead; for an officer on leave their cover.

        Where everybody in the line is on leave, those who oversee hear nevertheless: rather them than nobody. `makers`
        where they are known.
        """
        away = self.away(visit.county_id, day)
        there = self._makers(visit, away) if makers is None else makers
        return self._first_in_line(visit, to, there, away) or self._first_in_line(visit, to, there, {})

    def _first_in_line(
        self, visit: Watched, to: Recipient, makers: list[int], passed_over: Mapping[int, leaves.Away]
    ) -> list[int]:
        all_hear = not self._reachable and self._without is None
        for recipient in _FROM[to]:
            found = makers if recipient is Recipient.care_officer else self._above(visit, recipient)
            if not all_hear:
                found = [member_id for member_id in found if self.hears(member_id)]
            if recipient is not Recipient.care_officer:
                too_near = {visit.officer_id, *makers, *self.barred(visit)}
                found = [one for one in found if one not in too_near and one not in passed_over]
            if found:
                return found
        return []

    def morning_of(self, member_id: int) -> datetime | None:
        """When the member's next digest is to go out; None for whoever gets none."""
        member = self._active(member_id)
        return member.digest_at if member is not None else None

    def makers(self, visit: Watched, day: date) -> list[int]:
        """Who makes the visit if it is made on a day: its officer, on leave their cover, or nobody."""
        return self._makers(visit, self.away(visit.county_id, day))

    def leave_of(self, visit: Watched, day: date) -> leaves.Away | None:
        """The leave that the visit's officer is on."""
        return self.away(visit.county_id, day).get(visit.officer_id or 0)

    def away(self, county_id: int, day: date) -> Mapping[int, leaves.Away]:
        """Everybody of a county who is on leave on a day, by member."""
        known = self._leave.get((county_id, day))
        if known is None:
            known = self._leave[county_id, day] = leaves.running(self._session, county_id, day)
        return known

    def barred(self, visit: OfCase) -> frozenset[int]:
        """Who must not hear of what belongs to a case: the person concerned, and whoever is recused from the case."""
        of_county = self._barred.get(visit.county_id)
        if of_county is None:
            of_county = self._barred[visit.county_id] = recusals.barred(self._session, visit.county_id)
        return of_county.get(visit.case_id, _NOBODY)

    def _makers(self, visit: Watched, away: Mapping[int, leaves.Away]) -> list[int]:
        barred, there = self.barred(visit), self._there(visit, away)
        return [one for one in there if one not in barred] if barred else there

    def _there(self, visit: Watched, away: Mapping[int, leaves.Away]) -> list[int]:
        officer = visit.officer_id and self._active(visit.officer_id)
        if not officer:
            return []
        leave = away.get(officer.id)
        if leave is None:
            return [officer.id]
        # Of what falls due once they are back their own digest will tell.
        covered = leave.cover_id is not None and leave.cover_id not in away and visit.due_on <= leave.last_on
        cover = self._active(leave.cover_id) if leave.cover_id is not None and covered else None
        return [cover.id] if cover else []

    def hears(self, member_id: int) -> bool:
        """Whether a member may be told at all: see `reachable` and `without`."""
        if member_id == self._without:
            return False
        return not self._reachable or is_reachable(self._session, member_id)

    def _active(self, member_id: int) -> _Person | None:
        person = self._person(member_id)
        return person if person is not None and person.active else None

    def _person(self, member_id: int) -> _Person | None:
        try:
            return self._people[member_id]
        except KeyError:
            self.read({member_id})
            return self._people[member_id]

    def _above(self, visit: Watched, recipient: Recipient) -> list[int]:
        role = _ROLE_OF.get(recipient)
        if role is not None:
            return self._holders(visit.county_id, role)
        officer = visit.officer_id and self._person(visit.officer_id)
        supervisor = officer and officer.supervisor_id and self._active(officer.supervisor_id)
        return [supervisor.id] if supervisor else []

    def _holders(self, county_id: int, role: Role) -> list[int]:
        key = (county_id, role)
        if key not in self._by_role:
            self._by_role |= holders(self._session, [county_id], [role])
        return self._by_role[key]


def overseers_of(
    session: Session, officer: Member, day: date, *, reachable: bool = False, without: int | None = None
) -> list[int]:
    """Who hears of an officer as such: their supervisor, else the office, else the leading group; nobody on leave.
    `reachable` and `without` as for `Recipients`."""
    away = leaves.running(session, officer.county_id, day)
    supervisor = session.get(Member, officer.supervisor_id) if officer.supervisor_id else None
    line = [
        [supervisor] if supervisor is not None and supervisor.state == MemberState.active else [],
        *(active_members(session, officer.county_id, role) for role in (Role.commission_staff, Role.leader)),
    ]
    for passed_over in (away, {}):
        for members in line:
            found = [
                member.id
                for member in members
                if member.id not in (officer.id, without, *passed_over)
                and (not reachable or is_reachable(session, member.id))
            ]
            if found:
                return found
    return []


def is_reachable(session: Session, member_id: int) -> bool:
    """Whether the member has an address that works, as far as anybody knows."""
    query = select(Address.id).where(Address.member_id == member_id, col(Address.unreachable_at).is_(None))
    return session.exec(query.limit(1)).first() is not None


class Hearer(NamedTuple):
    """Who hears of a step: for whom the rule names, and whether the visit is theirs to make."""

    member_id: int
    makes: bool
    recipient: Recipient


def hearers(visit: Watched, step: rules.Step, people: Recipients, day: date) -> Iterator[Hearer]:
    """Who hears of a step that is told on a day."""
    makers = people.makers(visit, day)
    for recipient in step.to:
        ahead = recipient is Recipient.care_officer and step.offset < 0
        if ahead and not makers and people.leave_of(visit, day):
            continue  # nobody covers: what falls due in the leave was told when it was entered
        for member_id in people.of(visit, recipient, day, makers=makers):
            yield Hearer(member_id, member_id in makers, recipient)


def told_by(step: rules.Step, makes: bool, morning: datetime | None, now: datetime) -> str | None:
    """The kind of notice that tells a step whose moment has come; None: the digest does.

    A digest lists what is its reader's to make: whoever hears of the lateness of others is written to. `morning` is the
    reader's next digest. Where an outage delayed it until now it says what is due today, too: one message after an
    outage, not two.
    """
    if step.offset > 0:
        return None if step.via is Via.digest and makes else "alert"
    if step.via is Via.digest:
        return None
    return None if makes and morning is not None and morning <= now else "today"


def holding(
    kind: str,
    told: Sequence[AnyWatched],
    member_id: int,
    people: Recipients,
    *,
    now: datetime,
    mechanism: Mechanism,
) -> list[AnyWatched]:
    """Of which open visits a notice of the ladder says something true at the moment at which it goes out.

    Of what is due today hears whose it is to make; or, where nobody can, who stands in line after them. On a later day
    it is not sent at all (passing.py).
    """
    day = mechanism.day(now)
    if kind == "alert":
        late = {visit.due_on: rules.lateness(visit.due_on, day, mechanism.calendar) > 0 for visit in told}
        return [visit for visit in told if late[visit.due_on]]
    waiting = [visit for visit in told if visit.rest_until is None or visit.rest_until <= now]
    found = []
    for visit in waiting:
        makers = people.makers(visit, day)
        if member_id in makers or not any(people.hears(one) for one in makers):
            found.append(visit)
    return found


def tell(
    session: Session,
    visit: Visit,
    step: rules.Step,
    people: Recipients,
    mechanism: Mechanism,
    *,
    now: datetime,
) -> int:
    """Tell everyone whom a step is for, unless they were told of it before. Returns how many were told."""
    telling = Telling(visit.county_id, mechanism, now=now)
    gather(telling, visit, step, people)
    return write(session, [telling])


def gather(telling: Telling, visit: Known, step: rules.Step, people: Recipients) -> None:
    """Who hears of a step now, and by what: gathered, to be written together with others."""
    for member_id, makes, recipient in hearers(visit, step, people, telling.day):
        morning = people.morning_of(member_id) if makes else None
        kind = told_by(step, makes, morning, telling.now)
        telling.add(visit.id, member_id, visit.due_on, step, recipient, kind)


def halt_senders(session: Session, visits: Sequence[Visit], day: date, *, also: Iterable[int] = ()) -> None:
    """Wait for whoever is just putting a message about these visits into words, and have nobody begin before this
    transaction ends: what goes out by then is found by `refresh_messages`, anything later says what we leave behind."""
    told = select(Reminder.outbox_id).where(col(Reminder.visit_id).in_([visit.id for visit in visits]))
    people = Recipients(session)
    makers = {member_id for visit in visits for member_id in people.makers(visit, day)}.union(also)
    # Each by its own index: asked for either, SQLite reads all that was ever sent.
    theirs = select(Outbox.id).where(col(Outbox.ended).is_(None), col(Outbox.member_id).in_(makers))
    query = (
        select(Outbox.id)
        .where(
            col(Outbox.id).in_(told.union(theirs)),
            col(Outbox.state).in_((OutboxState.todo, OutboxState.sending)),
        )
        .order_by(col(Outbox.id))
        .with_for_update()
    )
    session.exec(query).all()


def refresh_messages(session: Session, visit: Visit, *, now: datetime) -> None:
    """Have every recent message that speaks of the visit brought up to date, in place where the channel can."""
    query = (
        select(Outbox)
        .join(OutboxItem, col(OutboxItem.outbox_id) == Outbox.id)
        .where(
            OutboxItem.visit_id == visit.id,
            col(Outbox.kind).in_(NOTICES),
            or_(
                and_(col(Outbox.state) == OutboxState.sent, col(Outbox.sent_at) > now - REMEMBERED),
                col(Outbox.state) == OutboxState.sending,  # it has its words, and is on its way
            ),
        )
        .order_by(col(Outbox.id).desc())
        .limit(_AT_MOST)
    )
    digests: set[int | None] = set()
    whole: set[tuple[int | None, str | None]] = set()
    for sent in session.exec(query).all():
        if sent.kind in (*SINGLE, "digest") and sent.receipt is not None:
            if (sent.member_id, sent.receipt) in whole:
                continue  # several that went out as one message are changed as one
            whole.add((sent.member_id, sent.receipt))
        if sent.kind == "digest":
            if sent.member_id in digests:
                continue  # yesterday's morning is history; only the newest one is kept true
            digests.add(sent.member_id)
        retell(session, sent, now=now)


def retell(session: Session, sent: Outbox, *, now: datetime) -> None:
    """Have one message that was sent brought up to date, unless that waits already."""
    # as the index of what is open has it
    open_for_them = select(Outbox.id).where(Outbox.member_id == sent.member_id, col(Outbox.ended).is_(None))
    pending = open_for_them.where(Outbox.replaces == sent.id, Outbox.state == OutboxState.todo)
    if session.exec(pending).first() is None:
        new = outbox.row(
            "update", now=now, county_id=sent.county_id, member_id=sent.member_id, replaces=sent.id
        )
        outbox.put(session, [new])
