"""Phrases survive JSON as they are, and read well in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from msgspec.json import decode, encode

from locales import phrase
from locales.phrase import (
    CaseName,
    CaseRef,
    Clock,
    Code,
    Count,
    Day,
    FreeText,
    Grade,
    Name,
    P,
    Parts,
    Phrase,
    Plain,
    Reader,
    Several,
    Term,
    Value,
    Word,
    kind_of,
    line,
    load,
    load_phrase,
    several,
    typed,
)
from tests.channels.values import phrases, values

TODAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")
EN, ZH = (Reader(language, SHANGHAI, TODAY) for language in ("en", "zh_CN"))


def test_a_bare_sentence_is_made_once() -> None:
    """A step of a dialog has five of them, the same each time."""
    assert P("Cancel") is P("Cancel") == Phrase("Cancel")
    assert P("{n} task", n=1) is not P("{n} task", n=1)


@given(values)
def test_every_value_survives_json(value: Value) -> None:
    again = load(decode(encode(value)))
    assert again == value
    assert type(again) is type(value)
    assert again.render(ZH) == value.render(ZH)


@given(phrases)
def test_phrases_that_say_the_same_are_one_of_a_set(value: Phrase) -> None:
    """Notices that go out as one say each line once."""
    turned = Phrase(value.msgid, dict(reversed(value.values.items())), value.plural)
    assert len({value, turned, load_phrase(decode(encode(value)))}) == 1


@given(phrases)
def test_every_phrase_survives_json(value: Phrase) -> None:
    assert load_phrase(decode(encode(value))) == value


def test_every_kind_of_value_is_drawn() -> None:
    """A new kind of value has to be added to tests/channels/values.py, and so meets the disclosure gate."""
    known = {
        kind_of(kind)
        for kind in vars(phrase).values()
        if isinstance(kind, type) and issubclass(kind, Value) and kind.__struct_config__.tag is not None
    }
    drawn: set[str] = set()

    @settings(max_examples=300, derandomize=True)
    @given(values)
    def draw(value: Value) -> None:
        drawn.update(kinds(value))

    draw()
    assert drawn == known


def kinds(value: Value) -> set[str]:
    """The kind of a value and of all that it is made of."""
    inner: tuple[Value, ...] = ()
    if isinstance(value, Phrase):
        inner = tuple(value.values.values())
    elif isinstance(value, (Parts, Several)):
        inner = value.values
    return {value.kind}.union(*(kinds(part) for part in inner))


@pytest.mark.parametrize("data", [["salary", 3], ["", ""]])
def test_an_unknown_kind_is_refused(data: list[object]) -> None:
    with pytest.raises(ValueError, match="no value kind"):
        load(data)


def test_what_is_no_phrase_is_refused_as_one() -> None:
    with pytest.raises(ValueError, match="a phrase was expected"):
        load_phrase(decode(encode(Count(3))))


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("张明", FreeText("张明")),
        (3, Count(3)),
        (TODAY, Day(TODAY)),
        (Name("张明"), Name("张明")),
    ],
)
def test_a_bare_value_gets_the_kind_that_is_safe(plain: Plain, value: Value) -> None:
    assert typed(plain) == value


@pytest.mark.parametrize("plain", [True, datetime(2026, 1, 1, tzinfo=UTC)])
def test_what_reads_two_ways_is_refused(plain: Plain) -> None:
    with pytest.raises(TypeError):
        typed(plain)


@pytest.mark.parametrize(
    ("said", "english", "chinese"),
    [
        (P("{v}", v=Day(date(2026, 12, 1))), "1 December", "12月1日"),
        (P("{v}", v=Day(date(2027, 1, 9))), "9 January 2027", "2027年1月9日"),
        (P("{v}", v=Clock(datetime(2026, 11, 23, 1, 42, tzinfo=UTC))), "09:42", "09:42"),
        (P("{v}", v=CaseRef("JA-7K3Q", "张明")), "张明 JA-7K3Q", "张明 JA-7K3Q"),
        (P("{v}", v=CaseName("JA-7K3Q", "张明")), "张明", "张明"),
        (P("{v}", v=several([Name("张明"), Code("JA-7K3Q")])), "张明, JA-7K3Q", "张明、JA-7K3Q"),
        (line(Word("a"), Word("b")), "a | b", "a｜b"),
        (P("Recorded"), "Recorded", "已记录"),
        (P("{v}", v=Term("Recorded")), "Recorded", "已记录"),
        (P("{v}", v=Grade("")), "", ""),
        (P(""), "", ""),
    ],
)
def test_how_it_reads(said: Phrase, english: str, chinese: str) -> None:
    assert said.render(EN) == english
    assert said.render(ZH) == chinese


@pytest.mark.parametrize(
    ("n", "english", "chinese"),
    [
        (0, "You have 0 tasks today.", "今日待办0项。"),
        (1, "You have 1 task today.", "今日待办1项。"),
        (2, "You have 2 tasks today.", "今日待办2项。"),
    ],
)
def test_plurals(n: int, english: str, chinese: str) -> None:
    said = P("You have {n} task today.", "You have {n} tasks today.", n=n)
    assert said.render(EN) == english
    assert said.render(ZH) == chinese


def test_a_value_is_never_taken_for_a_placeholder() -> None:
    """What somebody typed may look like a format string and is shown as it is."""
    odd = "{0} {v.__class__} %s {missing}"
    assert P("{v}!", v=odd).render(EN) == f"{odd}!"


def test_the_time_is_the_readers() -> None:
    far = Reader("en", timezone(timedelta(hours=-5)), TODAY)
    assert Clock(datetime(2026, 11, 23, 1, 42, tzinfo=UTC)).render(far) == "20:42"
