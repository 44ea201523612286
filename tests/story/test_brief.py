"""The brief before a visit: what to know, for whoever makes it, and for nobody else."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, select

from bot.app import House
from bot.channels.disclosure import Level
from storage.tables.audit import AuditRecord
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import digest, walk
from tests.story.words import CHINESE, ENGLISH, ON_SQLITE, OVERDUE_CASE, Words
from tests.telegram_town import telegram_town
from tests.web import browser

MIND = "正在申诉，不谈处分轻重；下午在家"
TALK = {
    "zh_CN": (
        "今天", "本人办公室", "say:愿意谈今后打算。", "积极稳定", "未发现", "下次注意事项", "下一步措施",
        "完成",
    ),
    "en": (
        "Today", "The person's office", "say:愿意谈今后打算。", "Settled", "No sign", "To mind next", "Next steps",
        "Done",
    ),
}  # fmt: skip
FEEDBACK = ("学习反馈", "完成", "say:对照材料谈了认识。")
BRIEF = {"zh_CN": "走访提示", "en": "Brief"}
RIGHT = {"zh_CN": "请勿就此争论", "en": "do not argue it"}
FAMILY = {"zh_CN": "家属知情", "en": "The family knew"}


async def talked(officer: Phone, words: Words) -> Bubble:
    """A note that says what to mind next time; its outcome."""
    form = await officer.taps(f"{words.record} 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    recap = await walk(officer, form, *TALK[words.language], "say:帮助联系调岗", f"say:{MIND}")
    return await officer.taps(words.submit, recap)


def readings(session: Session) -> int:
    return len(session.exec(select(AuditRecord).where(AuditRecord.verb == "brief_read")).all())


@pytest.mark.parametrize(  # three months of a county's life: English needs them on one database
    ("house", "words"),
    [("sqlite", CHINESE), ("postgresql", CHINESE), ("sqlite", ENGLISH)],
    indirect=["house"],
    ids=["sqlite-zh_CN", "postgresql-zh_CN", "sqlite-en"],
)
async def test_before_the_next_visit_it_says_what_to_mind(town: Town, words: Words) -> None:
    officer = await town.one("care_officer")
    await officer.in_language(words.language)
    await talked(officer, words)
    await town.later(to="2027-02-19T08:35")
    start = await officer.taps(f"{words.record} 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    before = await town.house.lane.read(readings)
    shown = await officer.taps(BRIEF[words.language], start)
    for said in ("愿意谈今后打算。", MIND, "帮助联系调岗", OVERDUE_CASE, FAMILY[words.language]):
        assert said in shown["text"], said
    assert RIGHT[words.language] in shown["text"]
    assert len(labels(shown)) == 1, "the way back into the form"
    assert await town.house.lane.read(readings) == before + 1
    again = await officer.says(BRIEF[words.language])
    assert MIND in again["text"], "typed, at any step"


@ON_SQLITE
@pytest.mark.parametrize("said", [(), FEEDBACK], ids=["nothing", "something"])
async def test_a_study_visit_does_not_hide_what_was_said_before(town: Town, said: tuple[str, ...]) -> None:
    officer = await town.one("care_officer")
    await talked(officer, CHINESE)
    kinds = await officer.taps("记录其他事项", await officer.says(f"查询 {OVERDUE_CASE}"))
    form = await officer.taps("记录送学上门", kinds)
    recap = await walk(
        officer, form, "今天", "党规党纪", "say:当面", "积极稳定", "未发现", *(said or ("完成",))
    )
    await officer.taps("提交", recap)
    shown = await officer.taps("走访提示", await officer.says(f"查询 {OVERDUE_CASE}"))
    assert ("对照材料谈了认识。" if said else "“愿意谈今后打算。”") in shown["text"]


@ON_SQLITE
async def test_it_is_a_tap_away_in_the_morning_and_on_the_card(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    morning = await digest(officer)
    assert "走访提示" in labels(morning)
    chosen = await officer.taps("走访提示", morning)
    assert len(labels(chosen)) > 1
    shown = await officer.taps(labels(chosen)[0], chosen)
    assert shown["text"].startswith("走访提示｜")
    assert labels(shown) == ["记录"]
    card = await officer.says(f"查询 {OVERDUE_CASE}")
    assert (await officer.taps("走访提示", card))["text"].startswith(f"走访提示｜张明 {OVERDUE_CASE}")
    card = await office.says(f"查询 {OVERDUE_CASE}")
    assert (await office.taps("走访提示", card))["text"].startswith(f"走访提示｜张明 {OVERDUE_CASE}")


@ON_SQLITE
async def test_nobody_else_reads_it(town: Town) -> None:
    officer, colleague = await town.one("care_officer"), await town.one("care_officer", 1)
    await talked(officer, CHINESE)
    shown = await officer.taps("走访提示", await officer.says(f"查询 {OVERDUE_CASE}"))
    assert MIND in shown["text"]
    supervisor, unit = await town.one("supervisor"), await town.one("unit_party_org")
    assert "走访提示" not in labels(await supervisor.says(f"查询 {OVERDUE_CASE}"))
    for phone in (supervisor, unit, await town.one("subject")):
        assert MIND not in (await phone.says("走访提示"))["text"]
    assert MIND not in (await colleague.says("走访提示"))["text"]


@ON_SQLITE
@pytest.mark.parametrize("level", [Level.coded, Level.notice])
async def test_below_full_nothing_of_a_note_is_told(town: Town, level: Level) -> None:
    officer = await town.one("care_officer")
    await talked(officer, CHINESE)
    card = await officer.says(f"查询 {OVERDUE_CASE}")
    town.house.office.levels = {**town.house.office.levels, "sandbox": level}
    shown = await officer.taps("走访提示", card)
    for word in (MIND, "愿意谈", "张明", "积极稳定", "调岗"):
        assert word not in shown["text"]
    assert ("JA-7K3Q" in shown["text"]) == (level is Level.coded)
    assert "不能在此渠道显示" in shown["text"]


async def test_at_coded_it_is_a_link_away(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        asked = await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("/today"))
        link = await officer.taps("走访提示", asked)
        assert "张明" not in link.text
        async with browser(county.house) as web:
            page = await web.comes_in(link.text)
            assert "张明" in page.text
            assert "请勿就此争论" in page.text
            visit = re.search(r"brief-visit-(\d+)", link.text)
            assert visit
        other = await county.bound("commission_staff")
        async with browser(county.house) as web:
            await web.comes_in((await other.says("/page")).text)
            assert "张明" not in (await web.opens(f"/page/?do=brief&visit={visit[1]}")).text, (
                "whose visit it is, is asked at the door"
            )
