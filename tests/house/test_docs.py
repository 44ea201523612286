"""What the documents say is so: links, settings, commands, words and tables are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.cli import app
from bot.commands.registry import COMMANDS
from bot.config import PREFIX, Settings
from casework.forms.catalog import FORMS
from docs import forms_table, rulebook_table
from tests.house.rules import ROOT, sources

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", page.read_text("utf-8"))


@cache
def anchors(page: Path) -> frozenset[str]:
    """The headings of a page as a link names them: lower case, no punctuation, a dash for every space."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    )


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in _LINK.findall(prose(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_settings_are_those_of_the_code() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = {name for page in PAGES for name in re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", page.read_text("utf-8"))}
    table = set(
        re.findall(rf"^\| `({PREFIX}\w+)`", (ROOT / "docs/operating.md").read_text("utf-8"), re.MULTILINE)
    )
    assert named <= known
    assert table == known


def commands(group: TyperGroup, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def test_the_table_of_commands_is_the_command_line() -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    rows = re.findall(r"^\| `fangpingcha ([a-z ]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(row.strip() for row in rows) == sorted(commands(root))


def test_every_word_that_can_be_typed_is_in_the_table_of_reminders() -> None:
    page = (ROOT / "docs/reminders.md").read_text("utf-8")
    table = "\n".join(re.findall(r"^\|.*`/\w+.*$", page, re.MULTILINE))
    listed = set(re.findall(r"`/(\w+)", table))
    assert {command.slash for command in COMMANDS} <= listed
    assert [command.words[0] for command in COMMANDS if command.words[0] not in table] == []


def test_every_target_of_the_docs_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text("utf-8"))}
    assert named <= targets


def test_tables_of_the_rulebook_are_its_defaults() -> None:
    page = rulebook_table.PAGE.read_text("utf-8")
    assert set(rulebook_table.TABLES) == set(re.findall(r"<!-- (\w+): made by", page))
    assert rulebook_table.renewed(page) == page, "run: .venv/bin/python docs/rulebook_table.py"


def test_tables_of_the_forms_are_what_the_forms_ask() -> None:
    page = forms_table.PAGE.read_text("utf-8")
    assert set(forms_table.TABLES) == set(re.findall(r"<!-- (\w+): made by", page))
    assert forms_table.renewed(page) == page, "run: .venv/bin/python docs/forms_table.py"
    assert "None" not in page, "something listed as understood is not"


@pytest.mark.parametrize("name", FORMS)
def test_the_short_road_through_any_form_is_eight_inputs_at_most(name: str) -> None:
    least, most = (forms_table.effort(FORMS[name], full=full) for full in (False, True))
    # the review is written at a desk: four points and a conclusion
    assert least.inputs <= (10 if name == "review" else 8)
    assert least.typed <= (4 if name == "review" else 1)
    assert most.inputs >= least.inputs


def test_words_of_the_glossary_are_in_the_code() -> None:
    rows = re.findall(
        r"^\|[^|]*\|[^|]*\|([^|]*)\|", (ROOT / "docs/glossary.md").read_text("utf-8"), re.MULTILINE
    )
    identifiers = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    code = {
        word
        for path in [*sources(), ROOT / "pyproject.toml"]
        for word in re.findall(r"\w+", path.read_text("utf-8"))
    }
    assert identifiers
    assert identifiers - code == set()


def test_rooms_of_the_architecture_exist() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    paths = re.findall(r"`((?:storage|reminders|casework|bot|locales|docs|tests)/[\w/.]+\.\w+)`", page)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
