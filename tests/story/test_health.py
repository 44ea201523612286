"""The administrator asks how the assistant itself fares: what is to be seen to comes first, and nothing of any case."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from reminders import hold
from reminders.heartbeats import SILENT
from storage.clock import lease_now
from storage.tables.processes import Heartbeat
from tests.chat import Town
from tests.story.words import ON_SQLITE


def beats(town: Town, process: str, ago: timedelta) -> None:
    def unit(session: Session) -> None:
        moment = lease_now() - ago
        session.add(Heartbeat(process=process, started_at=moment, ticked_at=moment))

    town.house.lane.run_now(unit)


async def test_what_is_to_be_seen_to_comes_first(town: Town) -> None:
    administrator = await town.one("administrator")
    beats(town, "a:1", timedelta(0))
    well = (await administrator.says("运行情况"))["text"].split("\n")
    assert well[0] == "运行正常。"
    assert "提醒：1个进程在运行" in well[1]
    assert any("2026年放假" in line for line in well)

    beats(town, "b:1", SILENT + timedelta(minutes=1))
    town.house.lane.run_now(lambda session: hold.hold(session, now=town.house.clock.now()))
    wrong = (await administrator.says("运行情况"))["text"].split("\n")
    assert wrong[0] == "有2项需要处理："
    assert "无响应" in wrong[1]
    assert "fangpingcha outbox release" in wrong[2]
    assert "其余正常：" in wrong


@ON_SQLITE
async def test_it_is_for_administrators_alone_and_stands_in_their_help(town: Town) -> None:
    auditor = (await town.everyone("administrator"))[2]
    assert "运行正常" in (await auditor.says("/health"))["text"]
    told = (await auditor.says("帮助"))["text"]
    assert "日历" in told
    assert "运行情况" in told
    for role in ("commission_staff", "care_officer", "subject"):
        assert "运行正常" not in (await (await town.one(role)).says("运行情况"))["text"]
