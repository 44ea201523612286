"""A visit that was moved twice is moved again only if somebody who oversees it agrees; the reason is noted at once."""

from __future__ import annotations

from sqlmodel import Session, col, select

from casework import people
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitEvent, VisitEventKind
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import digest, walk
from tests.story.words import HOME_VISIT, ON_SQLITE

WANG, TALK = "廉政家访｜王芳", "谈心谈话｜张明"
CASE = HOME_VISIT
YES, NO = f"同意 {CASE}", f"不同意 {CASE}"


async def not_done(officer: Phone, day: str, *why: str) -> Bubble:
    asked = await officer.taps("未能开展", await officer.says("本周"))
    return await walk(officer, asked, WANG, *(why or ("天气",)), day, "提交")


async def moved_twice(officer: Phone) -> None:
    for day in ("11月24日", "11月25日"):
        assert "已改至" in (await not_done(officer, day))["text"]


async def asked_third(town: Town) -> tuple[Phone, Phone, Bubble, Bubble]:
    """The officer, the supervisor, what the officer is answered, and the request."""
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    await moved_twice(officer)
    before = await supervisor.last_id()
    said = await not_done(officer, "11月26日")
    (request,) = await supervisor.told(before)
    return officer, supervisor, said, request


async def test_the_third_time_is_a_request_and_the_reason_is_noted_at_once(town: Town) -> None:
    officer, supervisor, said, request = await asked_third(town)
    assert "已提交" in said["text"]
    assert "未能开展的情况已登记" in said["text"]
    assert "已申请改至11月26日；答复前仍以11月25日为准" in said["text"]
    assert "李敏申请改期" in request["text"]
    assert f"{CASE}｜廉政家访｜原定11月25日前｜已申请改至11月26日｜已改期2次" in request["text"]
    assert "王芳" not in request["text"], "a supervisor knows cases by their code"
    assert labels(request) == [YES, NO]
    assert "已申请改至11月26日" in (await officer.says("本周"))["text"]
    assert await events(town) == ["not_done", "not_done", "not_done_asked"]

    listed = await supervisor.says("待办")
    assert "改期申请1项" in listed["text"]
    assert {YES, NO} <= set(labels(listed))


async def test_agreed_to_by_one_tap_it_is_moved(town: Town) -> None:
    officer, supervisor, _, request = await asked_third(town)
    before = await officer.last_id()
    done = await supervisor.taps(YES, request)
    assert "11月26日" in done["text"]
    (told,) = await officer.told(before)
    assert "11月26日" in told["text"]
    assert "已申请" not in told["text"]
    assert (await supervisor.again(request))["text"].startswith("✓ 已延期至11月26日")
    assert labels(await supervisor.again(request)) == []
    assert "改期申请" not in (await supervisor.says("待办"))["text"]
    assert await due(town) == "2026-11-26"
    again = await supervisor.taps(YES, request)
    assert "不待审批" in again["text"], "a second tap grants no more"
    assert await due(town) == "2026-11-26"


async def test_not_agreed_to_the_day_stays_and_the_officer_hears_it(town: Town) -> None:
    officer, supervisor, _, request = await asked_third(town)
    before = await officer.last_id()
    done = await supervisor.taps(NO, request)
    assert "仍以11月25日为准" in done["text"]
    (told,) = await officer.told(before)
    assert "改期申请未获同意" in told["text"]
    assert "记录 王芳" in labels(told)
    assert "未同意改期" in (await supervisor.again(request))["text"]
    assert "已申请" not in (await officer.says("本周"))["text"]
    assert await due(town) == "2026-11-25"
    assert await events(town) == ["not_done", "not_done", "not_done_asked", "move_refused"]
    assert "未获同意" in (await officer.says("为什么"))["text"]


async def test_until_it_is_answered_the_ladder_goes_on_and_says_so(town: Town) -> None:
    officer, supervisor, _, _ = await asked_third(town)
    await town.later(to="2026-11-27T09:00")
    assert f"逾期2个工作日｜已申请改至11月26日｜{WANG}" in (await digest(officer))["text"]
    await town.later(to="2026-11-27T09:01")
    alert = await supervisor.finds("逾期提醒")
    assert CASE in alert["text"]
    assert "已申请改至11月26日" in alert["text"]
    await supervisor.taps(YES if YES in labels(alert) else "同意改期", alert)
    # the day that was asked for is over by now: it is the usual time instead
    assert await due(town) == "2026-12-04"


async def test_the_newest_request_counts(town: Town) -> None:
    officer, supervisor, _, first = await asked_third(town)
    asked = await officer.taps("改期", await officer.says("本周"))
    await walk(officer, asked, WANG, "say:11月30日", "天气", "提交")
    assert "已另行申请" in (await supervisor.again(first))["text"]
    assert labels(await supervisor.again(first)) == []
    await supervisor.taps(YES, await supervisor.finds("已申请改至11月30日"))
    assert await due(town) == "2026-11-30"


async def test_a_note_settles_the_request(town: Town) -> None:
    officer, supervisor, _, request = await asked_third(town)
    await town.later(to="2026-11-24T09:00")
    started = await officer.taps("已开展，稍后补记", await officer.says("本周"))
    await walk(officer, started, WANG)
    assert (await supervisor.again(request))["text"].startswith("✓")
    assert "改期申请" not in (await supervisor.says("待办"))["text"]


async def test_where_the_supervisor_cannot_decide_the_office_does(town: Town) -> None:
    """Nobody asks themselves, and nobody asks somebody who is not there."""
    officer, staff = await town.one("care_officer"), await town.one("commission_staff")

    def gone(session: Session) -> None:
        one = session.exec(select(Member).where(Member.name_index == names_of(session, officer.name))).one()
        assert one.supervisor_id is not None
        people.suspend(session, one.supervisor_id, now=town.house.clock.now())

    await moved_twice(officer)
    await town.house.lane.run(gone)
    before = await staff.last_id()
    await not_done(officer, "11月26日")
    (request,) = [one for one in await staff.told(before) if "申请改期" in one["text"]]
    await staff.taps(YES, request)
    assert await due(town) == "2026-11-26"


def names_of(session: Session, name: str) -> bytes:
    return next(one.name_index for one in session.exec(select(Member)) if one.name == name)


async def events(town: Town) -> list[str]:
    def found(session: Session) -> list[str]:
        kinds = (VisitEventKind.not_done, VisitEventKind.not_done_asked, VisitEventKind.move_refused)
        query = select(VisitEvent).where(col(VisitEvent.kind).in_(kinds))
        rows = session.exec(query.order_by(col(VisitEvent.id))).all()
        assert all(row.detail for row in rows if row.kind is not VisitEventKind.move_refused)
        return [str(row.kind) for row in rows]

    return await town.house.lane.read(found)


async def due(town: Town) -> str:
    def found(session: Session) -> str:
        moved = select(VisitEvent.visit_id).where(VisitEvent.kind == VisitEventKind.not_done_asked)
        return session.exec(select(Visit).where(col(Visit.id).in_(moved))).one().due_on.isoformat()

    return await town.house.lane.read(found)


# --- what those above read of it in the morning ----------------------------------------------------------------------


async def put_off(town: Town, to: str) -> list[Bubble]:
    """What the supervisor is told until then, of visits that were put off."""
    supervisor = await town.one("supervisor")
    before = await supervisor.last_id()
    await town.later(to=to)
    return [one for one in await supervisor.told(before) if "由责任人改期" in one["text"]]


async def test_the_supervisor_reads_in_the_morning_what_was_moved(town: Town) -> None:
    officer = await town.one("care_officer")
    await not_done(officer, "11月25日", "本人身体原因")
    assert await put_off(town, "2026-11-24T08:29") == [], "nobody is told at once"
    (told,) = await put_off(town, "2026-11-24T08:31")
    assert told["sent_at"] == "2026-11-24T08:30:00+08:00"
    assert told["text"].splitlines() == [
        "以下1项任务由责任人改期：",
        f"{CASE}｜廉政家访｜责任人 李敏｜未能开展｜由11月23日改至11月25日｜已改期1次｜原因：本人身体原因",
    ]
    assert await put_off(town, "2026-11-25T12:00") == [], "and reads it once"
    why = (await (await town.one("supervisor")).says("为什么"))["text"]
    assert "责任人改期情况" in why or "逾期提醒" in why


@ON_SQLITE
async def test_moved_twice_by_the_morning_it_is_one_line_with_the_newest_day(town: Town) -> None:
    await moved_twice(await town.one("care_officer"))
    (told,) = await put_off(town, "2026-11-24T08:31")
    assert told["text"].count(CASE) == 1
    assert "由11月23日改至11月25日｜已改期2次" in told["text"]


async def test_several_are_one_list(town: Town) -> None:
    officer = await town.one("care_officer")
    await not_done(officer, "11月25日")
    await rescheduled(officer, TALK, "11月27日")
    (told,) = await put_off(town, "2026-11-24T08:31")
    first, *lines = told["text"].splitlines()
    assert first == "以下2项任务由责任人改期："
    assert len(lines) == 2
    assert "张明" not in told["text"], "a supervisor knows cases by their code"
    assert sum("未能开展" in line for line in lines) == 1


async def rescheduled(officer: Phone, what: str, day: str) -> None:
    asked = await officer.taps("改期", await officer.says("本周"))
    await walk(officer, asked, what, f"say:{day}", "天气", "提交")


@ON_SQLITE
async def test_what_was_made_or_moved_back_by_the_morning_is_not_read(town: Town) -> None:
    officer = await town.one("care_officer")
    await rescheduled(officer, WANG, "11月25日")
    await rescheduled(officer, WANG, "11月23日")
    await rescheduled(officer, TALK, "11月27日")
    started = await officer.taps("已开展，稍后补记", await officer.says("本周"))
    await walk(officer, started, TALK)
    assert await put_off(town, "2026-11-25T12:00") == []


@ON_SQLITE
async def test_of_a_case_that_rests_by_then_nothing_is_read(town: Town) -> None:
    await not_done(await town.one("care_officer"), "11月25日")

    office = await town.one("commission_staff")
    question = await office.taps("暂缓", await office.says(f"查询 {CASE}"))
    await walk(office, question, "say:另有新情况，先行核实", "提交")
    assert await put_off(town, "2026-11-25T12:00") == []


OFFICE_READS = f"王芳 {CASE}｜廉政家访｜责任人 李敏｜由11月23日改至11月25日"


@ON_SQLITE
async def test_where_the_supervisor_is_on_leave_the_office_reads_it(town: Town) -> None:
    office, supervisor = await town.one("commission_staff"), await town.one("supervisor")
    officer = await town.one("care_officer")
    await rescheduled(officer, WANG, "11月25日")
    await supervisor.says("请假11月24日到11月25日")
    before = await office.last_id()
    assert await put_off(town, "2026-11-25T12:00") == []
    (told,) = [one for one in await office.told(before) if "由责任人改期" in one["text"]]
    assert OFFICE_READS in told["text"]


async def test_of_a_case_that_the_supervisor_keeps_out_of_the_office_reads_it(town: Town) -> None:
    """Though it stands behind one that they read."""
    office, supervisor = await town.one("commission_staff"), await town.one("supervisor")
    officer = await town.one("care_officer")
    await rescheduled(officer, TALK, "11月27日")
    await rescheduled(officer, WANG, "11月25日")
    asked = await office.taps("回避", await office.says(f"查询 {CASE}"))
    await walk(office, asked, supervisor.name, "say:表亲", "提交")
    before = await office.last_id()
    (theirs,) = await put_off(town, "2026-11-24T12:00")
    assert CASE not in theirs["text"]
    (told,) = [one for one in await office.told(before) if "由责任人改期" in one["text"]]
    assert OFFICE_READS in told["text"]


@ON_SQLITE
async def test_once_read_it_says_what_became_of_it(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    await rescheduled(officer, WANG, "11月25日")
    await rescheduled(officer, TALK, "11月27日")
    (told,) = await put_off(town, "2026-11-24T08:31")
    await rescheduled(officer, WANG, "11月26日")
    now = (await supervisor.again(told))["text"]
    assert f"✓ 已改期至11月26日｜廉政家访｜{CASE}" in now
    assert "改至11月27日" in now, "the other one as it was"
    assert "由11月25日改至11月26日｜已改期2次" in (await put_off(town, "2026-11-25T08:31"))[0]["text"]
