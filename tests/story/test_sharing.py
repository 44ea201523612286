"""A draft that its author cannot end goes to a colleague who may write it: offered, taken or not, one owner at once."""

from __future__ import annotations

from sqlmodel import Session, select

from bot.dialogs import store
from casework import leave
from storage.queries.access import actor_of
from storage.tables.audit import AuditRecord
from storage.tables.drafts import Draft
from storage.tables.members import Address, Member
from storage.tables.notes import Note
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit
from tests.chat import Phone, Town, labels
from tests.story.acts import talk, walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE, TALK_TODAY

GIVE, TAKE, BACK = "转交草稿", "接收", "不接收"
STEPS = talk("愿意谈今后的打算")


def member_of(session: Session, phone: Phone) -> Member:
    found = session.exec(select(Address).where(Address.channel == "sandbox")).all()
    return session.get_one(Member, next(one.member_id for one in found if one.address == phone.id))


async def begun(town: Town) -> tuple[Phone, Phone]:
    """An officer in the middle of a note, on leave from today, and the colleague who covers for them."""
    officer, cover = await town.one("care_officer"), await town.one("care_officer", 1)
    await walk(officer, await officer.says("今日"), "记录 张明", *STEPS[:3])

    def away(session: Session) -> None:
        now = town.house.clock.now()
        actor = actor_of(session, member_of(session, officer), "zh_CN")
        leave.take(session, actor, now.date(), now.date(), member_of(session, cover).id, now=now)

    await town.house.lane.run(away)
    return officer, cover


async def offered(officer: Phone, cover: Phone) -> None:
    asked = await officer.taps(GIVE, await officer.says("记录"))
    assert labels(asked)[:1] == [cover.name]
    assert "待对方接收" in (await officer.taps(cover.name, asked))["text"]
    await officer.town.later(to="2026-11-23T10:00")  # within the hours of whoever is asked


async def test_who_takes_it_goes_on_where_it_stood_and_hands_it_in(town: Town) -> None:
    officer, cover = await begun(town)
    await offered(officer, cover)
    card = await cover.finds("接着填完")
    assert "已填写3题" in card["text"]
    assert OVERDUE_CASE in card["text"]
    assert "已填写3题" in (await cover.says("待办"))["text"]
    assert "接着填完" not in (await officer.says("待办"))["text"]
    at = await cover.taps(TAKE, await cover.last())
    assert "第4步" in at["text"]
    assert "接着填完" not in (await cover.says("待办"))["text"]
    assert await officer.finds("已接收您转交的草稿")
    late = await officer.taps("收回草稿", await officer.finds("待对方接收"))
    assert "已由同事接着填写" in late["text"]
    assert GIVE not in labels(await officer.says("记录"))
    await walk(cover, at, *STEPS[3:])
    done = await cover.taps("提交", await cover.taps("单位会议室", await cover.says("改第2题")))
    assert "已记录" in done["text"]
    note = await cover.taps("查看", done)
    assert f"由{officer.name}填写：" in note["text"]
    begun_by = note["text"].partition(f"由{officer.name}填写：")[2].partition("\n")[0]
    assert "思想动态" in begun_by
    assert "地点" not in begun_by, "the colleague has changed it"
    assert "思想状况" not in begun_by

    def kept(session: Session) -> tuple[int, list[str]]:
        author = session.exec(select(Note).order_by(Note.submitted_at.desc())).first()  # type: ignore[attr-defined]
        assert author is not None
        verbs = [one.verb for one in session.exec(select(AuditRecord)) if one.verb.startswith("draft_")]
        return author.author_id - member_of(session, cover).id, verbs

    assert await town.house.lane.read(kept) == (0, ["draft_offered", "draft_taken"])
    assert "不再转交" in (await cover.taps(TAKE, card))["text"]


async def test_who_does_not_take_it_gives_it_back(town: Town) -> None:
    officer, cover = await begun(town)
    await offered(officer, cover)
    card, third = await cover.finds("接着填完"), await town.one("care_officer", 2)

    def theirs(session: Session, phone: Phone) -> bool:
        draft = session.exec(select(Draft)).one()
        return store.offered_to(session, member_of(session, phone).id, draft.id) is not None

    assert await town.house.lane.run(lambda s: [theirs(s, one) for one in (cover, third, officer)]) == [
        True, False, False
    ]  # fmt: skip
    assert "已退回" in (await cover.taps(BACK, card))["text"]
    assert await officer.finds("草稿仍由您填写")
    assert labels(await cover.again(card)) == []
    resumed = await officer.taps("继续", await officer.says("记录"))
    assert "第4步" in resumed["text"]


async def test_who_goes_on_with_it_takes_it_back(town: Town) -> None:
    officer, cover = await begun(town)
    await offered(officer, cover)
    card = await cover.finds("接着填完")
    assert "第4步" in (await officer.taps("收回草稿", await officer.finds("待对方接收")))["text"]
    assert labels(await cover.again(card)) == []
    assert "不再转交" in (await cover.taps(TAKE, card))["text"]
    assert await town.house.lane.read(lambda s: len(s.exec(select(Draft)).all())) == 1


@ON_SQLITE
async def test_the_next_note_is_not_one_that_a_colleague_is_asked_to_finish(town: Town) -> None:
    """To go on with it would take it back; once it is given back it is the next."""
    officer, cover = await begun(town)
    await offered(officer, cover)
    other = await officer.taps("记录", await officer.says(f"/case {TALK_TODAY}"))
    done = await officer.taps("提交", await walk(officer, other, *STEPS))
    assert "尚未提交" not in done["text"]
    assert OVERDUE_CASE not in (await officer.taps("记录下一位", done))["text"]
    assert "已退回" in (await cover.taps(BACK, await cover.finds("接着填完")))["text"]
    assert "第4步" in (await officer.taps("记录下一位", done))["text"]


@ON_SQLITE
async def test_who_is_away_finds_it_though_the_card_waits_for_their_return(town: Town) -> None:
    """Handed back to somebody on leave: the giver reads when it arrives, and whoever looks before that finds it."""
    officer, cover = await begun(town)
    await offered(officer, cover)
    at = await cover.taps(TAKE, await cover.finds("接着填完"))
    await walk(cover, at, *STEPS[3:4])
    given = await cover.taps(officer.name, await cover.taps(GIVE, await cover.says("记录")))
    assert "11月24日09:00送达对方" in given["text"]
    assert "已填写4题" in (await officer.says("待办"))["text"]
    asked = await officer.taps("记录 张明", await officer.says("今日"))
    assert "第1步" not in asked["text"], "not a second draft of the same note"
    assert labels(asked) == ["接收", "不接收，退回"]
    assert "第5步" in (await officer.taps(TAKE, asked))["text"]
    await town.later(to="2026-11-25T10:00")
    late = [one for one in await officer.told(asked["id"]) if "接着填完" in one["text"]]
    assert late == [], "the card that waited is not sent any more"


@ON_SQLITE
async def test_nobody_is_offered_it_who_may_not_write(town: Town) -> None:
    """Without a leave nobody else may; and a cover who keeps out of the case neither gets nor takes it."""
    officer = await town.one("care_officer")
    await walk(officer, await officer.says("今日"), "记录 张明", *STEPS[:3])
    assert GIVE not in labels(await officer.says("记录"))
    await officer.taps("取消", await officer.last())
    await officer.taps(
        "彻底取消" if "彻底取消" in labels(await officer.last()) else labels(await officer.last())[-1]
    )
    officer, cover = await begun(town)
    await offered(officer, cover)

    def recused(session: Session) -> None:
        draft = session.exec(select(Draft)).one()
        case_id = session.get_one(Visit, draft.subject_id).case_id
        member = member_of(session, cover)
        now = town.house.clock.now()
        one = Recusal(
            county_id=member.county_id, case_id=case_id, member_id=member.id, by_id=member.id, since=now,
            reason_sealed=b"",
        )  # fmt: skip
        one.reason = "亲属"
        session.add(one)

    await town.house.lane.run(recused)
    assert "不再转交" in (await cover.taps(TAKE, await cover.finds("接着填完")))["text"]
    assert GIVE not in labels(await officer.says("记录"))


async def test_a_draft_of_a_visit_that_is_somebody_elses_by_now_is_not_lost(town: Town) -> None:
    officer, other = await town.one("care_officer"), await town.one("care_officer", 1)
    at = await walk(officer, await officer.says("今日"), "记录 张明", *STEPS[:3])
    supervisor = await town.one("supervisor")
    asked = await supervisor.taps("改派", await supervisor.says(f"查询 {OVERDUE_CASE}"))
    await supervisor.taps(other.name, asked)
    await town.later(to="2026-11-23T10:00")
    told = await officer.finds("无需再开展")
    assert GIVE in labels(told)
    refused = await officer.taps("提交", await walk(officer, at, *STEPS[3:]))
    assert "填写的内容已保留" in refused["text"]
    assert "已记录" not in refused["text"]
    chosen = await officer.taps(GIVE, refused)
    assert "待对方接收" in (await officer.taps(other.name, chosen))["text"]
    await town.later(to="2026-11-23T10:10")
    taken = await other.taps(TAKE, await other.finds("接着填完"))
    assert "已记录" in (await other.taps("提交", taken))["text"]
    assert await town.house.lane.read(lambda s: s.exec(select(Draft)).all()) == []
