"""A small county: three officers under two supervisors, the office, two people of one name, and a case with a past."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from msgspec.json import decode, encode
from sqlmodel import Session, select

from bot.channels.disclosure import Level, check, reduce
from bot.commands.command import parse
from bot.commands.registry import COMMANDS, TAPS, run
from bot.context import Context
from bot.messages import Action, Message, act, flat
from casework import names, notes, people, visits
from casework.people import NewMember
from reminders import schedule
from reminders.mechanism import mechanism_of
from storage.lane import Lane, open_lane
from storage.queries.access import actor_of
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case, Person, Sanction, Stage
from storage.tables.counties import County
from storage.tables.members import Member, Role
from storage.tables.visits import Visit, VisitKind

T = TypeVar("T")


def at(day: str, hour: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}+08:00")


@dataclass
class World:
    """`members` by a short key, `cases` by code. `now` is where a test stands."""

    lane: Lane
    now: datetime
    members: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)

    def do(self, unit: Callable[[Session], T]) -> T:
        return self.lane.run_now(unit)

    def context(self, session: Session, who: str, level: Level = Level.full) -> Context:
        return Context(session, session.get_one(Member, self.members[who]), self.now, level, "en")

    def asks(self, who: str, text: str, level: Level = Level.full) -> Seen:
        def unit(session: Session) -> Seen:
            ctx = self.context(session, who, level)
            called = parse(text, COMMANDS)
            assert called is not None, text
            return Seen.of(ctx, run(ctx, called.command, called.argument)[-1])

        return self.do(unit)

    def taps(self, who: str, verb: str, level: Level = Level.full, **args: str | int) -> Seen:
        return self._does(who, act(verb, **args), level)

    def follows(self, who: str, seen: Seen, label: str) -> Seen:
        """Tap the button of this label on a message."""
        return self._does(who, seen.action(label), Level.full)

    def _does(self, who: str, action: Action, level: Level) -> Seen:
        def unit(session: Session) -> Seen:
            ctx = self.context(session, who, level)
            return Seen.of(ctx, TAPS[action.verb](ctx, action)[-1])

        return self.do(unit)

    def audited(self) -> list[tuple[str, int | None]]:
        return self.do(
            lambda session: [(row.verb, row.actor_id) for row in session.exec(select(AuditRecord)).all()]
        )


@dataclass
class Seen:
    """A message as its reader gets it, after the gate of the channel's level."""

    lines: list[str]
    buttons: list[list[str]]
    verbs: list[str]
    message: Message

    @classmethod
    def of(cls, ctx: Context, message: Message) -> Seen:
        told = reduce(message, ctx.level)
        check(told, ctx.level)
        kept = Message.load(decode(encode(told)))  # every reply waits in the outbox first
        does = [button.action for button in flat(kept)]
        assert all(one.get("id") for one in does if one.verb == "draft"), "a button of no draft"
        return cls(
            [line.render(ctx.reader) for line in told.lines],
            [[button.label.render(ctx.reader) for button in row] for row in told.buttons],
            [button.action.verb for row in told.buttons for button in row],
            kept,
        )

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def action(self, label: str) -> Action:
        rows = zip(self.buttons, self.message.buttons, strict=True)
        found = {text: one.action for texts, row in rows for text, one in zip(texts, row, strict=True)}
        return found[label]


@contextmanager
def living(folder: Path, empty_sqlite: Path) -> Iterator[World]:
    """The county in a database of its own."""
    path = folder / "world.db"
    shutil.copy(empty_sqlite, path)
    lane = open_lane(f"sqlite:///{path}")
    world = World(lane, at("2026-11-23"))
    populate(world)
    yield world
    lane.close()


# --- making it -----------------------------------------------------------------------------------------------------


def populate(world: World) -> None:
    world.do(lambda session: _members(session, world))
    world.do(lambda session: _cases(session, world))


def _members(session: Session, world: World) -> None:
    made = at("2026-01-05")
    county = people.add_county(session, "JA", "江安县", "Asia/Shanghai", now=made)

    def member(key: str, name: str, role: Role, boss: str | None = None) -> Member:
        supervisor = world.members[boss] if boss else None
        new = people.add_member(session, county, NewMember(name, role, supervisor_id=supervisor), now=made)
        world.members[key] = new.id
        return new

    member("boss", "王强", Role.supervisor)
    member("other_boss", "何静", Role.supervisor)
    member("staff", "陈刚", Role.commission_staff)
    member("leader", "刘伟", Role.leader)
    member("unit", "郑华", Role.unit_party_org)
    member("officer", "李敏", Role.care_officer, "boss")
    member("colleague", "吴涛", Role.care_officer, "boss")
    member("stranger", "周洁", Role.care_officer, "other_boss")
    both = member("both", "孙丽", Role.care_officer, "boss")
    people.grant(session, both, NewMember("孙丽", Role.supervisor), now=made, actor=None)
    # 孙丽 oversees 吴涛 and looks after cases of her own.
    session.get_one(Member, world.members["colleague"]).supervisor_id = both.id


def _cases(session: Session, world: World) -> None:
    add_case(
        session,
        world,
        "JA-7K3Q",
        "张明",
        "发改局",
        "officer",
        stage=Stage.follow_up,
        expires_on=date(2026, 6, 30),
    )
    add_case(session, world, "JA-2F8N", "张明", "经开区", "stranger", expires_on=date(2027, 1, 9))
    add_case(session, world, "JA-5M2X", "王芳", "水利局", "colleague", expires_on=None)
    add_case(session, world, "JA-9P4T", "赵强", "水利局", "both", expires_on=date(2027, 3, 1))


def add_case(
    session: Session,
    world: World,
    code: str,
    name: str,
    unit: str,
    officer: str,
    *,
    stage: Stage = Stage.early_care,
    expires_on: date | None,
) -> Case:
    county = session.exec(select(County)).one()
    created = at("2026-01-05")
    place = people.unit_called(session, county.id, unit)
    person = Person(
        county_id=county.id, unit_id=place.id, name_sealed=b"", name_index=b"", name_keys_sealed=b"",
        post_sealed=b"", created_at=created,
    )  # fmt: skip
    person.name, person.name_keys, person.post = name, names.keys(name), "科员"
    session.add(person)
    session.flush()
    case = Case(
        county_id=county.id, person_id=person.id, code=code, stage=stage, stage_since=date(2026, 7, 1),
        care_officer_id=world.members[officer], expires_on=expires_on, reason_sealed=b"", created_at=created,
    )  # fmt: skip
    case.reason = "审核不严"
    session.add(case)
    session.flush()
    sanction = Sanction(
        county_id=county.id, case_id=case.id, kind_sealed=b"", decided_on=date(2025, 7, 1), months=12
    )
    sanction.kind = "party.warning"
    session.add(sanction)
    session.flush()
    world.cases[code] = case.id
    return case


def plan(
    world: World, code: str, due_on: str, kind: VisitKind = VisitKind.talk, *, on: str = "2026-07-01"
) -> int:
    def unit(session: Session) -> int:
        case = session.get_one(Case, world.cases[code])
        mechanism = mechanism_of(session, case.county_id)
        return schedule.plan(session, case, kind, date.fromisoformat(due_on), mechanism, now=at(on)).id

    return world.do(unit)


def record(world: World, visit_id: int, held_on: str, grade: str = "stable", **answers: Any) -> None:
    """The officer's note of a visit, handed in on the day itself; what the cadence plans after it is taken away."""

    def unit(session: Session) -> None:
        visit = session.get_one(Visit, visit_id)
        actor = actor_of(session, session.get_one(Member, visit.officer_id), "en")
        form, now = visit.kind.value, at(held_on, "16:00")
        topics = [
            key for key in answers if key in ("work", "correction", "unit_opinion", "follow_up", "next_steps")
        ]
        given = {"date": held_on, "state_of_mind": grade, "safety": False, "more": topics, **answers}
        data = notes.NoteData(
            visit_id, form, 1, date.fromisoformat(held_on), given, grade, bool(given["safety"])
        )
        recorded = notes.record_visit(session, actor, data, now=now)
        if recorded.following is not None:
            schedule.withdraw(session, recorded.following, now=now, actor_id=None)

    world.do(unit)


def not_done(world: World, visit_id: int, on: str, new_day: str, reason: str) -> None:
    def unit(session: Session) -> None:
        visit = session.get_one(Visit, visit_id)
        actor = actor_of(session, session.get_one(Member, visit.officer_id), "en")
        visits.not_done(session, actor, visit_id, date.fromisoformat(new_day), reason, now=at(on))

    world.do(unit)
