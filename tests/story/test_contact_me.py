"""Help is one tap away, on every screen: for the person concerned, and for whoever sees that somebody is in danger."""

from __future__ import annotations

import io

import pytest
from sqlmodel import Session, select

from bot.channels.disclosure import Level
from storage.tables.audit import AuditRecord
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.mail import Outbox
from tests.chat import Bubble, Phone, Stranger, Town, labels
from tests.story.acts import digest, walk
from tests.story.test_safety import NIGHT, SHOWING, SPOKEN
from tests.story.words import ON_SQLITE, OVERDUE_CASE

CONTACT, ARRANGED = "请人联系我", "我的安排"
NUMBERS = ("110", "120", "12356")
AGREED = "约定12月9日再谈一次，由责任人负责。"


def calls(session: Session) -> list[SafetyCall]:
    return list(session.exec(select(SafetyCall)).all())


async def opened(town: Town) -> list[SafetyCall]:
    return await town.house.lane.read(calls)


async def both(phone: Phone, text: str) -> list[Bubble]:
    """All messages that a typed text is answered with."""
    before = await phone.last_id()
    await phone.says(text)
    return await phone.told(before)


# --- the person concerned --------------------------------------------------------------------------------------------


async def test_the_person_asks_to_be_contacted_and_it_climbs_until_somebody_has(
    town: Town, log: io.StringIO
) -> None:
    await town.later(to=NIGHT)
    person, office = await town.one("subject"), await town.one("commission_staff")
    leader, seen = await town.one("leader"), await office.last_id()
    shown = await person.says("今天天气不错啊")
    assert "暂未看懂，也不会自动转给工作人员" in shown["text"]
    assert all(number in shown["text"] for number in NUMBERS)
    assert labels(shown)[:2] == [CONTACT, ARRANGED]
    assert await opened(town) == []

    noted = await person.taps(CONTACT, shown)
    assert "不分时间" in noted["text"]
    (call,) = await opened(town)
    assert call.source is CallSource.subject
    (told,) = await office.told(seen)
    assert told["sent_at"].startswith(NIGHT)
    assert "该同志请求有人与其联系" in told["text"]
    assert labels(told) == ["已联系本人", "我来联系"]

    since = await leader.last_id()
    await town.later(to="2026-11-29T00:00")
    assert len(await leader.told(since)) == 1
    await office.taps("我来联系", told)
    assert "已有人正在联系您" in (await person.says("我的"))["text"]
    done = await walk(office, await office.taps("已联系本人", told), *SPOKEN)
    assert "已办结" in done["text"]
    assert "请人联系" not in (await person.says("我的"))["text"]
    since = await leader.last_id()
    await town.later(to="2026-11-29T09:00")
    assert await leader.told(since) == []
    assert "天气" not in log.getvalue()


@ON_SQLITE
async def test_what_was_agreed_is_read_by_those_who_see_to_it(town: Town) -> None:
    """The supervisor calls; the care officer reads what was agreed before the next talk, and its note ends that."""
    await town.later(to="2026-12-07T11:00")
    person, supervisor = await town.one("subject"), await town.one("supervisor")
    officer, office = await town.one("care_officer", 1), await town.one("commission_staff")
    await person.says("请人联系我")
    begun = await supervisor.taps("已联系本人", await supervisor.finds("该同志请求有人与其联系"))
    done = await walk(supervisor, begun, "电话", "刚刚", "近日再谈一次", f"say:{AGREED}", "提交")
    assert "谈心谈话已逾期（12月1日到期），请尽快安排。" in done["text"]
    assert "12月1日前" not in done["text"]
    code = next(part for part in done["text"].split("｜") if part.startswith("JA-"))[:7]
    for phone in (officer, office):
        brief = await phone.taps("走访提示", await phone.says(f"/case {code}"))
        told = f"因安全风险联系本人：12月7日，{supervisor.name}\n下一步安排：近日再谈一次\n“{AGREED}”"
        assert told in brief["text"]
    await town.later(advance="P1D")
    form = await officer.taps("记录", await officer.says(f"/case {code}"))
    await walk(officer, form, "今天", "本人办公室", "say:情绪平稳。", "积极稳定", "未发现", "完成", "提交")
    assert AGREED not in (await officer.taps("走访提示", await officer.says(f"/case {code}")))["text"]


@ON_SQLITE
async def test_asked_twice_at_once_it_is_told_once_and_later_again(town: Town) -> None:
    await town.later(to=NIGHT)
    person, office = await town.one("subject"), await town.one("commission_staff")
    seen = await office.last_id()
    for text in (CONTACT, "/contact", "联系我"):
        assert "反复提醒" in (await person.says(text))["text"]
    assert len(await office.told(seen)) == 1
    await town.later(to="2026-11-28T23:41")
    await person.says(CONTACT)
    assert len(await office.told(seen)) == 2
    assert len(await opened(town)) == 1


@ON_SQLITE
async def test_the_person_sees_when_somebody_comes_and_nothing_else(town: Town) -> None:
    person = await town.one("subject")
    shown = await person.says("我的安排")
    assert labels(shown) == [CONTACT]
    assert "谈心谈话" in shown["text"] or "廉政家访" in shown["text"] or "送学上门" in shown["text"]
    for word in ("逾期", "情绪", "处分", "单位党组织意见", "李敏"):
        assert word not in shown["text"]
    help_ = await person.says("帮助")
    assert CONTACT in labels(help_)
    assert ARRANGED in labels(help_)
    assert (await (await town.one("care_officer")).says("我的"))["text"].startswith("您的身份不能使用此功能")


@ON_SQLITE
@pytest.mark.parametrize("level", [Level.coded, Level.notice])
async def test_the_way_to_help_is_there_at_every_level_and_names_nothing(town: Town, level: Level) -> None:
    person, office = await town.one("subject"), await town.one("commission_staff")
    town.house.office.levels = {**town.house.office.levels, "sandbox": level}
    shown = await person.says("今天天气不错啊")
    assert labels(shown)[:2] == [CONTACT, ARRANGED]
    assert all(number in shown["text"] for number in NUMBERS)
    arranged = await person.taps(ARRANGED, shown)
    assert ("谈话" in arranged["text"] or "家访" in arranged["text"]) == (level is Level.coded)
    seen = await office.last_id()
    assert "收到" in (await person.taps(CONTACT, arranged))["text"]
    (told,) = await office.told(seen)
    assert not any(word in told["text"] for word in SHOWING)


# --- whoever sees it -------------------------------------------------------------------------------------------------


async def test_in_the_middle_of_a_form_it_is_about_that_case_and_the_form_waits(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    card = await officer.says(f"/case {OVERDUE_CASE}")
    await walk(officer, await officer.taps("记录 张明", card), "今天")
    asked = await officer.says("安全")
    assert asked["text"].startswith("安全风险｜张明 JA-7K3Q")
    assert labels(asked) == ["立即告知", "其他同志", "继续填写"]
    assert await opened(town) == []
    others = await officer.taps("其他同志", asked)
    assert any("王芳" in label for label in labels(others))
    named = await officer.says("/安全风险 王芳")
    assert named["text"].startswith("安全风险｜王芳 ")
    assert labels(named) == ["立即告知", "继续填写"]
    seen = await supervisor.last_id()
    done = await officer.taps("立即告知", asked)
    assert "已告知" in done["text"]
    assert labels(done)[0] == "已联系本人"
    (told,) = await supervisor.told(seen)
    assert "反映该同志需要有人联系" in told["text"]
    on = await officer.taps("继续填写", done)
    assert "在哪里" in on["text"] or "地点" in on["text"]


@ON_SQLITE
async def test_from_anywhere_one_chooses_the_case(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    chosen = await officer.says("/safety")
    assert f"张明 {OVERDUE_CASE}" in labels(chosen)
    asked = await officer.taps(f"张明 {OVERDUE_CASE}", chosen)
    assert labels(asked) == ["立即告知"]
    seen = await office.last_id()
    await officer.taps("立即告知", asked)
    assert len(await office.told(seen)) == 1
    assert "查询" in (await office.says("安全"))["text"]
    assert "安全风险" in labels(await office.says(f"查询 {OVERDUE_CASE}"))


@ON_SQLITE
async def test_a_supervisor_reports_by_code_and_a_stranger_to_the_case_not_at_all(town: Town) -> None:
    supervisor = await town.one("supervisor")
    card = await supervisor.says(f"查询 {OVERDUE_CASE}")
    asked = await supervisor.taps("安全风险", card)
    assert "张明" not in asked["text"]
    assert OVERDUE_CASE in asked["text"]


@ON_SQLITE
@pytest.mark.parametrize("word", ["安全", "安全风险", "/safety", "查询", "记录"])
async def test_a_word_of_the_staff_typed_by_the_person_is_answered_with_the_ways_to_help(
    town: Town, word: str
) -> None:
    shown = await (await town.one("subject")).says(word)
    assert "您的身份" not in shown["text"]
    assert "不会自动转给工作人员" in shown["text"]
    assert all(number in shown["text"] for number in NUMBERS)
    assert labels(shown)[:2] == [CONTACT, ARRANGED]


@ON_SQLITE
async def test_at_coded_the_card_says_what_is_to_be_done_and_not_why(town: Town) -> None:
    officer = await town.one("care_officer")
    chosen = await officer.says("安全")
    town.house.office.levels = {**town.house.office.levels, "sandbox": Level.coded}
    asked = await officer.taps(f"张明 {OVERDUE_CASE}", chosen)
    done = await officer.taps("立即告知", asked)
    for bubble in (asked, done):
        assert OVERDUE_CASE in bubble["text"]
        assert not any(word in bubble["text"] for word in (*SHOWING, "张明"))


# --- phrases of danger -----------------------------------------------------------------------------------------------


async def test_a_phrase_of_danger_is_answered_with_the_numbers_and_tells_nobody(
    town: Town, log: io.StringIO
) -> None:
    person, office = await town.one("subject"), await town.one("commission_staff")
    seen = await office.last_id()
    audited = await town.house.lane.read(lambda s: len(s.exec(select(AuditRecord)).all()))
    (answer,) = await both(person, "我真的不想活了")
    assert all(number in answer["text"] for number in NUMBERS)
    assert "不会转给任何人" in answer["text"]
    assert labels(answer) == [CONTACT]
    assert await office.told(seen) == []
    assert await opened(town) == []
    assert await town.house.lane.read(lambda s: len(s.exec(select(AuditRecord)).all())) == audited
    assert "不想活" not in log.getvalue()
    await person.taps(CONTACT, answer)
    assert len(await opened(town)) == 1


async def test_typed_as_an_answer_it_counts_and_the_form_goes_on(town: Town) -> None:
    officer = await town.one("care_officer")
    card = await officer.says(f"/case {OVERDUE_CASE}")
    await walk(officer, await officer.taps("记录 张明", card), "今天", "本人办公室")
    numbers, question = await both(officer, "他说活着没意思，想自杀。")
    assert all(number in numbers["text"] for number in NUMBERS)
    assert "填写照常有效" in numbers["text"]
    assert labels(numbers) == ["安全风险"]
    assert "思想状况" in question["text"]
    recap = await walk(officer, question, "积极稳定", "未发现", "完成")
    assert "想自杀" in recap["text"]
    assert "已记录" in (await officer.taps("提交", recap))["text"]
    assert await opened(town) == []


@ON_SQLITE
async def test_typed_as_an_answer_that_is_refused_it_does_not_count(town: Town) -> None:
    officer = await town.one("care_officer")
    form = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    numbers, question = await both(officer, "他不想活了")
    assert "填写照常有效" not in numbers["text"]
    assert "不会转给任何人" in numbers["text"]
    assert "第1步" in question["text"]
    await walk(officer, form, "今天", "本人办公室", "say:情绪平稳，工作正常。")
    for tap in ("积极稳定", "未发现"):
        numbers, question = await both(officer, "他不想活了")
        assert "填写照常有效" not in numbers["text"], question["text"]
        await officer.taps(tap, question)
    numbers, _ = await both(officer, "他不想活了")
    assert "填写照常有效" not in numbers["text"], "no topic is called so"


@ON_SQLITE
async def test_whoever_types_it_gets_the_numbers(town: Town) -> None:
    texts = await Stranger(town, "nobody-knows-me").says("I want to die")
    assert all(number in texts[0] for number in NUMBERS)
    assert "绑定" in texts[1]
    for role in ("administrator", "leader", "unit_party_org", "stationed_group"):
        first = (await both(await town.one(role), "救救我"))[0]
        assert all(number in first["text"] for number in NUMBERS), role
    officer = await town.one("care_officer")
    shown = await both(officer, "减轻生活压力，思想死板的问题")
    assert len(shown) == 1
    assert "12356" not in shown[0]["text"]
    kept = await town.house.lane.read(lambda s: {row.kind for row in s.exec(select(Outbox)).all()})
    assert "safety" not in kept


@ON_SQLITE
async def test_the_digest_stays_as_it_was(town: Town) -> None:
    assert "安全风险" not in labels(await digest(await town.one("care_officer")))
