"""The calendar as it is kept: whose days hold where, and what a change does to visits that are waiting."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from casework import days
from casework.days import Change
from casework.notice_text import ReadNotice, read_notice
from reminders import changing, mechanism, sweep
from reminders.workdays import HOLIDAY, LOCAL
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.tables.audit import AuditRecord
from storage.tables.days import DayKind, OwnDay
from storage.tables.members import Member
from storage.tables.visits import Visit
from tests import make
from tests.make import MONDAY, NOW, Town, at, told

TUESDAY, SATURDAY = date(2026, 11, 24), date(2026, 11, 28)
OFFICIAL = (Path(__file__).parents[1] / "data" / "notice-2026.txt").read_text("utf-8")


@pytest.fixture
def town(lane: Lane) -> Town:
    mechanism.forget()
    return lane.run_now(make.town)


def put(
    lane: Lane, county: int | None, day: date, kind: DayKind = DayKind.off, *, now: datetime = NOW
) -> Change:
    return lane.run_now(lambda s: days.set_day(s, county, day, kind, "县庆", now=now))


def works(lane: Lane, county: int | None, day: date) -> bool:
    return lane.run_now(lambda s: mechanism.calendar_of(s, county)).is_workday(day)


def test_a_day_holds_everywhere_or_in_one_county_and_the_nearer_wins(lane: Lane, town: Town) -> None:
    other = lane.run_now(lambda s: make.county(s, "ZZ").id)
    put(lane, None, TUESDAY)
    assert [works(lane, where, TUESDAY) for where in (None, town.county, other)] == [False] * 3
    put(lane, town.county, TUESDAY, DayKind.work)
    assert [works(lane, where, TUESDAY) for where in (None, town.county, other)] == [False, True, False]
    lane.run_now(lambda s: days.clear_day(s, None, TUESDAY, now=NOW))
    lane.run_now(lambda s: days.clear_day(s, town.county, TUESDAY, now=NOW))
    assert works(lane, other, TUESDAY)
    with pytest.raises(NotFound):
        lane.run_now(lambda s: days.clear_day(s, town.county, TUESDAY, now=NOW))


def test_setting_a_day_again_replaces_what_was_set(lane: Lane, town: Town) -> None:
    put(lane, town.county, SATURDAY, DayKind.work)
    assert works(lane, town.county, SATURDAY)
    put(lane, town.county, SATURDAY)
    assert not works(lane, town.county, SATURDAY)
    assert lane.run_now(lambda s: len(s.exec(select(OwnDay)).all())) == 1
    assert lane.run_now(lambda s: [row.verb for row in s.exec(select(AuditRecord))].count("day_set")) == 2


def test_the_mechanism_has_the_days_of_its_county(lane: Lane, town: Town) -> None:
    put(lane, town.county, TUESDAY)
    calendar = lane.run_now(lambda s: mechanism.mechanism_of(s, town.county)).calendar
    assert calendar.days_not_counted(MONDAY, TUESDAY) == [(TUESDAY, LOCAL)]
    same = lane.run_now(lambda s: mechanism.calendar_of(s, town.county))
    assert same is calendar, "the same days are laid out once"


@pytest.mark.parametrize(("day", "note"), [(date(1999, 1, 1), None), (TUESDAY, "县" * 61)])
def test_what_is_no_day_is_refused(lane: Lane, town: Town, day: date, note: str | None) -> None:
    with pytest.raises(Refused):
        lane.run_now(lambda s: days.set_day(s, None, day, DayKind.off, note, now=NOW))


# --- a notice --------------------------------------------------------------------------------------------------------


def keep(lane: Lane, county: int | None, notice: ReadNotice) -> Change:
    return lane.run_now(lambda s: days.import_notice(s, county, notice, now=NOW))


def of_2027() -> ReadNotice:
    text = OFFICIAL.replace("2026", "2027").replace("（", "｛").replace("）", "｝")
    text = "\n".join(part for part in text.splitlines() if "放假" in part)
    for aside in ("周四", "周六", "周日", "周一", "周五", "周二", "周三"):
        text = text.replace(f"｛{aside}｝", "")
    text = text.replace("｛农历腊月二十八、周日｝", "").replace("｛农历正月初七、周一｝", "")
    text = text.replace("2月14日、2月28日上班", "2月27日、2月28日上班").replace("1月4日上班", "1月9日上班")
    text = text.replace("5月9日上班", "5月8日上班").replace("9月20日、10月10日上班", "9月19日、10月9日上班")
    notice = read_notice(text, 2027)
    assert notice.problems == []
    return notice


def test_a_year_read_in_is_known_and_is_what_the_notice_says(lane: Lane, town: Town) -> None:
    notice = of_2027()
    before = lane.run_now(lambda s: mechanism.calendar_of(s, None))
    assert not before.is_published(2027)
    assert not before.is_workday(date(2027, 2, 5))
    change = keep(lane, None, notice)
    calendar = lane.run_now(lambda s: mechanism.calendar_of(s, town.county))
    assert calendar.is_published(2027)
    assert calendar.is_workday(date(2027, 2, 5)), "nothing is estimated any more"
    assert all(not calendar.is_workday(day) for day in notice.off)
    assert all(calendar.is_workday(day) for day in notice.worked)
    assert (date(2027, 2, 16), HOLIDAY) in calendar.days_not_counted(date(2027, 2, 1), date(2027, 3, 1))
    assert set(change.days) >= set(notice.worked)


def test_the_notice_of_2026_changes_nothing(lane: Lane, town: Town) -> None:
    assert keep(lane, None, read_notice(OFFICIAL, 2026)).days == ()


def test_reading_a_notice_again_replaces_it_and_leaves_what_was_set_by_hand(lane: Lane, town: Town) -> None:
    put(lane, None, date(2027, 3, 3))
    keep(lane, None, of_2027())
    corrected = of_2027()
    moved = next(iter(corrected.worked))
    corrected.worked = {day: name for day, name in corrected.worked.items() if day != moved}
    assert moved in keep(lane, None, corrected).days
    assert not works(lane, None, moved)
    assert not works(lane, None, date(2027, 3, 3))


def test_a_text_that_leaves_out_a_holiday_does_not_make_the_year_known(lane: Lane, town: Town) -> None:
    notice = of_2027()
    notice.named.discard("清明节")
    keep(lane, None, notice)
    calendar = lane.run_now(lambda s: mechanism.calendar_of(s, None))
    assert not calendar.is_published(2027)
    assert not calendar.is_workday(date(2027, 2, 16))


def test_a_text_without_a_year_needs_one() -> None:
    with pytest.raises(Refused):
        days.parse("一、元旦：1月1日放假", None)
    assert days.parse("一、元旦：1月1日放假", 2027).year == 2027
    with pytest.raises(Refused):
        days.parse("一、元旦：1月1日放假", 1066)


# --- what a change does ----------------------------------------------------------------------------------------------


def look(lane: Lane, moment: datetime) -> None:
    while lane.run_now(lambda s: sweep.one_slice(s, now=moment)):
        pass


def next_look(lane: Lane, town: Town) -> tuple[datetime | None, int | None]:
    def unit(session: Session) -> tuple[datetime | None, int | None]:
        visit = session.get_one(Visit, town.visit)
        return visit.next_look_at, visit.next_step

    return lane.run_now(unit)


def test_a_new_day_off_moves_the_next_look(lane: Lane, town: Town) -> None:
    look(lane, at(MONDAY, "15:00"))
    assert next_look(lane, town) == (at(TUESDAY, "08:30"), 4)
    assert put(lane, town.county, TUESDAY, now=at(MONDAY, "15:01")).visits == 1
    assert next_look(lane, town) == (at("2026-11-25", "08:30"), 4)
    lane.run_now(lambda s: days.clear_day(s, town.county, TUESDAY, now=at(MONDAY, "15:02")))
    assert next_look(lane, town) == (at(TUESDAY, "08:30"), 4)


def test_visits_go_by_the_new_days_though_others_have_just_read_the_old_ones(lane: Lane, town: Town) -> None:
    """Another thread may read the calendar anew between the change and its end."""
    look(lane, at(MONDAY, "15:00"))

    def unit(session: Session) -> int:
        mechanism.mechanism_of(session, town.county)
        session.add(OwnDay(county_id=town.county, day=TUESDAY, kind=DayKind.off, created_at=NOW))
        session.flush()
        return changing.days_changed(session, [town.county], now=at(MONDAY, "15:01"))

    assert lane.run_now(unit) == 1


def test_a_step_that_is_over_by_the_new_days_is_told_at_once(lane: Lane, town: Town) -> None:
    put(lane, town.county, TUESDAY)
    for moment in (at(MONDAY, "15:00"), at("2026-11-25", "12:00")):
        look(lane, moment)
    assert next_look(lane, town) == (at("2026-11-26", "09:00"), 5)  # the supervisor, the second day
    noon = at("2026-11-25", "12:30")
    lane.run_now(lambda s: days.clear_day(s, town.county, TUESDAY, now=noon))
    assert next_look(lane, town) == (noon, 5)
    look(lane, noon)
    assert (5, town.supervisor) in lane.run_now(lambda s: told(s, town.visit))


def test_a_step_that_was_told_does_not_come_again(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-25", "09:00"))
    before = lane.run_now(lambda s: told(s, town.visit))
    put(lane, town.county, date(2026, 11, 25), now=at("2026-11-25", "10:00"))
    assert next_look(lane, town) == (at("2026-12-01", "09:00"), 6)
    look(lane, at("2026-11-30", "12:00"))
    assert lane.run_now(lambda s: told(s, town.visit)) == before


def test_what_is_acknowledged_stays_quiet_until_then(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-25", "09:00"))

    def acknowledge(session: Session) -> None:
        from reminders import schedule

        visit = session.get_one(Visit, town.visit)
        schedule.acknowledge(session, [visit], now=at("2026-11-25", "10:00"), actor_id=town.supervisor)

    lane.run_now(acknowledge)
    quiet, step = next_look(lane, town)
    assert put(lane, town.county, SATURDAY, DayKind.work, now=at("2026-11-25", "11:00")).days == (SATURDAY,)
    again, same = next_look(lane, town)
    assert quiet is not None
    assert again is not None
    assert again >= at("2026-11-30", "09:00")
    assert same == step


def test_a_visit_that_waits_to_be_looked_at_waits_on(lane: Lane, town: Town) -> None:
    before = next_look(lane, town)
    put(lane, town.county, SATURDAY, DayKind.work, now=at("2026-12-01"))
    assert next_look(lane, town) == before


def test_mornings_follow_the_new_days(lane: Lane, town: Town) -> None:
    def morning(session: Session) -> datetime | None:
        return session.get_one(Member, town.officer).digest_at

    def friday(session: Session) -> None:
        session.get_one(Member, town.officer).digest_at = at("2026-11-30", "08:30")

    lane.run_now(friday)
    put(lane, town.county, SATURDAY, DayKind.work, now=at("2026-11-27", "12:00"))
    assert lane.run_now(morning) == at(SATURDAY, "08:30")
