"""The family does not know: the officer says so where the form asks, and nobody goes there until it does."""

from __future__ import annotations

import pytest

from bot.channels.disclosure import Level
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import digest, walk
from tests.story.words import HOME_VISIT, ON_SQLITE

NOT_NOW = "家属不知情，暂不家访"
KNOWS = "家属已知情"
BRIEF = "家属不知情（11月23日）：请勿家访，勿向家属提及。"


async def card(phone: Phone) -> Bubble:
    return await phone.says(f"查询 {HOME_VISIT}")


async def refused(officer: Phone) -> Bubble:
    """The question after it was answered that the family does not know."""
    form = await officer.taps("记录", await card(officer))
    assert NOT_NOW not in labels(form)
    return await officer.taps("不知情", form)


async def test_the_answer_is_kept_and_the_home_visit_withdrawn(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    supervisor = await town.one("supervisor")
    morning = await digest(officer)
    assert "廉政家访" in morning["text"]
    done = await officer.taps(NOT_NOW, await refused(officer))
    assert done["text"].startswith("已登记｜暂不家访｜")
    assert HOME_VISIT in done["text"]
    assert "✓ 无需开展｜廉政家访" in (await officer.again(morning))["text"]
    assert BRIEF in (await officer.taps("走访提示", await card(officer)))["text"]
    assert "暂不家访｜本人告知家属不知情" in (await office.taps("时间线", await card(office)))["text"]
    before = await supervisor.last_id()
    await town.later(to="2026-12-02T12:00")
    for heard in await supervisor.told(before):
        assert HOME_VISIT not in heard["text"] or "廉政家访" not in heard["text"]
    said = await officer.taps(KNOWS, await card(officer))
    assert "恢复家访" in said["text"]
    assert "廉政家访" in said["text"]
    assert KNOWS not in labels(await card(officer))
    assert BRIEF not in (await officer.taps("走访提示", await card(officer)))["text"]


@ON_SQLITE
async def test_a_note_of_a_home_visit_says_that_the_family_knows(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps(NOT_NOW, await refused(officer))
    assert KNOWS in labels(await card(officer))
    kinds = await officer.taps("记录其他事项", await card(officer))
    form = await officer.taps("记录廉政家访", kinds)
    recap = await walk(officer, form, "知情", "今天", "say:家人支持。", "积极稳定", "未发现", "完成")
    await officer.taps("提交", recap)
    shown = await card(officer)
    assert KNOWS not in labels(shown)
    assert "家属知情（11月23日" in (await officer.taps("走访提示", shown))["text"]


@ON_SQLITE
async def test_an_old_button_changes_nothing_and_the_question_waits_for_a_plain_answer(town: Town) -> None:
    officer = await town.one("care_officer")
    asked = await refused(officer)
    await officer.taps("知情", asked)
    stale = await officer.taps(NOT_NOW, asked)
    assert "暂不家访" not in stale["text"]
    assert KNOWS not in labels(await card(officer))


@ON_SQLITE
async def test_where_names_may_not_be_told_the_card_gives_no_reason(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    await officer.taps(NOT_NOW, await refused(officer))
    town.house.office.levels = {**town.house.office.levels, "sandbox": Level.coded}
    shown = await card(officer)
    assert "家属" not in shown["text"] + "".join(labels(shown))
    assert "恢复家访" in labels(shown)
    theirs = await card(supervisor)
    assert "家" not in theirs["text"] + "".join(labels(theirs))


@ON_SQLITE
@pytest.mark.parametrize("role", ["supervisor", "unit_party_org", "subject"])
async def test_nobody_else_is_told(town: Town, role: str) -> None:
    officer, other = await town.one("care_officer"), await town.one(role)
    before = await other.last_id()
    await officer.taps(NOT_NOW, await refused(officer))
    assert not any("不知情" in heard["text"] for heard in await other.told(before))
    assert "不知情" not in (await card(other))["text"]
