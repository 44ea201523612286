"""The office admits a case to the follow-up once its restriction period is over; what is planned from then on."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session, col, select

from storage.tables.cases import Case, CaseEvent, Stage
from storage.tables.visits import Visit, VisitState
from tests.chat import Bubble, Phone, Town, labels

ADMIT = "纳入关怀回访"


async def ended_yesterday(town: Town, *, heavy: bool = False) -> tuple[str, date]:
    """The code of a case in stage 0 whose restriction period is made to have ended the day before, and that day."""
    ends = date(2026, 11, 22)

    def make(session: Session) -> str:
        query = select(Case).where(Case.stage == Stage.early_care, col(Case.care_officer_id).is_not(None))
        case = session.exec(query.order_by(col(Case.id))).first()
        assert case is not None
        case.expires_on, case.heavy = ends, heavy
        session.add(case)
        return case.code

    return await town.house.lane.run(make), ends


async def admits(office: Phone, code: str, day: date, by: str = "领导小组") -> Bubble:
    await office.taps(ADMIT, await office.says(f"查询 {code}"))
    await office.taps("无，已逐项核查")
    await office.says(f"{day.year}年{day.month}月{day.day}日")
    return await office.taps("提交", await office.taps(by))


async def test_a_case_is_admitted_when_its_time_has_come(town: Town) -> None:
    office, leader = await town.one("commission_staff"), await town.one("leader")
    code, ends = await ended_yesterday(town)
    day = ends + timedelta(days=1)
    assert ADMIT in labels(await office.says(f"查询 {code}"))
    assert ADMIT not in labels(await leader.says(f"查询 {code}"))

    # A day within the period is no day of a decision, and what stands against it ends the matter.
    refused = await admits(office, code, ends)
    assert "影响期" in refused["text"]
    assert "已提交" not in refused["text"]
    await office.taps("确认取消", await office.says("取消"))
    await office.taps(ADMIT, await office.says(f"查询 {code}"))
    kept_out = await office.taps("提交", await office.taps("明知故犯"))
    assert "不予纳入" in kept_out["text"]
    assert "影响期内日常关怀" in (await office.says(f"查询 {code}"))["text"]

    done = await admits(office, code, day)
    assert f"已提交｜{ADMIT}" in done["text"]
    assert "关怀回访方案" in done["text"]
    card = (await office.says(f"查询 {code}"))["text"]
    assert "关怀回访（第1阶段，共3阶段）" in card
    assert ADMIT not in labels(await office.last())
    assert "不予纳入关怀回访｜明知故犯" in (await office.taps("时间线"))["text"]
    assert f"{day.month}月{day.day}日｜纳入关怀回访｜领导小组" in (await office.last())["text"]

    def kept(session: Session) -> tuple[Case, list[Visit], list[str]]:
        case = session.exec(select(Case).where(Case.code == code)).one()
        visits = session.exec(
            select(Visit).where(Visit.case_id == case.id, Visit.state == VisitState.planned)
        )
        return case, list(visits), [event.reason for event in session.exec(select(CaseEvent))]

    case, visits, reasons = await town.house.lane.read(kept)
    assert (case.stage, case.stage_since, reasons) == (Stage.follow_up, day, ["knowingly", "leading_group"])
    kinds = {visit.kind.value: visit.due_on for visit in visits}
    assert {"talk", "home_visit", "study_visit", "care_plan"} <= kinds.keys()
    assert all(day <= due_on for due_on in kinds.values())
    assert kinds["talk"] <= day + timedelta(days=100)


async def test_after_a_heavy_sanction_the_leading_group_decides(town: Town) -> None:
    office = await town.one("commission_staff")
    code, ends = await ended_yesterday(town, heavy=True)
    refused = await admits(office, code, ends + timedelta(days=1), "办公室会议")
    assert "领导小组" in refused["text"]
    assert "已提交" not in refused["text"]


async def test_in_english(town: Town) -> None:
    office = await (await town.one("commission_staff")).in_language("en")
    code, _ = await ended_yesterday(town)
    await office.taps("Admit to the follow-up", await office.says(f"/case {code}"))
    await office.taps("Nothing, checked")
    await office.taps("Today,")
    done = await office.taps("Submit", await office.says("The county's leading group, by circulation"))
    assert done["text"].startswith("Submitted")
    assert "The follow-up has begun" in done["text"]
