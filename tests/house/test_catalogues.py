"""Everything the product says is said in Chinese: present, translated, with the same values, written as Chinese is."""

from __future__ import annotations

import io
import re
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.house.extract import extract
from tests.house.rules import PACKAGES, ROOT

CATALOGUE = ROOT / "locales" / "zh_CN" / "LC_MESSAGES" / "fangpingcha.po"
CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HALF_WIDTH = re.compile(f"[{CJK}][,;:!?]")

Sentence = str | tuple[str, ...]


def forms(text: Sentence | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def untranslated(said: dict[Sentence, str], catalogue: Catalog) -> list[str]:
    """`where: sentence` of everything that is missing, empty or only guessed."""
    return [
        f"{where}: {text!r}" for text, where in said.items() if not _is_translated(catalogue.get(text), text)
    ]


def _is_translated(message: Message | None, text: Sentence) -> bool:
    if message is None or message.fuzzy:
        return False
    # A sentence with a plural in the code needs one in the catalogue too: without, English would be said.
    return message.pluralizable == (not isinstance(text, str)) and all(forms(message.string))


def mismatched(catalogue: Catalog) -> list[str]:
    """Translations that do not use exactly the values their sentence is given."""
    return [
        f"{message.id!r}"
        for message in catalogue
        if message.id and any(placeholders(text) != _given(message) for text in forms(message.string) if text)
    ]


def _given(message: Message) -> set[str]:
    return set().union(*(placeholders(text) for text in forms(message.id)))


def half_width(catalogue: Catalog) -> list[str]:
    """Translations with Latin punctuation after a Chinese character."""
    return [
        text
        for message in catalogue
        if message.id
        for text in forms(message.string)
        if _HALF_WIDTH.search(text)
    ]


@pytest.fixture(scope="module")
def said() -> dict[Sentence, str]:
    """Every sentence in the code, with the first place that says it."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    return {
        text: f"{package}/{filename}:{line}"
        for package in PACKAGES
        for filename, line, text, _, _ in extract_from_dir(
            ROOT / package, methods, options, keywords=DEFAULT_KEYWORDS
        )
    }


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    return catalogue_of(CATALOGUE.read_text("utf-8"))


def catalogue_of(text: str) -> Catalog:
    return read_po(io.BytesIO(text.encode()), locale="zh_CN")


def test_everything_said_is_translated(said: dict[Sentence, str], chinese: Catalog) -> None:
    assert untranslated(said, chinese) == []


def test_translations_use_the_same_values(chinese: Catalog) -> None:
    assert mismatched(chinese) == []


def test_chinese_is_punctuated_as_chinese(chinese: Catalog) -> None:
    assert half_width(chinese) == []


def test_one_sentence_is_not_both_with_and_without_plural(said: dict[Sentence, str]) -> None:
    plain = {text for text in said if isinstance(text, str)}
    assert [text for text in said if not isinstance(text, str) and text[0] in plain] == []


def test_every_way_to_mark_a_sentence_is_found() -> None:
    code = b"""
P("plain", day=day)
P("{n} task", "{n} tasks", n=3)
Phrase("a", plural="b")
raise Refused("no " "way", code=code)
x = N_("kept") if y else errors.NotFound("gone")
P("yes" if agreed else "no")
P(variable)
other("not this")
"""
    found = {(line, text) for line, _, text, _ in extract(io.BytesIO(code))}
    assert found == {
        (2, "plain"),
        (3, ("{n} task", "{n} tasks")),
        (4, ("a", "b")),
        (5, "no way"),
        (6, "kept"),
        (6, "gone"),
        (7, "yes"),
        (7, "no"),
    }


SAMPLE = """
msgid "Due {day}"
msgstr "{day}到期"

msgid "{n} task"
msgid_plural "{n} tasks"
msgstr[0] "{n}项任务"

#, fuzzy
msgid "Guessed"
msgstr "猜的"

msgid "Empty"
msgstr ""
"""


def test_a_complete_catalogue_passes() -> None:
    catalogue = catalogue_of(SAMPLE)
    assert untranslated({"Due {day}": "a:1", ("{n} task", "{n} tasks"): "a:2"}, catalogue) == []
    assert mismatched(catalogue) == []
    assert half_width(catalogue) == []


@pytest.mark.parametrize("text", ["Guessed", "Empty", "Never seen", ("Due {day}", "Due {day}"), "{n} task"])
def test_an_incomplete_catalogue_is_caught(text: Sentence) -> None:
    assert untranslated({text: "a:1"}, catalogue_of(SAMPLE)) == [f"a:1: {text!r}"]


@pytest.mark.parametrize("translation", ["到期", "{date}到期", "{day}{hour}到期"])
def test_a_translation_with_other_values_is_caught(translation: str) -> None:
    assert mismatched(catalogue_of(f'msgid "Due {{day}}"\nmsgstr "{translation}"\n')) != []


@pytest.mark.parametrize("translation", ["你好, 世界", "是吗?", "日期:今天"])
def test_latin_punctuation_in_chinese_is_caught(translation: str) -> None:
    assert half_width(catalogue_of(f'msgid "x"\nmsgstr "{translation}"\n')) != []
