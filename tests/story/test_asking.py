"""A visit that was moved twice is moved again only if somebody who oversees it agrees; the reason is noted at once."""

from __future__ import annotations

from sqlmodel import Session, col, select

from casework import people
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitEvent, VisitEventKind
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import digest, walk
from tests.story.words import HOME_VISIT

WANG = "廉政家访｜王芳"
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
