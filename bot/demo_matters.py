"""A matter to follow up in the invented county: a talk of the second officer has left one, and today is its day."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from bot import demo_data
from casework import matters
from storage.queries.access import active_members
from storage.tables.cases import Case, Person
from storage.tables.members import Role
from storage.tables.notes import Note
from storage.tables.visits import VisitKind

_TOLD = {cast.name for cast in demo_data.CAST}  # the cases of the fixed stories stay as they are told
TEXT = "帮助联系县总工会，为其子女申请助学补助。"


def promised(session: Session, county_id: int, today: date) -> None:
    """In the morning on which the demo opens its digest lists it."""
    officer = active_members(session, county_id, Role.care_officer)[1]
    query = (
        select(Note, Person)
        .join(Case, col(Case.id) == Note.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .where(Note.author_id == officer.id, Note.kind == VisitKind.talk, Case.care_officer_id == officer.id)
        .order_by(col(Note.held_on).desc(), col(Note.id))
    )
    note = next((one for one, person in session.exec(query) if person.name not in _TOLD), None)
    if note is None:
        return  # a county so small that it has the fixed stories alone
    answers = note.answers
    note.answers = answers | {
        "more": [*answers.get("more", []), "follow_up"],
        "follow_up": TEXT,
        "follow_up_due": today.isoformat(),
    }
    matters.keep(session, note, note.answers)
