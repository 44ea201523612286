from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.roster.dates import Cell, NotADate, read_date, split_dates


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-11-27", date(2024, 11, 27)),
        ("2026.3.29", date(2026, 3, 29)),
        ("2024年7月1日", date(2024, 7, 1)),
        ("2024年07月01", date(2024, 7, 1)),
        ("2025/9/2", date(2025, 9, 2)),
        ("20240316", date(2024, 3, 16)),
        (20240316, date(2024, 3, 16)),
        (date(2024, 11, 27), date(2024, 11, 27)),
        (datetime(2024, 11, 27, 9, 30), date(2024, 11, 27)),  # noqa: DTZ001
        (45623, date(2024, 11, 27)),
        (45623.5, date(2024, 11, 27)),
        ("45623", date(2024, 11, 27)),
        ("２０２４年７月１日", date(2024, 7, 1)),
        ("２０２４－１１－２７", date(2024, 11, 27)),
        (" 2024 年 7 月 1 日\u3000", date(2024, 7, 1)),
        ("2024—11—27", date(2024, 11, 27)),
        ("2024。11。27", date(2024, 11, 27)),
        ("2024-11-27 00:00:00", date(2024, 11, 27)),
        ("2026.3.29.", date(2026, 3, 29)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_spellings_of_a_date(cell: Cell, day: date) -> None:
    assert read_date(cell) == day


@pytest.mark.parametrize(
    "cell",
    [
        "2026-02-30",
        "2025-02-29",
        "2024年13月1日",
        "20240231",
        20240231,
        "2024/4/31",
        "1024-11-27",
        "0000-01-01",
    ],
)
def test_impossible_dates(cell: Cell) -> None:
    with pytest.raises(NotADate) as refusal:
        read_date(cell)
    assert refusal.value.impossible


@pytest.mark.parametrize(
    "cell",
    [
        "去年底",
        "2024年7月",
        "2024.11",
        2026,
        2026.3,
        202403,
        "24-1-2",
        "1/2/2024",
        "2024-1/2",
        "",
        None,
        True,
        -3,
        1e300,
    ],
)
def test_what_cannot_be_read_as_a_date(cell: Cell) -> None:
    with pytest.raises(NotADate) as refusal:
        read_date(cell)
    assert not refusal.value.impossible


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_all_spellings_agree(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    spellings: list[Cell] = [
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        int(f"{day:%Y%m%d}"),
        serial,
        day,
    ]
    assert {read_date(spelling) for spelling in spellings} == {day}


@given(st.one_of(st.text(max_size=20), st.integers(), st.floats(allow_nan=True, allow_infinity=True)))
def test_anything_else_is_refused_and_nothing_else_raised(cell: Cell) -> None:
    try:
        day = read_date(cell)
    except NotADate:
        return
    assert date(1949, 1, 1) <= day <= date(2099, 12, 31)


def test_several_dates_in_one_cell() -> None:
    assert split_dates("2024-01-02、2024年3月4日") == ["2024-01-02", "2024年3月4日"]
    assert split_dates("2024-01-02，2024-03-04") == ["2024-01-02", "2024-03-04"]
    assert split_dates("2024-01-02") == ["2024-01-02"]
    assert split_dates(date(2024, 1, 2)) == [date(2024, 1, 2)]
