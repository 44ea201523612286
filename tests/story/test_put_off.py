"""Whoever puts a visit off reads in the answer who will read of it and what: only where somebody will, and no name."""

from __future__ import annotations

from sqlmodel import Session, select

from storage.tables.members import Member
from tests.chat import Bubble, Phone, Town
from tests.story.acts import walk
from tests.story.test_asking import moved_twice, names_of, not_done
from tests.story.words import ON_SQLITE

pytestmark = ON_SQLITE
TOLD = "11月24日早上，分管负责人将看到改期前后的日期和原因。"
WORDLESS = "11月24日早上，分管负责人将看到改期前后的日期，不含您输入的说明。"


async def put_off(officer: Phone, day: str, why: str = "与工作安排冲突") -> Bubble:
    asked = await officer.taps("改期", await officer.says("本周"))
    return await walk(officer, asked, "廉政家访｜王芳", f"say:{day}", *why.split("＋"), "提交")


async def test_it_says_what_the_supervisor_will_read(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    said = (await put_off(officer, "11月26日"))["text"]
    assert TOLD in said
    assert supervisor.name not in said, "what they are is enough"
    await town.later(to="2026-11-24T08:35")
    listed = (await supervisor.finds("由责任人改期"))["text"]
    assert "11月23日" in listed
    assert "11月26日" in listed


async def test_in_english(town: Town) -> None:
    officer = await (await town.one("care_officer")).in_language("en")
    asked = await officer.taps("Could not be done", await officer.says("/week"))
    said = await walk(officer, asked, "Integrity home visit | 王芳", "Weather", "24 November", "Submit")
    who = "On the morning of 24 November, the supervisor will read"
    assert f"{who} from which day to which it was put off, and the reason." in said["text"]


async def test_what_was_typed_is_not_passed_on_and_it_says_so(town: Town) -> None:
    officer = await town.one("care_officer")
    assert WORDLESS in (await not_done(officer, "11月26日", "其他", "say:家中有事，暂不便见面"))["text"]


async def test_back_to_its_day_nobody_is_told(town: Town) -> None:
    officer = await town.one("care_officer")
    assert TOLD in (await put_off(officer, "11月26日"))["text"]
    assert "早上" not in (await put_off(officer, "11月23日"))["text"]


async def test_what_is_only_asked_for_is_not_listed(town: Town) -> None:
    officer = await town.one("care_officer")
    await moved_twice(officer)
    assert "早上" not in (await not_done(officer, "11月26日"))["text"]


async def test_without_a_supervisor_the_office_will_read_it(town: Town) -> None:
    def unit(session: Session) -> None:
        index = names_of(session, officer.name)
        session.exec(select(Member).where(Member.name_index == index)).one().supervisor_id = None

    officer = await town.one("care_officer")
    await town.house.lane.run(unit)
    said = (await not_done(officer, "11月26日"))["text"]
    assert "11月24日早上，领导小组办公室将看到改期前后的日期和原因。" in said
