"""Random walks over every form of the catalogue: whatever is given, in whatever order, the draft stays whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.json import decode, encode
from msgspec.structs import replace

from bot.dialogs.engine import (
    Ask,
    Cancelled,
    Completed,
    Effect,
    Recap,
    ShowHelp,
    State,
    adopt,
    start,
    step,
    together,
)
from bot.dialogs.inputs import (
    Answer,
    Back,
    Cancel,
    Choose,
    Done,
    Edit,
    Fill,
    Help,
    Input,
    Keep,
    Resume,
    Skip,
    Submit,
    Toggle,
)
from bot.dialogs.view import Context, pressed, view
from bot.dialogs.words import to_input
from bot.messages import Message
from bot.traces import asked_by
from casework.forms.catalog import FORMS
from casework.forms.form import Env, Field, Form, Option
from casework.forms.kinds import ONE_PHOTO, options_of, refusal
from locales.phrase import CaseRef, Day, Name
from tests.forms.test_schema import validator

TODAY = date(2026, 11, 23)
ENV = Env(
    TODAY,
    {
        "officer": (Option("7", Name("李敏")), Option("8", Name("王强"))),
        "companions": (Option("9", Name("赵强")),),
        "cover": (Option("8", Name("王强")),),
        "member": (Option("8", Name("王强")),),
        "case": (Option("9", Name("张明")),),
        "stands": (Option("9", Day(TODAY)),),
        "photo": (Option("7", ONE_PHOTO),),
    },
)
CONTEXT = Context(CaseRef("JA-7K3Q", "张明"), (1, 0))
AT_ONCE = replace(CONTEXT, at_once=3)
PLAIN: tuple[Input, ...] = (Done(), Back(), Skip(), Keep(), Edit(), Submit(), Cancel(), Resume(), Help())
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["昨天", "11-20", "1", "1 2", "无", "跳过", "上一步", "改第1题", "是", "完成", "提交", "9点到10点"]
    ),
)


@cache  # made anew at each step it was examined anew, which took longer than the walk
def fitting(field: Field) -> st.SearchStrategy[Any]:
    """Answers that the field takes."""
    options = options_of(field, ENV)
    match field.kind:
        case "text":
            return st.sampled_from(["一句话", "another sentence"])
        case "date":
            near = st.integers(max(field.earliest, -10), min(field.latest, 10))
            return near.map(lambda days: (TODAY + timedelta(days)).isoformat())
        case "span":
            return st.just("09:00-10:30")
        case "number":
            return st.integers(1, field.most)
        case "yes_no":
            return st.sampled_from([True, True, False])
        case "many":
            values = [option.value for option in options]
            return st.lists(st.sampled_from(values), min_size=field.at_least, unique=True, max_size=4)
        case _:
            return st.sampled_from([option.value for option in options])


@dataclass(frozen=True)
class Typed:
    """What it means depends on where one is."""

    text: str


@cache
def inputs(form: Form, cursor: str | None, group: tuple[Field, ...]) -> st.SearchStrategy[Input | Typed]:
    field = form.by_key[cursor] if cursor else None
    anything: list[st.SearchStrategy[Input | Typed]] = [
        st.sampled_from(PLAIN),
        st.sampled_from([*form.by_key, "nothing"]).map(Edit),
        TEXTS.map(Typed),
        st.one_of(st.none(), st.booleans(), st.integers(), st.lists(st.text(max_size=3), max_size=2)).map(
            Answer
        ),
    ]
    if field is None:
        return st.one_of(st.just(Submit()), *anything)
    if group:
        each = st.tuples(*(st.one_of(st.none(), fitting(one)) for one in group))
        anything.append(each.map(lambda given: Fill(_answered(group, given))))
    good: st.SearchStrategy[Input] = fitting(field).map(Answer)
    if field.kind == "many":
        values = [option.value for option in options_of(field, ENV)]
        anything.append(st.sampled_from(values).map(Toggle))
        some = st.lists(st.sampled_from([*values, "made up"]), unique=True, max_size=4)
        anything.append(some.map(lambda chosen: Choose(tuple(chosen), frozenset(values))))
    return st.one_of(good, good, good, *anything)


def _drawn(data: st.DataObject, form: Form, state: State) -> Input:
    drawn = data.draw(inputs(form, state.cursor, together(form, state, ENV)))
    return to_input(form, state, drawn.text, ENV) if isinstance(drawn, Typed) else drawn


def _answered(group: tuple[Field, ...], given: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    return tuple((one.key, value) for one, value in zip(group, given, strict=True) if value is not None)


def check_whole(form: Form, state: State | None, effect: Effect) -> None:
    if state is None:
        assert isinstance(effect, Completed | Cancelled)
        return
    assert State.load(json.loads(json.dumps(state.dump()))) == state
    shown = form.visible(state.answers)
    assert state.cursor is None or form.by_key[state.cursor] in shown
    if state.cursor is None:
        assert all(field.key in state.answers for field in shown), "nothing is open at the recap"
    if isinstance(effect, Recap):
        assert state.cursor is None
    ask = effect.ask if isinstance(effect, ShowHelp) else effect
    if isinstance(ask, Ask):
        assert ask.key == state.cursor
        assert shown[ask.position - 1].key == ask.key
        assert ask.total == len(shown)


def check_complete(form: Form, effect: Completed) -> None:
    shown = form.visible(effect.answers)
    assert set(effect.answers) <= {field.key for field in shown}
    for field in shown:
        assert refusal(field, effect.answers.get(field.key), effect.answers, ENV) is None
    validator(form.id).validate(json.loads(json.dumps(effect.answers)))


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_walk(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    state: State | None
    state, effect = start(form, ENV)
    for _ in range(data.draw(st.integers(5, 30))):
        check_whole(form, state, effect)
        if state is None:
            break
        message = view(form, state, effect, ENV, AT_ONCE)
        assert asked_by(message) == AT_ONCE.draft[0], "whatever a form shows is taken back with it"
        kept = Message.load(decode(encode(message)))
        assert replace(kept, buttons=message.buttons, together=message.together) == message
        assert asked_by(replace(kept, draft=None)) == AT_ONCE.draft[0], "there its buttons say so, too"
        state, effect = step(form, state, _drawn(data, form, state), ENV)
    check_whole(form, state, effect)
    if isinstance(effect, Completed):
        check_complete(form, effect)


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answering_what_is_asked_always_ends(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    state: State | None
    state, effect = start(form, ENV)
    for _ in range(2 * len(form.fields)):
        if not isinstance(effect, Ask):
            break
        value = data.draw(fitting(form.by_key[effect.key]))
        if (effect.key, value) == ("family_informed", False):
            value = True
        assert state is not None
        state, effect = step(form, state, Answer(value), ENV)
    assert effect == Recap()
    assert state is not None
    assert adopt(form, state) == state
    state, effect = step(form, state, Submit(), ENV)
    assert state is None
    assert isinstance(effect, Completed)
    check_complete(form, effect)


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_tapping_what_is_offered_always_moves(name: str, data: st.DataObject) -> None:
    """Every question but free text offers a button that is a valid answer, and no button is refused."""
    form = FORMS[name]
    state: State | None
    state, effect = start(form, ENV)
    for _ in range(40):
        if not isinstance(effect, Ask):
            break
        assert state is not None
        field = form.by_key[effect.key]
        actions = [b.action for row in view(form, state, effect, ENV, CONTEXT).buttons for b in row]
        dos = [(str(a.get("do")), a.get("value")) for a in actions]
        answers = [
            pressed(form, state, do, None if v is None else str(v))
            for do, v in dos
            if do in ("answer", "skip", "done")
        ]
        if field.kind == "many" and field.required and field.at_least:
            answers = [Answer([option.value for option in options_of(field, ENV)])]
        if field.kind == "text":
            answers.append(Answer("一句话"))
        assert answers, field.key
        given_input = data.draw(st.sampled_from(answers))
        if given_input == Done() and field.at_least and not effect.partial:
            given_input = Skip()
        state, effect = step(form, state, given_input, ENV)
        if isinstance(effect, Ask) and effect.problem is not None:
            assert field.key == "family_informed"
    assert effect == Recap() or "family_informed" in form.by_key
