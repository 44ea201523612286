"""The outbox at the command line: what it lists, what it never shows, and what doctor makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import Session, col, select, update

from bot.config import read_settings
from bot.operator import opened
from reminders import outbox, waiting
from storage.clock import lease_now
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from tests.bot.test_cli import county, does, fails, folder, migrated, one_line, run

__all__ = ["county", "folder", "migrated"]
T = TypeVar("T")


def inside(unit: Callable[[Session], T]) -> T:
    with opened(read_settings()) as lane:
        return lane.run_now(unit)


@pytest.fixture
def letters(county: Path) -> None:
    """One that died, one that waits, one that was perhaps sent twice, one of which nothing is to be seen."""
    does("member", "add", "--name", "王强", "--role", "supervisor")
    does("member", "add", "--name", "李敏", "--role", "care_officer", "--supervisor", "1")
    now = lease_now()

    def unit(session: Session) -> None:
        officer = session.exec(select(Member.id).where(Member.number == 2)).one()
        for state, unanswered in (("dead", 0), ("todo", 0), ("sent", 1), ("sent", 0)):
            row = outbox.row(
                "alert", now=now, county_id=None, member_id=officer, payload={"words": "张明"},
                due_at=now - timedelta(minutes=20), channel="sandbox",
            )  # fmt: skip
            outbox.put(
                session,
                [
                    {
                        **row,
                        "state": OutboxState(state),
                        "ended": OutboxState(state).at_its_end,
                        "unanswered": unanswered,
                    }
                ],
            )
        session.execute(update(Outbox).where(col(Outbox.state) == OutboxState.dead).values(error="refused"))

    inside(unit)


def test_it_lists_what_an_operator_has_to_know_and_no_word_of_it(letters: None) -> None:
    dead, waiting = (line.split("\t") for line in does("outbox", "list").splitlines())
    assert (dead[1], dead[3:]) == ("dead", ["2 Care officer", "alert", "sandbox", "0", "0", "refused", "-"])
    assert (waiting[1], waiting[-2:]) == ("todo", ["-", "nobody has taken it up yet"])
    assert does("outbox", "list", "--dead").split("\t")[0] == dead[0]
    assert does("outbox", "list", "--waiting").split("\t")[0] == waiting[0]
    (twice,) = does("outbox", "list", "--twice").splitlines()
    assert twice.split("\t")[-3] == "1"
    assert len(does("outbox", "list", "--dead", "--waiting", "--twice", "--limit", "2").splitlines()) == 2
    for said in (does("outbox", "list"), twice):
        assert "张明" not in said
        assert "李敏" not in said


def test_one_or_all_are_tried_once_more(letters: None) -> None:
    called = does("outbox", "list", "--dead").split("\t")[0]
    assert does("outbox", "retry", called) == "1 message is tried once more.\n"
    assert does("outbox", "list", "--dead") == ""
    assert "2222222" in one_line("outbox", "retry", "2222222")
    assert does("outbox", "retry", "--all") == "0 messages are tried once more.\n"
    for args in ((), ("XXXXXXX", "--all")):
        fails("outbox", "retry", *args, code=2)


def test_doctor_says_what_to_do(letters: None) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    lines = [line for line in result.stdout.splitlines() if "Outbox" in line]
    assert [line[:4] for line in lines] == ["FAIL", "FAIL", "FAIL", "ok  "]
    why = lines.pop(2)
    assert why == "FAIL Outbox: 1 of them: nobody has taken them up yet. Is serve running?"
    assert [line.rpartition("fangpingcha ")[2] for line in lines] == [
        "outbox list --dead", "outbox list --waiting", "outbox list --twice",
    ]  # fmt: skip


def test_a_message_that_waits_for_the_channels_next_day_says_so(letters: None) -> None:
    def unit(session: Session) -> None:
        row = session.exec(select(Outbox).where(Outbox.state == OutboxState.todo)).one()
        row.lease_until, row.error = lease_now() + timedelta(hours=2), waiting.full("day")

    inside(unit)
    (line,) = does("outbox", "list", "--waiting").splitlines()
    error, why = line.split("\t")[-2:]
    assert error == "full: day"
    assert why.endswith(": the channel\u2019s day is used up but for answers and safety calls")
    said = run("doctor").stdout
    assert "Outbox: 1 of them: the channel\u2019s day is used up but for answers and safety calls" in said


def test_doctor_says_that_nothing_is_stuck(county: Path) -> None:
    assert "ok   Outbox: nothing is stuck" in does("doctor").splitlines()


def test_it_is_held_and_let_go_on_demand(letters: None) -> None:
    assert "not held" in one_line("outbox", "release", "--yes")
    assert "is held" in does("outbox", "hold")
    assert "already" in does("outbox", "hold")
    held = [line for line in run("doctor").stdout.splitlines() if "held since" in line]
    assert [line[:4] for line in held] == ["FAIL"]
    for _ in range(2):  # asked, and nothing is done
        result = run("outbox", "release")
        assert result.exit_code == 1
        assert result.stdout.startswith("1 message goes out as it is.\n")
        assert "--yes" in result.stderr
    assert does("outbox", "release", "--yes").startswith("1 message goes out as it is.\n")
    assert "held since" not in run("doctor").stdout
