"""The same county twice, made by dice: in the database, and as the oracle sees it; and what its people do there."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlmodel import Session, col, func, select

from casework import (
    confirmations,
    handing,
    leave,
    matters,
    notes,
    people,
    recusals,
    safety,
    standing,
    visits,
)
from reminders import outbox
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.queries.access import Actor, actor_of
from storage.tables.calls import SafetyCall
from storage.tables.cases import CaseEventKind
from storage.tables.confirmations import Confirmation, ConfirmationState
from storage.tables.counties import County
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.matters import Matter, MatterTold
from storage.tables.members import Member, Role
from storage.tables.notes import Note
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit, VisitKind
from tests import make
from tests.reminders import county
from tests.reminders.oracle.acts import Act
from tests.reminders.oracle.county import Case
from tests.reminders.oracle.county import County as Seen
from tests.reminders.oracle.county import Member as SeenMember
from tests.reminders.oracle.post import Message

SECOND = timedelta(seconds=1)
ROLES = {
    Role.care_officer: "officer", Role.supervisor: "supervisor", Role.commission_staff: "staff",
    Role.leader: "leader", Role.unit_party_org: "unit",
}  # fmt: skip
OWN_HOURS = ((time(10), time(16)), (time(9), time(12)), (time(14), time(17)), (time(8, 30), time(11)))
UNITS = (
    "县财政局",
    "县水利局",
    "县林业局",
)  # two speak for the first, one for the second, nobody for the third
STANDING = {
    "hold": CaseEventKind.held, "resume": CaseEventKind.resumed, "close": CaseEventKind.closed,
    "reopen": CaseEventKind.reopened,
}  # fmt: skip
PLANNED = ("talk", "home_visit", "study_visit", "unit_opinion", "care_plan", "review", "contact")
Down = list[tuple[datetime, datetime]]


class World:
    """`visits` of the database by the names that the oracle gives them, and the other way round."""

    def __init__(self, lane: Lane, url: str, dice: Random, start: datetime, size: int) -> None:
        self.lane, self.dice, self.start = lane, dice, start
        self.house = county.house_of(lane, url, start)
        self.heard: dict[int, bool] = {}
        self.units: dict[int, str] = {}
        self.seen: Seen = lane.run_now(lambda session: self._found(session, size))

    # --- as it is at first ----------------------------------------------------------------------------------------

    def _found(self, session: Session, size: int) -> Seen:
        place = make.county(session)
        self.place = place.id
        found: list[Member] = []

        def add(role: Role, name: str, over: Member | None = None, unit: str | None = None) -> Member:
            heard = role in (Role.leader, Role.care_officer) or self.dice.random() < 0.85
            one = county.add(session, place, role, name, self.start, bound=heard, over=over, unit=unit)
            if self.dice.random() < 0.3 and role is not Role.unit_party_org:
                one.hours_from, one.hours_until = self.dice.choice(OWN_HOURS)
            found.append(one)
            self.heard[one.id] = heard
            if unit is not None:
                self.units[one.id] = unit
            return one

        bosses = [add(Role.supervisor, f"督{n}") for n in range(3)]
        for n in range(3):
            add(Role.commission_staff, f"办{n}")
        for n in range(2):
            add(Role.leader, f"领{n}")
        over = [*bosses, None, bosses[0]]
        officers = [add(Role.care_officer, f"责{n}", boss) for n, boss in enumerate(over)]
        officers[4].supervisor_id = officers[4].id  # who oversees themselves is not told about themselves
        for n, unit in enumerate((UNITS[0], UNITS[0], UNITS[1])):
            add(Role.unit_party_org, f"党{n}", unit=unit)
        both = people.NewMember(officers[3].name, Role.commission_staff)
        people.grant(session, officers[3], both, now=self.start, actor=None)
        people.suspend(session, bosses[2].id, now=self.start)
        seen = Seen([self._member(session, one) for one in found], [])
        for _ in range(size):
            self._case(session, seen, place, self.dice.choice(officers))
        return seen

    def _member(self, session: Session, one: Member) -> SeenMember:
        held = actor_of(session, one, "en").roles
        hours = (one.hours_from, one.hours_until) if one.hours_from and one.hours_until else None
        roles = frozenset(ROLES[role] for role in held)
        morning = self.start.date() if roles & {"officer", "unit"} else None
        suspended = str(one.state) == "suspended"
        unit = self.units.get(one.id)
        reached = self.heard[one.id]
        return SeenMember(one.id, roles, one.supervisor_id, hours, reached, suspended, unit, morning)

    def _case(self, session: Session, seen: Seen, place: County, officer: Member) -> None:
        unit = self.dice.choice(UNITS)
        row = make.case(session, place, officer, unit=unit)
        case = seen.cases[row.id] = Case(row.id, officer.id, unit)
        kinds = [kind for kind in PLANNED if self.dice.random() < 0.5] or ["talk"]
        for kind in kinds:
            due = self.start.date() + timedelta(days=self.dice.randint(-15, 85))
            visit = make.visit(session, row, due, VisitKind(kind), now=self.start)
            task = seen.plan(case, kind, due, self.start)
            assert visit.officer_id == task.maker, (kind, visit.officer_id, task.maker)
            if kind == "review" and task.maker is not None:
                seen.members[task.maker].morning_of = self.start.date()
        for _ in range(self.dice.randint(0, 3)):
            due = self.start.date() + timedelta(days=self.dice.randint(-9, 40))
            make.promise(session, row, due, now=self.start)
            seen.promised.append((case, due))

    # --- what is done ---------------------------------------------------------------------------------------------

    def _visit(self, session: Session, name: str) -> Visit:
        case, kind, number = name.split()
        query = select(Visit).where(
            Visit.case_id == int(case),
            Visit.kind == VisitKind(kind),
            Visit.unplanned == False,  # noqa: E712
        )
        return session.exec(query.order_by(col(Visit.id))).all()[int(number) - 1]

    def do(self, session: Session, act: Act) -> None:
        by = actor_of(session, session.get_one(Member, act.by), "en")
        visit = self._visit(session, act.task) if act.task is not None else None
        getattr(self, f"_{act.what}")(session, by, visit.id if visit is not None else act.case, act)

    def _reschedule(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        visits.reschedule(session, by, visit, act.more["to"], "有事", now=act.at)

    def _extend(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        visits.extend(session, by, visit, now=act.at)

    def _keep_day(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        visits.keep_day(session, by, visit, act.more["asked"], now=act.at)

    def _acknowledge(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        visits.acknowledge(session, by, [visit], now=act.at)

    def _note_follows(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        visits.note_follows(session, by, visit, now=act.at)

    def _reassign(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        visits.reassign(session, by, visit, act.more["to"], now=act.at)

    def _chase(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        visits.chase(session, by, visit, now=act.at)

    def _record(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        kind = str(session.get_one(Visit, visit).kind)
        held = act.more.get("held", act.at.date())
        answers: dict[str, Any] = {"date": held.isoformat()}
        if companions := act.more.get("companions"):
            answers |= {"more": ["companions"], "companions": [str(one) for one in companions]}
        if (promised := act.more.get("promise")) is not None:
            answers |= {"follow_up": "联系卫生院", "follow_up_due": promised.isoformat()}
        data = notes.NoteData(visit, kind, 1, held, answers, act.more.get("grade") or "not_rated")
        notes.record_visit(session, by, data, now=act.at)

    def _follow_up(self, session: Session, by: Actor, _: int, act: Act) -> None:
        (matter,) = (one for one, name in self._matters(session).items() if name == act.more["matter"])
        matters.followed_up(session, by, matter, done=True, now=act.at)

    def _hold(self, session: Session, by: Actor, case: int, act: Act) -> None:
        standing.change(session, by, case, STANDING[act.what], "情况有变", now=act.at)

    _resume = _close = _reopen = _hold

    def _hand_over(self, session: Session, by: Actor, case: int, act: Act) -> None:
        handing.hand_over(session, by, case, act.more["to"], "调整分工", now=act.at)

    def _recuse(self, session: Session, by: Actor, case: int, act: Act) -> None:
        recusals.recuse(session, by, case, act.more["who"], None, now=act.at)

    def _unrecuse(self, session: Session, by: Actor, case: int, act: Act) -> None:
        query = select(Recusal.id).where(
            Recusal.case_id == case, Recusal.member_id == act.more["who"], col(Recusal.ended_at).is_(None)
        )
        recusals.end(session, by, session.exec(query).one(), now=act.at)

    def _leave(self, session: Session, by: Actor, _: None, act: Act) -> None:
        leave.take(session, by, act.more["first"], act.more["last"], act.more.get("cover"), now=act.at)

    def _back(self, session: Session, by: Actor, _: None, act: Act) -> None:
        query = select(Leave.id).where(
            Leave.member_id == act.by, Leave.first_on == act.more["first"], col(Leave.withdrawn_at).is_(None)
        )
        leave.withdraw(session, by, session.exec(query).one(), now=act.at)

    def _worry(self, session: Session, by: Actor, case: int, act: Act) -> None:
        safety.raise_concern(session, by, case, now=act.at)

    def _take(self, session: Session, by: Actor, case: int, act: Act) -> None:
        safety.take(session, by, self._call(session, case), now=act.at)

    def _spoken(self, session: Session, by: Actor, case: int, act: Act) -> None:
        next_step = "soon" if act.more["soon"] else "as_planned"
        safety.record_spoken(
            session, by, self._call(session, case), {"how": "phone", "next_step": next_step}, now=act.at
        )

    @staticmethod
    def _call(session: Session, case: int) -> int:
        query = select(SafetyCall.id).where(SafetyCall.case_id == case, col(SafetyCall.closed_at).is_(None))
        return session.exec(query).one()

    def _confirm(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        confirmations.confirm(session, by, [self._asked(session, visit, act.by)], now=act.at)

    def _refuse(self, session: Session, by: Actor, visit: int, act: Act) -> None:
        one = self._asked(session, visit, act.by)
        confirmations.refuse(session, by, one, "not_there", now=act.at)

    @staticmethod
    def _asked(session: Session, visit: int, member: int) -> int:
        query = (
            select(Confirmation.id)
            .join(Note, col(Note.id) == Confirmation.note_id)
            .where(Note.visit_id == visit, Confirmation.member_id == member,
                   Confirmation.state == ConfirmationState.asked)
        )  # fmt: skip
        return session.exec(query).one()

    # --- time passes ----------------------------------------------------------------------------------------------

    async def live(self, days: int, acts: list[Act], down: Down) -> Counter[Message]:
        clock = self.house.clock
        assert isinstance(clock, SandboxClock)
        doing: list[tuple[datetime, Act | datetime]] = [*((a.at, a) for a in acts), *down]
        for at, what in sorted(doing, key=lambda found: found[0]):
            if isinstance(what, Act):
                await self.house.ticker.advance(clock, at)
                await self.lane.run(lambda session, act=what: self.do(session, act))  # type: ignore[misc]
                await self.house.ticker.deliver_now()
            else:
                await self.house.ticker.advance(clock, at - SECOND)
                clock.move_to(what)
                await self.house.ticker.advance(clock, what)
        await self.house.ticker.advance(clock, self.start + timedelta(days=days))
        return self.lane.run_now(self._heard)

    def _heard(self, session: Session) -> Counter[Message]:
        """What was delivered since: to whom, of what, when. What merely follows a message is none."""
        names = self._names(session)
        items = defaultdict[int, set[str]](set)
        for row_id, visit_id in session.exec(select(OutboxItem.outbox_id, OutboxItem.visit_id)):
            items[row_id].add(names[visit_id])
        named = self._matters(session)
        for row_id, matter_id in session.exec(select(MatterTold.outbox_id, MatterTold.matter_id)):
            items[row_id].add(named[matter_id])
        found: Counter[Message] = Counter()
        query = select(Outbox).where(Outbox.state == OutboxState.sent, col(Outbox.kind) != "update")
        for row in session.exec(query).all():
            if row.kind in ("count", "removal", "reply"):
                continue
            assert row.member_id is not None
            assert row.sent_at is not None
            about = frozenset(self._about(session, row, items[row.id], names))
            found[Message(row.member_id, row.kind, row.sent_at.astimezone(self.start.tzinfo), about)] += 1
        return found

    @staticmethod
    def _names(session: Session) -> dict[int, str]:
        names, numbers = dict[int, str](), Counter[str]()
        planned = select(Visit).where(Visit.unplanned == False)  # noqa: E712
        for visit in session.exec(planned.order_by(col(Visit.id))).all():
            of_kind = f"{visit.case_id} {visit.kind}"
            numbers[of_kind] += 1
            names[visit.id] = f"{of_kind} {numbers[of_kind]}"
        return names

    @staticmethod
    def _matters(session: Session) -> dict[int, str]:
        names, numbers = dict[int, str](), Counter[int]()
        for matter in session.exec(select(Matter).order_by(col(Matter.id))).all():
            numbers[matter.case_id] += 1
            names[matter.id] = f"matter {matter.case_id} {numbers[matter.case_id]}"
        return names

    @staticmethod
    def _about(session: Session, row: Outbox, items: set[str], names: dict[int, str]) -> set[str]:
        payload = outbox.payload_of(row.id, row.payload_sealed)
        if "visit" in payload:
            return {names[payload["visit"]]}
        if "case" in payload:
            return {f"case {payload['case']}", *items}
        if "call" in payload:
            return {f"call {session.get_one(SafetyCall, payload['call']).case_id}"}
        if "leave" in payload:
            this = session.get_one(Leave, payload["leave"])
            up_to = select(func.count()).where(Leave.member_id == this.member_id, col(Leave.id) <= this.id)
            return {f"leave {session.exec(up_to).one()} of {this.member_id}"}
        if "member" in payload:
            return {f"member {payload['member']}"}
        return items
