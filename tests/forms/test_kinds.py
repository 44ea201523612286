from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.forms.catalog import common
from casework.forms.form import KIND_NAMES, Env, Field, Option, option
from casework.forms.kinds import KINDS, REQUIRED, TOO_SHORT, clean, limits, options_of, refusal
from locales.phrase import Count, Day, FreeText, Grade, Name, P, Term, Value, Word, several

TODAY = date(2026, 11, 23)  # a Monday
ENV = Env(TODAY)
LETTERS = (option("a", "A"), option("b", "B"), option("c", "C"))


def field(kind: str, **more: Any) -> Field:
    return Field(**{"key": "f", "kind": kind, "prompt": "?", "label": "F", **more})


def reason(field: Field, value: Any, env: Env = ENV) -> str | None:
    problem = refusal(field, value, {}, env)
    return problem.msgid if problem else None


def test_every_kind_that_a_field_may_have_is_there() -> None:
    assert set(KINDS) == set(KIND_NAMES)


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("value", [7, 1.5, {"a": 1}, [1], [["a"]], ["a", None], object(), b"a"])
def test_a_value_of_the_wrong_shape_is_refused_and_never_an_error(kind: str, value: Any) -> None:
    if kind == "number" and value == 7:
        return
    bare = ("yes_no", "text", "date", "span", "number", "photo")
    more = {"required": False, "dynamic": True} if kind == "photo" else {}
    asked = field(kind, options=() if kind in bare else LETTERS, **more)
    assert not KINDS[kind].fits(value)
    assert reason(asked, value) == "That answer does not fit this question."


def test_nothing_is_an_answer_only_where_it_may_be() -> None:
    assert refusal(field("text"), None, {}, ENV) == REQUIRED
    assert refusal(field("text", required=False), None, {}, ENV) is None


def test_a_check_of_the_field_comes_after_that_of_its_kind() -> None:
    asked = field("text", max_length=3, check=lambda value, answers, env: P("no {n}", n=len(answers)))
    assert refusal(asked, "abc", {"x": 1}, ENV) == P("no {n}", n=1)
    assert reason(asked, "abcd") != "no {n}"


class TestText:
    def test_says_how_long_it_is(self) -> None:
        problem = refusal(field("text", max_length=5), "六个字的文字", {}, ENV)
        assert problem is not None
        assert dict(problem.values) == dict(P("", None, length=6, limit=5).values)
        assert reason(field("text", max_length=6), "六个字的文字") is None

    @pytest.mark.parametrize("little", ["2", "嗯", "1.", "3、4"])
    def test_what_must_be_said_takes_more_than_a_number(self, little: str) -> None:
        assert reason(field("text"), little) == TOO_SHORT.msgid
        assert reason(field("text", required=False), little) is None

    @pytest.mark.parametrize("blank", ["", "  \n", "\u200b\ufeff", "\x00"])
    def test_blank_is_no_text(self, blank: str) -> None:
        assert reason(field("text"), blank) == "Please type a few words."

    def test_is_kept_clean_and_shown_as_free_text(self) -> None:
        kind = KINDS["text"]
        assert kind.tidy(field("text"), " 情绪\x00平稳\u200b。\r\n愿意谈 ", ENV) == "情绪平稳。\n愿意谈"
        assert kind.shown(field("text"), "x", ENV) == FreeText("x")

    @given(st.text())
    def test_what_is_clean_stays_and_can_be_stored(self, text: str) -> None:
        once = clean(text)
        assert clean(once) == once
        assert "\x00" not in once
        once.encode()

    @pytest.mark.parametrize(
        "unseen", ["\x00", "\x85", "\xad", "\u200b", "\u2028", "\u2065", "\ufeff", "\U000e0020"]
    )
    def test_what_cannot_be_seen_goes_from_wherever_it_stands(self, unseen: str) -> None:
        for text in (f"{unseen}谈话", f"谈{unseen}话", f"谈话{unseen}"):
            assert clean(text).replace("\n", "") == "谈话"


class TestDate:
    past = field("date")
    future = field("date", direction="future", earliest=0, latest=180)

    @pytest.mark.parametrize(
        ("day", "problem"),
        [
            ("2026-11-23", None),
            ("2026-11-24", "{day} has not come yet. The latest possible day is {last}."),
            ("2025-11-23", None),
            ("2025-11-22", "{day} is too long ago. The earliest possible day is {first}."),
            ("20261123", "That answer does not fit this question."),
            ("2026-02-30", "That answer does not fit this question."),
        ],
    )
    def test_of_a_note_is_within_the_last_year(self, day: str, problem: str | None) -> None:
        assert reason(self.past, day) == problem

    @pytest.mark.parametrize(
        ("day", "problem"),
        [
            ("2026-11-22", "{day} is already past. The earliest possible day is {first}."),
            ("2026-11-23", None),
            ("2027-05-22", None),
            ("2027-05-23", "{day} is too far ahead. The latest possible day is {last}."),
        ],
    )
    def test_of_a_visit_is_within_half_a_year(self, day: str, problem: str | None) -> None:
        assert reason(self.future, day) == problem

    def test_limits_are_those_of_a_page_too(self) -> None:
        assert limits(self.future, ENV) == (date(2026, 11, 23), date(2027, 5, 22))

    def test_offers_today_yesterday_and_the_planned_day(self) -> None:
        env = Env(TODAY, {"f": (Option("2026-11-20", Day(date(2026, 11, 20))),)})
        assert [one.value for one in options_of(self.past, env)] == ["2026-11-23", "2026-11-22", "2026-11-20"]

    @pytest.mark.parametrize("planned", ["2026-11-23", "2026-11-26"])
    def test_offers_no_day_twice_and_none_that_it_would_refuse(self, planned: str) -> None:
        env = Env(TODAY, {"f": (Option(planned, Day(date.fromisoformat(planned))),)})
        assert [one.value for one in options_of(self.past, env)] == ["2026-11-23", "2026-11-22"]

    def test_offers_the_days_suggested_or_the_next_weekdays(self) -> None:
        friday = Env(date(2026, 11, 27))
        assert [one.value for one in options_of(self.future, friday)] == [
            "2026-11-30",
            "2026-12-01",
            "2026-12-02",
        ]
        env = Env(TODAY, {"f": (Option("2026-12-04", Day(date(2026, 12, 4))),)})
        assert [one.value for one in options_of(self.future, env)] == ["2026-12-04"]

    def test_is_shown_as_a_day(self) -> None:
        assert KINDS["date"].shown(self.past, "2026-11-20", ENV) == Day(date(2026, 11, 20))


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ("09:00-10:30", None),
        ("10:30-09:00", "The end must be later than the start, as in 09:00-10:30."),
        ("09:00-09:00", "The end must be later than the start, as in 09:00-10:30."),
        ("9:00-10:30", "That answer does not fit this question."),
        ("09:00-24:00", "That answer does not fit this question."),
    ],
)
def test_a_span_ends_after_it_begins(span: str, problem: str | None) -> None:
    assert reason(field("span"), span) == problem


def test_a_span_is_shown_without_anything_typed() -> None:
    shown = KINDS["span"].shown(field("span"), "09:00-10:30", ENV)
    assert shown == P("{start}–{end}", start=Word("09:00"), end=Word("10:30"))


class TestChoice:
    def test_is_one_of_the_options(self) -> None:
        asked = field("choice", options=LETTERS)
        assert reason(asked, "b") is None
        assert reason(asked, "z") == "This choice is not available. Please choose one of those shown."

    def test_options_of_the_moment_come_first(self) -> None:
        env = Env(TODAY, {"f": (Option("7", Name("李敏")),)})
        asked = field("choice", options=LETTERS, dynamic=True)
        assert [one.value for one in options_of(asked, env)] == ["7", "a", "b", "c"]
        assert reason(asked, "7", env) is None
        assert reason(asked, "7") is not None
        assert KINDS["choice"].shown(asked, "7", env) == Name("李敏")

    def test_open_takes_what_is_typed_in_moderation(self) -> None:
        asked = field("choice", options=LETTERS, open=True)
        assert reason(asked, "村委会") is None
        assert reason(asked, "村" * 101) is not None
        assert KINDS["choice"].shown(asked, "村委会", ENV) == FreeText("村委会")

    def test_a_rating_is_shown_as_a_grade_and_a_choice_as_its_label(self) -> None:
        assert KINDS["rating"].shown(field("rating", options=LETTERS), "a", ENV) == Grade("A")
        assert KINDS["choice"].shown(field("choice", options=LETTERS), "a", ENV) == Term("A")


class TestMany:
    asked = field("many", options=LETTERS)

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            (["a", "c"], None),
            ([], "Please choose at least {number}."),
            (["a", "z"], "This choice is not available. Please choose one of those shown."),
        ],
    )
    def test_is_some_of_the_options(self, value: list[str], problem: str | None) -> None:
        assert reason(self.asked, value) == problem

    def test_may_be_none_where_the_field_says_so(self) -> None:
        assert reason(field("many", options=LETTERS, at_least=0), []) is None

    def test_is_kept_once_each_in_the_order_of_the_options(self) -> None:
        assert KINDS["many"].tidy(self.asked, ["c", "a", "c", "李敏"], ENV) == ["a", "c", "李敏"]

    def test_open_takes_names_beside_the_options(self) -> None:
        asked = field("many", options=LETTERS, open=True)
        assert reason(asked, ["a", "李敏"]) is None
        assert reason(asked, ["a", "李" * 101]) is not None
        assert KINDS["many"].shown(asked, ["a", "李敏"], ENV) == several([Term("A"), FreeText("李敏")])

    def test_none_is_shown_as_a_word(self) -> None:
        assert KINDS["many"].shown(self.asked, [], ENV) == Term("None")


@pytest.mark.parametrize(("value", "label"), [(True, Term("Yes")), (False, Term("No"))])
def test_yes_and_no_are_shown_by_their_labels(value: bool, label: Value) -> None:
    assert refusal(field("yes_no"), value, {}, ENV) is None
    assert KINDS["yes_no"].shown(field("yes_no"), value, ENV) == label


def test_a_tap_on_yes_is_true() -> None:
    assert [KINDS["yes_no"].tapped(token) for token in ("yes", "no", "perhaps")] == [True, False, "perhaps"]


class TestNumber:
    ASKED = field("number", options=(option("1", "1 person"), option("2", "2 people")), most=20)

    @pytest.mark.parametrize(
        ("value", "problem"),
        [(1, None), (20, None),
         (0, "Please give a number from 1 to {most}."), (21, "Please give a number from 1 to {most}."),
         (True, "That answer does not fit this question."), ("3", "That answer does not fit this question.")],
    )  # fmt: skip
    def test_counts_from_one(self, value: Any, problem: str | None) -> None:
        assert reason(self.ASKED, value) == problem

    def test_is_shown_as_its_button_or_else_counted(self) -> None:
        kind = KINDS["number"]
        assert kind.shown(self.ASKED, 2, ENV) == Term("2 people")
        assert kind.shown(self.ASKED, 8, ENV) == Count(8)
        counted = field("number", options=self.ASKED.options, in_words=common.people)
        assert kind.shown(counted, 8, ENV) == P("{n} person", "{n} people", n=8)

    def test_a_button_stands_for_its_number(self) -> None:
        assert [KINDS["number"].tapped(token) for token in ("2", "x")] == [2, "x"]
