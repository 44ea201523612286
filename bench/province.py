"""A province to measure ticks on: a hundred counties, a million planned visits, all kinds of steps due at one moment.

Of every ten thousand visits one county with a hundred officers under ten supervisors, an office of three and two
leaders. The rows come from the database's own series: a million in about a minute.

What falls due at once is every step of the ladder and its first repeat in equal parts, as after a morning without
service. Two officers in a hundred are on leave, one of them with a cover; one is suspended; two cases in a hundred are
on hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    text,
)
from sqlmodel import Session

from bench.ground import Ground, engine_of, ground
from reminders import rules
from reminders.workdays import WorkCalendar
from storage.clock import Moment
from storage.rulebook import Rulebook
from storage.tables import METADATA
from storage.tables.cases import Case, CaseState, Person, Stage
from storage.tables.counties import County, Unit
from storage.tables.leaves import Leave
from storage.tables.members import Member, MemberRole, MemberState, Role
from storage.tables.visits import Visit, VisitKind

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 23)
TICK_AT = datetime(2026, 11, 23, 14, 30, tzinfo=ZONE)
EACH = 10_000  # visits of a county
OFFICERS, SUPERVISORS, STAFF, LEADERS = 100, 10, 3, 2
_SPAN, _ABOVE = 1_000, 500  # member ids of a county, and where those above the officers begin
_FIRST = 1_000_000_000  # ids of cases and visits
_LONG_AGO = datetime(2026, 1, 5, tzinfo=ZONE)

_BENCH = MetaData()
LADDER = Table(
    "bench_ladder",
    _BENCH,
    Column("step", Integer, primary_key=True),
    Column("due_on", Date),
    Column("look_at", Moment),
    Column("then_at", Moment),
    Column("then_step", Integer),
)
RUNG = Table(
    "bench_rung",
    _BENCH,
    Column("step", Integer, primary_key=True),
    Column("role", String(40), primary_key=True),
    Column("kind", String(20)),
)
DUE = Table("bench_due", _BENCH, Column("visit_id", BigInteger, primary_key=True), Column("step", Integer))

_SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})",
    "postgresql": "WITH n(i) AS (SELECT generate_series(0, {last}))",
}


@contextmanager
def province(visits: int, url: str | None = None, *, officers: int = 0) -> Iterator[Ground]:
    """So many planned visits, none of them due; and `officers` with a chat in a county beside them."""
    if visits % EACH:
        raise ValueError(f"visits come in counties of {EACH:,}")
    with ground(url, officers=officers) as here:
        # By hand and not by the lane: what a benchmark lays out is no unit of work.
        engine = engine_of(here)
        with engine.begin() as connection, Session(connection) as session:
            _lay_out(session, visits)
        _settle(engine)
        engine.dispose()
        yield here


def make_due(here: Ground, due: int, visits: int) -> None:
    """Have so many visits due at `TICK_AT`, each at one step of the ladder, and nothing told of any of them."""
    engine = engine_of(here)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM reminder"))
        connection.execute(text("DELETE FROM outbox"))
        connection.execute(text("DELETE FROM bench_due"))
        rest = due * EACH // visits // OFFICERS
        connection.execute(
            text(
                "INSERT INTO bench_due (visit_id, step) SELECT v.id, (v.officer_id + v.id) % 9 FROM visit v"
                f" WHERE v.id >= {_FIRST} AND (v.id - {_FIRST}) / {visits // EACH * OFFICERS} < {rest}"
            )
        )
        connection.execute(
            text(
                "UPDATE visit SET due_on = l.due_on, next_look_at = l.look_at, next_step = l.step"
                " FROM bench_due d JOIN bench_ladder l ON l.step = d.step WHERE d.visit_id = visit.id"
            )
        )
    _settle(engine)
    engine.dispose()


def _settle(engine: Engine) -> None:
    """Both databases tidy up after a bulk of changes; not while something is measured."""
    statements = ["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"]
    if engine.dialect.name == "postgresql":
        statements = ["VACUUM (ANALYZE) visit, reminder, outbox, care_case, member, memberrole", "CHECKPOINT"]
    raw = engine.raw_connection()  # none of these may run in a transaction
    if engine.dialect.name == "postgresql":
        raw.driver_connection.autocommit = True  # type: ignore[union-attr]
    for statement in statements:
        raw.cursor().execute(statement)
    raw.invalidate()


def _lay_out(session: Session, visits: int) -> None:
    counties = visits // EACH
    _BENCH.create_all(session.connection())
    session.execute(insert(LADDER), list(_ladder()))
    session.execute(insert(RUNG), list(_rungs()))
    session.execute(insert(County), _counties(counties))
    session.execute(insert(Unit), _units(counties))
    members, roles = _people(counties)
    session.execute(insert(Member), members)
    session.execute(insert(MemberRole), roles)
    session.execute(insert(Leave), _leaves(counties))
    _first_rows(session)
    half = visits // 2  # whole rounds: the visits of a case are of its county and its officer
    county = f"i % {counties} + 1"
    officer = f"({county}) * {_SPAN} + (i / {counties}) % {OFFICERS}"
    case = f"{_FIRST} + i % {half}"
    held = f"CASE WHEN i % 50 = 7 THEN '{CaseState.held}' ELSE '{CaseState.open}' END"
    _copy(session, "person", half, {"id": f"{_FIRST} + i", "county_id": county, "unit_id": county})
    _copy(
        session, "care_case", half,
        {"id": f"{_FIRST} + i", "county_id": county, "person_id": f"{_FIRST} + i", "code": "'C' || i",
         "care_officer_id": officer, "state": held},
    )  # fmt: skip
    _copy(
        session, "visit", visits,
        {"id": f"{_FIRST} + i", "county_id": county, "case_id": case, "code": "'B' || i", "officer_id": officer},
    )  # fmt: skip


def _counties(counties: int) -> list[dict[str, Any]]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [
        {"id": c, "code": "Z" * (c < 26) + letters[c // 26] * (c >= 26) + letters[c % 26], "name": f"县{c}",
         "zone": ZONE.key, "created_at": _LONG_AGO}
        for c in range(1, counties + 1)
    ]  # fmt: skip


def _units(counties: int) -> list[dict[str, Any]]:
    return [{"id": c, "county_id": c, "name": "县财政局"} for c in range(1, counties + 1)]


def _people(counties: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    members: list[dict[str, Any]] = []
    roles: list[dict[str, Any]] = []

    def add(county: int, place: int, role: Role, supervisor: int | None = None) -> None:
        who = county * _SPAN + place
        state = MemberState.suspended if role is Role.care_officer and place == 2 else MemberState.active
        members.append(
            {"id": who, "number": 1_000_000 + who, "county_id": county, "supervisor_id": supervisor, "state": state,
             "name_sealed": b"", "name_index": who.to_bytes(8, "big"), "digest_at": TICK_AT + timedelta(hours=18),
             "created_at": _LONG_AGO}
        )  # fmt: skip
        roles.append({"id": who, "county_id": county, "member_id": who, "role": role})

    above = [Role.supervisor] * SUPERVISORS + [Role.commission_staff] * STAFF + [Role.leader] * LEADERS
    for county in range(1, counties + 1):
        for place, role in enumerate(above):
            add(county, _ABOVE + place, role)
        for place in range(OFFICERS):
            add(county, place, Role.care_officer, county * _SPAN + _ABOVE + place % SUPERVISORS)
    return members, roles


def _leaves(counties: int) -> list[dict[str, Any]]:
    return [
        {"id": county * _SPAN + place, "county_id": county, "member_id": county * _SPAN + place,
         "cover_id": county * _SPAN + 10 if place == 1 else None, "first_on": TODAY - timedelta(days=3),
         "last_on": TODAY + timedelta(days=3), "created_at": _LONG_AGO}
        for county in range(1, counties + 1)
        for place in (1, 51)
    ]  # fmt: skip


def _first_rows(session: Session) -> None:
    """What all others are copies of."""
    first = _FIRST - 1
    person = Person(
        id=first, county_id=1, unit_id=1, name_sealed=b"", name_index=b"", name_keys_sealed=b"", post_sealed=b"",
        created_at=_LONG_AGO,
    )  # fmt: skip
    case = Case(
        id=first, county_id=1, person_id=first, code="ZZ-0", stage=Stage.follow_up, stage_since=TODAY,
        reason_sealed=b"", created_at=_LONG_AGO,
    )  # fmt: skip
    # Planned for a day in three months, so that nothing of it is near.
    visit = Visit(
        id=first, county_id=1, case_id=first, code="Z-0", kind=VisitKind.talk, due_on=TODAY + timedelta(days=98),
        first_due_on=TODAY, next_look_at=TICK_AT + timedelta(days=80), next_step=0, created_at=_LONG_AGO,
    )  # fmt: skip
    for row in (person, case, visit):
        session.add(row)
        session.flush()


def _copy(session: Session, table: str, number: int, columns: dict[str, str]) -> None:
    """So many rows like the first one of a table, with these columns (of the number `i`) different."""
    names = [column.name for column in METADATA.tables[table].columns]
    values = ", ".join(columns.get(name, f"t.{name}") for name in names)
    series = _SERIES[session.get_bind().dialect.name].format(last=number - 1)
    source = f"SELECT {values} FROM n CROSS JOIN (SELECT * FROM {table} WHERE id = {_FIRST - 1}) t"
    session.execute(text(f"INSERT INTO {table} ({', '.join(names)}) {series} {source}"))


def _ladder() -> Iterator[dict[str, Any]]:
    """For each step the due day by which it is due on this day, and what comes after it."""
    book, calendar = Rulebook.default(), WorkCalendar()
    for index in range(len(book.ladder.steps) + 1):
        for ago in range(-40, 60):
            due_on = TODAY - timedelta(days=ago)
            step = rules.step(due_on, index, book, calendar, ZONE)
            if calendar.is_workday(due_on) and step.moment.date() == TODAY:
                look = rules.next_look(due_on, TICK_AT, book, calendar, ZONE)
                yield {
                    "step": index, "due_on": due_on, "look_at": step.moment,
                    "then_at": look.moment, "then_step": look.step,
                }  # fmt: skip
                break


def _rungs() -> Iterator[dict[str, Any]]:
    """Whom a step tells, and by which kind of notice, as the rulebook's table has it."""
    book, calendar = Rulebook.default(), WorkCalendar()
    for index in range(len(book.ladder.steps) + 1):
        step = rules.step(TODAY, index, book, calendar, ZONE)
        for to in step.to:
            officer_only = step.via.value == "digest"
            kind = None if officer_only else "alert" if step.offset > 0 else "today"
            yield {"step": index, "role": to.value, "kind": kind}
