from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from msgspec import structs

from bot.dialogs.engine import (
    ALL_ANSWERED,
    FIRST,
    NO_SKIP,
    NOT_YET,
    PICK_FIRST,
    Ask,
    Cancelled,
    Completed,
    ConfirmCancel,
    Effect,
    PickEdit,
    Recap,
    ShowHelp,
    State,
    adopt,
    start,
    step,
)
from bot.dialogs.inputs import (
    Answer,
    Back,
    Cancel,
    Choose,
    Done,
    Edit,
    Help,
    Input,
    Keep,
    Resume,
    Skip,
    Submit,
    Toggle,
    Unread,
)
from casework.forms.catalog import FORMS
from casework.forms.form import Answers, Env, Field, Form, When, option
from locales.phrase import P, Phrase

ENV = Env(date(2026, 11, 23))
TALK = FORMS["talk"]
PROBLEM = P("That is not it.")


def _not_red(value: Any, answers: Answers, env: Env) -> Phrase | None:
    return PROBLEM if value == "loud" and answers.get("colour") == "red" else None


FORM = Form(
    "trial",
    2,
    "Trial",
    (
        Field("colour", "choice", "?", "Colour", options=(option("red", "Red"), option("blue", "Blue"))),
        Field("shade", "text", "?", "Shade", show_if=(When("colour", in_=("red",)),)),
        Field(
            "voice",
            "choice",
            "?",
            "Voice",
            options=(option("loud", "Loud"), option("low", "Low")),
            check=_not_red,
        ),
        Field("note", "text", "?", "Note", required=False, help=("Anything.",), help_label="What to write"),
        Field("topics", "many", "?", "Topics", options=(option("x", "X"), option("y", "Y")), at_least=0),
        Field("x", "text", "?", "X", show_if=(When("topics", contains="x"),)),
    ),
    "submitted",
)


class Walk:
    """A dialog on its way: what is given moves it, `effect` is what came of it."""

    def __init__(self, form: Form = FORM, env: Env = ENV) -> None:
        self.form, self.env = form, env
        self.state: State | None
        self.state, self.effect = start(form, env)

    def give(self, *inputs: Input) -> Effect:
        for given in inputs:
            assert self.state is not None
            self.state, self.effect = step(self.form, State.load(self.state.dump()), given, self.env)
        return self.effect

    @property
    def asked(self) -> str | None:
        return self.effect.key if isinstance(self.effect, Ask) else None

    @property
    def answers(self) -> dict[str, Any]:
        assert self.state is not None
        return dict(self.state.answers)


def at_recap() -> Walk:
    walk = Walk()
    walk.give(Answer("blue"), Answer("low"), Skip(), Done())
    assert walk.effect == Recap()
    return walk


def test_asks_one_after_the_other_and_counts_only_what_is_shown() -> None:
    walk = Walk()
    assert walk.effect == Ask("colour", 1, 4)
    assert walk.give(Answer("red")) == Ask("shade", 2, 5)
    assert walk.give(Answer("dark")) == Ask("voice", 3, 5)


def test_to_the_end() -> None:
    walk = at_recap()
    assert walk.give(Submit()) == Completed({"colour": "blue", "voice": "low", "topics": []})
    assert walk.state is None


def test_a_refused_answer_is_a_value_and_the_question_stays() -> None:
    walk = Walk()
    effect = walk.give(Answer("green"))
    assert isinstance(effect, Ask)
    assert effect.key == "colour"
    assert effect.problem is not None
    assert walk.answers == {}
    assert walk.give(Unread(PROBLEM)) == Ask("colour", 1, 4, PROBLEM)


def test_what_no_field_takes_never_raises() -> None:
    for value in (None, 7, ["red"], {"a": 1}):
        effect = Walk().give(Answer(value))
        assert isinstance(effect, Ask)
        assert effect.problem is not None


def test_leaving_a_branch_keeps_its_answers_but_hands_in_only_what_is_shown() -> None:
    walk = Walk()
    walk.give(Answer("red"), Answer("dark"), Answer("low"), Skip(), Done(), Edit("colour"), Answer("blue"))
    assert walk.effect == Recap()
    assert walk.answers["shade"] == "dark"
    assert walk.give(Edit("colour"), Answer("red")) == Recap()
    walk.give(Edit("colour"), Answer("blue"))
    assert walk.give(Submit()) == Completed({"colour": "blue", "voice": "low", "topics": []})


def test_an_edit_returns_to_the_recap() -> None:
    walk = at_recap()
    assert walk.give(Edit("voice")) == Ask("voice", 2, 4)
    assert walk.give(Answer("loud")) == Recap()


def test_an_edit_asks_only_what_it_newly_brought_up() -> None:
    walk = at_recap()
    assert walk.give(Edit("colour"), Answer("red")) == Ask("shade", 2, 5)
    assert walk.give(Answer("dark")) == Recap()


@pytest.mark.parametrize("given", [Back(), Keep()])
def test_an_edit_can_be_given_up(given: Input) -> None:
    walk = at_recap()
    before = walk.answers
    assert walk.give(Edit("voice"), given) == Recap()
    assert walk.answers == before


def test_every_answer_is_checked_again_at_submit() -> None:
    walk = Walk()
    walk.give(Answer("blue"), Answer("loud"), Skip(), Done(), Edit("colour"), Answer("red"), Answer("dark"))
    assert walk.effect == Recap()
    assert walk.give(Submit()) == Ask("voice", 3, 5, PROBLEM)
    assert walk.give(Answer("low")) == Recap()
    assert isinstance(walk.give(Submit()), Completed)


def test_an_option_that_went_away_is_asked_again_at_submit() -> None:
    who = (option("7", "Li"), option("8", "Wang"))
    walk = Walk(FORMS["reassign"], Env(ENV.today, {"officer": who}))
    walk.give(Answer("7"))
    walk.env = Env(ENV.today, {"officer": who[1:]})
    effect = walk.give(Submit())
    assert isinstance(effect, Ask)
    assert effect.problem is not None


def test_input_out_of_place_shows_the_question_again() -> None:
    for given in (Toggle("x"), Done(), Resume(), Edit("nothing"), Edit("shade"), Edit(), Help(), Keep()):
        assert Walk().give(given) == Ask("colour", 1, 4), given
    assert Walk().give(Submit()) == Ask("colour", 1, 4, NOT_YET)
    assert Walk().give(Skip()) == Ask("colour", 1, 4, NO_SKIP)


def test_input_out_of_place_shows_the_recap_again() -> None:
    for given in (Toggle("x"), Done(), Resume(), Skip(), Keep(), Help(), Edit("shade")):
        assert at_recap().give(given) == Recap(), given
    assert at_recap().give(Answer("blue")) == Recap(ALL_ANSWERED)
    assert at_recap().give(Unread(PROBLEM)) == Recap(PROBLEM)


def test_back_goes_back_and_from_the_first_it_stays_and_says_so() -> None:
    walk = Walk()
    assert walk.give(Back()) == Ask("colour", 1, 4, FIRST)
    assert walk.give(Answer("blue"), Back()) == Ask("colour", 1, 4)
    assert at_recap().give(Back()) == Ask("topics", 4, 4)
    assert at_recap().give(Back(), Back()) == Ask("note", 3, 4)


def test_after_going_back_the_answers_between_are_not_asked_again() -> None:
    walk = Walk()
    walk.give(Answer("blue"), Answer("low"), Back(), Back())
    assert walk.asked == "colour"
    assert walk.give(Answer("blue")) == Ask("note", 3, 4)
    walk.give(Back(), Back())
    assert walk.give(Keep()) == Ask("note", 3, 4)


def test_only_what_is_optional_can_be_skipped_and_a_skip_can_be_answered_later() -> None:
    walk = at_recap()
    kept = [walk.answers["note"]]
    for given in (Answer("more"), Skip()):
        assert walk.give(Edit("note"), given) == Recap()
        kept.append(walk.answers["note"])
    assert kept == [None, "more", None]


def test_a_cursor_on_what_is_not_shown_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="which is not shown"):
        step(FORM, State({"colour": "blue"}, "shade"), Resume(), ENV)


def test_many_is_ticked_and_closed() -> None:
    walk = Walk()
    walk.give(Answer("blue"), Answer("low"), Skip())
    assert walk.give(Toggle("y")) == Ask("topics", 4, 4, partial=("y",))
    assert walk.give(Toggle("x"), Toggle("y")) == Ask("topics", 4, 4, partial=("x",))
    assert walk.give(Toggle("unknown")) == Ask("topics", 4, 4, partial=("x",))
    assert walk.give(Done()) == Ask("x", 5, 5)
    assert walk.give(Back()) == Ask("topics", 4, 5, partial=("x",))
    assert walk.give(Toggle("x"), Done()) == Recap()


def test_many_is_chosen_in_one_step() -> None:
    walk = Walk()
    walk.give(Answer("blue"), Answer("low"), Skip(), Toggle("x"))
    both = frozenset({"x", "y"})
    assert walk.give(Choose(("y", "made up"), both)) == Recap()  # what is not ticked any more is not chosen
    assert walk.answers["topics"] == ["y"]
    walk.give(Edit("topics"))
    assert walk.give(Choose(("x",), frozenset({"x"}))) == Ask("x", 5, 5)  # what was not offered stays
    assert walk.answers["topics"] == ["x", "y"]


def test_a_choice_that_is_refused_stays_ticked() -> None:
    topics = replace(FORM.by_key["topics"], at_least=2)
    walk = Walk(Form("trial", 1, "Trial", (topics,), "submitted"))
    effect = walk.give(Choose(("x",), frozenset({"x", "y"})))
    assert isinstance(effect, Ask)
    assert effect.problem is not None
    assert effect.partial == ("x",)
    assert walk.give(Choose(("x", "y"), frozenset({"x", "y"}))) == Recap()


def test_a_choice_where_none_is_asked_for_changes_nothing() -> None:
    walk = Walk()
    before = walk.state
    walk.give(Choose(("x",), frozenset()))
    assert walk.state == before


def test_many_may_be_answered_at_once() -> None:
    walk = Walk()
    walk.give(Answer("blue"), Answer("low"), Skip(), Answer(["y", "x", "y"]))
    assert walk.answers["topics"] == ["x", "y"]


def test_cancel_asks_once_when_there_is_something_to_lose() -> None:
    assert Walk().give(Cancel()) == Cancelled()
    walk = Walk()
    assert walk.give(Answer("blue"), Cancel()) == ConfirmCancel()
    assert walk.give(Keep()) == Ask("voice", 2, 4)
    assert walk.give(Cancel(), Answer("low")) == Ask("voice", 2, 4)
    assert walk.give(Cancel(), Cancel()) == Cancelled()
    assert walk.state is None


def test_which_answer_to_change_is_picked_or_not() -> None:
    walk = at_recap()
    assert walk.give(Edit()) == PickEdit()
    assert walk.give(Answer("what?")) == PickEdit(PICK_FIRST)
    assert walk.give(Edit("voice")) == Ask("voice", 2, 4)
    walk = at_recap()
    assert walk.give(Edit(), Back()) == Recap()
    assert walk.give(Edit(), Cancel()) == ConfirmCancel()
    assert walk.give(Keep()) == Recap()


def test_edit_works_in_the_middle() -> None:
    walk = Walk()
    walk.give(Answer("blue"), Answer("low"))
    assert walk.give(Edit("colour")) == Ask("colour", 1, 4)
    assert walk.give(Back()) == Ask("note", 3, 4)
    assert walk.give(Edit(), Edit("colour"), Answer("red")) == Ask("shade", 2, 5)


def test_help_is_shown_with_the_question() -> None:
    walk = Walk()
    assert walk.give(Answer("blue"), Answer("low"), Help()) == ShowHelp(Ask("note", 3, 4))
    assert walk.give(Answer("text")) == Ask("topics", 4, 4)


def test_known_answers_are_not_asked_but_checked() -> None:
    walk = Walk(
        env=structs.replace(
            ENV, prefill={"colour": "blue", "voice": "shouting", "note": None, "elsewhere": 1}
        )
    )
    assert walk.answers == {"colour": "blue"}
    assert walk.effect == Ask("voice", 2, 4)
    assert walk.give(Back()) == Ask("colour", 1, 4)


def test_a_form_whose_choice_has_no_options_at_the_moment_does_not_start() -> None:
    with pytest.raises(ValueError, match="needs options for 'officer'"):
        start(FORMS["reassign"], ENV)


def test_a_draft_of_an_older_version_keeps_what_still_fits() -> None:
    old = State(
        {"colour": "blue", "voice": ["loud"], "gone": "x", "note": None, "topics": None},
        "gone",
        mode="picking",
    )
    state = adopt(FORM, old)
    assert state == State({"colour": "blue", "note": None}, "voice")
    assert step(FORM, state, Resume(), ENV)[1] == Ask("voice", 2, 4)


def test_the_minimum_talk_is_eight_inputs() -> None:
    walk = Walk(TALK)
    given: list[Input] = [
        Answer("2026-11-23"),
        Answer("meeting_room"),
        Answer("情绪平稳，对今后的工作有打算。"),
        Answer("stable"),
        Answer(False),
        Done(),
        Submit(),
    ]
    effect = walk.give(*given)
    assert isinstance(effect, Completed)
    assert 1 + len(given) == 8, "with the button that begins the note"
