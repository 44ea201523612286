"""When a question is asked, for whoever sees all of them at once: on paper, in a workbook. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from casework.forms.form import Env, Field, Form, When
from casework.forms.kinds import options_of
from locales.phrase import P, Phrase, Term, Value, several


def conditions(form: Form, field: Field, env: Env, *, without: Collection[str] = ()) -> list[Phrase]:
    """What has to be answered how, so that a field is asked; `without` what hangs on these fields."""
    found = []
    for when in field.show_if:
        asked = form.by_key[when.key]
        question, answers = Term(asked.label), several(_answers(asked, when, env))
        if when.key in without:
            continue
        if when.contains is None:
            found.append(P("Only if “{question}” is: {answers}", question=question, answers=answers))
        else:
            found.append(
                P("Only if ticked under “{question}”: {answers}", question=question, answers=answers)
            )
    return found


def _answers(asked: Field, when: When, env: Env) -> list[Value]:
    wanted = {when.contains} if when.contains is not None else set(when.in_)
    wanted |= {"yes" if one else "no" for one in wanted if isinstance(one, bool)}
    return [option.label for option in options_of(asked, env) if option.value in wanted]


def gates(form: Form) -> frozenset[str]:
    """The questions that do nothing but open others. Where all are seen at once nobody has to answer them: they follow
    from what is filled in (`opened_by`)."""
    return frozenset(
        one.key
        for one in form.fields
        if one.kind == "many"
        and not one.dynamic
        and not one.open
        and {option.value for option in one.options} == {when.contains for when in _hanging_on(form, one.key)}
    )


def opened_by(form: Form, gate: str, filled: Mapping[str, Any]) -> list[str]:
    """What a gate would have to be answered for these fields to be asked."""
    wanted = {
        when.contains for one in form.fields if one.key in filled for when in one.show_if if when.key == gate
    }
    return [option.value for option in form.by_key[gate].options if option.value in wanted]


def _hanging_on(form: Form, key: str) -> list[When]:
    return [when for one in form.fields for when in one.show_if if when.key == key]
