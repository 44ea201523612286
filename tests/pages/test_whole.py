"""The page and the chat work on one form: whatever is answered, in whatever order and way, both end with the same."""

from __future__ import annotations

import re
from datetime import UTC
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogs import store
from bot.dialogs.engine import Completed, State, start, step
from bot.dialogs.inputs import Answer, Edit, Skip, Submit, Toggle
from bot.pages import entries, whole
from bot.pages.entries import Posted, Shown
from bot.pages.frame import _environment
from bot.pages.sheet import TEXTS, sheet
from bot.pages.whole import Entry
from casework.forms.catalog import FORMS
from casework.forms.form import Env, Field, Form
from casework.forms.kinds import REQUIRED, refusal
from locales.catalogue import LANGUAGES, gettext
from locales.phrase import CaseRef, Phrase, Reader
from tests.dialogs.test_walks import ENV, TODAY, fitting
from tests.web import read_markup

CHINESE = re.compile(r"[\u4e00-\u9fff]")
READER = Reader("zh_CN", UTC, TODAY)


def draft_of(form: Form, state: State) -> store.Open:
    return store.Open(1, form.id, form.version, 1, CaseRef("JA-7K3Q", "张明"), True, 3, state)


def posted_of(form: Form, answers: dict[str, Any], env: Env) -> Posted:
    """What a browser sends that shows these answers."""
    posted: dict[str, list[str]] = {}
    for field in form.fields:
        shown = entries.shown(field, answers.get(field.key), env)
        posted[f"a.{field.key}"] = list(shown.chosen) or [shown.text]
        posted[f"a.{field.key}.more"] = [shown.text if field.open else ""]
        posted[f"a.{field.key}.from"], posted[f"a.{field.key}.to"] = [shown.ends[0]], [shown.ends[1]]
    return posted


def values(field: Field) -> st.SearchStrategy[Any]:
    typed = st.sampled_from(["食堂二楼", "乡镇便民服务中心"])
    some: st.SearchStrategy[Any] = fitting(field)
    if field.open and field.kind == "choice":
        some = st.one_of(some, typed)
    if field.check is not None:
        some = some.filter(lambda value: refusal(field, value, {}, ENV) is None)
    return some if field.required else st.one_of(some, st.none())


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_same_answers_by_chat_and_by_page_are_the_same_data(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    chat: State | None = start(form, ENV)[0]
    page, given_ = start(form, ENV)[0], dict[str, Any]()
    while chat is not None and chat.cursor is not None:
        field = form.by_key[chat.cursor]
        given_[field.key] = value = data.draw(values(field))
        chat, _ = step(form, chat, Skip() if value is None else Answer(value), ENV)
    assert chat is not None
    _, by_chat = step(form, chat, Submit(), ENV)

    posted = posted_of(form, given_, ENV)
    # In any order: what is not asked yet is refused, and sent again by whoever fills it in
    left = data.draw(st.permutations(list(given_)))
    while left:
        missed = []
        for key in left:
            page, problem = whole.give(
                form, page, key, entries.read(form.by_key[key], posted, ENV, None), ENV
            )
            missed += [key] if problem == whole.NOT_ASKED else []
            assert problem in (None, whole.NOT_ASKED)
        assert len(missed) < len(left)
        left = missed
    filled = whole.fill(form, page, entries.read_all(form, posted, ENV), ENV, closing=False)
    assert filled.problems == {}
    _, by_page = step(form, filled.state, Submit(), ENV)
    assert isinstance(by_chat, Completed)
    assert by_page == by_chat


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_whole_form_sent_at_once_is_the_same_too(name: str, data: st.DataObject) -> None:
    """As without a script: what the page shows is sent; what that brings up is shown and sent in the next round."""
    form, state = FORMS[name], start(FORMS[name], ENV)[0]
    chosen: dict[str, Any] = {}
    for _ in range(len(form.fields) + 1):
        marks = {field.key: whole.mark(state.answers, field.key) for field in form.visible(state.answers)}
        for key in marks:
            chosen.setdefault(key, data.draw(values(form.by_key[key])))
        posted = {**posted_of(form, chosen, ENV), **{f"seen.{key}": [mark] for key, mark in marks.items()}}
        filled = whole.fill(form, state, entries.read_all(form, posted, ENV), ENV, closing=True)
        assert filled.problems == {}
        state = filled.state
        if not filled.new:
            break
    _, effect = step(form, state, Submit(), ENV)
    assert isinstance(effect, Completed)
    expected = {key: value for key, value in chosen.items() if value is not None}
    assert {key: sorted_if_list(value) for key, value in effect.answers.items()} == {
        key: sorted_if_list(value) for key, value in expected.items()
    }


def sorted_if_list(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_is_a_page_and_a_sheet_of_paper(name: str, language: str) -> None:
    form = FORMS[name]
    state, _ = start(form, ENV)

    def say(phrase: Phrase) -> str:
        return phrase.render(Reader(language, UTC, TODAY))

    words = {key: gettext(language, msgid) for key, msgid in TEXTS.items()}
    frame = {"title": "", "not_classified": "", "home": "", "go_out": ""}
    made = {
        template: _environment()
        .get_template(template)
        .render(
            lang=language,
            texts=words | frame,
            seal="s",
            name="李敏",
            whose="w",
            new=False,
            ways=[],
            danger={"shown": False, "lines": [], "ways": []},
            book="/page/workbook",
            lines=[],
            sheet=sheet(form, draft_of(form, state), ENV, say),
        )
        for template in ("form.html", "print.html")
    }
    page = read_markup(made["form.html"])
    assert page.visible == [field.key for field in form.visible(state.answers)]
    for template, markup in made.items():
        assert "style=" not in markup
        assert "://" not in markup
        asked = [one for one in form.fields if one.kind != "photo" or template == "form.html"]
        for field in asked:  # no photo is stuck on paper
            assert say(Phrase(field.prompt)) in unescape(markup)
        if language == "en":
            assert set(CHINESE.findall(markup)) <= set("张明李敏王强赵")  # names of people


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_a_page_shows_and_sends_back_changes_nothing(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    state: State | None = start(form, ENV)[0]
    for _ in range(data.draw(st.integers(0, len(form.fields)))):
        if state is None or state.cursor is None:
            break
        field = form.by_key[state.cursor]
        value = data.draw(values(field))
        state = step(form, state, Skip() if value is None else Answer(value), ENV)[0]
    assert state is not None
    shown = sheet(form, draft_of(form, state), ENV, lambda phrase: phrase.render(READER))
    posted = {
        **posted_of(form, dict(state.answers), ENV),
        **{f"seen.{one.key}": [one.mark] for one in shown.questions if one.visible},
    }
    filled = whole.fill(form, state, entries.read_all(form, posted, ENV), ENV, closing=False)
    assert (filled.problems, filled.state.answers) == ({}, state.answers)


TALK = FORMS["talk"]


def told(**answers: Any) -> State:
    state = start(TALK, ENV)[0]
    for key, value in answers.items():
        state, problem = whole.give(TALK, state, key, Entry(value), ENV)
        assert problem is None
    return state


def test_whoever_saw_another_answer_does_not_overwrite_it() -> None:
    state = told(place="own_office")
    seen = whole.mark(state.answers, "place")
    state = whole.give(TALK, state, "place", Entry("meeting_room", seen), ENV)[0]
    after, problem = whole.give(TALK, state, "place", Entry("commission", seen), ENV)
    assert whole.is_conflict(problem)
    assert after.answers["place"] == "meeting_room"
    # The same answer, or none of one's own, is no conflict
    assert whole.give(TALK, state, "place", Entry("meeting_room", seen), ENV) == (state, None)
    assert whole.give(TALK, state, "place", Entry("own_office", seen), ENV) == (state, None)


def test_an_answer_that_was_taken_away_elsewhere_is_a_conflict_too() -> None:
    state = told(more=["work"], work="一句话")
    seen = whole.mark(state.answers, "work")
    state = whole.give(TALK, state, "work", Entry(None, seen), ENV)[0]
    problem = whole.give(TALK, state, "work", Entry("另一句话", seen), ENV)[1]
    assert problem is not None
    assert problem.msgid == whole.LEFT_OPEN


def test_what_is_under_way_in_the_chat_is_kept() -> None:
    state = told(
        date="2026-11-20", place="own_office", thinking="一句话", state_of_mind="settled", safety=False
    )
    assert state.cursor == "more"
    ticked, _ = step(TALK, state, Toggle("work"), ENV)
    assert ticked is not None
    after, problem = whole.give(TALK, ticked, "place", Entry("commission"), ENV)
    assert problem is None
    assert after.answers["more"] == ["work"]
    picking, _ = step(TALK, state, Edit(), ENV)
    assert picking is not None
    assert whole.give(TALK, picking, "place", Entry("commission"), ENV)[0].answers["place"] == "commission"
    editing, _ = step(TALK, state, Edit("place"), ENV)
    assert editing is not None
    assert whole.settled(TALK, editing, ENV) == state


def test_what_is_required_cannot_be_left_empty() -> None:
    state = told(thinking="一句话")
    assert whole.give(TALK, state, "thinking", Entry(None), ENV)[1] == REQUIRED
    filled = whole.fill(TALK, state, {"thinking": Entry(None), "place": Entry(None)}, ENV, closing=True)
    assert filled.problems == {"place": REQUIRED, "thinking": REQUIRED}
    assert filled.state.answers["thinking"] == "一句话"


def test_marks_tell_no_answer() -> None:
    marks = [whole.mark({"safety": value}, "safety") for value in (True, False, None)]
    assert len(set(marks)) == 3
    assert all(len(mark) in (0, 16) for mark in marks)
    assert entries.shown(TALK.by_key["place"], "食堂", ENV) == Shown(("~",), "食堂")
