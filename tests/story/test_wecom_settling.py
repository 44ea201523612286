"""What was told on WeCom and is true no longer: its card says so in place, or it is recalled, while that can be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.fakes.wecom.faults import errcode
from tests.story.words import HOME_VISIT, ON_SQLITE
from tests.wecom_town import WecomPhone, WecomTown, labels, wecom_town, words

RECORD = "记录 王芳"
Deed = Callable[[WecomPhone, WecomPhone], Awaitable[None]]


@pytest.fixture
async def county(house: House) -> AsyncIterator[WecomTown]:
    async with wecom_town(house, Level.full) as town:
        yield town


async def reassigned(supervisor: WecomPhone, office: WecomPhone) -> None:
    asked = await supervisor.taps("改派本次任务", supervisor.finds("逾期提醒：以下"))
    await supervisor.taps(labels(asked)[0], asked)


async def held(supervisor: WecomPhone, office: WecomPhone, label: str = "暂缓") -> None:
    await office.says(f"查询 {HOME_VISIT}")
    await office.taps(label)
    asked = await office.says("情况待核实")
    await office.taps("提交", asked)


async def closed(supervisor: WecomPhone, office: WecomPhone) -> None:
    await held(supervisor, office, "归档")


@ON_SQLITE
@pytest.mark.parametrize("deed", [reassigned, held, closed])
async def test_a_card_that_was_delivered_is_settled(county: WecomTown, deed: Deed) -> None:
    officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
    office = await county.bound("commission_staff")
    await county.town.later(to="2026-11-25T09:00")
    due, digest, alert = officer.finds("今日到期提醒"), officer.finds("早上好"), supervisor.finds(HOME_VISIT)
    assert RECORD in labels(due)
    assert (digest.kind, alert.kind) == ("text", "text")  # too much for one card
    await deed(supervisor, office)
    for phone in (officer, supervisor):
        await phone.settled()

    # One card with buttons is changed in its place
    assert due.edits == 1
    assert not due.recalled
    assert "✓" in words(due)
    assert RECORD not in labels(due)
    # What is a text and a card is recalled, and said anew
    for old, phone, beginning in ((digest, officer, "李敏同志，早上好"), (alert, supervisor, "逾期提醒")):
        rest = phone.user.chat[phone.user.chat.index(old) + 1]
        assert old.recalled
        assert rest.recalled
        new = next(
            m for m in reversed(phone.chat) if words(m).startswith(beginning) and HOME_VISIT in words(m)
        )
        assert "✓" in words(new)
        assert not any(label.startswith(RECORD) or HOME_VISIT in label for label in labels(new))
    for list_ in (county.fake.dropped, county.fake.truncated, county.fake.problems):
        assert list_ == []


@ON_SQLITE
async def test_what_is_a_day_old_cannot_be_recalled_and_its_buttons_do_nothing(county: WecomTown) -> None:
    officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
    office = await county.bound("commission_staff")
    await county.town.later(to="2026-11-25T09:00")
    county.fake.faults.always("message/recall", errcode(42052))
    digest = officer.finds("早上好")
    await held(supervisor, office)
    await officer.settled()
    assert not digest.recalled
    await officer.taps(RECORD, digest)
    assert "第1步" not in words(officer.last)
