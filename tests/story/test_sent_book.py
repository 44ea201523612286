"""A workbook of notes that is sent into a chat: read like the one that is handed in on a page, and taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from bot.app import House
from bot.channels.disclosure import Level
from casework.documents.form_book import write_form_book
from casework.forms.catalog import OFFICERS_FORMS
from casework.forms.form import Env
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case
from storage.tables.drafts import Draft
from storage.tables.notes import Note
from tests.chat import Bubble, Phone, Town, labels
from tests.documents.test_form_book import ENV, filled
from tests.story.acts import walk
from tests.story.photos import asked_for_photo, sends
from tests.story.test_form_book import FIRST, HEARD, PEERS, SECOND, TALK, WELL, hands_in, notes_of
from tests.story.words import HOME_VISIT, ON_SQLITE, OVERDUE_CASE, STUDY_VISIT
from tests.telegram_town import telegram_town
from tests.web import browser
from tests.wecom_town import wecom_town

BLANK = write_form_book(OFFICERS_FORMS.values(), "zh_CN", Env(ENV.today))
NAME = "离线填写表.xlsx"
ONE = filled(BLANK, TALK, FIRST, WELL)


async def kept(town: Town) -> list[Draft]:
    return await town.house.lane.read(lambda session: list(session.exec(select(Draft)).all()))


async def other_cases(town: Town) -> list[str]:
    """The further cases of whoever has the overdue one."""

    def unit(session: Session) -> list[str]:
        mine = select(Case.care_officer_id).where(Case.code == OVERDUE_CASE)
        query = select(Case.code).where(Case.care_officer_id == session.exec(mine).one())
        return list(session.exec(query.where(Case.code != OVERDUE_CASE).order_by(Case.code)))

    return await town.house.lane.read(unit)


async def test_one_note_is_shown_at_once_to_be_submitted(town: Town) -> None:
    officer = await town.one("care_officer")
    before = await officer.last_id()
    recap = await sends(officer, ONE, "document", NAME)
    said = [one["text"] for one in await officer.told(before)]
    assert said[0] == "正在检查离线填写表，请稍候。"
    assert "尚未提交" in recap["text"]
    assert "日期：11月20日" in recap["text"]
    assert "地点：本人办公室" in recap["text"]
    old = len(await town.house.lane.read(notes_of(OVERDUE_CASE)))
    assert "已记录" in (await officer.taps("提交", recap))["text"]
    assert len(await town.house.lane.read(notes_of(OVERDUE_CASE))) == old + 1
    acts = await town.house.lane.read(lambda s: set(s.exec(select(AuditRecord.verb)).all()))
    assert {"form_book_read", "visit_recorded"} <= acts


async def test_several_wait_each_behind_its_button_and_an_open_form_stays_open(town: Town) -> None:
    officer = await town.one("care_officer")
    question = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    content = BLANK
    for column, code in enumerate((await other_cases(town))[:3], start=FIRST):
        content = filled(content, PEERS, column, HEARD | {"about": code})
    listed = await sends(officer, content, "document", NAME)
    assert "尚未提交" in listed["text"]
    offered = [label for label in labels(listed) if label.startswith(PEERS)]
    assert len(offered) == 3 == len(await kept(town)) - 1
    assert "第1步" in question["text"]
    assert "第2步" in (await officer.says("今天"))["text"], "what was typed is the open form's"
    recap = await officer.taps(offered[0], listed)
    assert "日期：11月20日" in recap["text"]
    assert "已记录" in (await officer.taps("提交", recap))["text"]


async def test_what_was_submitted_before_is_left_out(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("提交", await sends(officer, ONE, "document", NAME))
    told = await sends(officer, ONE, "document", NAME)
    assert f"工作表“谈心谈话”D列：张明 {OVERDUE_CASE}，11月20日" in told["text"]
    assert labels(told) == ["帮助"]
    assert await kept(town) == []
    before = await officer.last_id()
    more = filled(ONE, PEERS, FIRST, HEARD | {"about": OVERDUE_CASE})
    recap = await sends(officer, more, "document", NAME)
    _, left_out, _ = [one["text"] for one in await officer.told(before)]
    assert "此前已提交" in left_out
    assert "尚未提交" in recap["text"]
    assert "已记录" in (await officer.taps("提交", recap))["text"]


async def test_what_was_refiled_since_was_submitted_before_and_not_once_it_is_void_there(town: Town) -> None:
    officer = await town.one("care_officer")
    done = await officer.taps("提交", await sends(officer, ONE, "document", NAME))
    for there in (HOME_VISIT, STUDY_VISIT):
        await officer.taps("查看或更正", done)
        await walk(officer, await officer.last(), "作废或转入", "转入", f"say:{there}", "录错对象")
        done = await officer.taps("提交")
        assert "该记录已转入" in done["text"]
        for about in (OVERDUE_CASE, HOME_VISIT, STUDY_VISIT)[: 3 if there == STUDY_VISIT else 2]:
            told = await sends(officer, filled(ONE, TALK, FIRST, {"about": about}), "document", NAME)
            assert "此前已提交" in told["text"]
            assert about in told["text"], "it is called as the sheet calls it"
    assert await kept(town) == []

    def void(session: Session) -> None:
        for note in session.exec(select(Note).where(col(Note.voided_at).is_(None))):
            note.voided_at = note.submitted_at

    await town.house.lane.run(void)
    assert "尚未提交" in (await sends(officer, ONE, "document", NAME))["text"]


async def three_sent(town: Town, officer: Phone) -> tuple[list[str], Bubble]:
    """Three notes of one workbook: their cases, and what is answered."""
    codes, content = (await other_cases(town))[:3], BLANK
    for column, code in enumerate(codes, start=FIRST):
        content = filled(content, PEERS, column, HEARD | {"about": code})
    return codes, await sends(officer, content, "document", NAME)


async def test_each_leads_to_the_one_after_it(town: Town) -> None:
    officer = await town.one("care_officer")
    (first, second, third), listed = await three_sent(town, officer)
    assert [first in labels(listed)[0], second in labels(listed)[1]] == [True, True], "as the sheet has them"
    shown = await officer.says("/record")
    assert first in shown["text"]
    assert [code for label in labels(shown) for code in (second, third) if code in label] == [second, third]
    done = await officer.taps("提交", await officer.taps(PEERS, listed))
    assert f"另有2份记录尚未提交，下一份：{PEERS}｜" in done["text"].splitlines()[-1]
    assert second in done["text"].splitlines()[-1]
    recap = await officer.taps("记录下一位", done)
    assert second in recap["text"].splitlines()[0]
    done = await officer.taps("提交", recap)
    assert "另有1份" in done["text"].splitlines()[-1]
    recap = await officer.taps("记录下一位", done)
    assert third in recap["text"].splitlines()[0]
    over = await officer.taps("提交", recap)
    assert "尚未提交" not in over["text"]
    assert "请选择要记录的回访任务" in (await officer.says("/record"))["text"]


async def test_what_is_put_aside_comes_last_and_what_was_cancelled_meanwhile_not_at_all(town: Town) -> None:
    officer = await town.one("care_officer")
    (_, _, third), listed = await three_sent(town, officer)
    before, aside = [label for label in labels(listed) if label.startswith(PEERS)][:2]
    await town.later(advance="PT1M")
    await officer.taps(before, listed)  # looked at, and left
    done = await officer.taps("提交", await officer.taps(aside, listed))
    assert third in done["text"].splitlines()[-1]
    await officer.taps("取消", await officer.says("/record"))
    over = await officer.taps("确认取消")
    assert labels(over)[0] == "记录", "there is another one"
    assert third in (await officer.taps("记录", over))["text"].splitlines()[0]
    gone = await officer.taps(before, listed)
    assert "已提交或已取消" in gone["text"]
    assert third in (await officer.taps("记录", gone))["text"].splitlines()[0]
    recap = await officer.taps("记录下一位", done)
    assert third in recap["text"].splitlines()[0]


@ON_SQLITE
async def test_whose_is_next_is_said_by_code_alone_where_names_may_not_be_told(town: Town) -> None:
    officer = await town.one("care_officer")
    (_, second, third), listed = await three_sent(town, officer)
    name = labels(listed)[1].removeprefix(f"{PEERS}｜").removesuffix(f" {second}")
    town.house.office.levels = {**town.house.office.levels, "sandbox": Level.coded}
    done = await officer.taps("提交", await officer.taps(PEERS, listed))
    assert f"下一份：{PEERS}｜{second}" in done["text"]
    shown = await officer.says("/record")
    assert f"{PEERS}｜{third}" in labels(shown)
    assert name not in done["text"] + shown["text"] + "".join(labels(shown))


@ON_SQLITE
async def test_one_note_does_not_push_the_open_form_aside(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    other = filled(BLANK, PEERS, FIRST, HEARD | {"about": (await other_cases(town))[0]})
    listed = await sends(officer, other, "document", NAME)
    assert [label.startswith(PEERS) for label in labels(listed)] == [True, False]
    assert "第2步" in (await officer.says("今天"))["text"]


async def test_the_first_cells_to_mend_are_named_and_nothing_is_taken_over(town: Town) -> None:
    officer = await town.one("care_officer")
    bad = WELL | {"date": "去年底", "state_of_mind": "很好", "safety": None}
    refused = await sends(officer, filled(ONE, TALK, SECOND, bad | {"about": "JA-ZZZZ"}), "document", NAME)
    assert "内容未录入。请在表中改正以下各处" in refused["text"]
    assert "工作表“谈心谈话”第4行E列（档案编号或任务编号）：" in refused["text"]
    assert await kept(town) == []
    many = filled(BLANK, TALK, FIRST, WELL | {"date": "去年底"})
    for column in range(SECOND, SECOND + 4):
        many = filled(many, TALK, column, bad | {"date": "去年底"})
    told = (await sends(officer, many, "document", NAME))["text"]
    assert told.count("工作表“谈心谈话”") == 8
    assert "另有" in told
    assert await kept(town) == []


async def test_the_same_doors_and_the_same_words_as_on_the_page(site: Town) -> None:
    other = await site.one("care_officer", 1)
    async with browser(site.house) as web:
        await web.comes_in((await other.says("网页"))["text"])
        page = await hands_in(web, ONE)
    refused = await sends(other, ONE, "document", NAME)
    missing = await sends(other, filled(BLANK, TALK, FIRST, WELL | {"about": "JA-ZZZZ"}), "document", NAME)
    assert refused["text"] == missing["text"]
    assert all(part in page.text for part in refused["text"].splitlines())
    assert "不是Excel工作簿" in (await sends(other, b"no workbook", "document", NAME))["text"]
    assert "5 MB" in (await sends(other, b"0" * 6_000_000, "document", NAME))["text"]
    assert await kept(site) == []


async def test_which_files_are_no_workbook(town: Town) -> None:
    officer = await town.one("care_officer")
    assert "离线填写表" in (await sends(officer, ONE, "document", "名单.pdf"))["text"]
    assert "另存为.xlsx格式" in (await sends(officer, ONE, "document", "离线填写表.et"))["text"]
    assert await kept(town) == []
    for role in ("subject", "supervisor", "administrator"):
        assert "暂不能接收文件" in (await sends(await town.one(role), ONE, "document", NAME))["text"]


async def test_where_a_photo_is_asked_for_it_is_still_no_photo(town: Town) -> None:
    officer = await town.one("care_officer")
    await asked_for_photo(officer)
    refused = await sends(officer, filled(BLANK, TALK, FIRST, WELL | {"about": "JA-ZZZZ"}), "document", NAME)
    assert "请核对编号" in refused["text"]
    assert "签字表" in (await officer.taps("继续填写", refused))["text"]


# --- abroad ----------------------------------------------------------------------------------------------------------


@ON_SQLITE
async def test_on_telegram_the_file_goes_from_the_chat_once_it_was_read(house: House) -> None:
    async with telegram_town(house, "webhook", Level.full) as county:
        officer = await county.bound("care_officer")
        for content, said in (
            (filled(BLANK, TALK, FIRST, {"about": "JA-ZZZZ"}), "请核对编号"),
            (ONE, "尚未提交"),
        ):
            await officer.user.sends_document(NAME, content)
            await officer.settled()
            assert said in officer.last.text
            assert not any(seen.file for seen in officer.user.chat)
        await officer.taps("提交")
        assert "已记录" in officer.last.text
        county.fake.world.limits = replace(county.fake.world.limits, download=100)
        await officer.user.sends_document(NAME, ONE)
        await officer.settled()
        assert "文件过大：请控制在5 MB以内" in officer.last.text, "to send it once more would be no use"
        assert not any(seen.file for seen in officer.user.chat)


@ON_SQLITE
@pytest.mark.parametrize("way", ["webhook", "polling"])
async def test_on_telegram_at_coded_the_way_is_to_the_page(house: House, way: str) -> None:
    async with telegram_town(house, way, Level.coded) as county:
        officer = await county.bound("care_officer")
        await officer.user.sends_document(NAME, ONE)
        await officer.settled()
        assert not any(seen.file for seen in officer.user.chat)
        assert county.fake.calls_of("getFile") == []
        if way == "polling":  # no address in the net, so no pages
            assert "没有保留" in officer.last.text
            return
        async with browser(county.house) as web:
            page = await web.comes_in(officer.last.text)
            assert page.path == "/page/workbook"
            assert "尚未提交" in (await hands_in(web, ONE)).text


@ON_SQLITE
async def test_on_wecom_a_file_without_a_name_is_looked_at(house: House) -> None:
    async with wecom_town(house, Level.full) as county:
        officer = await county.bound("care_officer")
        assert (await officer.user.sends_file(NAME, ONE)).ok
        await officer.settled()
        officer.finds("尚未提交")
        assert (await officer.user.sends_file(NAME, bytes(20 * 1024 * 1024 + 1))).ok
        await officer.settled()
        officer.finds("文件过大：请控制在5 MB以内")


@ON_SQLITE
@pytest.mark.parametrize("code", [OVERDUE_CASE, "JA-ZZZZ"])
async def test_words_of_danger_in_it_are_answered_with_the_numbers(town: Town, code: str) -> None:
    officer, said = await town.one("care_officer"), {"thinking": "他说活着没意思，想自杀。", "about": code}
    before = await officer.last_id()
    await sends(officer, filled(BLANK, TALK, FIRST, WELL | said), "document", NAME)
    _, numbers, told = [one["text"] for one in await officer.told(before)]
    assert all(number in numbers for number in ("110", "120", "12356"))
    assert ("尚未提交" if code == OVERDUE_CASE else "请核对编号") in told
    assert ("照常有效" in numbers) == (code == OVERDUE_CASE), "with one bad cell nothing of it is kept"
