"""Lines that several messages share: kinds of visits, lateness, one visit on one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from casework import lateness
from casework.forms.form import Option
from casework.vocabulary import KINDS, ROLES
from locales.catalogue import N_
from locales.phrase import (
    CaseName,
    CaseRef,
    Code,
    Count,
    Day,
    Either,
    Name,
    P,
    Parts,
    Phrase,
    TaskCode,
    Term,
    Unit,
    Value,
    Word,
    either,
    line,
    one_of,
    several,
)
from reminders import course
from reminders.mechanism import Mechanism
from reminders.workdays import WorkCalendar
from storage.queries.access import Actor
from storage.queries.confirmations import ConfirmationLine
from storage.queries.visits import VisitLine
from storage.rulebook import Recipient
from storage.tables import counties
from storage.tables.members import Member, Role
from storage.tables.visits import Visit, VisitKind, VisitState

SPOKEN = N_("Spoken with them")  # the button that ends a safety call
# What each kind of notice is called.
TITLES = {
    "digest": N_("Morning digest"),
    "today": N_("Reminder on the due day"),
    "alert": N_("Overdue notice"),
    "chase": N_("Question about a task"),
    "assigned": N_("Task given to you"),
    "extended": N_("More time granted"),
    "move_asked": N_("Request to move a visit"),
    "move_refused": N_("A day that stays"),
    "moved": N_("Visits put off by their officers"),
    "taken_over": N_("Task given to a colleague"),
    "safety": N_("Contact needed at once"),
    "safety_taken": N_("Somebody is on it"),
    "safety_unheard": N_("An urgent matter that reaches nobody"),
    "concern": N_("Request to attend to somebody"),
    "absent": N_("An officer who cannot be reached"),
    "reopened": N_("A visit to be made again"),
    "void_asked": N_("Request to void a note"),
    "note_withdrawn": N_("What became of a note of yours"),
    "draft_offered": N_("Draft offered to you"),
    "draft_answered": N_("What became of a draft that you offered"),
    "draft_ends": N_("A form that will be dropped"),
    "silent": N_("The assistant fell silent"),
    "back": N_("The assistant is back"),
    "days_off": N_("Days off not known yet"),
    "cover": N_("Request to cover for a colleague"),
    "leave": N_("Leave of an officer"),
    "leave_off": N_("Leave that has ended"),
    "paused": N_("Case without visits for now"),
    "resumed": N_("Visits that go on"),
    "confirm": N_("Confirmation asked of you"),
    "unconfirmed": N_("Visits that no companion confirms"),
    "disputed": N_("What is not confirmed as it was written down"),
    "second": N_("Rating that needs a second person"),
    "case_given": N_("Case given to you"),
    "case_moved": N_("Case given to a colleague"),
    "home_visits": N_("Home visits, by the person's word"),
}


def kind_of(visit: Visit) -> Term:
    return Term(KINDS[visit.kind])


def held(item: ConfirmationLine, *more: Value) -> Phrase:
    """Which visit a form about a confirmation is about, by code, kind and day: of one person there may be several."""
    return line(Code(item.case.code), kind_of(item.visit), Day(item.held_on), *more)


def case_ref(item: VisitLine) -> CaseRef:
    return CaseRef(item.case.code, item.person.name)


def task_ref(item: VisitLine, who: Value | None = None) -> Either:
    """A visit by its case (`who`: as its reader may know that); where the channel may not know that, by the code of the
    task."""
    return either(who if who is not None else case_ref(item), TaskCode(item.visit.code))


def which_visit(item: VisitLine) -> Phrase:
    """One visit among others, as a button says it; where the channel may not know what it is, its task and its day."""
    task = P("{task} ({day})", task=TaskCode(item.visit.code), day=Day(item.visit.due_on))
    return one_of(line(kind_of(item.visit), case_ref(item)), task)


def known_as(item: VisitLine, reader: Actor) -> Value:
    """A case as somebody who oversees visits may know it: the office by name, a supervisor by its code alone."""
    return case_ref(item) if reader.in_office else Code(item.case.code)


def case_name(item: VisitLine) -> CaseName:
    return CaseName(item.case.code, item.person.name)


def member_ref(member: Member) -> Either:
    """A member by name; where names may not be told, by the number that the office knows them by."""
    return either(Name(member.name), _by_number(member))


def member_options(session: Session, members: Sequence[Member]) -> tuple[Option, ...]:
    """Members to choose from, each told apart from the others: by name, by unit too where they are of several, and by
    number where both are the same."""
    ids = {member.unit_id for member in members}
    units = {
        unit.id: unit.name
        for unit in session.exec(select(counties.Unit).where(col(counties.Unit.id).in_(ids)))
    }
    same = Counter((member.name, member.unit_id) for member in members)
    called = Counter(member.name for member in members)
    found = []
    for member in members:
        more: list[Value] = []
        if member.unit_id in units and len(ids) > 1:
            more.append(Unit(units[member.unit_id]))
        if same[member.name, member.unit_id] > 1:
            more.append(_by_number(member))
        label = (
            P("{name} ({more})", name=Name(member.name), more=several(more)) if more else Name(member.name)
        )
        shared = called[member.name] > 1
        found.append(Option(str(member.id), either(label, _by_number(member)), shared=shared))
    return tuple(found)


def _by_number(member: Member) -> Phrase:
    return P("member {number}", None, number=member.number)


def roles(to: Iterable[Recipient]) -> Value:
    """Whom a rule names."""
    return several(Term(ROLES[Role(one.value)]) for one in to)


def made_by(item: VisitLine) -> Phrase:
    """Whose task a visit is, in what capacity."""
    name = member_ref(item.officer) if item.officer else Term(N_("nobody yet"))
    if item.visit.kind is VisitKind.unit_opinion:
        return P("For the unit {name}", name=name)
    if item.visit.kind is VisitKind.review:
        return P("For the office {name}", name=name)
    if item.officer is not None and item.case.care_officer_id not in (None, item.officer.id):
        return P("Made by {name}", name=name)
    return P("Care officer {name}", name=name)


def when_due(visit: Visit, now: datetime, mechanism: Mechanism) -> Phrase:
    """Where an open visit stands, in words: made, overdue, today, or by when. On a day off what was due before it is
    not late yet, and not due today either."""
    stands = lateness.stands(visit, now, mechanism)
    if stands is not None:
        return stands
    today = mechanism.day(now)
    if course.late(visit, today, mechanism) == 0:
        return P("Today") if visit.due_on >= today else P("Due on {day}", day=Day(visit.due_on))
    return P("By {day}", day=Day(visit.due_on))


def asked_for(visit: Visit) -> list[Phrase]:
    """The day to which somebody asks to move a visit; until that is decided the old one holds."""
    return [P("asked to move to {day}", day=Day(visit.asked_on))] if visit.asked_on is not None else []


def may_move(calendar: WorkCalendar, *days: date) -> list[Phrase]:
    """What stands below days of a year whose days off are not announced yet: a sentence for each such year."""
    years = sorted({day.year for day in days})
    return [not_announced(year) for year in years if not calendar.is_published(year)]


def not_announced(year: int) -> Phrase:
    return P(
        "The days off of {year} are not announced yet: its days are estimated by the law and may move.",
        year=Word(str(year)),
    )


def visit_line(
    item: VisitLine, now: datetime, mechanism: Mechanism, *, also: Sequence[Value | None] = ()
) -> Phrase:
    """One open visit for the officer who makes it: when, what, whom; `also` further parts, where there are any."""
    parts: list[Value] = [
        when_due(item.visit, now, mechanism),
        *asked_for(item.visit),
        kind_of(item.visit),
        task_ref(item),
        *(part for part in also if part is not None),
    ]
    return Phrase("{parts}", {"parts": Parts(tuple(parts))})


def duty_line(
    number: int,
    item: VisitLine,
    who: Value,
    now: datetime,
    mechanism: Mechanism,
    told: int,
    *,
    also: Value | None = None,
    moved: int = 0,
) -> Phrase:
    """One overdue visit for those who oversee it: the case as they may know it, its officer, its lateness."""
    parts: list[Value] = [
        task_ref(item, who),
        kind_of(item.visit),
        made_by(item),
        when_due(item.visit, now, mechanism),
        *asked_for(item.visit),
    ]
    if also is not None:
        parts.append(also)
    if moved:
        parts.append(P("moved once", "moved {n} times", n=moved))
    if told:
        parts.append(P("reminded once since", "reminded {n} times since", n=told))
    seen_to = item.visit.acknowledged_until
    if seen_to is not None and seen_to > now:
        parts.append(P("acknowledged until {day}", day=Day(mechanism.day(seen_to))))
    return P("{number}. {line}", number=Count(number), line=Parts(tuple(parts)))


def settled_line(item: VisitLine, marks: Value, who: Value) -> Phrase:
    """A visit in a message that was overtaken by events: what became of it, then what it was."""
    return P("✓ {line}", line=Parts((marks, kind_of(item.visit), task_ref(item, who))))


def is_open(item: VisitLine) -> bool:
    return item.visit.state == VisitState.planned
