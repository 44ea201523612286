"""What is said outside of any form as people say it: the nearest thing to do is offered, and nothing done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hints import code_in
from tests.chat import Town, labels
from tests.story.words import ON_SQLITE, OVERDUE_CASE


@ON_SQLITE
@pytest.mark.parametrize(
    "said", ["收到", "好的，谢谢！", "收到，辛苦了。", "[OK]", "[强][玫瑰]", "Thank you.", "ＯＫ"]
)
async def test_thanks_are_no_riddle(town: Town, said: str) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    assert (await officer.says(said))["text"] == "好的。回访情况登记后，有关提醒自动停止。"
    assert (await supervisor.says(said))["text"] == "好的。"


async def test_a_case_that_a_sentence_names_can_be_recorded_at_once(town: Town) -> None:
    officer = await town.one("care_officer")
    answer = await officer.says("我昨天下午去看了张明")
    assert answer["text"] == f"您说的是张明 {OVERDUE_CASE}吗？如需登记，请点下方按钮。"
    assert labels(answer) == ["记录 张明", "记录其他事项", "档案概况", "帮助"]
    assert "第1步" in (await officer.taps("记录 张明", answer))["text"]


@ON_SQLITE
async def test_of_two_names_or_somebody_elses_nobody_guesses(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    assert "暂未看懂" in (await officer.says("张明和王芳我都看过了"))["text"]
    assert "暂未看懂" in (await officer.says("林月娥那边怎么样"))["text"]
    assert "暂未看懂" in (await supervisor.says("张明最近好吗"))["text"]


@ON_SQLITE
async def test_a_code_within_a_sentence_is_looked_up(town: Town) -> None:
    office, supervisor = await town.one("commission_staff"), await town.one("supervisor")
    for phone in (office, supervisor):
        plain = (await phone.says(f"查询 {OVERDUE_CASE}"))["text"]
        for said in (f"{OVERDUE_CASE.lower()}怎么样了", OVERDUE_CASE.replace("-", "")):
            assert (await phone.says(said))["text"] == plain
    assert "没有查到" in (await supervisor.says("那个JA-9999呢？"))["text"]


@ON_SQLITE
async def test_a_command_within_a_sentence_is_offered(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    answer = await officer.says("明天我要请假")
    assert labels(answer) == ["请假", "帮助"]
    assert "第1步" in (await officer.taps("请假", answer))["text"]
    assert labels(await supervisor.says("谁逾期了"))[0] == "逾期"
    assert labels(await supervisor.says("who is overdue?"))[0] == "逾期"
    assert "暂未看懂" in (await supervisor.says("今日天气不错"))["text"]  # not a command of theirs


@ON_SQLITE
async def test_the_person_concerned_hears_what_they_always_do(town: Town) -> None:
    person = await town.one("subject")
    for said in ("谢谢", "我的手机号换了", OVERDUE_CASE):
        assert "也不会自动转给工作人员" in (await person.says(said))["text"]


@ON_SQLITE
async def test_what_is_not_there_yet_says_what_is_nearest(town: Town) -> None:
    """统计, 简报 and 团队 are asked for by those who oversee; whoever does not is told what everybody is."""
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    office, leader = await town.one("commission_staff"), await town.one("leader")
    answer = await officer.last()
    for phone, said in ((supervisor, "团队"), (office, "统计 谈话"), (leader, "/report"), (office, "简报")):
        answer = await phone.says(said)
        assert answer["text"].startswith("暂不能查询统计、简报和团队情况：逾期任务请发送“逾期”")
        assert len(answer["text"].splitlines()) == 1
        assert labels(answer) == ["逾期", "帮助"]
    assert "逾期任务共" in (await office.taps("逾期", answer))["text"]
    assert "暂未看懂" in (await officer.says("统计"))["text"]
    await office.in_language("en")
    assert "cannot be asked for yet: “overdue”" in (await office.says("/stats"))["text"]


@ON_SQLITE
async def test_in_english(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("English", await officer.says("语言"))
    assert (await officer.says("got it, thanks"))["text"].startswith("All right.")
    assert "Is it about 张明" in (await officer.says("I saw 张明 yesterday"))["text"]


@given(
    code=st.from_regex(r"[A-Z]{2}-[0-9A-Z]{4,6}", fullmatch=True),
    before=st.sampled_from(["", "看看", "see "]),
)
def test_a_code_is_found_wherever_it_stands(code: str, before: str) -> None:
    assert code_in(f"{before}{code.lower()}呢") == code
    assert code_in(f"{code} {code}") == code
    assert code_in(f"{code} ZZ-ZZZZ") == (code if code == "ZZ-ZZZZ" else None)


@pytest.mark.parametrize("said", ["please help", "received 2 letters", "ABC-1234", "2026-11-20", "JA-1", ""])
def test_what_is_no_code(said: str) -> None:
    assert code_in(said) is None
