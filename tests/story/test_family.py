"""The family does not know: the officer says so where the form asks, and nobody goes there until it does."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlmodel import Session, select

from bot.channels.disclosure import Level
from reminders import schedule
from reminders.mechanism import mechanism_of
from storage.queries import own
from storage.queries.standing import MEET_THE_FAMILY
from storage.tables.cases import Case
from storage.tables.members import Address
from storage.tables.visits import VisitKind
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import digest, walk
from tests.story.words import HOME_VISIT, ON_SQLITE
from tests.web import browser

NOT_NOW = "家属不知情，暂不家访"
KNOWS = "家属已知情"
MINE_KNOWS = "家属知情，可以家访"
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


# --- the brief, once the family knows --------------------------------------------------------------------------------


@ON_SQLITE
async def test_the_brief_keeps_that_the_family_knows_by_now(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps(NOT_NOW, await refused(officer))
    await town.later(to="2026-11-24T10:00")
    await officer.taps(KNOWS, await card(officer))
    assert "家属知情（11月24日，本人告知）" in (await officer.taps("走访提示", await card(officer)))["text"]


# --- on the page -----------------------------------------------------------------------------------------------------


async def filled_in_on_the_page(site: Town) -> tuple[Phone, str]:
    officer = await site.one("care_officer")
    question = await officer.taps("记录", await card(officer))
    return officer, (await officer.taps("在网页填写", question))["text"]


async def test_on_the_page_the_form_ends_the_same_way(site: Town) -> None:
    officer, link = await filled_in_on_the_page(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        hidden = re.search(r"<button[^>]*data-instead[^>]*>", page.html)
        assert hidden is not None
        assert hidden[0].endswith("hidden>")
        again = await web.sends(page.sheet, **{"a.family_informed": "no", "do": "save"})
        assert "不开展廉政家访" in again.problems["family_informed"]
        shown = re.search(r"<button[^>]*data-instead[^>]*>", again.html)
        assert shown is not None
        assert "hidden" not in shown[0]
        done = await web.sends(again.sheet, do="instead")
        assert "已登记｜暂不家访｜" in done.text
        assert (await web.sends(again.sheet, do="instead")).status == 404
    await site.house.office.settled()
    assert KNOWS in labels(await card(officer))
    assert "暂不家访" in (await officer.finds("已在网页上提交"))["text"]


@ON_SQLITE
async def test_on_the_page_it_takes_that_answer_and_no_other(site: Town) -> None:
    officer, link = await filled_in_on_the_page(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        for given in ("", "perhaps", "yes"):
            page = await web.sends(page.sheet, **{"a.family_informed": given, "do": "instead"})
            assert page.path.startswith("/page/form/")
            assert "已登记" not in page.text
        assert "family_informed" not in page.problems
    assert KNOWS not in labels(await card(officer))


@ON_SQLITE
async def test_where_all_is_filled_in_on_the_page_there_is_no_dead_end(site: Town) -> None:
    site.house.office.levels = {**site.house.office.levels, "sandbox": Level.notice}
    officer = await site.one("care_officer")
    link = (await officer.says("网页"))["text"]
    async with browser(site.house) as web:
        await web.comes_in(link)
        shown = await web.opens(f"/page/?q={HOME_VISIT}")
        page = await web.sends(shown.button("记录 王芳"))
        again = await web.sends(page.sheet, **{"a.family_informed": "no", "do": "check"})
        done = await web.sends(again.sheet, do="instead")
        assert "已登记｜暂不家访｜" in done.text
        shown = await web.opens(f"/page/?q={HOME_VISIT}")
        assert KNOWS in shown.labels()


# --- the person's own answer -----------------------------------------------------------------------------------------


async def concerned(town: Town) -> tuple[Phone, str]:
    """The person concerned, with a home visit planned; the code of their case."""
    person = await town.one("subject")

    def plan(session: Session) -> str:
        addresses = session.exec(select(Address).where(Address.channel == "sandbox")).all()
        case = own.case_of(session, next(a.member_id for a in addresses if a.address == person.id))
        assert case is not None
        now, mechanism = town.house.clock.now(), mechanism_of(session, case.county_id)
        if not any(v.kind is VisitKind.home_visit for v in schedule.open_visits(session, case.id)):
            schedule.plan(session, case, VisitKind.home_visit, date(2026, 12, 1), mechanism, now=now)
        return case.code

    return person, await town.house.lane.run(plan)


async def officer_of(town: Town, code: str) -> Phone:
    for officer in await town.everyone("care_officer"):
        if "走访提示" in labels(await officer.says(f"查询 {code}")):
            return officer
    raise AssertionError(code)


async def test_the_person_says_it_themselves(town: Town) -> None:
    person, code = await concerned(town)
    officer = await officer_of(town, code)
    before = await officer.last_id()
    asked = await person.says("我的")
    assert "以您本人所说为准" in asked["text"]
    assert {MINE_KNOWS, NOT_NOW} <= set(labels(asked))
    said = await person.taps(NOT_NOW, asked)
    assert said["text"].startswith("已登记｜暂不家访")
    mine = await person.says("我的")
    assert "您于11月23日告知家属不知情" in mine["text"]
    assert "廉政家访" not in mine["text"].partition("您于")[0]
    await town.later(to="2026-11-23T10:00")
    told = [one["text"] for one in await officer.told(before)]
    assert any(text.startswith("暂不家访｜") and code in text for text in told), told
    assert (
        "家属不知情（11月23日）"
        in (await officer.taps("走访提示", await officer.says(f"查询 {code}")))["text"]
    )
    since = await officer.last_id()
    assert "已登记｜暂不家访" in (await person.taps(NOT_NOW, asked))["text"], "said twice it is said once"
    await town.later(to="2026-11-23T11:00")
    assert await officer.told(since) == []
    assert "恢复家访" in (await person.taps(MINE_KNOWS, mine))["text"]
    await town.later(to="2026-11-23T14:30")
    assert any(one["text"].startswith("恢复家访｜") for one in await officer.told(since))
    assert "告知家属已知情" in (await person.says("我的"))["text"]
    assert (
        "家属知情（11月23日" in (await officer.taps("走访提示", await officer.says(f"查询 {code}")))["text"]
    )


@ON_SQLITE
@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_a_chat_that_may_lie_open_at_home_says_nothing_of_the_family(town: Town, language: str) -> None:
    person, code = await concerned(town)
    officer = await officer_of(town, code)
    await person.in_language(language)
    await officer.in_language(language)
    before = await officer.last_id(), await person.last_id()
    town.house.office.levels = {**town.house.office.levels, "sandbox": Level.coded}
    asked = await person.says("/my")
    await person.taps("暂不家访" if language == "zh_CN" else "Home visits rest", asked)
    mine = await person.says("/my")
    assert ("可以家访" if language == "zh_CN" else "Home visits may be made") in labels(mine)
    await town.later(to="2026-11-23T10:00")
    told = [one for one in await officer.told(before[0]) if code in one["text"]]
    assert any(("暂不家访" if language == "zh_CN" else "Home visits rest") in one["text"] for one in told)
    for bubble in (*told, *await person.told(before[1])):
        assert not re.search("家属|知情|family", bubble["text"] + "".join(labels(bubble)))


@ON_SQLITE
async def test_at_notice_the_person_says_it_on_their_page(site: Town) -> None:
    person, _ = await concerned(site)
    site.house.office.levels = {**site.house.office.levels, "sandbox": Level.notice}
    assert not any("家" in one for one in labels(await person.says("我的")))
    link = (await person.says("网页"))["text"]
    async with browser(site.house) as web:
        await web.comes_in(link)
        mine = await web.opens("/page/?do=command&name=my")
        done = await web.sends(mine.button(NOT_NOW))
        assert "已登记｜暂不家访" in done.text


@ON_SQLITE
async def test_whom_nobody_visits_at_home_is_not_asked(town: Town) -> None:
    person, code = await concerned(town)

    def away(session: Session) -> None:
        case = session.exec(select(Case).where(Case.code == code)).one()
        for visit in schedule.open_visits(session, case.id):
            if visit.kind in MEET_THE_FAMILY:
                schedule.withdraw(session, visit, now=town.house.clock.now(), actor_id=None)

    await town.house.lane.run(away)
    assert not any("家" in one for one in labels(await person.says("我的")))
