"""What can be known of the page without a browser: its words, its colours, and that text stays text."""

from __future__ import annotations

import json
import re

import pytest

from bot.app import cast
from bot.channels.sandbox.page import CONTENT_SECURITY_POLICY, STATIC, TEXTS, page

SCRIPTS = sorted(STATIC.glob("*.js"))
STYLE = (STATIC / "chat.css").read_text(encoding="utf-8")
# Every colour of words with every ground it stands on, for both schemes.
READABLE = [
    ("text", "surface"), ("text", "log"), ("text", "ground"), ("muted", "surface"), ("muted", "log"),
    ("muted", "ground"), ("ink", "surface"), ("ink", "tint"), ("ink", "log"), ("muted", "tint"),
    ("on-ink", "ink"), ("on-ink", "ink-hover"), ("mine-text", "mine"), ("surface", "text"),
]  # fmt: skip
VISIBLE = [("edge", "surface"), ("edge", "log"), ("focus", "surface"), ("focus", "log"), ("focus", "ground")]


def test_every_sentence_that_is_used_exists_and_the_reverse() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in [*SCRIPTS, STATIC / "index.html"])
    assert set(re.findall(r"\btexts\.(\w+)", sources)) == set(TEXTS)


def test_every_role_has_quick_commands_and_help_is_the_last() -> None:
    assert set(cast().shortcuts) == set(cast().roles)
    assert all(strip[-1].slash == "help" for strip in cast().shortcuts.values())
    assert {shortcut.slash for shortcut in cast().shortcuts["supervisor"]} == {
        "case",
        "leave",
        "overdue",
        "todo",
        "safety",
        "hours",
        "why",
        "language",
        "help",
    }


def test_a_county_name_is_data() -> None:
    made = page("en", "<script>alert(1)</script>&", cast())
    assert "<script>alert(1)" not in made
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in made


def test_the_words_travel_as_json_in_the_page() -> None:
    found = re.search(r'id="texts">(.*?)</script>', page("en", "Yunxi", cast()), re.DOTALL)
    assert found
    blob = json.loads(found[1])
    assert blob["texts"] == TEXTS
    assert blob["roles"]["supervisor"] == "Supervisor"
    assert {"label": "Look up…", "text": "/case "} in blob["strips"]["care_officer"]


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    made = page("en", "Yunxi", cast())
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert re.findall(r"\son\w+=|\sstyle=|<style|https?://", made) == []
    assert re.findall(r"<script (?!type=\"application/json\"|type=\"module\" src=)", made) == []
    for sheet in STATIC.glob("*.css"):
        assert re.findall(r"url\(|@import|https?://", sheet.read_text(encoding="utf-8")) == []


def test_text_never_becomes_markup() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    for script in SCRIPTS:
        assert not forbidden.search(script.read_text(encoding="utf-8")), script.name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read(scheme: str) -> None:
    colours = _colours(scheme)
    faint = [pair for pair in READABLE if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    unseen = [pair for pair in VISIBLE if _contrast(colours[pair[0]], colours[pair[1]]) < 3]
    assert faint == []
    assert unseen == []


def _colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))


def _contrast(one: str, other: str) -> float:
    """WCAG 2: the ratio of the relative luminances."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
