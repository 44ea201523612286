"""The supervisor: hears of what is overdue, acts by one tap, and never learns more than dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from casework import people
from casework.people import NewMember
from storage.tables.cases import Case
from storage.tables.members import Member, Role
from storage.tables.visits import Visit, VisitEvent, VisitEventKind, VisitState
from tests.chat import Bubble, Phone, Town, labels, token
from tests.story.acts import FOUR, digest, secrets_of, talk, walk, whole_chat
from tests.story.words import HOME_VISIT, ON_SQLITE, OVERDUE_CASE, STUDY_VISIT, TALK_TODAY

AT_NINE = "09:00:00+08:00"


async def since_now(*phones: Phone) -> list[int]:
    return [await phone.last_id() for phone in phones]


# --- one tap acts ----------------------------------------------------------------------------------------------------


async def test_chasing_tells_the_officer_at_once_and_once_a_day(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    alert = await supervisor.last()
    (before,) = await since_now(officer)
    done = await supervisor.taps("催办", alert)
    assert OVERDUE_CASE in done["text"]
    assert "李敏" in done["text"]
    (chased,) = await officer.told(before)
    assert chased["sent_at"] == "2026-11-23T08:30:00+08:00"
    assert "张明" in chased["text"]
    assert "记录 张明" in labels(chased)

    refused = await supervisor.taps("催办", alert)
    assert "已催办" in refused["text"]
    assert len(await officer.told(before)) == 1
    await town.later(advance="P1D")
    await supervisor.taps("催办", alert)
    assert len([m for m in await officer.told(before) if m["text"].startswith("催办")]) == 2


async def test_reassigning_a_visit(town: Town) -> None:
    supervisor, old = await town.one("supervisor"), await town.one("care_officer")
    alert = await supervisor.last()
    question = await supervisor.taps("改派本次任务", alert)
    new = next(p for p in await town.everyone("care_officer") if labels(question)[0].startswith(p.name))
    assert not any(label.startswith("李敏") for label in labels(question))
    old_since, new_since = await since_now(old, new)
    done = await supervisor.taps(new.name, question)
    assert f"本次任务由{new.name}" in done["text"], "two taps"
    assert labels(done) == ["改回李敏", "逾期"]

    (given,) = await new.told(new_since)
    assert "张明" in given["text"]
    assert "记录 张明" in labels(given)
    (taken,) = await old.told(old_since)
    assert f"张明 {OVERDUE_CASE}" in taken["text"]
    assert labels(taken) == ["本周"]
    assert "记录 张明" not in labels(await digest(old))
    assert "✓ 已改派" in (await digest(old))["text"]
    assert (await supervisor.again(alert))["text"].startswith("逾期提醒：已办")
    card = await supervisor.says(f"查询 {OVERDUE_CASE}")
    assert f"承办人 {new.name}" in card["text"], "this visit alone was given away: the case was not"

    refused = await old.says("记录")
    assert "记录 张明" not in labels(refused)
    await town.later(advance="P1D")
    assert OVERDUE_CASE in (await digest(new))["text"]
    assert OVERDUE_CASE not in (await digest(old))["text"]
    recap = await walk(new, await new.taps("记录 张明", await digest(new)), *talk("改派后谈话。"))
    assert "已记录" in (await new.taps("提交", recap))["text"]


async def test_who_puts_a_visit_off_again_and_again_is_seen(town: Town) -> None:
    """Twice moved and never overdue: the supervisor finds it in the list, with how often and not why."""
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    seen = await supervisor.says("待办")
    for day, times in (("11月24日", 1), ("11月25日", 2)):
        asked = await officer.taps("未能开展", await officer.says("本周"))
        await walk(officer, asked, "廉政家访｜王芳", "联系不上", "暂无担心", day, "提交")
        seen = await supervisor.says("待办")
        assert (HOME_VISIT in seen["text"]) == (times == 2)
    (told,) = [line for line in seen["text"].splitlines() if HOME_VISIT in line]
    assert told.endswith("11月25日前｜已改期2次")
    assert "联系不上" not in seen["text"]
    await supervisor.taps("知悉", seen)
    assert HOME_VISIT not in (await supervisor.says("待办"))["text"]
    await town.later(to="2026-11-27T12:00")
    (alert,) = [
        line for line in (await supervisor.finds(HOME_VISIT))["text"].splitlines() if HOME_VISIT in line
    ]
    assert "已改期2次" in alert


async def test_what_was_reassigned_is_given_back_with_a_tap(town: Town) -> None:
    """Each tap is an act of its own, on record; whoever had the visit has it again."""
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    names = await supervisor.taps("改派本次任务", await supervisor.last())
    done = await supervisor.taps(labels(names)[0], names)
    assert "记录 张明" not in labels(await digest(officer))
    back = await supervisor.taps("改回李敏", done)
    assert "本次任务由李敏" in back["text"]
    assert "记录 张明" in labels(await officer.says("今日"))

    def events(session: Session) -> list[str]:
        found = session.exec(select(VisitEvent.kind).where(VisitEvent.kind == VisitEventKind.reassigned))
        return [str(kind) for kind in found]

    assert await town.house.lane.read(events) == ["reassigned", "reassigned"]


@pytest.mark.parametrize(
    ("language", "made", "verbs", "talk", "said"),
    [
        (
            "zh_CN",
            "已开展，稍后补记",
            ("同意延期", "改派本次任务"),
            "谈心谈话｜张明",
            "已于11月23日开展，仅待补记",
        ),
        (
            "en",
            "Done, note to follow",
            ("Extend", "Reassign"),
            "Heart-to-heart talk | 张明",
            "was made on 23 November",
        ),
    ],
)
async def test_what_was_made_is_not_put_off_by_an_old_button(
    town: Town, language: str, made: str, verbs: tuple[str, ...], talk: str, said: str
) -> None:
    """An answer that was given before stays as it was; what it offers is looked at when it is tapped."""
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    for phone in (supervisor, officer):
        await phone.in_language(language)
    old = await supervisor.says("/overdue")
    buttons = [f"{verb} {OVERDUE_CASE}" for verb in verbs]
    names = await supervisor.taps(buttons[1], old)
    await walk(officer, await officer.says("/today"), made, talk)
    before, was = await since_now(officer, supervisor), await visit_of(town)
    for answer in [await supervisor.taps(verb, old) for verb in buttons] + [
        await supervisor.taps(labels(names)[0], names)
    ]:
        assert said in answer["text"]
        assert len(answer["text"].splitlines()) == 1
    assert await visit_of(town) == was
    assert await officer.told(before[0]) == []


async def visit_of(town: Town) -> Any:
    """The overdue talk, and how much is on record of it."""

    def found(session: Session) -> Any:
        case = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one()
        query = select(Visit).where(Visit.case_id == case.id, col(Visit.rest_until).is_not(None))
        visit = session.exec(query).one()
        events = session.exec(select(VisitEvent).where(VisitEvent.visit_id == visit.id)).all()
        return visit.due_on, visit.officer_id, visit.done_on, visit.rest_until, len(events)

    return await town.house.lane.read(found)


@ON_SQLITE
async def test_granting_more_time(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    alert = await supervisor.last()
    (before,) = await since_now(officer)
    done = await supervisor.taps("同意延期", alert)
    assert "11月30日" in done["text"]
    (told,) = await officer.told(before)
    assert OVERDUE_CASE in told["text"]
    assert "11月30日" in told["text"]
    assert "✓ 已延期至11月30日" in (await supervisor.again(alert))["text"]
    assert "✓ 已延期至11月30日" in (await digest(officer))["text"]

    (quiet,) = await since_now(supervisor)
    await town.later(to="2026-12-02T12:00")
    heard = [m["sent_at"] for m in await supervisor.told(quiet) if OVERDUE_CASE in m["text"]]
    assert heard == [f"2026-12-02T{AT_NINE}"]  # the ladder starts anew from the new date
    due = [m["sent_at"] for m in await officer.told(before) if m["text"].startswith("今日到期")]
    assert "2026-11-30T14:30:00+08:00" in due


async def test_what_was_granted_twice_while_it_waited_is_told_once(town: Town) -> None:
    """After hours the officer hears nothing; in the morning once, and how it stands by then."""
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    alert = await supervisor.last()
    await town.later(to="2026-11-23T18:00")
    listed = await supervisor.says("逾期")
    (before,) = await since_now(officer)
    for on in (alert, listed):
        label = next(one for one in labels(on) if one in ("同意延期", f"同意延期 {OVERDUE_CASE}"))
        assert "延期至11月30日" in (await supervisor.taps(label, on))["text"]
    assert await officer.told(before) == []
    await town.later(to="2026-11-24T12:00")
    told = [m["sent_at"] for m in await officer.told(before) if "已同意延期" in m["text"]]
    assert told == ["2026-11-24T08:30:00+08:00"]


@ON_SQLITE
async def test_acknowledging_is_for_an_agreed_time(town: Town) -> None:
    supervisor, office = await town.one("supervisor"), await town.one("commission_staff")
    alert = await supervisor.last()
    done = await supervisor.taps("知悉", alert)
    assert "11月26日" in done["text"]
    assert "✓ 已知悉 08:30" in (await supervisor.again(alert))["text"]
    mine, theirs = await since_now(supervisor, office)
    await town.later(to="2026-11-26T08:59")
    for phone, since in ((supervisor, mine), (office, theirs)):
        assert not any(OVERDUE_CASE in m["text"] for m in await phone.told(since))
    await town.later(to="2026-12-07T12:00")
    heard = [m["sent_at"] for m in await office.told(theirs) if OVERDUE_CASE in m["text"]]
    assert heard == [f"2026-11-26T{AT_NINE}", f"2026-12-07T{AT_NINE}"]
    heard = [m["sent_at"] for m in await supervisor.told(mine) if OVERDUE_CASE in m["text"]]
    assert heard == [f"2026-12-07T{AT_NINE}"]


async def test_two_visits_in_one_alert(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    await town.later(to="2026-11-25T09:30")
    alert = await supervisor.finds(HOME_VISIT)
    assert alert["text"].startswith("逾期提醒：以下2项")
    asked = [f"{verb} {code}" for code in (HOME_VISIT, TALK_TODAY) for verb in FOUR]
    assert labels(alert) == [*asked, "为什么"]
    await supervisor.taps(f"知悉 {HOME_VISIT}", alert)
    one_left = await supervisor.again(alert)
    assert one_left["text"].startswith("逾期提醒：以下1项")
    assert f"✓ 已知悉 09:30｜廉政家访｜{HOME_VISIT}" in one_left["text"]
    assert labels(one_left) == [*FOUR, "为什么"]
    await walk(officer, await officer.taps("记录 孙丽华", await digest(officer)), *talk("情绪稳定。"), "提交")
    settled = await supervisor.again(alert)
    assert settled["text"].startswith("逾期提醒：已办")
    assert f"✓ 已记录 09:30｜谈心谈话｜{TALK_TODAY}" in settled["text"]
    assert labels(settled) == []


# --- what the supervisor never sees ---------------------------------------------------------------------------------


@ON_SQLITE
async def test_the_office_is_answered_by_name_and_a_supervisor_by_code(town: Town) -> None:
    office, supervisor = await town.one("commission_staff"), await town.one("supervisor")
    card = await office.says(f"查询 {OVERDUE_CASE}")
    assert (await office.taps("催办", card))["text"].startswith(f"张明 {OVERDUE_CASE}｜谈心谈话")
    assert (await office.taps("改派本次任务", card))["text"].startswith(
        f"改派本次任务｜谈心谈话｜张明 {OVERDUE_CASE}"
    )
    duty = await supervisor.says(f"查询 {OVERDUE_CASE}")
    assert (await supervisor.taps("知悉", duty))["text"].startswith(f"{OVERDUE_CASE}｜谈心谈话")


CANARY = "金丝雀七四九"
HUES = ("绿", "蓝", "黄", "红", "积极稳定", "基本平稳", "情绪波动", "重点关注", "思想状况")
SANCTIONS = ("警告", "记过", "撤职", "降级", "留党察看", "开除", "诫勉", "影响期")


async def test_a_supervisor_never_sees_a_name_a_rating_a_note_or_a_sanction(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    recap = await walk(
        officer,
        await officer.taps("记录 张明", await digest(officer)),
        *talk(f"{CANARY}甲", "重点关注", f"{CANARY}乙", "有风险迹象"),
    )
    await officer.taps("提交", recap)
    assert "12356" in (await supervisor.last())["text"]  # the safety call is the exception, by code alone
    moved = await officer.taps("未能开展", await digest(officer))
    await walk(officer, moved, "廉政家访", "其他", f"say:{CANARY}丙", "11月24日", "提交")
    await town.later(to="2026-11-27T09:30")
    alert = await supervisor.finds(TALK_TODAY)
    for command in ("逾期", "帮助", "为什么", "查询", f"查询 {OVERDUE_CASE}", f"查询 {TALK_TODAY}"):
        await supervisor.says(command)
    await supervisor.taps("催办", alert)
    await walk(supervisor, await supervisor.taps("改派本次任务", alert), "陈立群")
    chat = await whole_chat(supervisor)
    assert chat.count("JA-") > 20
    secrets = await town.house.lane.read(secrets_of)
    assert {"张明", f"{CANARY}甲", "局长", "县水务局"} <= secrets
    for word in (*secrets, *HUES, *SANCTIONS, CANARY):
        assert word not in chat, word
    own = await whole_chat(officer)  # the officer does see it all: the words looked for are the right ones
    assert all(word in own for word in ("张明", "重点关注", f"{CANARY}甲", f"{CANARY}乙", f"{CANARY}丙"))


async def test_asking_by_name_tells_nothing(town: Town) -> None:
    supervisor = await town.one("supervisor")
    known = await supervisor.says("查询 张明")
    unknown = await supervisor.says("查询 无此人")
    assert known["text"].replace("张明", "?") == unknown["text"].replace("无此人", "?")
    assert labels(known) == labels(unknown)
    foreign = await supervisor.says("查询 JA-VMC8")  # of the other supervisor's officer
    nothing = await supervisor.says("查询 JA-9999")
    assert foreign["text"].replace("JA-VMC8", "?") == nothing["text"].replace("JA-9999", "?")


def visit_themselves(session: Session, *codes: str) -> None:
    """Make the first supervisor the officer of the next visit of these cases, and their own supervisor by mistake."""
    boss = next(member for member in session.exec(select(Member)) if member.name == "冯国栋")
    data = NewMember(boss.name, Role.care_officer)
    people.grant(session, boss, data, now=datetime.fromisoformat("2026-11-23T08:30+08:00"), actor=None)
    boss.supervisor_id = boss.id
    for code in codes:
        case = session.exec(select(Case).where(Case.code == code)).one()
        waiting = select(Visit).where(Visit.case_id == case.id, Visit.state == VisitState.planned)
        min(session.exec(waiting).all(), key=lambda visit: visit.due_on).officer_id = boss.id


async def test_a_supervisor_never_hears_about_their_own_visits(town: Town) -> None:
    """One who also visits: their own lateness is the next one's to hear."""
    supervisor, office = await town.one("supervisor"), await town.one("commission_staff")

    alert = await supervisor.last()
    await town.house.lane.run(lambda session: visit_themselves(session, OVERDUE_CASE, HOME_VISIT))
    for verb in FOUR:  # a button shown while the visit was somebody else's
        assert OVERDUE_CASE not in (await supervisor.taps(verb, alert))["text"]
    mine, theirs = await since_now(supervisor, office)
    await town.later(to="2026-11-25T12:00")
    alerts = [m for m in await supervisor.told(mine) if m["text"].startswith("逾期提醒")]
    assert alerts
    assert not any(HOME_VISIT in m["text"] for m in alerts)
    heard = [m for m in await office.told(theirs) if HOME_VISIT in m["text"]]
    assert [m["sent_at"] for m in heard] == [f"2026-11-25T{AT_NINE}"]
    listed = await supervisor.says("逾期")
    assert TALK_TODAY in listed["text"]
    assert HOME_VISIT not in listed["text"]
    assert HOME_VISIT in (await digest(supervisor))["text"]  # as an officer they are reminded like anybody


# --- somebody else's button ------------------------------------------------------------------------------------------


async def test_somebody_elses_buttons_do_nothing(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    alert = await supervisor.last()
    stolen = [token(alert, verb) for verb in FOUR] + [token(await digest(officer), "记录 张明")]
    others = [await town.one("supervisor", 1), await town.one("care_officer", 1), await town.one("subject")]
    (before,) = await since_now(officer)
    for phone in others:
        for action in stolen:
            answer = await phone.posts({"action": action, "message_id": alert["id"]})
            assert "按钮" in answer["text"]
            assert OVERDUE_CASE not in answer["text"]
    assert await officer.told(before) == []
    assert (await supervisor.again(alert)) == alert


@ON_SQLITE
async def test_a_supervisor_of_before_may_do_nothing_any_more(town: Town) -> None:
    """The right is looked at when the button is tapped, not when it was shown."""
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    alert = await supervisor.last()

    def transfer(session: Session) -> None:
        members = session.exec(select(Member)).all()
        by_name = {member.name: member for member in members}
        by_name["李敏"].supervisor_id = by_name["罗文静"].id

    await town.house.lane.run(transfer)
    (before,) = await since_now(officer)
    answers: list[Bubble] = [await supervisor.taps(verb, alert) for verb in FOUR]
    assert len({answer["text"] for answer in answers}) == 1
    assert OVERDUE_CASE not in answers[0]["text"]
    assert await officer.told(before) == []
    assert STUDY_VISIT not in (await supervisor.says("逾期"))["text"]
