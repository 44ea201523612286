"""Gathers what a document says: read through the doors, recorded as read, and put into the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from casework import answers, cases, confirmations, lateness, second
from casework.documents.workbook import NoteBlock, Rating, SanctionRow, VisitRow, WorkbookData
from casework.forms.catalog import FORMS, RATING_FORMS, common
from casework.forms.form import Env
from casework.sanctions import CHAIN_LABELS, SanctionKind
from casework.vocabulary import MADE, STAGES, TO_COME
from locales.catalogue import N_, gettext
from locales.phrase import Day, Grade, Name, P, Reader
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.queries.access import Actor
from storage.queries.notes import KeptNote
from storage.queries.visits import VisitLine
from storage.tables.cases import Case, CaseState, Sanction, Stage
from storage.tables.confirmations import ConfirmationState
from storage.tables.members import Member
from storage.tables.notes import NoteEvent
from storage.tables.visits import VisitState

_GRADES = {grade.value: grade.label for grade in common.GRADES}


def collect(
    session: Session, actor: Actor, case_ref: int | str, reader: Reader, *, now: datetime
) -> WorkbookData:
    """Everything that a case's workbook holds, for somebody who may read the case; the export is recorded."""
    history = cases.history(session, actor, case_ref, now=now)
    case, person = history.hit.case, history.hit.person
    notes = cases.notes_of(session, actor, case, now=now)
    mechanism = mechanism_of(session, case.county_id)
    visitors = mechanism.rulebook.formal.visitors
    counts_as = confirmations.of_case(session, case.id, visitors)
    audit.record(session, actor, "workbook_exported", "case", case.id, now=now, notes=len(notes))
    people = answers.people(session, case.county_id)
    env = Env(reader.today, {"companions": people})
    names = {int(one.value): one.label.render(reader) for one in people}
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
        visits=tuple(_visit(item, mechanism, reader, now) for item in history.visits),
        notes=tuple(
            _block(note, names, env, reader, counts_as.get(note.note.visit_id or 0)) for note in notes
        ),
        ratings=tuple(_ratings(session, case.id, notes, reader)),
        made_at=now.astimezone(reader.zone),
        made_by=session.get_one(Member, actor.member_id).name,
    )


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


def _visit(item: VisitLine, mechanism: Mechanism, reader: Reader, now: datetime) -> VisitRow:
    visit = item.visit
    return VisitRow(
        code=visit.code,
        kind=gettext(reader.language, FORMS[visit.kind].title),
        first_due_on=None if visit.unplanned else visit.first_due_on,
        due_on=None if visit.unplanned else visit.due_on,
        done_on=visit.done_on,
        state=_state(item, mechanism, reader, now),
        officer=item.officer.name if item.officer else "",
    )


def _state(item: VisitLine, mechanism: Mechanism, reader: Reader, now: datetime) -> str:
    if item.visit.state is VisitState.done:
        return P(MADE.get(item.visit.kind, N_("Took place"))).render(reader)
    if item.case.state is not CaseState.open:
        return P("No visits for now").render(reader)
    if item.visit.state is VisitState.withdrawn:
        return P("No longer needed").render(reader)
    stands = lateness.stands(item.visit, now, mechanism)
    to_come = P(TO_COME.get(item.visit.kind, N_("Upcoming")))
    return (stands or to_come).render(reader)


def _block(
    kept: KeptNote,
    names: Mapping[int, str],
    env: Env,
    reader: Reader,
    counts_as: confirmations.Formality | None,
) -> NoteBlock:
    """The original, and each amendment below it."""
    note = kept.note
    title = FORMS[note.form].title if note.form in FORMS else note.form
    said = [
        (label.render(reader), value.render(reader))
        for label, value in answers.answered(note.form, note.answers, env)
    ]
    if counts_as is not None:
        words = gettext(reader.language, confirmations.FORMALITIES[counts_as])
        said.append((gettext(reader.language, confirmations.COUNTS_AS), words))
    return NoteBlock(
        held_on=note.held_on,
        kind=gettext(reader.language, title),
        author=kept.author,
        submitted_on=note.submitted_at.astimezone(reader.zone).date(),
        answers=tuple(said),
        amendments=tuple(_amendment(note.form, event, names, env, reader) for event in kept.amendments),
    )


def _amendment(
    form: str, event: NoteEvent, names: Mapping[int, str], env: Env, reader: Reader
) -> tuple[str, str]:
    """By whom and when; what is given instead, and why."""
    head = P(
        "Amended {day}, {name}",
        day=Day(event.at.astimezone(reader.zone).date()),
        name=Name(names[event.actor_id]),
    )
    texts = [
        P("{label}: {answer}", label=label, answer=value).render(reader)
        for label, value in answers.amended(form, event, env)
    ]
    because = P("Reason: {reason}", reason=answers.reason(event)).render(reader)
    return head.render(reader), "\n".join((*texts, because))


def _ratings(session: Session, case_id: int, notes: Sequence[KeptNote], reader: Reader) -> list[Rating]:
    standing = second.standings(session, case_id)
    return [
        Rating(
            note.held_on,
            gettext(reader.language, FORMS[note.note.kind].title),
            _grade(note.state_of_mind, standing.get(note.id), reader),
        )
        for note in notes
        if note.form in RATING_FORMS
    ]


def _grade(grade: str, standing: ConfirmationState | None, reader: Reader) -> str:
    """The grade; behind it, that it is provisional or was not agreed to."""
    shown = _GRADES[grade].render(reader) if grade in _GRADES else grade
    if standing is None:
        return shown
    return P("{grade} ({mark})", grade=Grade(shown), mark=Grade(second.STANDINGS[standing])).render(reader)
