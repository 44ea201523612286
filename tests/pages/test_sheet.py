"""The words of a form's page: what the chat says of its buttons is not said where there are none of them."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import pytest

from bot.dialogs import store
from bot.dialogs.engine import State
from bot.pages.sheet import sheet
from bot.pages.whole import Entry, fill
from casework.forms.catalog import FORMS
from locales.catalogue import LANGUAGES
from locales.phrase import CaseRef, Reader
from tests.dialogs.test_walks import ENV

OF_THE_CHAT = ("〔", "〕", "Done", "tap ", "Tap ", "Skip", "跳过")


def words_of(name: str, language: str) -> list[str]:
    """Every hint and help of the page, and what it says of answers that do not fit."""
    form, reader = FORMS[name], Reader(language, UTC, date(2026, 11, 23))
    draft = store.Open(1, name, form.version, 1, CaseRef("JA-7K3Q", "张明"), False, 0, State({}))
    made = sheet(form, draft, ENV, lambda phrase: phrase.render(reader))
    found = [line for question in made.questions for line in (question.prompt, question.hint, *question.help)]
    wrong: tuple[Any, ...] = (None, "", "9999-01-01", 0, False, [], "长" * 3000)
    for value in wrong:
        entries = {key: Entry(value) for key in form.by_key}
        problems = fill(form, State({}), entries, ENV, closing=True).problems
        found += [problem.render(reader) for problem in problems.values()]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FORMS)
def test_nothing_speaks_of_the_buttons_of_the_chat(name: str, language: str) -> None:
    assert [line for line in words_of(name, language) if any(word in line for word in OF_THE_CHAT)] == []
