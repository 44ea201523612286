"""Whatever comes in: one polite, useful answer or exactly one effect; never silence, never a word of it in the log."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.commands import registry
from casework import people
from casework.people import NewMember
from storage.tables.counties import County
from storage.tables.mail import Outbox
from storage.tables.members import Member, Role
from storage.tables.visits import VisitKind
from tests.chat import Phone, Stranger, Town, labels, token
from tests.story.acts import digest, secrets_of, talk, walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE

UNSEEN = ("", " ", "　", "\n\n", "\x00", "\u200b\u200d\ufeff", "\u202e", "\x00\u200b ")
ODD = (
    "你好", "asdf", "?", "/", "//", "/nosuch", "／没有这个命令", "👍", "一二三四五" * 1000, "💥" * 3000, "999", "0",
    "-1", "改第99题", "提交", "完成", "继续", "张\x00明", "今\u200b日", "\ud800", "<b>x</b>", "{n}", "{visit}", "%s %d",
    "'; DROP TABLE visit; --", "查询 %", "查询 _", "查询 \x00", "查询 " + "长" * 3000, "查询 ((((",
    "/case " + "a" * 500, "/language xx", "语言 火星文", "/start", "/start XXXX", "绑定 一二三",
    "/case@some_bot JA-7K3Q", "ＨＥＬＰ",
)  # fmt: skip
ROLES = (Role.care_officer, Role.supervisor, Role.subject)


async def clean(town: Town, log: io.StringIO) -> str:
    """The log, once it is sure that it tells of nobody and of no line of code."""
    told = log.getvalue()
    assert "Traceback" not in told
    assert 'File "' not in told
    secrets = await town.house.lane.read(secrets_of)
    assert len(secrets) > 100
    members = await town.house.lane.read(lambda s: {member.name for member in s.exec(select(Member))})
    for word in secrets | members:
        assert word not in told, word
    return told


async def answered_once(phone: Phone, body: dict[str, Any]) -> str:
    before = await phone.last_id()
    answer = await phone.town.post(phone.path, body)
    assert answer.status_code == 200, (body, answer.text)
    told = await phone.told(before)
    assert len(told) == 1, body
    assert told[0]["text"].strip()
    return str(told[0]["text"])


# --- what is typed --------------------------------------------------------------------------------------------------


async def test_every_odd_text_is_answered_once(town: Town, log: io.StringIO) -> None:
    for role in ROLES:
        phone = await town.one(role.value)
        for text in (*UNSEEN, *ODD):
            answer = await answered_once(phone, {"text": text})
            assert "出现问题" not in answer, (role, text)
    assert "unit_failed" not in await clean(town, log)


@ON_SQLITE
async def test_what_cannot_be_seen_counts_as_empty(town: Town) -> None:
    officer = await town.one("care_officer")
    empty = {await answered_once(officer, {"text": text}) for text in UNSEEN}
    assert len(empty) == 1
    assert "未收到文字" in empty.pop()
    assert "2项" in (await officer.says("今\u200b日"))["text"]  # a command it is, marks or not
    assert labels(await officer.says("随便说点什么"))  # a way on, always


async def test_odd_texts_in_the_middle_of_a_note(town: Town, log: io.StringIO) -> None:
    officer = await town.one("care_officer")
    asked = await officer.taps("记录 张明", await digest(officer))
    for text in ("\x00", "", "五千字" * 1700, "🙂", "\ud800", "明年", "2026-02-30", "-5", "第一百题"):
        answer = await answered_once(officer, {"text": text})
        assert "出现问题" not in answer
    third = await walk(officer, asked, "今天", "本人办公室")
    assert "4000" in await answered_once(officer, {"text": "字" * 5000})
    assert "第3步，共6步" in (await officer.taps("继续"))["text"]
    text = "他说：<b>好</b> & *强* _斜_ {n} {{7*7}} %s 🙂 \u202e倒\u202c 张\x00三"
    recap = await walk(officer, third, f"say:{text}", "基本平稳", "未发现", "完成")
    assert "他说：<b>好</b> & *强* _斜_ {n} {{7*7}} %s 🙂 倒 张三" in recap["text"]
    assert "已记录" in (await officer.taps("提交", recap))["text"]
    long = await walk(officer, await officer.taps("记录 孙丽华", await digest(officer)), *talk("长" * 1990))
    assert "长" * 1990 in long["text"]
    assert "unit_failed" not in await clean(town, log)


# --- what is tapped -------------------------------------------------------------------------------------------------


async def test_stale_forged_and_foreign_buttons(town: Town, log: io.StringIO) -> None:
    officer, other = await town.one("care_officer"), await town.one("care_officer", 1)
    start = await digest(officer)
    good = token(start, "记录 张明")
    nonce = good.partition(".")[0]
    forged = [
        "", ".", "x", "0", nonce, f"{nonce}.", f"{nonce}.99", f"{nonce}.-1", f"{nonce}.0.0", f"{nonce}.٣",
        f"{nonce}.1e3", f"{nonce}.{'9' * 5000}", f"{nonce[:-1]}.0", f"{nonce.lower()}.0", "A" * 20 + ".0",
        "\x00.0", f"{nonce}\x00.0",
        "record:1", '{"verb":"record"}', "é" * 64 + ".0", "\ud800.0", "张明.0", "%.0", "_.0", "'--.0", "\u200b.0",
    ]  # fmt: skip
    for action in forged:
        assert "按钮" in await answered_once(officer, {"action": action, "message_id": start["id"]}), action
    assert "按钮" in await answered_once(other, {"action": good, "message_id": start["id"]})
    odd: list[object] = [0, -1, None, "x", 10**40, [], {}]
    for message_id in odd:
        body = {"action": good, "message_id": message_id}
        assert "第1步" in await answered_once(officer, body)  # the token says it all
    told = await clean(town, log)
    assert nonce not in told
    assert "unit_failed" not in told


async def test_a_button_from_before_it_said_which_row_it_is_of(town: Town) -> None:
    """A message sent before schema 0025 stays in the chat, and so do its buttons."""
    officer, other = await town.one("care_officer"), await town.one("care_officer", 1)
    start = await digest(officer)
    nonce, _, number = token(start, "记录 张明").partition(".")
    older = "7XKMDQ2PW4HTR9NE"

    def as_it_was(session: Session) -> int:
        made = update(Outbox).where(col(Outbox.nonce) == nonce).values(nonce=older)
        return int(session.connection().execute(made).rowcount)

    assert await town.house.lane.run(as_it_was) == 1
    body = {"action": f"{older}.{number}", "message_id": start["id"]}
    assert "按钮" in await answered_once(other, body)
    assert "按钮" in await answered_once(officer, {**body, "action": f"{nonce}.{number}"})
    assert "第1步" in await answered_once(officer, body)


async def test_a_button_of_what_is_done_by_now(town: Town) -> None:
    officer = await town.one("care_officer")
    listed = await officer.says("本周")
    recap = await walk(officer, await officer.taps("记录 张明", listed), *talk("已办完。"))
    await officer.taps("提交", recap)
    again = await officer.taps("记录 张明", listed)
    assert "已记录" not in again["text"]
    assert OVERDUE_CASE not in again["text"]
    for step in ("提交", "修改", "取消"):
        assert "已提交或已取消" in (await officer.taps(step, recap))["text"]


# --- who is nobody here -----------------------------------------------------------------------------------------------


async def _invited(town: Town, name: str, **later: Any) -> tuple[int, str]:
    def unit(session: Session) -> tuple[int, str]:
        county = session.exec(select(County)).one()
        now = town.house.clock.now()
        member = people.add_member(session, county, NewMember(name, Role.care_officer), now=now)
        return member.id, people.invite(session, member.id, now=now + timedelta(**later))[0]

    return await town.house.lane.run(unit)


async def test_somebody_unbound(town: Town, log: io.StringIO) -> None:
    stranger = Stranger(town, "stranger-1")
    said = ("你好", "", "\x00", "今日", "字" * 5000, "/start", "绑定 ", OVERDUE_CASE)
    answers = [await stranger.says(text) for text in said]
    assert all(len(answer) == 1 for answer in answers)
    assert len({answer[0] for answer in answers}) == 1
    assert "绑定 CODE" in answers[0][0]
    wrong = [await stranger.says(f"绑定 {code}") for code in ("XXXX", "'; --", "\x00", "7" * 5000, "张明")]
    assert {len(answer) for answer in wrong} == {1}
    assert "unit_failed" not in await clean(town, log)


async def test_a_binding_code_works_once(town: Town) -> None:
    _, code = await _invited(town, "新来的同志")
    first, second = Stranger(town, "phone-1"), Stranger(town, "phone-2")
    (wrong,) = await first.says("绑定 " + code[:-1] + ("2" if code[-1] != "2" else "3"))
    (welcome,) = await first.says(f" ／ＳＴＡＲＴ {code.lower()} ")
    assert "新来的同志" in welcome
    assert await second.says(f"绑定 {code}") == [wrong]
    assert await second.says("帮助") != [welcome]
    (again,) = await first.says(f"/start {code}")
    assert "新来的同志" in again
    bound = [person for person in await town.personas() if person["name"] == "新来的同志"]
    assert [person["id"] for person in bound] == ["phone-1"]


async def test_of_two_at_once_one_wins(town: Town) -> None:
    _, code = await _invited(town, "新来的同志")
    phones = [Stranger(town, f"phone-{n}") for n in range(5)]
    answers = await asyncio.gather(*(phone.says(f"绑定{code}") for phone in phones))
    assert all(len(answer) == 1 for answer in answers)
    assert sum("新来的同志" in answer[0] for answer in answers) == 1
    assert len([person for person in await town.personas() if person["name"] == "新来的同志"]) == 1


async def test_codes_that_no_longer_hold(town: Town) -> None:
    member, replaced = await _invited(town, "甲同志")

    def again(session: Session) -> str:
        return people.invite(session, member, now=town.house.clock.now())[0]

    newer = await town.house.lane.run(again)
    _, expired = await _invited(town, "乙同志", days=-8)
    gone, suspended = await _invited(town, "丙同志")
    await town.house.lane.run(lambda s: people.suspend(s, gone, now=town.house.clock.now()))
    stranger = Stranger(town, "phone-1")
    told = {(await stranger.says(f"绑定 {code}"))[0] for code in (replaced, expired, suspended, "WRONGCODE")}
    assert len(told) == 1  # which of them it was is nobody's business
    assert "甲同志" in (await stranger.says(f"绑定 {newer}"))[0]


async def test_somebody_suspended(town: Town) -> None:
    officer = await town.one("care_officer")
    start = await digest(officer)

    def suspend(session: Session) -> None:
        member = next(member for member in session.exec(select(Member)) if member.name == officer.name)
        people.suspend(session, member.id, now=town.house.clock.now())

    await officer.in_language("en")
    await town.house.lane.run(suspend)
    answers = [await officer.says(text) for text in ("今日", "", "/start XXXX", f"查询 {OVERDUE_CASE}")]
    answers.append(await officer.taps("记录 张明", start))
    assert {answer["text"] for answer in answers} == {answers[0]["text"]}
    assert answers[0]["text"].startswith("Your access is suspended")
    assert labels(answers[0]) == []
    before = await officer.last_id()
    await town.later(to="2026-11-26T12:00")
    assert await officer.told(before) == []  # and hears nothing, while those above them do


# --- the same event again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [{"text": "今日"}, {"action": ""}], ids=["text", "tap"])
async def test_the_same_event_five_times_is_one(town: Town, body: dict[str, Any]) -> None:
    officer = await town.one("care_officer")
    start = await digest(officer)
    if "action" in body:
        body = {"action": token(start, "已开展"), "message_id": start["id"]}
    before = await officer.last_id()
    same = {**body, "event_id": "e" * 300}  # longer than any vendor's
    answers = await asyncio.gather(*(town.post(officer.path, same) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    await town.post(officer.path, same)
    messages = await officer.messages(before)
    assert sum(m["from"] == "bot" for m in messages) == 1
    assert sum(m["from"] == "me" for m in messages) == ("text" in body)
    other = await town.one("care_officer", 1)
    assert await answered_once(other, {"text": "今日", "event_id": "e" * 300})  # an event is one person's


async def test_odd_event_ids(town: Town) -> None:
    officer = await town.one("care_officer")
    for event_id in ("", 0, None, 7, 1.5, True, [1], {"a": 1}, "\x00", "\ud800", "键", "e" * 10_000):
        before = await officer.last_id()
        answer = await town.post(officer.path, {"text": "今日", "event_id": event_id})
        assert answer.status_code == 200, event_id
        assert len(await officer.told(before)) == 1, event_id


# --- something of ours breaks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_an_error_of_ours_is_one_polite_answer(
    town: Town, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    officer = await (await town.one("care_officer")).in_language(language)
    start = await digest(officer)
    await officer.taps("记录 张明", start)

    def broken(*_: Any) -> Any:
        raise RuntimeError("张明 说了不该写进日志的话")

    monkeypatch.setattr("bot.answering.run", broken)
    monkeypatch.setitem(registry.TAPS, "week", broken)
    sorry = "系统处理时出现问题" if language == "zh_CN" else "Something went wrong on our side"
    assert (await answered_once(officer, {"text": "/today", "event_id": "again"})).startswith(sorry)
    before = await officer.last_id()
    again = await town.post(officer.path, {"text": "/today", "event_id": "again"})
    assert again.status_code == 200
    assert await officer.told(before) == []  # apologised once
    tapped = {"action": token(start, "本周"), "message_id": start["id"]}
    assert (await answered_once(officer, tapped)).startswith(sorry)
    told = await clean(town, log)
    assert told.count("unit_failed") == 2
    assert "RuntimeError" in told
    monkeypatch.undo()
    assert OVERDUE_CASE in (await officer.says("继续"))["text"]  # the draft is where it was


@ON_SQLITE
async def test_one_notice_that_cannot_be_put_into_words_holds_up_nobody(
    town: Town, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = await town.everyone("care_officer")
    since = {phone.id: await phone.last_id() for phone in phones}
    monkeypatch.setattr("bot.ways.visit_buttons", _fails_for("李敏"))
    await town.later(to="2026-11-24T08:30")
    told = {
        phone.name: [m for m in await phone.told(since[phone.id]) if "早上好" in m["text"]]
        for phone in phones
    }
    assert [name for name, found in told.items() if not found] == ["李敏"]
    assert "cannot_prepare" in await clean(town, log)


def _fails_for(name: str) -> Any:
    from bot.ways import visit_buttons

    def buttons(ctx: Any, items: Any) -> Any:
        if ctx.member.name == name:
            raise ValueError(f"{name} {VisitKind.talk}")
        return visit_buttons(ctx, items)

    return buttons


@ON_SQLITE
@pytest.mark.parametrize(
    ("language", "record", "which", "days"),
    [
        ("zh_CN", "记录 张明", "可能是11月5日，也可能是5月11日", ("11月5日", "5月11日")),
        ("en", "Record 张明", "may be 5 November or 11 May", ("5 November", "11 May")),
    ],
)
async def test_a_day_that_can_be_two_is_asked_with_both_to_tap(
    town: Town, language: str, record: str, which: str, days: tuple[str, str]
) -> None:
    officer = await town.one("care_officer")
    await officer.in_language(language)
    await officer.taps(record, await officer.says("/today"))
    asked = await officer.says("5/11/2026")
    assert which in asked["text"]
    assert set(days) <= set(labels(asked))
    await officer.taps(days[0], asked)
    assert days[0] in (await officer.says("/back"))["text"]
    only = labels(await officer.says("5/12/2026"))
    assert not {"12月5日", "5 December"} & set(only), "a day that has not come is not offered"
    assert {"5月12日", "12 May"} & set(only)
