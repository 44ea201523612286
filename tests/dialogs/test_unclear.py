"""What is asked back says why: the lunar calendar, no such day, several days, or a day left open."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.dates import read_date
from bot.dialogs.unclear import LUNAR, MISSING, OPEN, SEVERAL, why_no_day

MONDAY = date(2026, 11, 23)
ASKED_BACK = {
    LUNAR: ("腊月廿八", "农历十月十五", "正月初八", "除夕", "冬月二十"),
    MISSING: ("2月30日", "十一月三十一日", "2026年11月31日", "本月31日", "99号", "13月5日"),
    SEVERAL: (
        "周一至周三", "周一或周二", "明天或者后天", "11月20日-22日", "11月20日至22日", "20、21号", "11-20和11-21",
    ),
    OPEN: (
        "月底", "月底前", "年底前", "12月上旬", "下周", "下周内", "三日内", "5个工作日内", "周末", "前几天", "两三天前",
        "一二号", "春节前", "国庆节后", "元旦", "尽快", "改天", "次日", "next week", "soon", "the weekend",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("why", "said"), [(why, said) for why, all_of in ASKED_BACK.items() for said in all_of]
)
def test_each_has_its_sentence(why: str, said: str) -> None:
    for prefer in ("past", "future"):
        assert read_date(said, MONDAY, prefer) is None
        assert why_no_day(said, MONDAY, prefer) == why


@pytest.mark.parametrize(
    "said",
    [
        "",
        "随便",
        "7",
        "张三",
        "好",
        "待定",
        "ok",
        "?",
        "11",
        "会议室、办公室",
        "昨天，在路上谈的",
        "改天再说",
        "天气不好",
    ],
)
def test_what_speaks_of_no_day_has_none(said: str) -> None:
    assert why_no_day(said, MONDAY, "past") is None


def test_a_long_text_takes_no_longer() -> None:
    assert why_no_day("一" * 5000 + "x", MONDAY, "past") is None


@given(st.text(max_size=60))
def test_anything_may_be_asked_back(said: str) -> None:
    assert why_no_day(said, MONDAY, "future") in (None, LUNAR, MISSING, SEVERAL, OPEN)
