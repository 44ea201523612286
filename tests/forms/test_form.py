from __future__ import annotations

from typing import Any

import pytest

from casework.forms.form import REMEMBERED, Field, Form, When, option

CHOICE: dict[str, Any] = {"kind": "choice", "options": (option("a", "A"), option("b", "B"))}


def field(key: str, **more: Any) -> Field:
    return Field(**{"key": key, "kind": "text", "prompt": "?", "label": key, **more})


def form(*fields: Field) -> Form:
    return Form("trial", 1, "Trial", fields, "submitted")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ([], "asks nothing"),
        ([field("a"), field("a")], "the key repeats"),
        ([field("a", kind="riddle")], "no kind is called 'riddle'"),
        ([field("a", kind="choice")], "nothing to choose from"),
        ([field("a", kind="many")], "nothing to choose from"),
        ([field("a", kind="rating")], "nothing to choose from"),
        ([field("a", kind="choice", options=(option("x", "X"), option("x", "Y")))], "an option repeats"),
        (
            [field("a", kind="yes_no", options=(option("x", "X"), option("no", "No")))],
            "its options are yes and no",
        ),
        ([field("a", show_if=(When("b", in_=("x",)),)), field("b")], "names 'b', no earlier field"),
        ([field("a", show_if=(When("a", in_=("x",)),))], "names 'a', no earlier field"),
        ([field("a", help=("Because.",))], "its help has no label"),
        ([field("a", kind="date", earliest=1, latest=0)], "the earliest day is after the latest"),
    ],
)
def test_a_form_that_contradicts_itself_does_not_load(fields: list[Field], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        form(*fields)


def test_a_choice_may_leave_its_options_to_the_moment() -> None:
    assert form(field("a", kind="choice", dynamic=True)).by_key["a"].dynamic


def test_a_condition_is_one_of_several_answers() -> None:
    when = When("a", in_=("x", True))
    assert [when.holds({"a": value}) for value in ("x", True, "y", False, None)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not when.holds({})


def test_a_condition_is_an_option_among_many() -> None:
    when = When("a", contains="x")
    assert [when.holds({"a": value}) for value in (["x", "y"], ["y"], [], None, "x")] == [True, *[False] * 4]


def test_what_hangs_on_a_hidden_field_is_hidden_though_its_answer_is_kept() -> None:
    asked = form(
        field("a", **CHOICE),
        field("b", **CHOICE, show_if=(When("a", in_=("a",)),)),
        field("c", show_if=(When("b", in_=("b",)),)),
    )
    assert [one.key for one in asked.visible({"a": "a", "b": "b"})] == ["a", "b", "c"]
    assert [one.key for one in asked.visible({"a": "b", "b": "b"})] == ["a"]


def test_all_conditions_must_hold() -> None:
    both = (When("a", in_=("a",)), When("b", in_=("b",)))
    asked = form(field("a", **CHOICE), field("b", **CHOICE), field("c", show_if=both))
    assert len(asked.visible({"a": "a", "b": "b"})) == 3
    assert len(asked.visible({"a": "a", "b": "a"})) == 2


def test_what_is_shown_is_remembered_within_bounds() -> None:
    asked = form(field("a"), field("b", show_if=(When("a", in_=("1",)),)))
    for n in range(REMEMBERED + 10):
        assert len(asked.visible({"a": str(n)})) == (2 if n == 1 else 1)
    assert len(asked.known) <= REMEMBERED


def test_what_hangs_on_something_that_is_there() -> None:
    made = form(field("first", required=False), field("then", show_if=(When("first", given=True),)))
    for answers, shown in (({}, 1), ({"first": None}, 1), ({"first": "x"}, 2), ({"first": "y"}, 2)):
        assert len(made.visible(answers)) == shown
    assert len(made.known) == 2, "no text is remembered"
