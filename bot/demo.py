"""The invented county of the demo and of the tests: six officers, their cases in every stage, months of notes, and
visits of every degree of lateness.

What the ladder told before `rehearsal_start` is kept as reminders; from then on the machine itself runs, so that every
message on the first screen is one that it sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import demo_companions, demo_matters, demo_timeline
from bot import demo_data as data
from bot.demo_crew import CHANNEL, SEED, Crew, make_members
from bot.demo_data import CastMember
from bot.demo_timeline import Dice, Done, Timeline, Waiting, World
from casework import names, people, sanctions
from casework.forms.catalog import form_for_visit
from casework.people import NewMember
from locales.catalogue import N_
from reminders import cadence, rules, schedule
from reminders.ladder import Recipients
from reminders.mechanism import Mechanism
from reminders.workdays import WorkCalendar
from storage import ids
from storage.clock import A_MOMENT
from storage.errors import Refused
from storage.rulebook import Rulebook
from storage.tables.cases import Case, Person, Sanction, Stage
from storage.tables.counties import County
from storage.tables.members import Member, Role
from storage.tables.notes import Note
from storage.tables.visits import Reminder, Visit, VisitEvent, VisitEventKind, VisitKind, VisitState

FEWEST, MOST = 12, 5000
_REHEARSAL_AT = time(8, 0)
_FOUNDED = timedelta(days=2200)


def default_mechanism(zone: str) -> Mechanism:
    """The rules before there is a county."""
    return Mechanism(Rulebook.default(), WorkCalendar(), ZoneInfo(zone))


def next_opening(now: datetime, mechanism: Mechanism) -> datetime:
    """The hour of the digest on this working day, whatever the time; on a day off, that of the next one."""
    day = mechanism.calendar.add_workdays(mechanism.day(now), 0)
    return datetime.combine(day, mechanism.rulebook.hours.digest_at, mechanism.zone)


def rehearsal_start(now: datetime, mechanism: Mechanism) -> datetime:
    """The morning of the working day before: from here on nothing is made up, the machine tells it."""
    day = mechanism.calendar.previous_workday(_today(now, mechanism))
    return datetime.combine(day, _REHEARSAL_AT, mechanism.zone)


def _today(now: datetime, mechanism: Mechanism) -> date:
    """The working day that counts: on days off nothing moves, so it is the last one."""
    day = mechanism.day(now)
    return day if mechanism.calendar.is_workday(day) else mechanism.calendar.previous_workday(day)


def make_county(session: Session, *, now: datetime, cases: int, zone: str, language: str) -> County:
    """Fill an empty database with the county as it is at `rehearsal_start`, about to be opened at `now`.

    What people wrote is Chinese whatever the `language` of the installation; members follow that.

    Raises:
        Refused: fewer cases than the story needs, or more than a county has.
    """
    if not FEWEST <= cases <= MOST:
        raise Refused(
            N_("The demo county has {least} to {most} cases; {n} is not among them."),
            least=FEWEST,
            most=MOST,
            n=cases,
        )
    mechanism = default_mechanism(zone)
    start = rehearsal_start(now, mechanism)
    told_until = mechanism.calendar.previous_workday(start.date())
    world = World(mechanism, _today(now, mechanism), told_until, Dice(SEED))
    founded = start - _FOUNDED
    county = people.add_county(session, data.COUNTY_CODE, data.COUNTY_NAME, zone, now=founded)
    crew = make_members(session, county, cases, founded, start, mechanism)
    everyone = _everyone(cases, len(crew.officers), world)
    _CountyMaker(session, county, world, start, crew).make(everyone)
    demo_companions.went_along(session, county.id, mechanism, now=start)
    demo_matters.promised(session, county.id, world.today)
    return county


def _everyone(cases: int, officers: int, world: World) -> list[CastMember]:
    everyone = list(data.CAST)
    taken = {cast.name for cast in everyone}
    while len(everyone) < cases:
        given = "".join(world.chance.sample(data.GIVEN, world.chance.choice((1, 2, 2))))
        name = world.chance.choice(data.SURNAMES) + given
        if name not in taken:
            taken.add(name)
            officer = len(everyone) % officers
            everyone.append(demo_timeline.invent(name, world.chance.choice(data.UNITS), officer, world))
    return everyone


# --- cases, their history, and what waits ---


@dataclass(frozen=True, slots=True)
class _File:
    cast: CastMember
    dates: Timeline
    case: Case
    officer: Member


class _CountyMaker:
    """Writes the rows. Each kind goes to the database before the kinds that refer to it."""

    def __init__(self, session: Session, county: County, world: World, start: datetime, crew: Crew) -> None:
        self._session, self._county, self._crew = session, county, crew
        self._world, self._start = world, start
        self._chance, self._zone = world.chance, world.mechanism.zone
        self._units: dict[str, int] = {}
        self._codes: set[str] = {cast.code for cast in data.CAST if cast.code}

    def make(self, everyone: Sequence[CastMember]) -> None:
        dates = [demo_timeline.tell(cast, self._world) for cast in everyone]
        self._units = {
            name: people.unit_called(self._session, self._county.id, name).id
            for name in sorted({cast.unit for cast in everyone})
        }
        persons = [self._person(cast, told) for cast, told in zip(everyone, dates, strict=True)]
        self._session.flush()
        files = [
            self._file(cast, told, person)
            for cast, told, person in zip(everyone, dates, persons, strict=True)
        ]
        self._session.flush()
        waiting, notes = [], []
        for file in files:
            self._sanctions(file)
            notes += self._history(file)
            waiting += [self._waiting(file, one) for one in file.dates.waiting]
            waiting += self._opinion(file)
        plans, missing = self._plans(files)
        waiting += [self._watched(file) for file in files]
        reviews, to_hold = self._reviews(files)
        self._session.flush()
        self._session.add_all([*notes, *plans, *reviews])
        self._reminders([*waiting, *missing, *to_hold])
        for cast, person in zip(everyone, persons, strict=True):
            if cast.subject:
                self._subject(cast, person)
        self._session.flush()

    def _at(self, day: date, hour: int) -> datetime:
        """Some minute of an hour of a day."""
        return datetime.combine(day, time(hour, self._chance.randrange(60)), self._zone)

    def _code(self, prefix: str, length: int) -> str:
        """A code of the usual form, but by our own dice: the same in every demo."""
        while True:
            code = prefix + "".join(self._chance.choice(ids.ALPHABET) for _ in range(length))
            if code not in self._codes:
                self._codes.add(code)
                return code

    def _person(self, cast: CastMember, dates: Timeline) -> Person:
        person = Person(
            county_id=self._county.id,
            unit_id=self._units[cast.unit],
            name_sealed=b"",
            name_index=b"",
            name_keys_sealed=b"",
            post_sealed=b"",
            political_status=self._status(cast),
            created_at=self._at(dates.decided_on, 10),
        )
        person.name = cast.name
        person.name_keys = names.keys(cast.name)
        person.post = data.post_in(cast.unit, self._chance.choice(data.POSTS))
        self._session.add(person)
        return person

    def _status(self, cast: CastMember) -> str:
        party = any(kind.chain is sanctions.Chain.PARTY for kind in cast.sanctions)
        return "中共党员" if party or self._chance.random() < 0.8 else "群众"

    def _file(self, cast: CastMember, dates: Timeline, person: Person) -> _File:
        officer = self._crew.officers[cast.officer]
        case = Case(
            county_id=self._county.id,
            person_id=person.id,
            code=cast.code or self._code(f"{self._county.code}-", 4),
            stage=cast.stage,
            stage_since=dates.stage_since,
            care_officer_id=officer.id,
            expires_on=dates.expires_on,
            heavy=any(kind in sanctions.HEAVY for kind in cast.sanctions),
            conduct=self._chance.choice(data.CONDUCT) if cast.stage else "",
            reason_sealed=b"",
            created_at=person.created_at,
        )
        case.reason = self._chance.choice(data.REASONS)
        self._session.add(case)
        return _File(cast, dates, case, officer)

    def _sanctions(self, file: _File) -> None:
        months = self._world.mechanism.rulebook.restriction_months
        for kind in file.cast.sanctions:
            sanction = Sanction(
                county_id=self._county.id,
                case_id=file.case.id,
                kind_sealed=b"",
                decided_on=file.dates.decided_on,
                months=months[kind.value],
            )
            sanction.kind = kind.value
            self._session.add(sanction)

    def _visit(self, file: _File, kind: VisitKind, due_on: date, planned_at: datetime) -> Visit:
        visit = Visit(
            county_id=self._county.id,
            case_id=file.case.id,
            officer_id=file.officer.id,
            code=self._code("T-", len(ids.task_code()) - 2),
            kind=kind,
            due_on=due_on,
            first_due_on=due_on,
            created_at=planned_at,
        )
        self._session.add(visit)
        self._event(visit, VisitEventKind.planned, planned_at, None)
        return visit

    def _event(self, visit: Visit, kind: VisitEventKind, at: datetime, actor: Member | None) -> None:
        self._session.add(
            VisitEvent(
                county_id=self._county.id,
                visit_id=visit.id,
                at=at,
                kind=kind,
                actor_id=actor.id if actor else None,
                due_on=visit.due_on,
            )
        )

    def _history(self, file: _File) -> list[Note]:
        calendar = self._world.mechanism.calendar
        planned_at = self._at(file.dates.decided_on, 14)
        notes = []
        for done in file.dates.done:
            due_on = calendar.add_workdays(done.done_on, self._chance.choice((0, 0, 1, 1, 2, 3, 4, -1, -2)))
            visit = self._visit(file, done.kind, due_on, planned_at)
            visit.state, visit.done_on = VisitState.done, done.done_on
            planned_at = self._at(done.done_on, self._chance.choice((11, 15, 16)))
            self._event(visit, VisitEventKind.recorded, planned_at, file.officer)
            notes.append(self._note(file, visit, done, planned_at))
        return notes

    def _note(self, file: _File, visit: Visit, done: Done, at: datetime) -> Note:
        note = Note(
            county_id=self._county.id,
            case_id=file.case.id,
            visit_id=visit.id,
            author_id=file.officer.id,
            kind=done.kind,
            form=done.kind.value,
            form_version=form_for_visit(done.kind).version,
            held_on=done.done_on,
            submitted_at=at,
            answers_sealed=b"",
            state_of_mind_sealed=b"",
        )
        note.answers = data.answers(done.kind, done.done_on, done.mood, self._chance)
        note.state_of_mind = done.mood
        return note

    def _waiting(self, file: _File, one: Waiting) -> Visit:
        visit = self._visit(file, one.kind, one.due_on, self._at(one.planned_on, 17))
        mechanism = self._world.mechanism
        book, calendar, zone = mechanism.rulebook, mechanism.calendar, mechanism.zone
        if one.kind is file.cast.kind and file.cast.mark:
            day = calendar.add_workdays(self._world.today, -2)
            if file.cast.mark == "rests":
                at = self._at(day, 16)
                visit.done_on, visit.rest_until = day, rules.rests_until(at, book, calendar, zone)
                self._event(visit, VisitEventKind.done_pending_note, at, file.officer)
            else:
                at = self._at(day, 10)
                visit.acknowledged_until = rules.acknowledged_until(at, book, calendar, zone)
                self._event(visit, VisitEventKind.acknowledged, at, self._supervisor_of(file.officer))
        look = rules.next_look(
            visit.due_on,
            self._start - A_MOMENT,
            book,
            calendar,
            zone,
            ack_until=visit.acknowledged_until,
            rest_until=visit.rest_until,
        )
        visit.next_look_at, visit.next_step = look.moment, look.step
        return visit

    def _opinion(self, file: _File) -> list[Visit]:
        """The unit's opinion, where somebody of the unit is a persona: due at once, but clear of the fixed stories."""
        kind = VisitKind.unit_opinion
        speaker = schedule.maker_of(self._session, file.case, kind)
        if speaker is None or file.case.stage != Stage.follow_up:
            return []
        due_on = self._world.clear_day() if file.cast.code else self._world.today
        visit = self._waiting(file, Waiting(kind, due_on, file.dates.stage_since))
        visit.officer_id = speaker
        return [visit]

    def _plans(self, files: Sequence[_File]) -> tuple[list[Note], list[Visit]]:
        """Everybody who is followed up has a care plan, but for the last one: that plan is due in some days."""
        kind, calendar = VisitKind.care_plan, self._world.mechanism.calendar
        mine = [file for file in files if file.case.stage == Stage.follow_up]
        late = next((file for file in reversed(mine) if file.cast.officer and not file.cast.code), None)
        notes = []
        for file in mine:
            if file is not late:
                made_on = self._world.past(calendar.add_workdays(file.dates.stage_since, 10))
                visit = self._visit(file, kind, made_on, self._at(file.dates.stage_since, 14))
                visit.state, visit.done_on = VisitState.done, made_on
                at = self._at(made_on, 15)
                self._event(visit, VisitEventKind.recorded, at, file.officer)
                notes.append(self._note(file, visit, Done(kind, made_on, "not_rated"), at))
        if late is None:
            return notes, []
        due_on = calendar.add_workdays(self._world.today, 3)
        return notes, [self._waiting(late, Waiting(kind, due_on, late.dates.stage_since))]

    def _reviews(self, files: Sequence[_File]) -> tuple[list[Note], list[Visit]]:
        """The office summed up after half a year; the next review keeps clear of the fixed stories."""
        kind, world = VisitKind.review, self._world
        interval = timedelta(days=world.mechanism.rulebook.cadence.follow_up.review_days)
        staff = schedule.maker_of(self._session, files[0].case, kind)
        notes, waiting = [], []
        for file in (file for file in files if file.case.stage == Stage.follow_up):
            last, first = file.dates.stage_since, world.workday(file.dates.stage_since + interval)
            if first < world.told_until:
                visit = self._visit(file, kind, first, self._at(last, 14))
                visit.state, visit.done_on, visit.officer_id = VisitState.done, first, staff
                at, last = self._at(first, 16), first
                self._event(visit, VisitEventKind.recorded, at, None)
                notes.append(self._note(file, visit, Done(kind, first, "not_rated"), at))
                notes[-1].author_id = staff or file.officer.id
            due_on = max(
                world.workday(last + interval), world.workday(world.clear_day() + timedelta(days=35))
            )
            waiting.append(self._waiting(file, Waiting(kind, due_on, last)))
            waiting[-1].officer_id = staff
        return notes, waiting

    def _watched(self, file: _File) -> Visit:
        """The day on which it would be noticed that nothing was recorded for long."""
        last = max((done.done_on for done in file.dates.done), default=file.dates.stage_since)
        book, calendar = self._world.mechanism.rulebook, self._world.mechanism.calendar
        due_on = cadence.silent_until(Stage(file.case.stage), last, book, calendar, heavy=file.case.heavy)
        return self._waiting(file, Waiting(VisitKind.contact, due_on, last))

    def _supervisor_of(self, officer: Member) -> Member | None:
        return next((one for one in self._crew.supervisors if one.id == officer.supervisor_id), None)

    def _reminders(self, waiting: Sequence[Visit]) -> None:
        """What the ladder told of each open visit before the rehearsal."""
        mechanism, line = self._world.mechanism, Recipients(self._session)
        for visit in waiting:
            for index in range(visit.next_step or 0):
                step = rules.step(visit.due_on, index, mechanism.rulebook, mechanism.calendar, mechanism.zone)
                if not visit.created_at < step.moment < self._start:
                    continue
                told = {m: to for to in step.to for m in line.of(visit, to, mechanism.day(step.moment))}
                for member_id, recipient in told.items():
                    self._session.add(
                        Reminder(
                            county_id=self._county.id,
                            visit_id=visit.id,
                            member_id=member_id,
                            due_on=visit.due_on,
                            step=index,
                            distance=step.offset,
                            recipient=recipient,
                            day=mechanism.day(step.moment),
                            at=step.moment,
                        )
                    )

    def _subject(self, cast: CastMember, person: Person) -> None:
        new = NewMember(cast.name, Role.subject, cast.unit, person_id=person.id)
        member = people.add_member(self._session, self._county, new, now=self._start - timedelta(days=30))
        people.bind_address(self._session, member, CHANNEL, data.SUBJECT, now=member.created_at)
