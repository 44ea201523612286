"""Rules at the command line: shown, previewed, saved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot import changes, cli
from casework import rulebooks
from locales.phrase import Reader
from storage.rulebook import Recipient, Rulebook, Via
from storage.rulebook_sections import Rules
from tests.bot.test_forecasting import county, says

__all__ = ["county"]


def refused(*args: str) -> str:
    result = CliRunner().invoke(cli.app, args)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    return str(result.stderr)


def write(folder: Path, rules: object) -> str:
    (folder / "rules.json").write_text(json.dumps(rules), "utf-8")
    return "rules.json"


def test_shown_rules_can_be_given_back(county: Path) -> None:
    shown = json.loads(says("rulebook", "show"))
    assert shown["ladder"]["repeat_every"] == 5
    assert "hold already" in refused("rulebook", "preview", write(county, shown))
    shown["ladder"]["repeat_every"] = 10
    assert "Working days between repeats after the last step: 5 → 10" in says(
        "rulebook", "preview", write(county, shown)
    )


def test_the_preview_counts_and_gives_examples_and_writes_nothing(county: Path) -> None:
    before = (county / "county.db").read_bytes()
    steps = json.loads(says("rulebook", "show"))["ladder"]["steps"]
    steps[5]["at"] = "10:00"
    file = write(
        county,
        {"ladder": {"steps": steps, "repeat_every": 10}, "cadence": {"observation": {"talk_days": 60}}},
    )
    said = says("rulebook", "preview", file, "--days", "20").splitlines()
    talks = "Days between talks during evaluation and observation: 90 → 60"
    assert f"Stage 3, observation | {talks}" in said, "of two rules that are called the same, which one"
    assert "Step 6 of the ladder: a notice at 09:00 → a notice at 10:00" in said
    (counts,) = [line for line in said if line.startswith("Notices:")]
    come, gone, moved = map(int, re.findall(r"\d+", counts))
    assert come == 0
    assert gone > 10
    assert moved > 5
    assert any(re.search(r"\(Supervisor\) \| JA-\w+ \| .* 09:00 → .* 10:00", line) for line in said)
    assert any("would be followed on another day" in line for line in said)
    assert any(line.startswith("Messages for each person") for line in said)
    assert (county / "county.db").read_bytes() == before


def test_saved_rules_hold_and_once_is_enough(county: Path) -> None:
    file = write(county, {"ladder": {"repeat_every": 10}})
    foreseen = says("rulebook", "preview", file)
    assert "version 2" in says("rulebook", "save", file, "--by", "9")
    assert json.loads(says("rulebook", "show"))["version"] == 2
    assert "again every 10 working days" in says("forecast")
    assert "hold already" in refused("rulebook", "save", file, "--by", "9")
    assert "→" in foreseen


def test_what_is_wrong_is_one_sentence(county: Path) -> None:
    wrong: tuple[object, ...] = ({"ladder": {"repeat_every": 0}}, [], {"lader": {}})
    for rules in wrong:
        for args in (("preview",), ("save", "--by", "9")):
            assert refused("rulebook", args[0], write(county, rules), *args[1:]).endswith(".\n")
    assert "cannot answer" in refused(
        "rulebook", "save", write(county, {"ladder": {"repeat_every": 9}}), "--by", "1"
    )
    assert "none.json" in refused("rulebook", "preview", "none.json")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_rule_has_a_name_and_no_path(language: str) -> None:
    """Each number, hour, recipient, sanction and step of the rulebook, changed or gone."""
    reader, book = Reader(language, UTC, date(2026, 11, 23)), Rulebook.default()
    paths = [path for (path, _), _ in rulebooks.leaves(book) if path != ("version",)]
    told = list(changes.rules(book, everything_else(book), reader))
    names = [line.rsplit("：" if language == "zh_CN" else ": ", 1)[0] for line in told]
    assert len(set(names)) == len(paths)
    for line in told:
        assert not re.search(r"[a-z]_[a-z]|[a-z]\.[a-z]", line), line
        assert language == "en" or not re.search(r"[a-z]", line), line
        assert "→" in line


def test_a_step_says_what_of_it_differs() -> None:
    book, reader = Rulebook.default(), Reader("zh_CN", UTC, date(2026, 11, 23))
    steps = [
        *book.ladder.steps[:5],
        book.ladder.steps[5].model_copy(update={"offset": 3}),
        *book.ladder.steps[6:7],
    ]
    ladder = book.ladder.model_copy(update={"steps": tuple(steps)})
    assert list(changes.rules(book, book.model_copy(update={"ladder": ladder}), reader)) == [
        "逐级提醒第6级：逾期第2个工作日→逾期第3个工作日",
        "逐级提醒第8级：逾期第8个工作日｜领导小组成员｜09:00单独提醒→无",
    ]


def everything_else(rules: Any) -> Any:
    """The same rules with every value another one; the last step of each ladder is gone."""
    if isinstance(rules, Rules):
        values = {name: everything_else(getattr(rules, name)) for name in type(rules).model_fields}
        return rules.model_copy(update=values)
    match rules:
        case Via() | Recipient():
            return next(one for one in type(rules) if one is not rules)
        case int():
            return rules + 1
        case time():
            return rules.replace(minute=7)
        case Mapping():
            return {key: months + 1 for key, months in rules.items()}
        case tuple() if isinstance(rules[0], Rules):
            return tuple(everything_else(one) for one in rules[:-1])
        case tuple():
            return (*rules, Recipient.care_officer) if Recipient.care_officer not in rules else rules[1:]
    return rules
