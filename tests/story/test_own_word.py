"""The person concerned may say that a meeting took place, or that it did not: unasked, and it counts in no rating."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from casework import misfiled
from storage.queries import own
from storage.queries.access import actor_of
from storage.tables.confirmations import Confirmation, ConfirmationKind
from storage.tables.mail import Outbox
from storage.tables.members import Address, Member
from storage.tables.notes import Note
from storage.tables.visits import Visit
from tests.chat import Bubble, Nothing, Phone, Town, labels
from tests.story.acts import talk, walk, whole_chat
from tests.story.words import ON_SQLITE

TRUE, NONE = "属实", "没有这次谈心谈话"
THOUGHT = "愿意谈今后的打算"


async def noted(town: Town) -> tuple[Phone, Phone, str]:
    """A talk with the person concerned is written down by their care officer; the code of the case."""
    person = await town.one("subject")
    _, code = await town.house.lane.read(lambda s: _whose(s, person.id))
    officers = await town.everyone("care_officer")
    for officer in officers:
        asked = await officer.says("记录")
        label = next((one for one in labels(asked) if person.name in one), None)
        if label is None:
            continue
        recap = await walk(officer, await officer.taps(label, asked), *talk(THOUGHT, "情绪波动", "话少"))
        assert "已记录" in (await officer.taps("提交", recap))["text"]
        return person, officer, code
    raise Nothing("nobody has a talk to record")


def _whose(session: Session, persona: str) -> tuple[int, str]:
    """The member behind a chat, and the code of the case that is about them."""
    address = session.exec(select(Address).where(Address.channel == "sandbox")).all()
    member = next(one.member_id for one in address if one.address == persona)
    case = own.case_of(session, member)
    return member, case.code if case is not None else ""


def words(session: Session) -> list[Confirmation]:
    return list(session.exec(select(Confirmation).where(Confirmation.kind == ConfirmationKind.person)).all())


def standing(session: Session) -> list[tuple[object, ...]]:
    """All that a word of the person's must not move."""
    notes = [(n.id, n.state_of_mind, n.voided_at) for n in session.exec(select(Note).order_by(Note.id))]  # type: ignore[arg-type]
    visits = [(v.id, v.due_on, v.state) for v in session.exec(select(Visit).order_by(Visit.id))]  # type: ignore[arg-type]
    return [*notes, *visits]


async def test_it_took_place_says_the_person_and_nothing_else_changes(town: Town) -> None:
    person, officer, _ = await noted(town)
    before, since = await town.house.lane.read(standing), await person.last_id()
    assert await person.told(since) == []  # nobody asks them
    mine = await person.says("我的")
    assert "自愿" in mine["text"]
    assert THOUGHT not in mine["text"]
    assert "情绪波动" not in mine["text"]
    answered = await person.taps(TRUE, mine)
    assert "谢谢" in answered["text"]
    again = await person.says("我的")
    assert "您确认属实" in again["text"]
    assert not any(one.startswith((TRUE, NONE)) for one in labels(again))
    assert "谢谢" in (await person.taps(TRUE, mine))["text"]  # said twice it is said once
    (word,) = await town.house.lane.read(words)
    assert word.state == "confirmed"
    assert "已经表示过" in (await person.taps("没有这次见面", await person.taps(NONE, mine)))["text"]
    assert await town.house.lane.read(standing) == before
    office = await town.one("commission_staff")
    assert "本人表示没有" not in (await office.says("待办"))["text"]
    note = await officer.taps("查看", await officer.finds("已记录"))
    assert "本人确认属实" in note["text"]


async def test_a_contradiction_is_the_offices_and_not_the_officers(town: Town) -> None:
    person, officer, code = await noted(town)
    office, before = await town.one("commission_staff"), await town.house.lane.read(standing)
    since, heard = await office.last_id(), await officer.last_id()
    asked = await person.taps(NONE, await person.says("我的"))
    assert "不影响" in asked["text"]
    assert await town.house.lane.read(words) == []
    said = await person.taps("没有这次见面", asked)
    assert "办公室" in said["text"]
    await town.later(advance="PT2H")
    (told,) = [one for one in await office.told(since) if "本人表示" in one["text"]]
    assert code in told["text"]
    assert THOUGHT not in told["text"]
    assert not [one for one in await officer.told(heard) if "本人表示" in one["text"]]
    assert "本人表示" not in (await officer.says("待办"))["text"]
    note = await officer.taps("查看", await officer.finds("已记录"))
    assert "本人表示" not in note["text"]
    assert await town.house.lane.read(standing) == before

    todo = await office.says("待办")
    assert "本人表示" in todo["text"]
    done = await office.taps("已了解", todo)
    assert "已记录" not in done["text"]
    assert "已了解" in done["text"]
    assert "本人表示" not in (await office.says("待办"))["text"]
    assert "已了解" in (await office.again(told))["text"]
    assert not any(one.startswith("已了解") for one in labels(await office.again(told)))
    assert "无需确认" in (await office.taps("已了解", todo))["text"]
    assert "没有这次谈心谈话" not in "".join(labels(await person.says("我的")))


@pytest.mark.parametrize("first", ["said", "held"])
async def test_while_no_visits_are_made_the_office_hears_it_all_the_same(town: Town, first: str) -> None:
    """The person is told that the office was; and what it was told is not settled by a hold."""
    person, _, code = await noted(town)
    office = await town.one("commission_staff")
    await town.later(to="2026-11-23T10:00")
    mine, since = await person.says("我的"), await office.last_id()

    async def hold() -> None:
        asked = await office.taps("暂缓", await office.says(f"查询 {code}"))
        await office.taps("提交", await walk(office, asked, "say:先行核实"))

    if first == "held":
        await hold()
    said = await person.taps("没有这次见面", await person.taps(NONE, mine))
    assert "已告知领导小组办公室" in said["text"]
    if first == "said":
        await hold()
    (told,) = [one for one in await office.told(since) if "本人表示" in one["text"]]
    assert labels(told)[:1] == ["已了解情况"]
    await office.taps("已了解", told)
    assert "已了解" in (await office.again(told))["text"]
    assert "本人表示" not in (await office.says("待办"))["text"]


@ON_SQLITE
async def test_a_voided_note_is_nobodys_question(town: Town) -> None:
    person, _, _ = await noted(town)
    mine = await person.says("我的")
    await person.taps("没有这次见面", await person.taps(NONE, mine))

    office = await town.one("commission_staff")

    def void(session: Session) -> None:
        note_id = words(session)[0].note_id
        clerk = session.get_one(Member, _whose(session, office.id)[0])
        misfiled.void(
            session, actor_of(session, clerk, "zh_CN"), note_id, "twice", now=town.house.clock.now()
        )

    await town.house.lane.run(void)
    assert "本人表示" not in (await office.says("待办"))["text"]
    assert "自愿" not in (await person.says("我的"))["text"]
    assert "没有这样的见面记录" in (await person.taps(TRUE, mine))["text"]


@ON_SQLITE
async def test_nobody_else_can_say_it(town: Town) -> None:
    person, officer, _ = await noted(town)
    mine = await person.says("我的")
    await person.taps(NONE, mine)
    rows = await town.house.lane.read(lambda s: len(s.exec(select(Outbox)).all()))
    others = [one for one in await town.everyone() if one.id != person.id][:4]
    for other in (officer, *others):
        with pytest.raises((Nothing, AssertionError)):
            assert "谢谢" in (await other.posts({"action": _token(mine), "message_id": mine["id"]}))["text"]
    assert await town.house.lane.read(words) == []
    assert rows > 0
    assert THOUGHT not in await whole_chat(person)


def _token(bubble: Bubble) -> str:
    return str(bubble["buttons"][0][0]["action"])
