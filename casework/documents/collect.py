"""Gathers what a document says: read through the doors, recorded as read, and put into the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from casework import cases
from casework.documents.workbook import NoteBlock, Rating, SanctionRow, VisitRow, WorkbookData
from casework.forms.catalog import FORMS, RATING_FORMS, common
from casework.forms.form import Env, Option
from casework.forms.kinds import KINDS, clean
from casework.sanctions import CHAIN_LABELS, SanctionKind
from casework.vocabulary import STAGES
from locales.catalogue import gettext
from locales.phrase import Name, P, Reader
from reminders import rules
from reminders.mechanism import mechanism_of
from reminders.workdays import WorkCalendar
from storage import audit
from storage.queries.access import Actor
from storage.queries.visits import VisitLine
from storage.tables.cases import Case, CaseState, Sanction, Stage
from storage.tables.members import Member
from storage.tables.notes import Note
from storage.tables.visits import VisitState

_GRADES = {grade.value: grade.label for grade in common.GRADES}


def collect(
    session: Session, actor: Actor, case_ref: int | str, reader: Reader, *, now: datetime
) -> WorkbookData:
    """Everything that a case's workbook holds, for somebody who may read the case; the export is recorded."""
    history = cases.history(session, actor, case_ref, now=now)
    case, person = history.hit.case, history.hit.person
    notes = cases.notes_of(session, actor, case, now=now)
    calendar = mechanism_of(session, case.county_id).calendar
    audit.record(session, actor, "workbook_exported", "case", case.id, now=now, notes=len(notes))
    env = Env(reader.today, {"companions": _people(session, case.county_id)})
    return WorkbookData(
        code=case.code,
        name=person.name,
        unit=history.hit.unit,
        post=person.post,
        stage=gettext(reader.language, STAGES[Stage(case.stage)]),
        stage_since=case.stage_since,
        care_officer=_officer(session, case),
        sanctions=tuple(_sanctions(session, case, reader)),
        expires_on=case.expires_on,
        visits=tuple(_visit(item, calendar, reader) for item in history.visits),
        notes=tuple(_block(note, author, env, reader) for note, author in notes),
        ratings=tuple(_ratings([note for note, _ in notes], reader)),
        made_at=now.astimezone(reader.zone),
        made_by=session.get_one(Member, actor.member_id).name,
    )


def _people(session: Session, county_id: int) -> tuple[Option, ...]:
    """Companions are kept by their member id: everybody who may be meant, those who have left included."""
    members = session.exec(select(Member).where(Member.county_id == county_id)).all()
    return tuple(Option(str(member.id), Name(member.name)) for member in members)


def _officer(session: Session, case: Case) -> str:
    officer = session.get(Member, case.care_officer_id) if case.care_officer_id else None
    return officer.name if officer else case.awaits_officer or ""


def _sanctions(session: Session, case: Case, reader: Reader) -> list[SanctionRow]:
    query = (
        select(Sanction)
        .where(Sanction.case_id == case.id)
        .order_by(col(Sanction.decided_on), col(Sanction.id))
    )
    return [_sanction(row, reader) for row in session.exec(query).all()]


def _sanction(row: Sanction, reader: Reader) -> SanctionRow:
    try:
        kind = SanctionKind(row.kind)
    except ValueError:  # a kind that this version no longer lists stays readable
        return SanctionRow(row.kind, "", row.decided_on, row.months)
    chain = gettext(reader.language, CHAIN_LABELS[kind.chain])
    return SanctionRow(gettext(reader.language, kind.label), chain, row.decided_on, row.months)


def _visit(item: VisitLine, calendar: WorkCalendar, reader: Reader) -> VisitRow:
    visit = item.visit
    return VisitRow(
        code=visit.code,
        kind=gettext(reader.language, FORMS[visit.kind].title),
        first_due_on=None if visit.unplanned else visit.first_due_on,
        due_on=None if visit.unplanned else visit.due_on,
        done_on=visit.done_on,
        state=_state(item, calendar, reader),
        officer=item.officer.name if item.officer else "",
    )


def _state(item: VisitLine, calendar: WorkCalendar, reader: Reader) -> str:
    if item.visit.state is VisitState.done:
        return P("Took place").render(reader)
    if item.case.state is not CaseState.open:
        return P("No visits for now").render(reader)
    if item.visit.state is VisitState.withdrawn:
        return P("No longer needed").render(reader)
    late = rules.lateness(item.visit.due_on, reader.today, calendar)
    if late > 0:
        return P("{n} working day overdue", "{n} working days overdue", n=late).render(reader)
    return P("upcoming").render(reader)


def _block(note: Note, author: str, env: Env, reader: Reader) -> NoteBlock:
    title = FORMS[note.form].title if note.form in FORMS else note.form
    return NoteBlock(
        held_on=note.held_on,
        kind=gettext(reader.language, title),
        author=author,
        submitted_on=note.submitted_at.astimezone(reader.zone).date(),
        answers=tuple(answers_of(note, env, reader)),
    )


def answers_of(note: Note, env: Env, reader: Reader) -> list[tuple[str, str]]:
    """Every answered question of a note with its answer, in the order of the form. What an older version of the form
    asked and this one does not is kept at the end under its key: a document leaves nothing out."""
    form, answers = FORMS.get(note.form), note.answers
    given = {key: value for key, value in answers.items() if value is not None}
    asked = form.visible(answers) if form else ()
    found = []
    for field in asked:
        if field.key in given:
            value = given[field.key]
            fits = KINDS[field.kind].fits(value)
            text = KINDS[field.kind].shown(field, value, env).render(reader) if fits else _plain(value)
            found.append((gettext(reader.language, field.label), text))
    known = form.by_key if form else {}
    return [*found, *((key, _plain(value)) for key, value in given.items() if key not in known)]


def _plain(value: object) -> str:
    return clean("、".join(str(one) for one in value) if isinstance(value, list) else str(value))


def _ratings(notes: Sequence[Note], reader: Reader) -> list[Rating]:
    return [
        Rating(
            note.held_on, gettext(reader.language, FORMS[note.kind].title), _grade(note.state_of_mind, reader)
        )
        for note in notes
        if note.form in RATING_FORMS
    ]


def _grade(grade: str, reader: Reader) -> str:
    return _GRADES[grade].render(reader) if grade in _GRADES else grade
