"""A channel that is told only how many tasks there are, by when, their codes and a link: all can be done all the same,
and nobody is told who is a case."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.story.test_matters import promised
from tests.story.words import CHINESE, ON_SQLITE
from tests.telegram_town import TelegramTown, telegram_town
from tests.web import browser

_TASK = r"T-[2-9A-HJ-NP-Z]{8}"
_LINK = re.compile(r"/page/in\?code=[\w-]+")


@pytest.fixture
async def county(house: House) -> AsyncIterator[TelegramTown]:
    async with telegram_town(house, "webhook", Level.notice) as town:
        yield town


@ON_SQLITE
async def test_the_morning_leads_to_every_form(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    await county.town.later(to="2026-11-25T09:00")
    digest = officer.finds("早上好")
    late = re.search(rf"逾期\d+个工作日｜({_TASK})", digest.text)
    assert late is not None
    assert {f"记录 {late[1]}", "网页", "本周"} <= set(digest.labels)
    assert "/page/in" in (await officer.taps("网页", digest)).text
    assert "今日\n今日" not in officer.finds("今日到期提醒").text
    for said in ("走访提示", "改期"):
        listed = await officer.says(said)
        assert f"{late[1]}（11月18日）" in listed.labels
        assert "/page/in" in (await officer.taps(late[1], listed)).text
    told = await officer.taps(late[1], await officer.taps("未能开展", digest))
    assert "to=form" in told.text
    listed = await officer.says("本周")
    assert f"记录 {late[1]}" in listed.labels
    told = await officer.taps(f"记录 {late[1]}", listed)
    async with browser(county.house) as web:
        page = await web.comes_in(told.text)
        assert page.path.startswith("/page/form/")
        assert "张明" in page.text


@ON_SQLITE
async def test_an_alert_can_be_acted_on(county: TelegramTown) -> None:
    supervisor = await county.bound("supervisor")
    await county.town.later(to="2026-11-25T09:00")
    alert = supervisor.finds("逾期提醒：以下")
    task = re.search(rf"1\. ({_TASK})", alert.text)
    assert task is not None
    assert {f"催办 {task[1]}", f"知悉 {task[1]}", "网页"} <= set(alert.labels)
    await supervisor.taps(f"知悉 {task[1]}", alert)
    assert "知悉至" in supervisor.again(alert).text or "知悉" in supervisor.last.text


@ON_SQLITE
@pytest.mark.parametrize("role", ["care_officer", "supervisor", "commission_staff"])
async def test_nobody_is_told_who_is_a_case(county: TelegramTown, role: str) -> None:
    asker = await county.bound(role)
    await county.town.later(to="2026-11-25T09:00")
    told = {}
    for name in ("张明", "王大山", "JA-7K3Q", "JA-9999"):
        for said in (f"查询 {name}", name):
            told[said] = _LINK.sub("…", (await asker.says(said)).text)
    assert len({text for said, text in told.items() if said.startswith("查询")}) == 1
    assert told["张明"] == told["王大山"]
    assert told["JA-7K3Q"] == told["JA-9999"]
    assert told["查询 张明"].startswith("按规定，您查询的内容不在本渠道显示。\n请在本人页面查看：")
    why = await asker.says("为什么")
    assert why.text.startswith("按规定，您查询的内容不在本渠道显示。")
    assert why.labels == []


@ON_SQLITE
@pytest.mark.parametrize("role", ["care_officer", "supervisor", "commission_staff", "unit_party_org"])
async def test_an_alarm_tells_nobody_who_is_a_case(county: TelegramTown, role: str) -> None:
    asker = await county.bound(role)
    await county.town.later(to="2026-11-25T09:00")
    said = ("安全风险 张明", "安全 王大山", "安全 JA-7K3Q", "安全 JA-9999", "安全 T-22222222", "安全")
    seen = [await asker.says(one) for one in said]
    assert len({_LINK.sub("…", one.text) for one in seen}) == 1
    assert len({tuple(one.labels) for one in seen}) == 1
    text = seen[0].text
    assert text.startswith("紧急情况请先拨打110、120。\n需要立即与哪一位联系？")
    assert "to=safety" in text
    assert all(re.fullmatch(rf"{_TASK}（.*日）", label) for label in seen[0].labels)
    named = [await asker.says(one) for one in ("张明", "王大山")]
    assert len({_LINK.sub("…", one.text) for one in named}) == 1


@ON_SQLITE
async def test_an_alarm_is_raised_by_the_code_of_a_task_or_on_the_page(county: TelegramTown) -> None:
    officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
    await county.town.later(to="2026-11-25T09:00")
    late = re.search(rf"逾期\d+个工作日｜({_TASK})", officer.finds("早上好").text)
    assert late is not None
    for way in (f"安全 {late[1]}", f"安全风险 {late[1].lower().replace('t-', 't')}"):
        asked = await officer.says(way)
        assert asked.labels == ["立即告知"], asked.text
    listed = await officer.says("安全风险 张明")
    asked = await officer.taps(late[1], listed)
    assert (await officer.taps("立即告知", asked)).text.startswith("已告知")
    await supervisor.settled()
    assert "有1项需要立即" in supervisor.last.text
    async with browser(county.house) as web:
        page = await web.comes_in(listed.text)
        asked_on_page = await web.sends(page.button("王芳"))
        assert "安全风险｜王芳 JA-5M2X" in asked_on_page.text
        assert "已告知" in (await web.sends(asked_on_page.button("立即告知"))).text


@ON_SQLITE
async def test_a_matter_to_follow_up_has_its_way_in(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    await promised(await county.town.one("care_officer"), CHINESE)
    await county.town.later(to="2026-12-01T09:00")
    digest = officer.finds("早上好")
    line = re.search(r"^今日｜(M-\w{7})$", digest.text, re.MULTILINE)
    assert line is not None, digest.text
    assert {f"已跟进 {line[1]}", "网页"} <= set(digest.labels)
    told = await officer.taps(f"已跟进 {line[1]}", digest)
    assert told.text.startswith("请在本人页面查看：")
    async with browser(county.house) as web:
        page = await web.comes_in(told.text)
        assert "今日｜跟进事项｜张明 JA-7K3Q" in page.text
        assert "已跟进，不再提醒" in (await web.sends(page.button("已跟进 张明"))).text
    await officer.settled()
    again = officer.again(digest)
    assert f"✓ 已跟进｜{line[1]}" in again.text
    assert f"已跟进 {line[1]}" not in again.labels
    assert "张明" not in "".join(seen.text for seen in officer.user.told)
