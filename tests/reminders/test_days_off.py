"""Next year's days off are not known: who is told, on which days, once each; and when that has become needless."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from casework import days, leave, people
from casework.notice_text import read_notice
from reminders import days_off, forecast, passing
from reminders.mechanism import mechanism_of
from storage.lane import Lane
from storage.queries.access import active_members
from storage.tables.counties import County
from storage.tables.days import DayKind
from storage.tables.mail import OutboxState
from storage.tables.members import Duty, Member, Role
from tests import make
from tests.make import NOW, at

pytestmark = pytest.mark.usefixtures("december")

NOTICE = (Path(__file__).parents[1] / "data" / "notice-2027.txt").read_text("utf-8")


@pytest.fixture
def administrators(lane: Lane) -> list[int]:
    """One of each of two counties; beside them, others who keep no calendar."""

    def unit(session: Session) -> list[int]:
        first, second = make.county(session), make.county(session, "ZZ")
        make.member(session, first, Role.administrator, name="审计", duty=Duty.audit)
        make.member(session, first, Role.commission_staff, name="陈刚")
        return [
            make.member(session, one, Role.administrator, name=name).id
            for one, name in ((first, "袁志新"), (second, "潘慧兰"))
        ]

    return lane.run_now(unit)


def watched(lane: Lane, now: datetime) -> None:
    lane.run_now(lambda session: days_off.watch(session, now=now))


def rows(lane: Lane) -> list[tuple[int | None, str, OutboxState]]:
    def unit(session: Session) -> list[tuple[int | None, str, OutboxState]]:
        found = [row for row in make.mail(session) if row.kind == days_off.KIND]
        return [
            (row.member_id, f"{row.due_at.astimezone(make.NOW.tzinfo):%m-%d %H:%M}", row.state)
            for row in found
        ]

    return sorted(lane.run_now(unit))


def test_a_few_counties_in_each_unit_are_all_of_them_in_the_end(
    lane: Lane, administrators: list[int]
) -> None:
    """For nobody waits for a whole province."""
    seen: int | None = 0
    units = 0
    while seen is not None:
        seen = lane.run_now(lambda session, after=seen: days_off.watch(session, after, now=NOW, most=1))  # type: ignore[misc]
        units += 1
        assert {member_id for member_id, *_ in rows(lane)} == set(administrators[:units])
    assert units == 3


def test_each_is_told_on_both_days_and_once(lane: Lane, administrators: list[int]) -> None:
    for now in (at("2026-11-23"), at("2026-11-23", "10:00"), at("2026-12-01", "12:00")):
        watched(lane, now)
    todo = OutboxState.todo
    assert rows(lane) == [
        (who, day, todo) for who in administrators for day in ("12-01 09:00", "12-15 09:00")
    ]


def test_nothing_is_prepared_long_before_or_said_of_a_day_that_is_past(
    lane: Lane, administrators: list[int]
) -> None:
    watched(lane, at("2026-08-01"))
    assert rows(lane) == []
    watched(lane, at("2026-12-16"))
    assert rows(lane) == []


def test_a_day_off_moves_it_to_the_next_working_day(lane: Lane, administrators: list[int]) -> None:
    lane.run_now(lambda s: days.set_day(s, None, date(2026, 12, 1), DayKind.off, now=at("2026-11-23")))
    watched(lane, at("2026-11-23"))
    assert {day for _, day, _ in rows(lane)} == {"12-02 09:00", "12-15 09:00"}


def test_once_it_is_known_what_waits_is_withdrawn_and_what_was_told_is_told_anew_once(
    lane: Lane, administrators: list[int]
) -> None:
    first, second = administrators
    watched(lane, at("2026-11-30"))

    def sent(session: Session) -> int:
        row = next(r for r in make.mail(session) if r.member_id == first and r.due_at < at("2026-12-02"))
        make.sent(session, row, now=at("2026-12-01"))
        county = row.county_id
        assert county is not None
        return county

    county = lane.run_now(sent)
    now = at("2026-12-03")
    lane.run_now(lambda s: days.import_notice(s, county, read_notice(NOTICE, 2027), now=now))
    watched(lane, now + timedelta(hours=1))
    assert [(day, state) for who, day, state in rows(lane) if who == first] == [
        ("12-01 09:00", OutboxState.sent),
        ("12-15 09:00", OutboxState.withdrawn),
    ]
    assert {state for who, _, state in rows(lane) if who == second} == {
        OutboxState.todo
    }  # of the other county
    updates = lane.run_now(lambda s: [row.member_id for row in make.mail(s) if row.kind == "update"])
    assert updates == [first]


def test_the_forecast_has_it(lane: Lane, administrators: list[int]) -> None:
    now, (who, _) = at("2026-11-30"), administrators
    watched(lane, now)

    def unit(session: Session) -> list[tuple[str, int, int | None, datetime]]:
        member = session.get_one(Member, who)
        people.bind_address(session, member, "sandbox", "admin-1", now=now)
        found = forecast.forecast(session, member.county_id, now=now, until=now + timedelta(days=30))
        return [(one.kind, one.member_id, one.about_id, one.moment) for one in found]

    kind = days_off.KIND
    assert lane.run_now(unit) == [(kind, who, 2027, at(day)) for day in ("2026-12-01", "2026-12-15")]


def _reach(session: Session, member: Member) -> Member:
    people.bind_address(session, member, "sandbox", f"chat-{member.id}", now=NOW)
    return member


def test_where_nobody_looks_after_the_system_the_office_is_told_and_an_administrator_takes_over(
    lane: Lane,
) -> None:
    """Of the office whom a message reaches and who is there; once there is an administrator, they alone."""

    def unit(session: Session) -> tuple[int, int]:
        county = make.county(session)
        make.member(session, county, Role.commission_staff, name="无号")
        away = _reach(session, make.member(session, county, Role.commission_staff, name="陈刚"))
        leave.take(session, make.actor(session, away), NOW.date(), NOW.date(), None, now=NOW)
        _reach(session, make.member(session, county, Role.leader, name="组长"))
        return county.id, _reach(session, make.member(session, county, Role.commission_staff, name="李红")).id

    county_id, stands_in = lane.run_now(unit)
    watched(lane, NOW)
    assert {who for who, _, _ in rows(lane)} == {stands_in}
    assert len(rows(lane)) == 2

    def named(session: Session) -> int:
        county = session.get_one(County, county_id)
        return _reach(session, make.member(session, county, Role.administrator, name="袁志新")).id

    administrator = lane.run_now(named)
    watched(lane, NOW)

    def foreseen(session: Session) -> set[int]:
        until = NOW + timedelta(days=30)
        return {one.member_id for one in forecast.forecast(session, county_id, now=NOW, until=until)}

    assert lane.run_now(foreseen) == {administrator}


def test_where_no_message_reaches_an_administrator_the_next_in_line_hears_once(
    lane: Lane, administrators: list[int]
) -> None:
    """And as the forecast says it."""
    now, day = at("2026-11-30"), at("2026-12-01")

    def unit(session: Session) -> tuple[int, int]:
        county = session.get_one(Member, administrators[0]).county_id
        make.member(session, session.get_one(County, county), Role.administrator, name="另一人")
        staff = active_members(session, county, Role.commission_staff)[0]
        return county, _reach(session, staff).id

    county, staff = lane.run_now(unit)
    watched(lane, now)

    def foreseen(session: Session) -> list[tuple[int, datetime]]:
        found = forecast.forecast(session, county, now=now, until=now + timedelta(days=30))
        return [(one.member_id, one.moment) for one in found]

    assert lane.run_now(foreseen) == [(staff, day), (staff, at("2026-12-15"))]

    def refused(session: Session) -> None:
        mine = [row for row in make.mail(session) if row.county_id == county and row.due_at == day]
        assert len(mine) == 2
        for row in mine:
            passing.pass_on(session, row, mechanism_of(session, county), now=day)

    lane.run_now(refused)
    assert [one for one in rows(lane) if one[0] == staff] == [(staff, "12-01 09:00", OutboxState.todo)]
