"""The JSON Schema of each form beside the form: neither takes what the other refuses, but for what no schema says."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from casework.forms.catalog import FORMS
from casework.forms.form import Env, Field, Form, Option
from casework.forms.kinds import KINDS, clean, options_of, refusal
from casework.forms.schema import schema_of
from locales.phrase import Name
from tests.forms.test_catalog import COMMON, MINIMUM

TODAY = date(2026, 11, 23)
ENV = Env(
    TODAY,
    {
        key: (Option("7", Name("李敏")),)
        for key in ("officer", "companions", "cover", "member", "case", "photo")
    },
)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 200),
    st.text(max_size=6),
    st.sampled_from(["2026-11-20", "2026-02-30", "20261120", "2020-01-01", "10:30-09:00", "9:00-10:30"]),
    st.sampled_from(["unsettled", "other", "。", " "]),
    st.lists(st.sampled_from(["work", "attendance", "help", "made up"]), max_size=3),
    st.just("长" * 101),
    st.just("长" * 2001),
)  # fmt: skip


@cache
def validator(name: str) -> Draft202012Validator:
    schema = schema_of(FORMS[name], "zh_CN")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def wrong(form: Form, answers: dict[str, Any]) -> set[str]:
    """Keys for whose sake the answers cannot be the outcome of the form: not asked, refused, missing."""
    shown = form.visible(answers)
    found = set(answers) - {field.key for field in shown}
    found |= {key for key, value in answers.items() if value is None}
    found |= {key for key, one in answers.items() if isinstance(one, list) and len(set(one)) < len(one)}
    return found | {one.key for one in shown if refusal(one, answers.get(one.key), answers, ENV) is not None}


def left_open(field: Field, value: Any) -> bool:
    """Whether what is wrong with it is something that no schema can say."""
    if field.check is not None:
        return isinstance(value, bool)
    texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    match field.kind:
        case "date":
            return KINDS["date"].fits(value)  # too early or too late
        case "span":
            return KINDS["span"].fits(value)  # ends before it begins
        case "text" if field.required:
            return isinstance(value, str) and bool(value.strip()) and sum(map(str.isalpha, value)) < 2
        case "choice" | "photo" if field.dynamic and not field.open:
            return isinstance(value, str)
        case _:
            return any(one.strip() and not any(map(str.isalnum, clean(one))) for one in texts)


def fitting(field: Field) -> st.SearchStrategy[Any]:
    options = [option.value for option in options_of(field, ENV)]
    match field.kind:
        case "text":
            return st.sampled_from(["一句话", "another sentence"])
        case "span":
            return st.just("09:00-10:30")
        case "number":
            return st.integers(1, field.most)
        case "yes_no":
            return st.just(True) if field.check else st.booleans()
        case "many":
            most = len(options) if field.key == "more" else 3
            return st.lists(st.sampled_from(options), min_size=field.at_least, unique=True, max_size=most)
        case _:
            return st.sampled_from(options)


def spoilt(field: Field | None) -> st.SearchStrategy[Any]:
    """Anything at all, and what just misses."""
    options = [option.value for option in options_of(field, ENV)] if field else []
    if field is None or field.kind not in ("many", "number", "text"):
        return JUNK
    near: Any = [[], ["made up"], [*options[:1], *options[:1]]]
    if field.kind == "number":
        near = [0, 1, field.most, field.most + 1, "1", True]
    if field.kind == "text":
        near = ["长" * field.max_length, "长" * (field.max_length + 1)]
    return st.one_of(st.sampled_from(near), JUNK)


@st.composite
def outcomes(draw: st.DrawFn, form: Form) -> dict[str, Any]:
    """Answers as a person gives them, in order, some questions skipped."""
    answers: dict[str, Any] = {}
    while open_now := [one for one in form.visible(answers) if one.key not in answers]:
        field = open_now[0]
        skipped = not field.required and draw(st.booleans())
        answers[field.key] = None if skipped else draw(fitting(field))
    return {key: value for key, value in answers.items() if value is not None}


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_schema_and_form_agree(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    answers = data.draw(outcomes(form))
    assert not wrong(form, answers)
    validator(name).validate(answers)
    for key in data.draw(st.lists(st.sampled_from([*form.by_key, "unknown"]), max_size=2, unique=True)):
        if key in answers and data.draw(st.booleans()):
            del answers[key]
        else:
            answers[key] = data.draw(spoilt(form.by_key.get(key)))
    valid, found = validator(name).is_valid(answers), wrong(form, answers)
    if not found:
        assert valid
    elif any(key not in form.by_key or not left_open(form.by_key[key], answers.get(key)) for key in found):
        assert not valid


@pytest.mark.parametrize("name", MINIMUM)
def test_a_minimum_note_is_valid_and_nothing_less(name: str) -> None:
    form = FORMS[name]
    answers = {**MINIMUM[name], **COMMON}
    if "state_of_mind" in form.by_key:
        answers["state_of_mind"] = "stable"
    validator(name).validate(answers)
    for key in answers:
        less = {one: value for one, value in answers.items() if one != key}
        assert not validator(name).is_valid(less), key


def test_what_was_seen_is_needed_for_yellow_and_red_only() -> None:
    note = {**MINIMUM["talk"], **COMMON, "state_of_mind": "unsettled"}
    assert not validator("talk").is_valid(note)
    assert validator("talk").is_valid({**note, "basis": "叹气"})
    assert not validator("talk").is_valid({**note, "state_of_mind": "stable", "basis": "叹气"})


@pytest.mark.parametrize(
    ("language", "title", "green"),
    [("zh_CN", "谈心谈话", "积极稳定（绿）"), ("en", "Heart-to-heart talk", "Settled (green)")],
)
def test_titles_are_there_in_both_languages(language: str, title: str, green: str) -> None:
    schema = schema_of(FORMS["talk"], language)
    assert schema["$id"] == f"urn:fangpingcha:form:talk:{FORMS['talk'].version}"
    assert schema["title"] == title
    assert schema["x-title"] == {"zh_CN": "谈心谈话", "en": "Heart-to-heart talk"}
    grade = schema["properties"]["state_of_mind"]
    assert grade["oneOf"][0] == {
        "const": "settled",
        "title": green,
        "x-title": {"zh_CN": "积极稳定（绿）", "en": "Settled (green)"},
    }
    assert schema["properties"]["date"]["x-days-from-today"] == {"earliest": -365, "latest": 0}


def test_a_document_of_its_own_for_each_form() -> None:
    found = {schema_of(form, "en")["$id"] for form in FORMS.values()}
    assert len(found) == len(FORMS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("date", "20261120"),
        ("date", "2026-02-30"),
        ("more", ["work", "work"]),
        ("more", ["made up"]),
        ("place", "长" * 101),
        ("thinking", "长" * 2001),
        ("thinking", " \n"),
        ("safety", "no"),
        ("companions", ["7"]),
        ("made_up", "1"),
    ],
)
def test_what_just_misses_is_refused(key: str, value: Any) -> None:
    note = {**MINIMUM["talk"], **COMMON, "state_of_mind": "stable"}
    assert not validator("talk").is_valid({**note, key: value})
