"""Lines that several messages share: kinds of visits, lateness, one visit on one line."""

from __future__ import annotations

from datetime import date

from locales.catalogue import N_
from locales.phrase import CaseName, CaseRef, Code, Count, Day, Name, P, Parts, Phrase, Term, Value
from reminders import rules
from reminders.mechanism import Mechanism
from storage.queries.visits import VisitLine
from storage.tables.cases import Stage
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind, VisitState

KINDS = {
    VisitKind.talk: N_("Heart-to-heart talk"),
    VisitKind.home_visit: N_("Integrity home visit"),
    VisitKind.study_visit: N_("Study at the door"),
}
STAGES = {
    Stage.early_care: N_("Care during the restriction period"),
    Stage.follow_up: N_("Care follow-up"),
    Stage.evaluation: N_("Comprehensive evaluation"),
    Stage.observation: N_("Observation"),
}
ROLES = {
    Role.care_officer: N_("Care officer"),
    Role.supervisor: N_("Supervisor"),
    Role.commission_staff: N_("Commission staff"),
    Role.leader: N_("Member of the leading group"),
    Role.unit_party_org: N_("The unit's Party organisation"),
    Role.stationed_group: N_("Stationed discipline group"),
    Role.organisation_department: N_("Organisation department"),
    Role.personnel_bureau: N_("Personnel bureau"),
    Role.subject: N_("The person concerned"),
    Role.administrator: N_("Administrator"),
}
GRADES = {
    "settled": N_("Settled (green)"),
    "stable": N_("Stable (blue)"),
    "unsettled": N_("Unsettled (yellow)"),
    "concern": N_("Of concern (red)"),
    "not_rated": N_("Not rated yet"),
}


def kind_of(visit: Visit) -> Term:
    return Term(KINDS[visit.kind])


def case_ref(item: VisitLine) -> CaseRef:
    return CaseRef(item.case.code, item.person.name)


def case_name(item: VisitLine) -> CaseName:
    return CaseName(item.case.code, item.person.name)


def overdue(days: int) -> Phrase:
    return P("{n} working day overdue", "{n} working days overdue", n=days)


def when_due(due_on: date, today: date, mechanism: Mechanism) -> Phrase:
    """Where a date stands, in words: overdue, today, or by when."""
    late = rules.lateness(due_on, today, mechanism.calendar)
    if late > 0:
        return overdue(late)
    if late == 0:
        return P("Today")
    return P("By {day}", day=Day(due_on))


def visit_line(item: VisitLine, today: date, mechanism: Mechanism) -> Phrase:
    """One open visit for the officer who makes it: when, what, whom."""
    parts: list[Value] = [when_due(item.visit.due_on, today, mechanism), kind_of(item.visit), case_ref(item)]
    if item.visit.rest_until is not None:
        parts.append(P("Done, note to follow"))
    return Phrase("{parts}", (("parts", Parts(tuple(parts))),))


def duty_line(number: int, item: VisitLine, today: date, mechanism: Mechanism, told: int) -> Phrase:
    """One overdue visit for those who oversee it: its code, its officer, its lateness; never the person's name."""
    officer = Name(item.officer.name) if item.officer else Term(N_("nobody yet"))
    late = rules.lateness(item.visit.due_on, today, mechanism.calendar)
    parts: list[Value] = [
        Code(item.case.code),
        kind_of(item.visit),
        P("Care officer {name}", name=officer),
        overdue(late) if late > 0 else when_due(item.visit.due_on, today, mechanism),
    ]
    if told:
        parts.append(P("reminded once", "reminded {n} times", n=told))
    if item.visit.rest_until is not None:
        parts.append(P("Done, note to follow"))
    return P("{number}. {line}", number=Count(number), line=Parts(tuple(parts)))


def settled_line(item: VisitLine, marks: Value, *, for_officer: bool) -> Phrase:
    """A visit in a message that was overtaken by events: what became of it, then what it was."""
    who: Value = case_ref(item) if for_officer else Code(item.case.code)
    return P("✓ {line}", line=Parts((marks, kind_of(item.visit), who)))


def is_open(item: VisitLine) -> bool:
    return item.visit.state == VisitState.planned
