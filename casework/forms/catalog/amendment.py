"""更正: one answer of a note that was submitted is given anew, with a reason. Made from the form of the note, so that a
question is asked, checked and understood as it was the first time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from casework.forms.form import Answers, Field, Form, Option, When, option
from locales.catalogue import N_
from locales.phrase import Term

TOPICS = "more"  # which topics a note has shows in what is answered
WHICH, WHY = "which_question", "amended_because"
REASONS = (
    option("slip", N_("A slip of the pen"), "写错", "记错"),
    option("left_out", N_("Something was left out"), "补充", "漏记"),
    option("learnt", N_("Learnt later"), "后来了解"),
)


def amending(form: Form) -> Form:
    """The form that amends a note of another form. A question that hangs on the answer to another one is asked with
    that one: a rating with what it rests on. A day is amended without what is to be done by then."""
    roots = {field.key: _root(field, form.by_key) for field in form.fields if field.key != TOPICS}
    choices = tuple(
        Option(field.key, Term(field.label)) for field in form.fields if roots.get(field.key) == field.key
    )
    which = Field(
        key=WHICH,
        kind="choice",
        prompt=N_("Which answer is to be amended or added? The note itself stays as it is."),
        label=N_("Question"),
        options=choices,
        sensitive=False,
    )
    why = Field(
        key=WHY,
        kind="choice",
        prompt=N_("Why is it amended?"),
        label=N_("Reason for the amendment"),
        options=REASONS,
        open=True,
        hint=N_("Another reason can be typed. It stands beside the note, with the day and your name."),
        columns=3,
        on_mistakes=True,
    )
    asked = tuple(_anew(field, roots[field.key]) for field in form.fields if field.key in roots)
    title = N_("Amendment")
    return Form(f"amend_{form.id}", form.version, title, (which, *asked, why), closing="submitted")


def given(form: Form, kept: Answers, answers: Answers) -> dict[str, Any]:
    """What a completed amendment of a note in `form` gives instead of what is `kept`: None strikes an answer out. A
    topic that the note did not have is added to those it has."""
    changed: dict[str, Any] = {}
    for field in amending(form).visible(answers):
        if field.key not in form.by_key or answers.get(field.key) == kept.get(field.key):
            continue
        changed[field.key] = answers.get(field.key)
        topics = [when.contains for when in form.by_key[field.key].show_if if when.key == TOPICS]
        had = changed.get(TOPICS) or kept.get(TOPICS) or []
        if topics and topics[0] not in had:
            changed[TOPICS] = [*had, topics[0]]
    return changed


def _root(field: Field, by_key: Mapping[str, Field]) -> str:
    for when in field.show_if:
        if when.key != TOPICS and not when.given:
            return _root(by_key[when.key], by_key)
    return field.key


def _anew(field: Field, root: str) -> Field:
    own = tuple(when for when in field.show_if if when.key != TOPICS and not when.given)
    return replace(field, show_if=(When(WHICH, in_=(root,)), *own))
