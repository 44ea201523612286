"""Checked entries of a roster to people, cases and first visits, in the caller's transaction.

Everybody comes in at stage 0, also when the restriction period is over: to admit somebody into care follow-up is a
decision that people take, and no workbook takes it for them. Nothing is overdue on arrival: first visits are spread
over the coming weeks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from casework import names
from casework.roster.checking import CONDUCT, Checked, RosterEntry, check_roster, same_person
from casework.roster.reading import read_roster
from casework.sanctions import HEAVY, OUT_OF_SCOPE, Given, restriction_end
from reminders import cadence, catching_up, schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit, ids
from storage.queries.access import Actor, active_members
from storage.tables.cases import Case, CaseState, Person, Sanction, Stage
from storage.tables.counties import County, Unit
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind, VisitState

_AT_ONCE = 500  # values in one IN (...)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many of each. `unassigned`: cases that wait for their care officer; `undetermined`: without a known end;
    `out_of_scope`: rows of people who left the Party or the service, and were not loaded."""

    people: int
    cases: int
    visits: int
    unassigned: int
    undetermined: int
    out_of_scope: int


@dataclass(frozen=True, slots=True)
class Report:
    """`loaded` is None after a dry run, and where an error kept everything out."""

    checked: Checked
    loaded: Loaded | None


def import_roster(
    session: Session,
    county: County,
    content: bytes,
    *,
    now: datetime,
    dry_run: bool = False,
    actor: Actor | None = None,
) -> Report:
    """Check a workbook and, unless this is a dry run, load all of it; with any error nothing.

    Raises:
        Refused: the content is not a workbook with a roster in it.
    """
    known = _known_people(session, county.id)
    checked = check_roster(
        read_roster(content),
        today=mechanism_of(session, county.id).day(now),
        known_officers={officer.name for officer in active_members(session, county.id, Role.care_officer)},
        known_people=[(person.name, unit) for person, unit, is_open in known if is_open],
    )
    if dry_run or checked.errors:
        return Report(checked, None)
    return Report(checked, load_roster(session, county, checked.entries, actor=actor, now=now))


def load_roster(
    session: Session, county: County, entries: Iterable[RosterEntry], *, actor: Actor | None, now: datetime
) -> Loaded:
    """Load entries that a check has let through."""
    everyone = list(entries)
    taken = [entry for entry in everyone if not any(given.kind in OUT_OF_SCOPE for given in entry.sanctions)]
    mechanism = mechanism_of(session, county.id)
    # Units, people and cases go to the database in this order, each needing the one before.
    people, new_people = _people(session, county.id, taken, now)
    cases = _cases(session, county, list(zip(taken, people, strict=True)), mechanism, now)
    visits = _first_visits(session, county.id, cases, mechanism, actor, now)
    loaded = Loaded(
        people=new_people,
        cases=len(cases),
        visits=visits,
        unassigned=sum(case.care_officer_id is None for case in cases),
        undetermined=sum(case.expires_on is None for case in cases),
        out_of_scope=len(everyone) - len(taken),
    )
    for case in cases:
        audit.record(
            session, actor, "case_opened", "case", case.id, now=now, county_id=county.id, code=case.code
        )
    audit.record(
        session, actor, "roster_loaded", "county", county.id, now=now, county_id=county.id,
        cases=loaded.cases, visits=loaded.visits, out_of_scope=loaded.out_of_scope,
    )  # fmt: skip
    session.flush()
    return loaded


# --- people ---


def _known_people(session: Session, county_id: int) -> list[tuple[Person, str, bool]]:
    """Everybody of the county with their unit, and whether they have a case that is not closed."""
    followed = set(
        session.exec(
            select(Case.person_id).where(Case.county_id == county_id, Case.state != CaseState.closed)
        ).all()
    )
    query = select(Person, Unit.name).join(Unit, col(Unit.id) == Person.unit_id)
    rows = session.exec(query.where(Person.county_id == county_id)).all()
    return [(person, unit, person.id in followed) for person, unit in rows]


def _people(
    session: Session, county_id: int, entries: Sequence[RosterEntry], now: datetime
) -> tuple[list[Person], int]:
    """The person of each entry, and how many are new. Whoever had a case before is the same person again."""
    units = _units(session, county_id, {entry.unit for entry in entries})
    known = {
        same_person(person.name, unit): person
        for person, unit, is_open in _known_people(session, county_id)
        if not is_open
    }
    people, new = [], 0
    for entry in entries:
        person = known.get(same_person(entry.name, entry.unit))
        if person is None:
            person = _new_person(county_id, units[entry.unit], entry.name, now)
            session.add(person)
            new += 1
        person.post = entry.post
        person.political_status = entry.political_status
        people.append(person)
    session.flush()
    return people, new


def _units(session: Session, county_id: int, wanted: set[str]) -> dict[str, int]:
    found = {unit.name: unit.id for unit in session.exec(select(Unit).where(Unit.county_id == county_id))}
    for name in sorted(wanted - found.keys()):
        unit = Unit(county_id=county_id, name=name)
        session.add(unit)
        found[name] = unit.id
    session.flush()
    return found


def _new_person(county_id: int, unit_id: int, name: str, now: datetime) -> Person:
    person = Person(
        county_id=county_id,
        unit_id=unit_id,
        name_sealed=b"",
        name_index=b"",
        name_keys_sealed=b"",
        post_sealed=b"",
        created_at=now,
    )
    person.name = name
    person.name_keys = names.keys(name)
    return person


# --- cases ---


def _cases(
    session: Session,
    county: County,
    entries: Sequence[tuple[RosterEntry, Person]],
    mechanism: Mechanism,
    now: datetime,
) -> list[Case]:
    officers = _officers(session, county.id)
    in_use = set(session.exec(select(Case.code).where(Case.county_id == county.id)).all())
    cases = []
    for entry, person in entries:
        code = _unlike(in_use, lambda: ids.case_code(county.code))
        case = _case(county.id, code, entry, person, mechanism, now)
        case.care_officer_id = officers.get(entry.care_officer)
        if case.care_officer_id is None and entry.care_officer:
            case.awaits_officer = entry.care_officer
        cases.append(case)
    session.add_all(cases)
    session.flush()
    months = mechanism.rulebook.restriction_months
    for case, (entry, _) in zip(cases, entries, strict=True):
        session.add_all(_sanctions(case, entry, months))
    return cases


def _case(
    county_id: int, code: str, entry: RosterEntry, person: Person, mechanism: Mechanism, now: datetime
) -> Case:
    given = [Given(one.kind, one.decided_on, one.months) for one in entry.sanctions]
    case = Case(
        county_id=county_id,
        person_id=person.id,
        code=code,
        stage=Stage.early_care,
        stage_since=max(one.decided_on for one in entry.sanctions),
        expires_on=restriction_end(given, mechanism.rulebook.restriction_months).expires_on,
        heavy=any(one.kind in HEAVY for one in entry.sanctions),
        conduct=CONDUCT.get(entry.conduct.casefold(), ""),
        reason_sealed=b"",
        created_at=now,
    )
    case.reason = entry.reason
    return case


def _sanctions(case: Case, entry: RosterEntry, months: Mapping[str, int]) -> list[Sanction]:
    found = []
    for one in entry.sanctions:
        sanction = Sanction(
            county_id=case.county_id,
            case_id=case.id,
            kind_sealed=b"",
            decided_on=one.decided_on,
            months=months.get(one.kind.value, 0) if one.months is None else one.months,
        )
        sanction.kind = one.kind.value
        found.append(sanction)
    return found


def _officers(session: Session, county_id: int) -> dict[str, int]:
    """Care officers by name. A name that two of them bear names neither: the office assigns those cases."""
    officers = active_members(session, county_id, Role.care_officer)
    bearers = Counter(officer.name for officer in officers)
    return {officer.name: officer.id for officer in officers if bearers[officer.name] == 1}


# --- first visits ---


def _first_visits(
    session: Session,
    county_id: int,
    cases: Sequence[Case],
    mechanism: Mechanism,
    actor: Actor | None,
    now: datetime,
) -> int:
    """Plan the first visit of every kind that the cadence has, spread by officer: the most pressing come first."""
    today, book, calendar = mechanism.day(now), mechanism.rulebook, mechanism.calendar
    by_officer: dict[int | None, list[tuple[date, int, Case, VisitKind]]] = defaultdict(list)
    for place, case in enumerate(cases):
        for kind in cadence.KINDS:
            wanted = catching_up.wanted(case, kind, today, mechanism)
            if wanted is not None:
                by_officer[case.care_officer_id].append((wanted, place, case, kind))
    busy = _load(session, county_id, today)
    visits = []
    for officer_id, items in by_officer.items():
        items.sort(key=lambda item: item[:2])
        days = cadence.spread(len(items), today, book.cadence.spread_weeks, calendar, busy[officer_id])
        for (wanted, _, case, kind), day in zip(items, days, strict=True):
            due_on = min(day, wanted)
            actor_id = actor.member_id if actor else None
            visits.append(schedule.plan(session, case, kind, due_on, mechanism, now=now, actor_id=actor_id))
    contacts = [catching_up.watch(session, case, today, mechanism, now=now) for case in cases]
    _give_codes(session, [*visits, *contacts])
    session.flush()
    return len(visits)


def _load(session: Session, county_id: int, today: date) -> defaultdict[int | None, dict[date, int]]:
    """How many visits every officer has on each of the coming days."""
    query = (
        select(col(Visit.officer_id), col(Visit.due_on), func.count())
        .where(Visit.county_id == county_id, Visit.state == VisitState.planned, Visit.due_on > today)
        .group_by(col(Visit.officer_id), col(Visit.due_on))
    )
    found: defaultdict[int | None, dict[date, int]] = defaultdict(dict)
    for officer_id, day, number in session.exec(query).all():
        found[officer_id][day] = number
    return found


def _give_codes(session: Session, visits: Sequence[Visit]) -> None:
    """Make sure of the visits' codes: among thousands two random ones may well be the same."""
    in_use: set[str] = set()
    codes = [visit.code for visit in visits]
    with session.no_autoflush:
        for at in range(0, len(codes), _AT_ONCE):
            query = select(Visit.code).where(col(Visit.code).in_(codes[at : at + _AT_ONCE]))
            in_use.update(session.exec(query).all())
    for visit in visits:
        if visit.code in in_use:
            visit.code = _unlike(in_use, ids.task_code)
        in_use.add(visit.code)


def _unlike(in_use: set[str], draw: Callable[[], str]) -> str:
    """A code that is not in use, and from now on is."""
    while (code := draw()) in in_use:
        pass
    in_use.add(code)
    return code
