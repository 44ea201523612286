"""Of a list that asks which, a name chooses; one that fits several of the list is asked about within the list."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from storage.tables.cases import Case
from storage.tables.visits import Visit, VisitKind
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import walk
from tests.story.words import NAMESAKE, ON_SQLITE, OVERDUE_CASE

pytestmark = ON_SQLITE
TASKS = {"zh_CN": ("谈心谈话", "送学上门"), "en": ("Heart-to-heart talk", "Study at the door")}
LIST = {"zh_CN": "记录", "en": "/record"}
FITS = {"zh_CN": "“赵强”对应其中2项", "en": "“赵强” fits 2 of these"}
FIRST = {"zh_CN": "第1步", "en": "Step 1"}


async def with_both_namesakes(town: Town) -> Phone:
    """The officer of the one 张明, who looks after the other one, too."""
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    await office.says(f"查询 {NAMESAKE}")
    await office.taps("更换责任人")
    why = await office.taps(officer.name)
    await office.taps("提交", await office.taps("岗位调动", why))

    def due_this_week(session: Session) -> None:
        case = session.exec(select(Case).where(Case.code == NAMESAKE)).one()
        visit = session.exec(
            select(Visit).where(Visit.case_id == case.id, Visit.kind == VisitKind.talk)
        ).all()[-1]
        visit.due_on = date(2026, 11, 25)
        session.add(visit)

    await town.house.lane.run(due_this_week)
    return officer


def names(bubble: Bubble) -> set[str]:
    return {code for code in (OVERDUE_CASE, NAMESAKE) if any(code in label for label in labels(bubble))}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("said", ["赵强", "赵强同志"])
async def test_one_person_with_two_tasks(town: Town, language: str, said: str) -> None:
    officer = await (await town.one("care_officer")).in_language(language)
    await officer.says(LIST[language])
    asked = await officer.says(said)
    assert FITS[language].replace("赵强", said) in asked["text"]
    assert len(labels(asked)) == 2
    for task in TASKS[language]:
        assert any(task in label for label in labels(asked))
    form = await officer.says(TASKS[language][0])
    assert FIRST[language] in form["text"]
    assert TASKS[language][0] in form["text"]


@pytest.mark.parametrize("said", ["张明", "老张", "张", "谈心谈话 张明"])
@pytest.mark.parametrize("opened", ["未能开展", "改期"])
async def test_two_people_of_one_name(town: Town, opened: str, said: str) -> None:
    officer = await with_both_namesakes(town)
    assert names(await officer.says(opened)) == {OVERDUE_CASE, NAMESAKE}
    asked = await officer.says(said)
    assert "对应其中" in asked["text"]
    assert names(asked) == {OVERDUE_CASE, NAMESAKE}
    assert all("张明" in label for label in labels(asked))
    assert NAMESAKE in (await officer.says(NAMESAKE))["text"]


@pytest.mark.parametrize("said", ["王", "老王", "王芳"])
async def test_the_only_one_of_a_surname_is_meant(town: Town, said: str) -> None:
    officer = await town.one("care_officer")
    await officer.says("未能开展")
    assert "未能开展｜王芳" in (await officer.says(said))["text"]


async def test_a_number_of_the_shorter_list_is_one_of_it(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.says("记录")
    asked = await officer.says("赵强")
    form = await officer.says("2")
    assert "第1步" in form["text"]
    assert labels(asked)[1].split()[-1] in form["text"]


async def test_in_the_middle_of_a_form_the_draft_waits(town: Town) -> None:
    officer = await town.one("care_officer")
    third = await walk(officer, await officer.says("今日"), "记录 张明", "今天", "本人办公室")
    assert "第3步" in third["text"]
    await officer.says("记录")
    asked = await officer.says("赵强")
    assert labels(asked)[-1] == "继续填写"
    assert "第3步" in (await officer.taps("继续填写", asked))["text"]
    following = await officer.says("赵强")  # the list is no longer what was shown last
    assert "第4步" in following["text"]


async def test_without_a_list_it_is_a_query(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.says("今日")
    assert "时间线" in labels(await officer.says("赵强"))


@pytest.mark.parametrize(
    ("language", "said", "title"),
    [
        ("zh_CN", "走访单位", "走访单位｜张明"),
        ("zh_CN", "困难诉求", "困难诉求｜张明"),
        ("en", "unit interview", "Unit interview | 张明"),
    ],
)
async def test_what_took_place_without_the_word_record(
    town: Town, language: str, said: str, title: str
) -> None:
    officer = await (await town.one("care_officer")).in_language(language)
    await officer.says(f"/case {OVERDUE_CASE}")
    await officer.taps({"zh_CN": "记录其他事项", "en": "Record something else"}[language])
    form = await officer.says(said)
    assert title in form["text"]
    assert FIRST[language] in form["text"]
