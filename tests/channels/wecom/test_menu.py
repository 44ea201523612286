"""The app's menu: all that has room has its place, and no name is too long for it."""

from __future__ import annotations

import pytest

from bot.app import menu
from bot.channels.base import MenuItem
from bot.channels.wecom.menu import menu_of
from locales.catalogue import LANGUAGES

# Fifteen have; two of these stand below the day's list, two are for administrators alone, and all are in the help.
NO_ROOM = {"brief", "hours", "calendar", "health"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_of_ours_stands_in_the_menu_once(language: str) -> None:
    made = menu_of(menu(), language)["button"]
    keys = [entry["key"] for top in made for entry in top["sub_button"]]
    assert sorted(keys) == sorted({item.word for item in menu()} - NO_ROOM)
    assert all(1 <= len(top["name"].encode()) <= 16 for top in made)
    assert all(1 <= len(entry["name"].encode()) <= 40 for top in made for entry in top["sub_button"])


@pytest.mark.parametrize("count", [0, 1, 5, 6, 11, 15, 16, 40])
def test_what_has_no_room_goes_where_there_is_some(count: int) -> None:
    items = [MenuItem(f"word{n}", "", f"标签{n}" * 20) for n in range(count)]
    made = menu_of([*items, MenuItem("help", "", "Help")], "zh_CN")["button"]
    assert len(made) <= 3
    assert all(1 <= len(top["sub_button"]) <= 5 for top in made)
    keys = [entry["key"] for top in made for entry in top["sub_button"]]
    assert len(keys) == len(set(keys)) == min(count + 1, 15)
    assert "help" in keys
    assert all(len(entry["name"].encode()) <= 40 for top in made for entry in top["sub_button"])


def test_a_word_with_nothing_below_it_is_left_out() -> None:
    (top,) = menu_of([MenuItem("today", "", "Today")], "en")["button"]
    assert top == {"name": "Tasks", "sub_button": [{"type": "click", "name": "Today", "key": "today"}]}
