"""A review of the sanction is asked for: the office notes it; who visits does not argue it; no rating hangs on it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from bot.channels.disclosure import Level
from casework import appeals
from casework.appeals import Appeal
from storage.errors import Refused
from storage.queries.access import active_members, actor_of
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case
from storage.tables.members import Role
from tests.chat import Bubble, Nothing, Phone, Town, labels
from tests.story.acts import walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.web import browser

UNDER_WAY = "复核：11月20日提出，正在办理"
NOTE, ENDED = "登记申诉", "申诉已办结"


async def card(phone: Phone) -> Bubble:
    return await phone.says(f"/case {OVERDUE_CASE}")


async def noted(office: Phone) -> Bubble:
    recap = await walk(office, await card(office), NOTE, "复核", "say:11-20")
    return await office.taps("提交", recap)


async def test_whoever_visits_knows_not_to_argue_it(town: Town) -> None:
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    assert "本人的权利" in (await officer.taps("走访提示", await card(officer)))["text"]
    done = await noted(office)
    assert done["text"].startswith("已提交｜登记复审、复核、申诉｜张明")
    for phone in (office, officer):
        assert UNDER_WAY in (await card(phone))["text"]
    brief = (await officer.taps("走访提示", await card(officer)))["text"]
    assert f"{UNDER_WAY}。这是本人的权利，请勿就此争论；行使该权利不影响评定。" in brief
    asked = await walk(
        officer, await card(officer), "记录 张明", "今天", "本人办公室", "say:话不多。", "情绪波动"
    )
    assert UNDER_WAY in asked["text"]
    await officer.says("取消")
    await officer.says("是")
    assert "复核，11月20日提出" in (await office.taps("时间线", await card(office)))["text"]

    await town.later(to="2026-11-24T09:00")
    over = await office.taps("提交", await walk(office, await card(office), ENDED, "变更"))
    assert "影响期" in over["text"]
    assert UNDER_WAY not in (await card(officer))["text"]
    brief = (await officer.taps("走访提示", await card(officer)))["text"]
    assert UNDER_WAY not in brief
    assert "本人的权利" in brief
    timeline = (await office.taps("时间线", await card(office)))["text"]
    assert "变更原决定" in timeline

    def verbs(session: Session) -> list[str]:
        return [one.verb for one in session.exec(select(AuditRecord)) if one.verb.startswith("appeal_")]

    assert await town.house.lane.read(verbs) == ["appeal_filed", "appeal_ended"]


@ON_SQLITE
async def test_it_is_the_offices_to_note_and_once(town: Town) -> None:
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    before = await card(office)
    for phone in (officer, await town.one("supervisor"), await town.one("leader")):
        assert NOTE not in labels(await card(phone))
    asked = await walk(office, before, NOTE, "申诉", "say:11-28")
    assert "11月28日" in asked["text"]
    assert "提交" not in labels(asked)
    await office.says("取消")
    await office.says("是")
    await noted(office)
    assert "已登记" in (await office.taps(NOTE, before))["text"]
    supervisor = await town.one("supervisor")
    seen = await card(supervisor)
    assert "复核" not in seen["text"]
    assert ENDED not in labels(seen)
    await office.taps("提交", await walk(office, await card(office), ENDED, "维持"))
    with pytest.raises(Nothing):
        await office.taps(ENDED, await card(office))


@ON_SQLITE
async def test_a_colleague_was_first_while_somebody_looked_at_the_recap(town: Town) -> None:
    office, colleague = await town.one("commission_staff"), await town.one("commission_staff", 1)
    recap = await walk(office, await card(office), NOTE, "申诉", "say:11-19")
    await noted(colleague)
    refused = await office.taps("提交", recap)
    assert "已登记" in refused["text"]
    assert "已提交或已取消" in (await office.taps("提交", recap))["text"], "it can be handed in no more"
    assert UNDER_WAY in (await card(office))["text"]


@ON_SQLITE
async def test_a_day_to_come_is_refused_at_its_question_whoever_asks(town: Town) -> None:
    """The form lets nobody answer so."""
    office = await town.one("commission_staff")

    def unit(session: Session) -> Refused:
        case = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one()
        member = active_members(session, case.county_id, Role.commission_staff)[0]
        actor, now = actor_of(session, member, "zh_CN"), town.house.clock.now()
        with pytest.raises(Refused) as caught:
            appeals.filed(session, actor, case.id, Appeal("review", date(2026, 11, 24)), now=now)
        return caught.value

    refusal = await town.house.lane.run(unit)
    assert (refusal.question, refusal.phrase.msgid[:24]) == ("filed_on", "{day} is still to come. ")
    assert UNDER_WAY not in (await card(office))["text"]


@ON_SQLITE
@pytest.mark.parametrize("level", [Level.coded, Level.notice])
async def test_where_names_may_not_be_told_nothing_is_said_of_it(town: Town, level: Level) -> None:
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    await noted(office)
    town.house.office.levels = {**town.house.office.levels, "sandbox": level}
    shown = [await card(office), await card(officer)]
    if level is Level.coded:  # below, forms are on the page alone
        begun = await officer.taps("记录", await card(officer))
        shown.append(await walk(officer, begun, "今天", "本人办公室", "say:话不多。", "情绪波动"))
        assert "言行" in shown[-1]["text"]
    for bubble in shown:
        assert not any(word in bubble["text"] + "".join(labels(bubble)) for word in ("复核", "申诉：", ENDED))


@ON_SQLITE
async def test_in_english(town: Town) -> None:
    office = await (await town.one("commission_staff")).in_language("en")
    officer = await (await town.one("care_officer")).in_language("en")
    recap = await walk(office, await card(office), "Note an appeal", "Appeal", "say:20 Nov")
    assert (await office.taps("Submit", recap))["text"].startswith("Submitted | Appeal under way")
    brief = (await officer.taps("Brief", await card(officer)))["text"]
    assert (
        "Appeal: under way since 20 November. It is a right: please do not argue it; it lowers no rating."
        in brief
    )


@ON_SQLITE
async def test_the_page_says_it_beside_what_a_rating_rests_on(site: Town) -> None:
    office, officer = await site.one("commission_staff"), await site.one("care_officer")
    await noted(office)
    question = await officer.taps("记录 张明", await card(officer))
    async with browser(site.house) as web:
        page = await web.comes_in((await officer.taps("在网页填写", question))["text"])
        basis = page.html.partition('id="q-basis"')[2].partition("</fieldset>")[0]
        assert UNDER_WAY in basis
        paper = await web.opens(f"{page.path}/print")
        assert "复核" not in paper.text, "a sheet of paper lies about"
