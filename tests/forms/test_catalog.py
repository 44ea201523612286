"""What the forms must carry: the fields of the workbook, and what they must not ask."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from casework.forms.catalog import FORMS, NOTE_FORMS, OFFICERS_FORMS, RATING_FORMS, form_for_visit
from casework.forms.catalog.common import GRADE_GUIDANCE
from casework.forms.form import Env, Form
from casework.forms.kinds import options_of, refusal

ENV = Env(date(2026, 11, 23))
MINIMUM: dict[str, dict[str, Any]] = {
    "talk": {"date": "2026-11-20", "place": "meeting_room", "thinking": "平稳"},
    "home_visit": {"family_informed": True, "date": "2026-11-20", "atmosphere": "和睦"},
    "study_visit": {"date": "2026-11-20", "material": "theory", "hand_over": "in_person"},
    "unit_interview": {"date": "2026-11-20", "unit_people": ["unit_leader"], "work": "主动"},
    "colleague_interview": {"date": "2026-11-20", "people": 2, "public_feedback": "踏实"},
    "family_interview": {"family_informed": True, "date": "2026-11-20", "people": 1, "atmosphere": "和睦"},
    "file_read": {"date": "2026-11-20", "copies": 3, "found": "齐全"},
    "care_plan": {"date": "2026-11-20", "goal": "放下包袱", "measures": ["talks"]},
    "review": {
        "date": "2026-11-20",
        "thinking": "平稳",
        "work": "主动",
        "correction": "到位",
        "unit_opinion": "认可",
        "conclusion": "keep",
    },
    "difficulty": {"asked": "值班", "date": "2026-11-20", "outcome": "settled", "result": "已落实"},
    "unit_opinion": {"date": "2026-11-20", "unit_opinion": "表现稳定"},
    "post_change": {"date": "2026-11-20", "reason": "skills", "suggested_post": "法规科"},
}
COMMON: dict[str, Any] = {"safety": False, "more": []}
RATED = {"talk", "home_visit", "study_visit"}


RISE = {"basis", "safety_detail", "adjustments"}


def shown(form: Form, answers: dict[str, Any]) -> list[str]:
    return [field.key for field in form.visible(answers)]


def test_a_talk_carries_every_field_of_a_note() -> None:
    assert set(FORMS["talk"].by_key) == {
        "date", "span", "place", "companions", "others_present", "spoken_to",
        "thinking", "work", "correction", "unit_opinion", "understanding", "execution", "hardship",
        "suggestions", "unit_support", "public_feedback", "requests", "help_given", "next_steps", "to_mind",
        "follow_up", "follow_up_due", "state_of_mind", "basis", "safety", "safety_detail", "more",
    }  # fmt: skip


@pytest.mark.parametrize("kind", NOTE_FORMS)
def test_a_minimum_note_is_six_answers_at_most(kind: str) -> None:
    form = form_for_visit(kind)
    answers = MINIMUM[kind] | COMMON | ({"state_of_mind": "stable"} if kind in RATED else {})
    assert set(shown(form, answers)) == set(answers)
    assert len(answers) <= (8 if kind == "review" else 6), "the review is written at a desk"
    assert all(refusal(form.by_key[key], value, answers, ENV) is None for key, value in answers.items())


@pytest.mark.parametrize("nothing", ["没有", "暂无。", "没什么", "不清楚", "None"])
def test_a_yellow_rating_does_not_rest_on_nothing(nothing: str) -> None:
    form = FORMS["talk"]
    answers = MINIMUM["talk"] | COMMON | {"state_of_mind": "unsettled"}
    refused = refusal(form.by_key["basis"], nothing, answers, ENV)
    assert refused is not None
    assert "Not rated yet" in refused.msgid
    assert refusal(form.by_key["basis"], "没有抬头，说话很轻", answers, ENV) is None


def test_whoever_saw_the_person_rates_and_nobody_else() -> None:
    assert RATING_FORMS == RATED


@pytest.mark.parametrize("kind", sorted(RATED))
@pytest.mark.parametrize(
    ("grade", "asked"),
    [("settled", False), ("stable", False), ("unsettled", True), ("concern", True), ("not_rated", False)],
)
def test_yellow_and_red_ask_for_the_behaviour_seen(kind: str, grade: str, asked: bool) -> None:
    form = form_for_visit(kind)
    assert ("basis" in shown(form, MINIMUM[kind] | COMMON | {"state_of_mind": grade})) is asked
    assert form.by_key["basis"].required


@pytest.mark.parametrize("kind", NOTE_FORMS)
@pytest.mark.parametrize("grade", ["settled", "stable", "unsettled", "concern", "not_rated"])
def test_safety_is_a_question_of_its_own_at_any_rating(kind: str, grade: str) -> None:
    form = form_for_visit(kind)
    assert "safety" in shown(form, {"state_of_mind": grade})
    assert form.by_key["safety"].required
    assert "safety_detail" in shown(form, {"state_of_mind": grade, "safety": True})
    assert "safety_detail" not in shown(form, {"state_of_mind": grade, "safety": False})


@pytest.mark.parametrize("kind", NOTE_FORMS)
def test_every_topic_opens_something_and_all_it_opens_may_be_skipped(kind: str) -> None:
    form = form_for_visit(kind)
    least = shown(form, COMMON)
    opened: list[str] = []
    for topic in form.by_key["more"].options:
        further = [
            key for key in shown(form, COMMON | {"more": [topic.value], "follow_up": "…"}) if key not in least
        ]
        assert further, topic.value
        opened += further
    assert len(opened) == len(set(opened))
    assert set(opened) | set(least) | (RISE & set(form.by_key)) == set(form.by_key)
    assert not any(form.by_key[key].required for key in opened)


def test_a_right_never_lowers_the_rating_and_the_help_says_so() -> None:
    assert any("appeal, to complain or to refuse to meet is a right" in line for line in GRADE_GUIDANCE)
    assert all(form.by_key["state_of_mind"].help == GRADE_GUIDANCE for form in map(form_for_visit, RATED))


@pytest.mark.parametrize(
    ("kind", "words"),
    [("home_visit", "no home visit can be made"), ("family_interview", "nobody of the family is asked")],
)
def test_nobody_meets_the_family_while_it_does_not_know(kind: str, words: str) -> None:
    field = FORMS[kind].by_key["family_informed"]
    assert FORMS[kind].fields[0] is field
    problem = refusal(field, False, {}, ENV)
    assert problem is not None
    assert words in problem.msgid
    assert [one.value for one in options_of(field, ENV)] == ["yes", "no"]


def test_not_done_asks_the_reason_and_the_new_day_and_little_else() -> None:
    form = FORMS["not_done"]
    assert [one.value for one in form.by_key["reason"].options] == [
        "away", "health", "unwilling", "unreachable", "companion_absent", "work_conflict", "weather_road", "other",
    ]  # fmt: skip
    assert shown(form, {"reason": "health"}) == ["reason", "new_date"]
    assert shown(form, {"reason": "other"}) == ["reason", "detail", "new_date"]
    assert shown(form, {"reason": "unreachable"}) == ["reason", "safety", "new_date"]


def test_what_an_officer_notes_is_recorded_and_anything_else_submitted() -> None:
    assert {form.id for form in FORMS.values() if form.closing == "recorded"} == set(OFFICERS_FORMS)
    assert set(NOTE_FORMS) - set(OFFICERS_FORMS) == {"unit_opinion", "review"}
    assert all(form.id == name for name, form in FORMS.items())
    with pytest.raises(KeyError):
        form_for_visit("not_done")


def test_no_message_before_the_outcome_says_that_it_is_one() -> None:
    texts = [
        text
        for form in FORMS.values()
        for field in form.fields
        for text in (field.prompt, field.label, field.hint, field.help_label, *field.help)
    ]
    assert not [text for text in texts if "recorded" in text.lower() or "submitted" in text.lower()]
