"""Rules at the command line: shown, previewed, saved."""

from __future__ import annotations

import json
import re
from pathlib import Path

from typer.testing import CliRunner

from bot import cli
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
    assert "ladder.repeat_every: 5 → 10" in says("rulebook", "preview", write(county, shown))


def test_the_preview_counts_and_gives_examples_and_writes_nothing(county: Path) -> None:
    before = (county / "county.db").read_bytes()
    steps = json.loads(says("rulebook", "show"))["ladder"]["steps"]
    steps[5]["at"] = "10:00"
    file = write(
        county,
        {"ladder": {"steps": steps, "repeat_every": 10}, "cadence": {"observation": {"talk_days": 60}}},
    )
    said = says("rulebook", "preview", file, "--days", "20").splitlines()
    assert "cadence.observation.talk_days: 90 → 60" in said
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
