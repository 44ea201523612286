"""Hours of one's own: reminders wait for them, what cannot wait does not."""

from __future__ import annotations

import pytest

from tests.chat import Phone, Town, labels
from tests.story.words import ON_SQLITE


async def digests(phone: Phone) -> list[str]:
    return [one["sent_at"][:16] for one in await phone.told() if "早上好" in one["text"].partition("\n")[0]]


async def test_the_digest_waits_for_them(town: Town) -> None:
    officer = await town.one("care_officer")
    answer = await officer.says("时段 10点到16点")
    assert "10:00至16:00" in answer["text"]
    before = await digests(officer)
    await town.later(to="2026-11-24T09:59")
    assert await digests(officer) == before
    await town.later(to="2026-11-24T10:00")
    assert await digests(officer) == [*before, "2026-11-24T10:00"]


async def test_an_alert_waits_and_the_county_s_hours_come_back(town: Town) -> None:
    supervisor = await town.one("supervisor")
    asked = await supervisor.says("时段")
    assert labels(asked) == ["10:00至17:00", "09:00至12:00", "14:00至17:00", "按本县统一时段"]
    await supervisor.taps("14:00至17:00", asked)

    async def alerts() -> list[str]:
        return [one["sent_at"][:16] for one in await supervisor.told() if "逾期提醒" in one["text"]]

    before = await alerts()
    await town.later(to="2026-11-27T18:00")
    heard = [moment for moment in await alerts() if moment not in before]
    assert heard
    assert {moment[11:] for moment in heard} == {"14:00"}
    back = await supervisor.taps("按本县统一时段", await supervisor.says("时段"))
    assert "统一时段" in back["text"]


async def test_a_digest_that_would_wait_for_another_day_is_part_of_that_day_s(town: Town) -> None:
    """The assistant was down until the afternoon, and this officer hears in the mornings."""
    officer = await town.one("care_officer")
    await officer.says("时段 9:00-12:00")
    before = await digests(officer)
    await town.later(to="2026-11-25T09:00")
    assert await digests(officer) == [*before, "2026-11-24T09:00", "2026-11-25T09:00"]


@ON_SQLITE
@pytest.mark.parametrize("typed", ["时段 8点到20点", "时段 10:00-11:00", "时段 16点到10点"])
async def test_hours_outside_the_county_s_or_too_short_are_refused(town: Town, typed: str) -> None:
    officer = await town.one("care_officer")
    answer = await officer.says(typed)
    assert "不少于2小时" in answer["text"]
    assert "统一时段" in (await officer.says("时段"))["text"]


@ON_SQLITE
async def test_what_was_not_understood_and_in_english(town: Town) -> None:
    officer = await town.one("care_officer")
    assert "时段 10:00-16:00" in (await officer.says("时段 早一点"))["text"]
    await officer.in_language("en")
    assert "between 10:00 and 16:00" in (await officer.says("/hours 10 to 16"))["text"]
