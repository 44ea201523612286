"""Leave as people write it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.leave_words import read_days, read_leave

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "first", "last", "who"),
    [
        ("8–12号，老张代", "12-08", "12-12", "老张"),
        ("8号到12号", "12-08", "12-12", None),
        ("８到１２号", "12-08", "12-12", None),
        ("8-12号成员3代", "12-08", "12-12", "成员3"),
        ("11月30日到12月4日，吴涛代", "11-30", "12-04", "吴涛"),
        ("11月30-12月4日", "11-30", "12-04", None),
        ("11月30日-12月4日，由吴涛代办", "11-30", "12-04", "吴涛"),
        ("11-30 12-04", "11-30", "12-04", None),
        ("11-30到12-4", "11-30", "12-04", None),
        ("11.30-12.4", "11-30", "12-04", None),
        ("11/30-12/4 吴涛代", "11-30", "12-04", "吴涛"),
        ("2026-11-30 2026-12-04", "11-30", "12-04", None),
        ("11-30", "11-30", "11-30", None),
        ("明天", "11-24", "11-24", None),
        ("明天吴涛代", "11-24", "11-24", "吴涛"),
        ("从明天到后天 请老张代", "11-24", "11-25", "老张"),
        ("26号", "11-26", "11-26", None),
        ("下周一到周三", "11-30", "12-02", None),
        ("周三到下周二", "11-25", "12-01", None),
        ("下周一至下周五休假，代办人：吴涛", "11-30", "12-04", "吴涛"),
        ("下周一到周三由欧阳明华代班", "11-30", "12-02", "欧阳明华"),
        ("30 November to 4 December, covered by Wu Tao", "11-30", "12-04", "wu tao"),
        ("30 Nov to 4 Dec, Wu Tao covers", "11-30", "12-04", "wu tao"),
        ("today to tomorrow, 陈立群 covers", "11-23", "11-24", "陈立群"),
        ("next monday to next friday", "11-30", "12-04", None),
        ("30 Nov to 4 Dec cover: member 3", "11-30", "12-04", "member 3"),
        ("年假 12月1日到5日", "12-01", "12-05", None),
        ("12月1日到5日休年假，请吴涛同志代办", "12-01", "12-05", "吴涛"),
        ("明天病假", "11-24", "11-24", None),
        ("下周一到周三公休，代办人：吴涛同志", "11-30", "12-02", "吴涛"),
    ],
)
def test_what_is_understood(text: str, first: str, last: str, who: str | None) -> None:
    read = read_leave(text, MONDAY)
    assert read is not None
    assert (read.first.isoformat(), read.last.isoformat(), read.who) == (f"2026-{first}", f"2026-{last}", who)


def test_across_the_turn_of_the_year() -> None:
    assert read_days("12月30日至1月3日", MONDAY) == (date(2026, 12, 30), date(2027, 1, 3))


@pytest.mark.parametrize(
    "text", ["", "hello", "老张代", "代", "三天", "12月4日到", "2月30日", "到12月4日吴涛代", "、"]
)
def test_what_is_not(text: str) -> None:
    assert read_leave(text, MONDAY) is None


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(list("12月日号到-– 代老张,，至0")), max_size=25).map("".join)
)
def test_nothing_typed_is_an_error(text: str) -> None:
    read = read_leave(text, MONDAY)
    assert read is None or read.first <= read.last


@given(
    st.integers(0, 150),
    st.integers(0, 40),
    st.sampled_from(["{0.month}月{0.day}日", "{0.month}-{0.day}", "{0:%Y-%m-%d}"]),
)
def test_days_written_out_are_read_back(ahead: int, length: int, form: str) -> None:
    first = MONDAY + timedelta(ahead)
    last = first + timedelta(length)
    assert read_days(f"{form.format(first)}到{form.format(last)}", MONDAY) == (first, last)
