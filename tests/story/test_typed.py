"""Every button can be typed: its label, its number, or both, as the message that showed it says."""

from __future__ import annotations

from itertools import chain

import pytest
from sqlmodel import Session, select

from bot.merging import keep
from reminders import outbox
from storage.tables.mail import Outbox
from tests.chat import Town, labels
from tests.story.acts import digest
from tests.story.words import ENGLISH, ON_SQLITE, OVERDUE_CASE


async def test_a_label_does_what_its_button_does(town: Town) -> None:
    officer = await town.one("care_officer")
    morning = await digest(officer)
    assert "记录 张明" in labels(morning)
    asked = await officer.says(" 记录　张明 ")
    assert "第1步" in asked["text"]
    assert OVERDUE_CASE in asked["text"]


@ON_SQLITE
@pytest.mark.parametrize("typed", ["无法开展", "{n}. 无法开展", "{n}、无法开展", "{n}"])
async def test_a_number_with_or_without_the_label(town: Town, typed: str) -> None:
    officer = await town.one("care_officer")
    shown = labels(await digest(officer))
    wanted = next(label for label in shown if label.startswith("未能"))
    answer = await officer.says(typed.replace("无法开展", wanted).format(n=shown.index(wanted) + 1))
    assert answer["text"] == (await officer.taps(wanted, await digest(officer)))["text"]


@ON_SQLITE
async def test_a_wrong_number_before_a_label_means_nothing(town: Town) -> None:
    officer = await town.one("care_officer")
    shown = labels(await digest(officer))
    wanted = next(label for label in shown if label.startswith("未能"))
    assert "暂未看懂" in (await officer.says(f"{shown.index(wanted) + 2}. {wanted}"))["text"]


@ON_SQLITE
async def test_a_number_is_of_the_latest_message_that_has_buttons(town: Town) -> None:
    officer = await town.one("care_officer")
    listed = await officer.says("记录")
    assert labels(listed)
    await officer.says("/page")  # an answer without buttons
    assert "第1步" in (await officer.says("1"))["text"]


@ON_SQLITE
async def test_only_what_the_person_was_shown_counts(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    await digest(officer)
    answer = await supervisor.says("记录 张明")
    assert "第1步" not in answer["text"]


@ON_SQLITE
async def test_the_words_of_an_open_form_go_first(town: Town) -> None:
    officer = await town.one("care_officer")
    first = await officer.taps("记录 张明", await digest(officer))
    await officer.taps("今天", first)
    third = await officer.says("催办 张明")  # a place, whatever it reads like
    assert "第3步" in third["text"]
    fourth = await officer.says("今天")  # the thought, and no button of the first step
    assert "第4步" in fourth["text"]


@ON_SQLITE
async def test_a_choice_that_steers_the_form_can_be_typed_in_full(town: Town) -> None:
    officer = await town.one("care_officer")
    first = await officer.taps("记录 张明", await digest(officer))
    await officer.taps("今天", first)
    await officer.says("取消")
    assert "第1步" not in (gone := await officer.says("确认取消"))["text"]
    assert "已取消" in gone["text"]


@ON_SQLITE
async def test_a_stale_label_changes_nothing(town: Town) -> None:
    officer = await town.one("care_officer")
    first = await officer.taps("记录 张明", await digest(officer))
    await officer.taps("今天", first)
    await officer.says("取消")
    await officer.says("确认取消")
    assert "已提交或已取消" in (await officer.says("确认取消"))["text"]


@ON_SQLITE
async def test_it_is_the_label_in_the_readers_language(town: Town) -> None:
    officer = await (await town.one("care_officer")).in_language(ENGLISH.language)
    await officer.says("today")
    assert "Step 1" in (await officer.says("RECORD 张明"))["text"]


@ON_SQLITE
async def test_a_whole_note_in_one_message(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录 张明", await digest(officer))
    recap = await officer.says("昨天下午3点\n会议室\n情绪平稳，愿意谈。\n绿\n没有发现\n无")
    assert recap["text"].splitlines()[1].startswith("已填入：日期、地点、")
    assert "11月22日" in recap["text"]
    assert "已记录" in (await officer.taps("提交", recap))["text"]


@ON_SQLITE
async def test_two_answers_with_a_comma_between_them(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录 张明", await digest(officer))
    third = await officer.says("昨天，会议室")
    assert third["text"].splitlines()[1] == "已填入：日期、地点。"
    assert "第3步，共6步" in third["text"]
    first = await officer.says("改第1题")
    assert "11月22日" in first["text"]


@ON_SQLITE
async def test_a_day_that_contradicts_itself_is_asked_again(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录 张明", await digest(officer))
    again = await officer.says("11月20日（周四）")
    assert "11月20日是星期五" in again["text"]
    assert "第1步" in again["text"]


async def as_the_version_before_kept_it(town: Town) -> None:
    """Each button of a question named the draft and its revision, and the message did not."""

    def unit(session: Session) -> None:
        for row in session.exec(select(Outbox)):
            payload = outbox.payload_of(row.id, row.payload_sealed)
            draft = payload.get("message", {}).pop("draft", None)
            if draft is not None:
                for _, does, *_ in chain.from_iterable(payload["message"]["buttons"]):
                    does[1] |= {"id": draft[0], "rev": draft[1]}
                keep(row, payload)

    await town.house.lane.run(unit)


@ON_SQLITE
async def test_a_question_of_the_version_before_is_tapped_typed_and_gets_old(town: Town) -> None:
    officer = await town.one("care_officer")
    first = await officer.taps("记录 张明", await digest(officer))
    await as_the_version_before_kept_it(town)
    second = await officer.taps("今天", first)
    assert "第2步" in second["text"]
    await as_the_version_before_kept_it(town)
    assert "第2步" in (late := await officer.taps("今天", first))["text"]
    assert late["text"] != second["text"]
    assert "第3步" in (await officer.taps("本人办公室", late))["text"]
    await officer.says("取消")
    await as_the_version_before_kept_it(town)
    assert "已取消" in (await officer.says("确认取消"))["text"]
