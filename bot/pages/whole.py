"""A form as a whole: what a page does with a draft, through the one engine that asks its questions one by one. Pure.

A *mark* tells one answer of a question from another without telling the answer. A page sends with each answer the mark
of what it showed before, so that whoever fills in the same form elsewhere is not overwritten unseen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.dialogs.engine import Ask, State, step, ticked_in
from bot.dialogs.inputs import Answer, Done, Edit, Keep, Resume, Skip, Submit
from casework.forms.form import Answers, Env, Field, Form
from casework.forms.kinds import KINDS, REQUIRED
from locales.catalogue import N_
from locales.phrase import P, Phrase

NOT_ASKED = P("This question is not asked with the answers as they are now.")
ELSEWHERE = N_("This was answered elsewhere meanwhile: {answer}. Send yours again to keep yours.")
LEFT_OPEN = N_("This was left open elsewhere meanwhile. Send yours again to keep yours.")
Problems = dict[str, Phrase]


@dataclass(frozen=True)
class Entry:
    """What a page sends for one question: a value (None: left empty) or why it could not be read; the mark it knew."""

    value: Any
    seen: str | None = None


@dataclass(frozen=True)
class Filled:
    """The draft after a page was sent. `new` are questions that it did not show yet and that are open."""

    state: State
    problems: Problems
    new: tuple[str, ...] = ()


def shown(answers: Answers, key: str) -> Any:
    """The answer to a question; of one that is open, what is ticked in it already."""
    return answers.get(key, answers.get(ticked_in(key)))


def mark(answers: Answers, key: str) -> str:
    """Empty for a question that is open, or was left open."""
    return _mark_of(answers.get(key))


def _mark_of(value: Any) -> str:
    if value is None:
        return ""
    return hashlib.sha256(json.dumps(value, ensure_ascii=True).encode()).hexdigest()[:16]


def give(form: Form, state: State, key: str, entry: Entry, env: Env) -> tuple[State, Phrase | None]:
    """The draft with one answer given. A refused one leaves it as it was, with the sentence that says why."""
    state = settled(form, state, env)
    field = form.by_key.get(key)
    if field is None or field not in form.visible(state.answers):
        return state, NOT_ASKED
    if isinstance(entry.value, Phrase):
        return state, entry.value
    now, wanted = mark(state.answers, key), _mark_of(_tidy(field, entry.value, env))
    if wanted == now and key in state.answers:
        return state, None
    if entry.seen is not None and entry.seen != now:
        return state, None if wanted == entry.seen else _elsewhere(field, state, env)
    if entry.value is None and field.required:
        return state, REQUIRED
    asked, _ = step(form, state, Edit(key), env)
    after, effect = step(form, asked or state, Skip() if entry.value is None else Answer(entry.value), env)
    if after is None or (isinstance(effect, Ask) and effect.problem is not None):
        return state, effect.problem if isinstance(effect, Ask) else None
    return after, None


def settled(form: Form, state: State, env: Env) -> State:
    """The draft without what was under way in a chat: what was ticked is an answer, and no answer is being changed."""
    if state.mode:
        state = step(form, state, Resume(), env)[0] or state
    if state.partial and state.cursor is not None:
        after, effect = step(form, state, Done(), env)
        refused = isinstance(effect, Ask) and effect.problem is not None
        state = state if after is None or refused else after
    if state.cursor in state.answers:
        state = step(form, state, Keep(), env)[0] or state
    return state


def fill(form: Form, state: State, entries: Mapping[str, Entry], env: Env, *, closing: bool) -> Filled:
    """The draft after all that a page sends, in the order of the questions. With `closing` nothing may stay open: what
    is optional and empty is skipped, what is required is a problem, and what the page did not show yet is new."""
    problems, done, new = Problems(), set[str](), list[str]()
    while True:
        left = [field for field in form.visible(state.answers) if field.key not in done]
        if not left:
            break
        field = left[0]
        done.add(field.key)
        entry = entries.get(field.key)
        if entry is None:
            new += [field.key] if field.key not in state.answers else []
        elif entry.value not in (None, []) or field.key in state.answers or closing:
            state, problem = give(form, state, field.key, entry, env)
            if problem is not None:
                problems[field.key] = problem
    if closing and not problems and not new:
        problems = problem_at_submit(form, state, env)
    return Filled(state, problems, tuple(new))


def problem_at_submit(form: Form, state: State, env: Env) -> Problems:
    """What the engine would ask again if the draft were handed in now."""
    _, effect = step(form, settled(form, state, env), Submit(), env)
    if isinstance(effect, Ask):
        return {effect.key: effect.problem or REQUIRED}
    return {}


def _tidy(field: Field, value: Any, env: Env) -> Any:
    kind = KINDS[field.kind]
    return kind.tidy(field, value, env) if value is not None and kind.fits(value) else value


def _elsewhere(field: Field, state: State, env: Env) -> Phrase:
    value = state.answers.get(field.key)
    if value is None:
        return P(LEFT_OPEN)
    return P(ELSEWHERE, answer=KINDS[field.kind].shown(field, value, env))


def is_conflict(problem: Phrase | None) -> bool:
    return problem is not None and problem.msgid in (ELSEWHERE, LEFT_OPEN)
