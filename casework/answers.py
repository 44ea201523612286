"""The answers of a note in words, as typed values: of the original, and of what was amended beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from casework.forms.catalog import NOTE_FORMS
from casework.forms.catalog.amendment import REASONS, TOPICS
from casework.forms.form import Env, Field, Option
from casework.forms.kinds import KINDS, clean
from locales.catalogue import N_
from locales.phrase import FreeText, Name, Term, Value, Word
from storage.tables.members import Member
from storage.tables.notes import NoteEvent

Pair = tuple[Value, Value]
STRUCK = Term(N_("struck out"))


def people(session: Session, county_id: int) -> tuple[Option, ...]:
    """Companions are kept by their member id: everybody who may be meant, those who have left included."""
    members = session.exec(select(Member).where(Member.county_id == county_id)).all()
    return tuple(Option(str(member.id), Name(member.name)) for member in members)


def answered(form_id: str, answers: Mapping[str, Any], env: Env) -> list[Pair]:
    """Every answered question of a note with its answer, in the order of the form. What an older version of the form
    asked and this one does not is kept at the end under its key: nothing is left out."""
    form = NOTE_FORMS.get(form_id)
    given = {key: value for key, value in answers.items() if value is not None}
    asked = form.visible(answers) if form else ()
    found = [_pair(field, given[field.key], env) for field in asked if field.key in given]
    known = form.by_key if form else {}
    return [*found, *((Word(key), _plain(value)) for key, value in given.items() if key not in known)]


def amended(form_id: str, event: NoteEvent, env: Env) -> list[Pair]:
    """What an amendment gives instead."""
    form = NOTE_FORMS[form_id]
    return [
        (Term(form.by_key[key].label), STRUCK) if value is None else _pair(form.by_key[key], value, env)
        for key, value in event.answers.items()
        if key != TOPICS and key in form.by_key
    ]


def reason(event: NoteEvent) -> Value:
    """Why, in words. It is what somebody answered; chosen or typed, it is told where a text may be."""
    return next((one.label for one in REASONS if one.value == event.reason), FreeText(event.reason))


def _pair(field: Field, value: Any, env: Env) -> Pair:
    kind = KINDS[field.kind]
    return Term(field.label), kind.shown(field, value, env) if kind.fits(value) else _plain(value)


def _plain(value: object) -> FreeText:
    return FreeText(clean("、".join(str(one) for one in value) if isinstance(value, list) else str(value)))
