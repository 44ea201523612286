"""Several questions answered in one go: which they are, and what becomes of each answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.json import decode, encode
from msgspec.structs import replace

from bot.channels.disclosure import Level, Undisclosable, check, reduce
from bot.dialogs.engine import Ask, State, start, step, together
from bot.dialogs.inputs import Answer, Back, Edit, Fill, Help, Input, Unread
from bot.dialogs.view import Context, filled, view
from bot.messages import Message, Select, flat, of_draft
from casework.forms.catalog import FORMS
from casework.forms.form import Env, Form, Option
from casework.forms.kinds import NOT_OFFERED
from locales.phrase import CaseRef, Name, P

ENV = Env(
    date(2026, 11, 23), {"cover": (Option("8", Name("王强")),), "officer": (Option("7", Name("李敏")),)}
)
CONTEXT = Context(CaseRef("JA-7K3Q", "张明"), (1, 0), at_once=3)
TALK, HOME, STUDY = FORMS["talk"], FORMS["home_visit"], FORMS["study_visit"]
HAD_ENOUGH = {"date": "2026-11-23", "place": "own_office", "thinking": "平稳"}


def at(form: Form, **answers: Any) -> State:
    """Where one is with these answers."""
    return start(form, replace(ENV, prefill=answers))[0]


def keys(form: Form, state: State) -> list[str]:
    return [field.key for field in together(form, state, ENV)]


def after(form: Form, state: State, given: Input) -> tuple[State, Any]:
    then, effect = step(form, state, given, ENV)
    assert then is not None
    return then, effect


def shown(form: Form, state: State, given: Input, context: Context = CONTEXT) -> Message:
    then, effect = after(form, state, given)
    return view(form, then, effect, ENV, context)


# --- which questions -------------------------------------------------------------------------------------------------


def test_a_rule_says_which_questions_go_together_and_no_list() -> None:
    assert keys(TALK, at(TALK)) == ["date", "place"]
    assert keys(TALK, at(TALK, **HAD_ENOUGH)) == ["state_of_mind", "safety"]
    assert keys(HOME, at(HOME)) == ["family_informed", "date"]
    assert keys(STUDY, at(STUDY)) == ["date", "material", "hand_over"]
    assert keys(FORMS["not_done"], at(FORMS["not_done"])) == ["reason", "new_date"]
    assert keys(FORMS["reassign"], at(FORMS["reassign"])) == []


def test_a_text_or_an_answer_that_is_there_ends_the_group() -> None:
    assert keys(TALK, at(TALK, date="2026-11-23")) == []  # place, and then a text
    assert keys(STUDY, at(STUDY, material="theory")) == []
    assert keys(STUDY, at(STUDY, hand_over="in_person")) == ["date", "material"]


@pytest.mark.parametrize("given", [Edit("date"), Help(), Unread(P("What?"))])
def test_what_is_changed_explained_or_not_understood_is_asked_alone(given: Input) -> None:
    state = at(TALK, **HAD_ENOUGH)
    assert shown(TALK, state, given).together is None


def test_a_channel_without_drop_downs_is_asked_one_by_one() -> None:
    state, effect = start(TALK, ENV)
    assert view(TALK, state, effect, ENV, replace(CONTEXT, at_once=0)).together is None
    whole, plain = (view(TALK, state, effect, ENV, replace(CONTEXT, at_once=n)) for n in (3, 0))
    assert (whole.lines, whole.buttons) == (plain.lines, plain.buttons)


# --- what becomes of the answers -------------------------------------------------------------------------------------


def test_all_are_taken_in_their_order() -> None:
    state, effect = after(STUDY, at(STUDY), Fill((("date", "2026-11-20"), ("material", "theory"))))
    assert state.answers == {"date": "2026-11-20", "material": "theory"}
    assert effect == Ask("hand_over", 3, 6)


def test_what_an_answer_brings_up_is_asked_next() -> None:
    given = Fill((("state_of_mind", "concern"), ("safety", False)))
    state, effect = after(TALK, at(TALK, **HAD_ENOUGH), given)
    assert effect == Ask("basis", 5, 7)
    assert state.answers["safety"] is False


@pytest.mark.parametrize("given", [(), (("place", "own_office"),)])
def test_what_is_left_open_is_asked_alone(given: tuple[tuple[str, Any], ...]) -> None:
    state, effect = after(TALK, at(TALK), Fill(given))
    assert effect == Ask("date", 1, 6)
    message = view(TALK, state, effect, ENV, CONTEXT)
    assert message.together is None
    assert any(button.action.get("do") == "answer" for row in message.buttons for button in row)
    assert State.load(state.dump()) == state
    # And once it is answered the next may go together again.
    state, effect = after(TALK, state, Answer("2026-11-23"))
    assert not state.alone


def test_one_that_is_refused_is_asked_with_its_reason_and_the_others_hold() -> None:
    given = Fill((("family_informed", False), ("date", "2026-11-20")))
    state, effect = after(HOME, at(HOME), given)
    assert effect.key == "family_informed"
    assert "no home visit can be made" in effect.problem.msgid
    assert state.answers == {"date": "2026-11-20"}
    made_up = Fill((("date", "2026-11-20"), ("material", "theory"), ("hand_over", "by_drone")))
    state, effect = after(STUDY, at(STUDY), made_up)
    assert (effect.key, effect.problem) == ("hand_over", NOT_OFFERED)
    assert set(state.answers) == {"date", "material"}


def test_nothing_else_can_be_answered_on_the_way() -> None:
    """Neither a question that was not offered, nor one that was answered before."""
    state = at(TALK, **HAD_ENOUGH)
    then, _ = after(TALK, state, Fill((("date", "2026-11-01"), ("more", ["work"]), ("nothing", "x"))))
    assert then.answers == state.answers
    then, _ = after(TALK, at(TALK, date="2026-11-23"), Fill((("place", "own_office"),)))
    assert "place" not in then.answers  # it was asked alone


def test_back_and_typing_go_on_as_before() -> None:
    state, _ = after(TALK, at(TALK), Answer("2026-11-23"))
    assert state.cursor == "place"
    state, effect = after(TALK, at(TALK, **HAD_ENOUGH), Back())
    assert effect.key == "thinking"


def test_a_tapped_option_becomes_the_value_that_is_kept() -> None:
    assert filled(TALK, [("safety", "no"), ("state_of_mind", "stable"), ("gone", "x")]) == Fill(
        (("safety", False), ("state_of_mind", "stable"))
    )


# --- what may be told ------------------------------------------------------------------------------------------------


def test_what_may_not_be_told_is_not_there() -> None:
    state, effect = start(TALK, ENV)
    message = view(TALK, state, effect, ENV, CONTEXT)
    assert message.together is not None
    told = reduce(message, Level.coded).together
    assert told is not None
    check(reduce(message, Level.coded), Level.coded)
    with pytest.raises(Undisclosable):
        check(message, Level.coded)  # the name of the person stands in it
    assert reduce(message, Level.notice).together is None
    named = Select(P("{who}?", who=Name("张明")), told.selects[0].options)
    whole = replace(message, together=replace(message.together, selects=(named, *told.selects)))
    assert reduce(whole, Level.coded).together is None  # then they are asked one by one
    with pytest.raises(Undisclosable):
        check(replace(reduce(message, Level.coded), together=whole.together), Level.coded)


def test_what_the_form_itself_offers_is_made_once_and_what_today_offers_each_time() -> None:
    state, effect = start(STUDY, ENV)
    told = [view(STUDY, state, effect, ENV, CONTEXT).together for _ in range(2)]
    pairs = zip(*(one.selects for one in told if one is not None), strict=True)
    assert [one is other for one, other in pairs] == [False, True, True]


def test_it_survives_the_outbox() -> None:
    state, effect = start(STUDY, ENV)
    message = view(STUDY, state, effect, ENV, CONTEXT)
    assert message.together is not None
    kept = Message.load(decode(encode(message)))
    assert kept.together is not None
    assert kept.together.lines == message.together.lines
    assert flat(kept) == [replace(one, action=of_draft(one.action, CONTEXT.draft)) for one in flat(message)]
