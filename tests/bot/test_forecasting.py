"""The forecast at the command line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot import cli
from bot.app import keep_clock, open_storage
from reminders import days_off
from storage.clock import SandboxClock
from storage.tables.cases import Case, CaseState
from storage.tables.members import Address
from tests.conftest import OPENING, settings_of

pytestmark = pytest.mark.usefixtures("december")


@pytest.fixture
def county(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lived_in: Path) -> Path:
    """The demo county as an operator's database, its clock kept."""
    shutil.copytree(lived_in, tmp_path / "demo")
    monkeypatch.chdir(tmp_path / "demo")
    monkeypatch.setenv("FANGPINGCHA_DATABASE_URL", "sqlite:///county.db")
    monkeypatch.setenv("FANGPINGCHA_KEY_FILE", "county.key")
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "en")
    lane = open_storage(settings_of("sqlite:///county.db", Path("county.key")))
    lane.run_now(lambda session: keep_clock(session, SandboxClock(OPENING, standing=True)))
    lane.run_now(lambda session: days_off.watch(session, now=OPENING))
    lane.close()
    return tmp_path / "demo"


def says(*args: str) -> str:
    result = CliRunner().invoke(cli.app, args)
    assert result.exit_code == 0, result.stderr
    return str(result.stdout)


NOTICE = re.compile(r"^  (\d\d:\d\d) \| ([^|]+) \| (\d+) (\S+) \(([^|]+)\)(?: \| (JA-[^|]+))? \| (.+)$")


def test_a_line_for_each_notice_day_by_day(county: Path) -> None:
    said = says("forecast", "--days", "14").splitlines()
    days = [line[:10] for line in said if re.match(r"\d{4}-", line)]
    assert days == sorted(set(days))
    assert days[0] == "2026-11-23"
    assert days[-1] == "2026-12-07"
    notices = [found for line in said if (found := NOTICE.match(line))]
    assert len(notices) == sum(line.startswith("  ") for line in said)
    assert f"{len(notices)} messages in all." in said
    assert {found[2] for found in notices} == {
        "Morning digest",
        "Reminder on the due day",
        "Overdue notice",
        "Visits that no companion confirms",
        "Days off not known yet",
    }
    (of_the_year,) = [found for found in notices if found[2] == "Days off not known yet"]
    assert of_the_year[1] == "09:00"
    assert of_the_year[7] == "on 1 and 15 December, while the days off of 2027 are not known"
    assert any("5 working days after the due day" in found[7] for found in notices)
    assert any(found[7].endswith("again every 5 working days") for found in notices)
    weeks = [
        line.split() for line in said[said.index(next(s for s in said if s.startswith("Messages a"))) + 1 :]
    ]
    assert sum(int(cell) for row in weeks for cell in row[-4:-1] if cell != "-") == len(notices)


def test_ninety_days_are_the_default_and_chinese_the_language(
    county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "zh_CN")
    said = says("forecast")
    assert "11月23日至2027年2月21日" in said
    assert "2027年放假安排尚未公布" in said
    assert "（分管负责人）" in said
    assert not re.search(r"[a-z]{4}", said)


def change(county: Path, work: object) -> None:
    lane = open_storage(settings_of("sqlite:///county.db", Path("county.key")))
    lane.run_now(work)  # type: ignore[arg-type]
    lane.close()


def test_a_case_on_hold_does_not_appear_and_nothing_says_why(county: Path) -> None:
    before = says("forecast", "--days", "10")
    assert "JA-7K3Q" in before

    def hold(session: Session) -> None:
        session.exec(select(Case).where(Case.code == "JA-7K3Q")).one().state = CaseState.held

    change(county, hold)
    held = says("forecast", "--days", "10")
    change(county, lambda s: _set(s, CaseState.closed))
    assert "JA-7K3Q" not in held
    assert says("forecast", "--days", "10") == held  # held, closed: it reads the same


def _set(session: Session, state: CaseState) -> None:
    session.exec(select(Case).where(Case.code == "JA-7K3Q")).one().state = state


def test_whoever_is_bound_to_no_chat_is_marked(county: Path) -> None:
    def unbind(session: Session) -> None:
        for address in session.exec(select(Address)).all():
            session.delete(address)

    change(county, unbind)
    said = says("forecast", "--days", "3")
    assert "cannot be reached at present: the next in line hears" in said
    assert "Nothing will be sent." in said
    assert re.search(r"\d+ messages would find nobody", said)


def test_nothing_is_written(county: Path) -> None:
    before = (county / "county.db").read_bytes()
    says("forecast")
    assert (county / "county.db").read_bytes() == before


def test_without_a_county_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_sqlite: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty_sqlite, tmp_path / "fangpingcha.db")
    result = CliRunner().invoke(cli.app, ("forecast",))
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
