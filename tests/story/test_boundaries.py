"""Hand-over, hold and closure to the second: one second before a step or a midnight, at it and after it, in ordinary
weeks, across Spring Festival and on a Saturday that is worked. Of three cases each, one is changed at each moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session

from casework import people
from storage.lane import Lane
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.members import Member
from tests import make
from tests.chat import Bubble, Phone, Town, labels
from tests.make import at
from tests.reminders.county import house_of

SECOND = timedelta(seconds=1)
WHO = ("officer", "colleague", "supervisor", "staff", "leader")
CODES = ("JA-2222", "JA-3333", "JA-4444")  # changed a second before, at the moment, a second after
BEFORE, THEN, AFTER = CODES


@dataclass
class County3:
    """Three talks of one officer, all due on the same day; each phone by who it is."""

    town: Town
    phones: dict[str, Phone]

    async def later(self, moment: datetime) -> None:
        await self.town.later(to=moment.isoformat())

    async def heard(self, who: str, since: datetime) -> list[tuple[str, str]]:
        """Which alerts came when, by the codes in them: what was written of its own accord, and when."""
        found = []
        for bubble in await self.phones[who].told():
            moment = datetime.fromisoformat(bubble["sent_at"])
            if moment >= since and bubble["text"].startswith(("逾期提醒", "今日到期")):
                found += [(f"{moment:%m-%d %H:%M:%S}", code) for code in CODES if code in bubble["text"]]
        return found

    async def card(self, code: str, who: str = "staff") -> Bubble:
        return await self.phones[who].says(f"查询 {code}")


@pytest.fixture
async def county(lane: Lane, database_url: str, due_on: date, start: datetime) -> AsyncIterator[County3]:
    def made(session: Session) -> dict[str, str]:
        there = make.town(session, due_on=due_on)
        first = session.get_one(Case, there.case)
        officer, place = session.get_one(Member, there.officer), session.get_one(County, there.county)
        first.code = BEFORE
        for code, name in ((THEN, "赵亮"), (AFTER, "周平")):
            make.visit(session, make.case(session, place, officer, name=name, code=code), due_on)
        names = {}
        for who in WHO:
            member = session.get_one(Member, getattr(there, who))
            member.language = "zh_CN"
            people.bind_address(session, member, "sandbox", f"p{who}", now=make.LONG_AGO)
            names[who] = member.name
        return names

    names = lane.run_now(made)
    town = Town(house_of(lane, database_url, start))
    yield County3(town, {who: Phone(town, f"p{who}", name) for who, name in names.items()})
    await town.client.aclose()


async def change(county: County3, act: str, code: str) -> Bubble:
    """What the office does about a case, from its card to the outcome."""
    office = county.phones["staff"]
    question = await office.taps(act, await county.card(code))
    if act == "更换责任人":
        question = await office.taps(county.phones["colleague"].name, question)
    reason = labels(question)[0]
    return await office.taps("提交", await office.taps(reason, question))


async def around(county: County3, act: str, moment: datetime) -> list[str]:
    """The first a second before the moment, the second when it has come, the third a second later; the outcomes."""
    outcomes = []
    for code, when in zip(CODES, (moment - SECOND, moment, moment + SECOND), strict=True):
        await county.later(when)
        outcomes.append((await change(county, act, code))["text"])
        assert "已提交" in outcomes[-1], (act, code)
    return outcomes


# --- around a step of the ladder -------------------------------------------------------------------------------------

# The supervisor's step, two working days after the due day; and when it ends that the ladder rests after a hand-over,
# which is the moment of the office's step.
STEPS = pytest.mark.parametrize(
    ("due_on", "start", "step", "rested"),
    [
        (date(2026, 11, 23), at("2026-11-24", "20:00"), at("2026-11-25"), at("2026-11-30")),
        # Saturday the 14th is worked, the 15th to the 23rd are off
        (date(2026, 2, 13), at("2026-02-22", "20:00"), at("2026-02-24"), at("2026-02-27")),
        # the step itself on Saturday 28 February, which is worked
        (date(2026, 2, 26), at("2026-02-27", "20:00"), at("2026-02-28"), at("2026-03-04")),
    ],
    ids=["ordinary", "spring_festival", "make_up_saturday"],
)


@STEPS
@pytest.mark.parametrize("act", ["暂缓", "归档"])
async def test_a_step_is_told_of_what_stops_no_sooner_than_it(
    county: County3, act: str, step: datetime, rested: datetime
) -> None:
    await around(county, act, step)
    when = f"{step:%m-%d %H:%M:%S}"
    assert await county.heard("supervisor", step - SECOND) == [(when, THEN), (when, AFTER)]
    (alert,) = [one for one in await county.phones["supervisor"].told() if one["text"].startswith("逾期提醒")]
    assert labels(alert) == []
    assert alert["text"].count("目前不安排回访") == 2
    await county.later(rested + timedelta(days=15))
    for who in ("supervisor", "staff", "leader", "officer"):
        assert await county.heard(who, step + SECOND) == [], who


@STEPS
async def test_a_step_is_told_of_what_is_handed_over_no_sooner_than_it(
    county: County3, step: datetime, rested: datetime
) -> None:
    await around(county, "更换责任人", step)
    when, then = f"{step:%m-%d %H:%M:%S}", f"{rested:%m-%d %H:%M:%S}"
    told = [(when, THEN), (when, AFTER)]
    assert await county.heard("supervisor", step - SECOND) == told
    await county.later(rested - SECOND)
    assert await county.heard("supervisor", step - SECOND) == told
    assert await county.heard("staff", step - SECOND) == []
    await county.later(rested)
    # What the rest put off is told when it ends, beside the step whose moment that is
    assert await county.heard("supervisor", step - SECOND) == [*told, (then, BEFORE)]
    assert await county.heard("staff", step - SECOND) == [(then, code) for code in CODES]
    await county.later(rested + SECOND)
    assert len(await county.heard("supervisor", step - SECOND)) == 3
    assert len(await county.heard("staff", step - SECOND)) == 3
    assert await county.heard("officer", step - SECOND) == []


# --- around a midnight -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due_on", "start", "midnight", "as_ever", "rested"),
    [
        # the last second of Monday, the first of Tuesday
        (
            date(2026, 11, 23),
            at("2026-11-23", "20:00"),
            at("2026-11-24", "00:00"),
            at("2026-11-25"),
            at("2026-11-27"),
        ),
        # Friday, and the Saturday that is worked
        (
            date(2026, 2, 13),
            at("2026-02-13", "20:00"),
            at("2026-02-14", "00:00"),
            at("2026-02-24"),
            at("2026-02-26"),
        ),
        # due on the Saturday: all of the festival it is due, and late from its end on
        (
            date(2026, 2, 14),
            at("2026-02-23", "20:00"),
            at("2026-02-24", "00:00"),
            at("2026-02-25"),
            at("2026-02-27"),
        ),
        # a day of the festival: due on the first working day after it
        (
            date(2026, 2, 18),
            at("2026-02-24", "20:00"),
            at("2026-02-25", "00:00"),
            at("2026-02-26"),
            at("2026-02-28"),
        ),
    ],
    ids=["ordinary", "make_up_saturday", "spring_festival", "due_on_a_day_off"],
)
async def test_what_is_late_when_it_is_handed_over_rests_from_midnight_on(
    county: County3, midnight: datetime, as_ever: datetime, rested: datetime
) -> None:
    """Handed over on its due day the ladder goes on as ever; from the next working day on it rests first."""
    await around(county, "更换责任人", midnight)
    for moment, code in ((as_ever, [BEFORE]), (rested, [THEN, AFTER])):
        before = await county.heard("supervisor", midnight)
        await county.later(moment - SECOND)
        assert await county.heard("supervisor", midnight) == before
        await county.later(moment)
        told = [*before, *((f"{moment:%m-%d %H:%M:%S}", one) for one in code)]
        assert await county.heard("supervisor", midnight) == told
        await county.later(moment + SECOND)
        assert await county.heard("supervisor", midnight) == told


@pytest.mark.parametrize(
    ("due_on", "start", "midnight", "notice", "anew"),
    [
        (
            date(2026, 11, 25),
            at("2026-11-23", "10:00"),
            at("2026-11-25", "00:00"),
            at("2026-11-25", "14:30"),
            ("2027年2月22日", "2027年2月23日"),
        ),
        # due on a day of the festival: still to come until the first working day after it begins
        (
            date(2026, 2, 18),
            at("2026-02-13", "10:00"),
            at("2026-02-24", "00:00"),
            at("2026-02-24", "14:30"),
            ("5月25日", "5月25日"),  # ninety days after the 23rd is a Sunday
        ),
        # on the Saturday that is worked
        (
            date(2026, 2, 28),
            at("2026-02-26", "10:00"),
            at("2026-02-28", "00:00"),
            at("2026-02-28", "14:30"),
            ("5月28日", "5月29日"),
        ),
    ],
    ids=["ordinary", "spring_festival", "make_up_saturday"],
)
@pytest.mark.parametrize("acts", [("暂缓", "恢复"), ("归档", "重新启用")], ids=["held", "closed"])
async def test_what_goes_on_before_its_day_keeps_it_and_from_that_midnight_on_gets_another(
    county: County3,
    acts: tuple[str, str],
    due_on: date,
    midnight: datetime,
    notice: datetime,
    anew: tuple[str, str],
) -> None:
    """After a closure every date is given anew, whenever it is reopened, and counted from that day."""
    stop, go_on = acts
    for code in CODES:
        await change(county, stop, code)
    outcomes = await around(county, go_on, midnight)
    held = stop == "暂缓"
    kept = f"{due_on.month}月{due_on.day}日" if held else anew[0]
    days = [next(line for line in text.splitlines() if "谈心谈话" in line) for text in outcomes]
    assert days == [f"{day}｜谈心谈话" for day in (kept, anew[1], anew[1])]
    for who in ("officer", "supervisor"):
        await county.later(notice - SECOND)
        assert await county.heard(who, midnight - SECOND) == []
    await county.later(notice)
    told = [(f"{notice:%m-%d %H:%M:%S}", BEFORE)] if held else []
    assert await county.heard("officer", midnight - SECOND) == told
    await county.later(notice + SECOND)
    assert await county.heard("officer", midnight - SECOND) == told
