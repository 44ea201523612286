from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.dates import Ambiguous, Contradiction, Prefer, read_date, understand_date
from bot.dialogs.times import fold, is_duration, number, read_span

TODAY = date(2026, 11, 23)  # a Monday

PAST = {
    "今天": "2026-11-23",
    "今日": "2026-11-23",
    "昨天": "2026-11-22",
    " 昨 天 ": "2026-11-22",
    "昨天下午": "2026-11-22",
    "昨晚": "2026-11-22",
    "前天": "2026-11-21",
    "大前天": "2026-11-20",
    "3天前": "2026-11-20",
    "三天前": "2026-11-20",
    "两周前": "2026-11-09",
    "一个星期前": "2026-11-16",
    "上周五": "2026-11-20",
    "昨天下午3点": "2026-11-22",
    "昨天下午三点半": "2026-11-22",
    "昨晚8点": "2026-11-22",
    "今早": "2026-11-23",
    "今天上午9:30": "2026-11-23",
    "上周三下午三点一刻左右": "2026-11-18",
    "11-20 15:30": "2026-11-20",
    "11月20日下午2点": "2026-11-20",
    "yesterday at 3 pm": "2026-11-22",
    "昨天15:30": "2026-11-22",
    "昨天 下午 3:30": "2026-11-22",
    "昨天，下午3点": "2026-11-22",
    "昨天下午3点到5点": "2026-11-22",
    "2026年11月20日15:30": "2026-11-20",
    "11月20日 15:30-16:30": "2026-11-20",
    "11-20（周五）下午3点": "2026-11-20",
    "11月20日，周五": "2026-11-20",
    "周五（20号）": "2026-11-20",
    "星期五11月20日": "2026-11-20",
    "上周五（11月20日）": "2026-11-20",
    "昨夜": "2026-11-22",
    "昨个": "2026-11-22",
    "今早上": "2026-11-23",
    "刚": "2026-11-23",
    "刚聊完": "2026-11-23",
    "今天刚谈完": "2026-11-23",
    "昨天下午聊的": "2026-11-22",
    "昨天上门的": "2026-11-22",
    "昨天哈": "2026-11-22",
    "11月20号那天": "2026-11-20",
    "上周的周五": "2026-11-20",
    "上周周五": "2026-11-20",
    "it was yesterday": "2026-11-22",
    "前晚": "2026-11-21",
    "昨天凌晨": "2026-11-22",
    "刚才": "2026-11-23",
    "就是昨天": "2026-11-22",
    "昨天吧": "2026-11-22",
    "在11月20日": "2026-11-20",
    "二O二六年十一月二十日": "2026-11-20",
    "26年11月20日": "2026-11-20",
    "2026 11 20": "2026-11-20",
    "11、20": "2026-11-20",
    "11。20": "2026-11-20",
    "20/11/2026": "2026-11-20",
    "11/20/2026": "2026-11-20",
    "20.11.2026": "2026-11-20",
    "11/11/2026": "2026-11-11",
    "26.11.20": "2026-11-20",
    "26-11-20": "2026-11-20",
    "26/1/5": "2026-01-05",
    "２６．１１．２０": "2026-11-20",
    "26.11.20下午3点": "2026-11-20",
    "20/11/26": "2026-11-20",
    "5/11/2026（周四）": "2026-11-05",
    "周一，5/11/2026": "2026-05-11",
    "last night": "2026-11-22",
    "this morning": "2026-11-23",
    "two days ago": "2026-11-21",
    "on 20 November": "2026-11-20",
    "Fri 20 Nov": "2026-11-20",
    "Friday, 20 November 2026": "2026-11-20",
    "Friday last week": "2026-11-20",
    "last week on Monday": "2026-11-16",
    "last Friday afternoon": "2026-11-20",
    "上个星期五": "2026-11-20",
    "上礼拜天": "2026-11-22",
    "上上周三": "2026-11-11",
    "本周一": "2026-11-23",
    "这周三": "2026-11-25",
    "周五": "2026-11-20",
    "周一": "2026-11-23",
    "星期5": "2026-11-20",
    "11-20": "2026-11-20",
    "１１－２０": "2026-11-20",
    "11.20": "2026-11-20",
    "11/20": "2026-11-20",
    "11 - 20": "2026-11-20",
    "1120": "2026-11-20",
    "11月20日": "2026-11-20",
    "11月20号": "2026-11-20",
    "11 月 20 日": "2026-11-20",
    "11月20": "2026-11-20",
    "11月20日（周五）": "2026-11-20",
    "11月20日上午": "2026-11-20",
    "十一月二十日": "2026-11-20",
    "十一月廿日": "2026-11-20",
    "2026年11月20日": "2026-11-20",
    "二〇二六年十一月二十日": "2026-11-20",
    "2026-11-20": "2026-11-20",
    "2026-11-20。": "2026-11-20",
    "2026/11/20": "2026-11-20",
    "2026.11.20": "2026-11-20",
    "20261120": "2026-11-20",
    "去年12月1日": "2025-12-01",
    "1月28日": "2026-01-28",
    "12-1": "2026-12-01",  # near enough to be a slip, which the form will name
    "3-5": "2026-03-05",
    "2-29": "2024-02-29",
    "20号": "2026-11-20",
    "二十号": "2026-11-20",
    "25号": "2026-11-25",
    "31号": "2026-10-31",
    "上月20日": "2026-10-20",
    "上个月二十号": "2026-10-20",
    "本月5日": "2026-11-05",
    "yesterday": "2026-11-22",
    "Today": "2026-11-23",
    "the day before yesterday": "2026-11-21",
    "last Friday": "2026-11-20",
    "last Monday": "2026-11-16",
    "friday": "2026-11-20",
    "on Fri": "2026-11-20",
    "this Wednesday": "2026-11-25",
    "3 days ago": "2026-11-20",
    "a week ago": "2026-11-16",
    "20 Nov": "2026-11-20",
    "20th of November": "2026-11-20",
    "Nov 20": "2026-11-20",
    "Nov. 20, 2026": "2026-11-20",
    "20 November 2026": "2026-11-20",
    "20 Sept": "2026-09-20",
    "the 20th": "2026-11-20",
    "11.20日": "2026-11-20",
    "11月20日晚": "2026-11-20",
    "11月20号下午两点多": "2026-11-20",
    "11月20日15时30分": "2026-11-20",
    "昨天晚8点": "2026-11-22",
    "三日前": "2026-11-20",
    "礼拜五": "2026-11-20",
    "元月五日": "2027-01-05",  # six weeks off: a slip, which the form names
}
FUTURE = {
    "今天": "2026-11-23",
    "明天": "2026-11-24",
    "后天": "2026-11-25",
    "大后天": "2026-11-26",
    "下周一": "2026-11-30",
    "下下周一": "2026-12-07",
    "周五": "2026-11-27",
    "本周五": "2026-11-27",
    "三天后": "2026-11-26",
    "一周后": "2026-11-30",
    "12-3": "2026-12-03",
    "1-5": "2027-01-05",
    "11-20": "2026-11-20",  # just past: a slip rather than next November
    "明年1月5日": "2027-01-05",
    "今年12月5日": "2026-12-05",
    "25号": "2026-11-25",
    "20号": "2026-12-20",
    "下月3号": "2026-12-03",
    "12月3日前": "2026-12-03",
    "下周三之前": "2026-12-02",
    "最晚12月3日": "2026-12-03",
    "by next Monday": "2026-11-30",
    "下周一上午9点": "2026-11-30",
    "in two weeks": "2026-12-07",
    "two weeks from now": "2026-12-07",
    "tomorrow": "2026-11-24",
    "the day after tomorrow": "2026-11-25",
    "next Monday": "2026-11-30",
    "next Friday": "2026-12-04",
    "Friday": "2026-11-27",
    "in 3 days": "2026-11-26",
    "in a week": "2026-11-30",
    "Dec 3": "2026-12-03",
    "3 December": "2026-12-03",
    "下周三下午": "2026-12-02",
    "明儿": "2026-11-24",
    "后儿上午": "2026-11-25",
    "这周五": "2026-11-27",
    "25日前": "2026-11-25",
    "25日之前": "2026-11-25",
    "5日以前": "2026-12-05",
    "元月5日": "2027-01-05",
    "26.12.3": "2026-12-03",
}
NOT_DATES = [
    "", " ", "。", "13-45", "2026-02-30", "2-30", "20", "3", "2026", "十", "第三", "星期八", "20/11", "26-11-32",
    "本月31日", "99号", "0月0日", "9999999天前", "随便", "二十二十日", "昨", "一一一一月一日",
    "soon", "Feb 30", "next week", "x" * 50, "5/11/2026", "11月20日（周四）", "周四11月20日", "昨天（11月20日）",
    "Thu 20 Nov", "12月2015:30", "上月底", "前几天", "半个月前", "周末", "11月20日左右", "昨天3", "昨天，会议室",
    "一两天前", "两三天前", "三四天后", "两三周后", "一二号", "11月二三号", "一二月五日", "五六日前", "十来天前",
    "月底前", "年底前", "12月上旬", "下周", "三日内", "5个工作日内", "腊月廿八", "农历十月十五", "正月初八", "春节前",
    "当天", "次日", "11-20日", "20、21号", "周一至周三", "周一或周二", "11月20日至22日", "19.11.20", "改天",
]  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), PAST.items())
def test_days_that_have_been(said: str, meant: str) -> None:
    assert read_date(said, TODAY, "past") == date.fromisoformat(meant)


@pytest.mark.parametrize(("said", "meant"), FUTURE.items())
def test_days_to_come(said: str, meant: str) -> None:
    assert read_date(said, TODAY, "future") == date.fromisoformat(meant)


@pytest.mark.parametrize("said", NOT_DATES)
@pytest.mark.parametrize("prefer", ["past", "future"])
def test_what_is_no_day(said: str, prefer: Prefer) -> None:
    assert read_date(said, TODAY, prefer) is None


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.sampled_from(["past", "future"]))
def test_three_days_ago_and_by_the_third(today: date, prefer: Prefer) -> None:
    """日前 says how long ago, or until when: never a day before yesterday's month where a day to come is asked."""
    for said in ("3日前", "25日前", "25日之前"):
        day = read_date(said, today, prefer)
        assert day is None or (day < today if prefer == "past" else day >= today)
        assert said == "3日前" or prefer == "future" or day is None


@given(st.integers(1, 9), st.sampled_from(["天前", "周前", "天后", "号", "月5日", "个工作日内"]))
def test_two_or_three_is_no_number(first: int, behind: str) -> None:
    """两三天前 is not twenty-three days ago."""
    said = "一二三四五六七八九"[first - 1] + "二三四五六七八九十"[first - 1] + behind
    if "九十" not in said:
        assert read_date(said, TODAY, "past") is None
        assert read_date(said, TODAY, "future") is None


@given(
    st.integers(0, 23),
    st.integers(1, 59),
    st.sampled_from(["{h}点{m}分", "{h}时{m}分", "{h}:{m:02}", "{h}:{m:02}分"]),
)
def test_one_time_of_day_is_never_a_span(hour: int, minute: int, shape: str) -> None:
    assert read_span(shape.format(h=hour, m=minute)) is None


def test_the_turn_of_the_year() -> None:
    assert read_date("12-28", date(2027, 1, 3), "past") == date(2026, 12, 28)
    assert read_date("1-2", date(2026, 12, 30), "future") == date(2027, 1, 2)
    assert read_date("上月31日", date(2027, 1, 3), "past") == date(2026, 12, 31)


@given(
    st.text(max_size=45), st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["past", "future"])
)
def test_anything_typed_is_a_day_or_nothing(said: str, today: date, prefer: Prefer) -> None:
    assert isinstance(read_date(said, today, prefer), date | None)
    assert isinstance(read_span(said), str | None)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_a_whole_date_means_itself_however_it_is_written(day: date) -> None:
    for written in (
        f"{day:%Y-%m-%d}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%d %B %Y}",
    ):
        assert read_date(written, TODAY) == day


@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sampled_from(
        [
            "",
            "上午",
            "下午3点",
            "晚上八点半",
            "15:30",
            "（周）",
            "星期下午3点",
            "，下午3点到5点",
            "下午三点左右",
        ]
    ),
    st.booleans(),
    st.booleans(),
)
def test_neither_width_nor_numerals_nor_the_hour_change_the_day(
    day: date, tail: str, chinese: bool, wide: bool
) -> None:
    written = f"{day.year}年{day.month}月{day.day}日"
    if chinese:
        year = "".join("〇一二三四五六七八九"[int(c)] for c in str(day.year))
        written = f"{year}年{_chinese(day.month)}月{_chinese(day.day)}日"
    tail = re.sub("(周|星期)", rf"\g<1>{'一二三四五六日'[day.weekday()]}", tail)
    written += f" {tail}" if tail[:1].isdigit() else tail
    if wide:
        written = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in written)
    assert read_date(written, TODAY) == day


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (("一二三"[tens - 1] if tens > 1 else "") + "十" if tens else "") + (
        "一二三四五六七八九"[ones - 1] if ones else ""
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("9:00-10:30", "09:00-10:30"),
        ("９：００－１０：３０", "09:00-10:30"),
        ("9点到10点半", "09:00-10:30"),
        ("九点至十点一刻", "09:00-10:15"),
        ("上午9点-11点20分", "09:00-11:20"),
        ("下午2点到3点半", "14:00-15:30"),
        ("2点到3点半", "14:00-15:30"),
        ("14:00—15:00", "14:00-15:00"),
        ("0900-1030", "09:00-10:30"),
        ("上午11点到下午1点", "11:00-13:00"),
        ("2 to 3:30 pm", "14:00-15:30"),
        ("11 am to 1 pm", "11:00-13:00"),
        ("11 to 1pm", "11:00-13:00"),
        ("from 9.30 until 10.30", "09:30-10:30"),
        ("12am-1am", "00:00-01:00"),
        ("9-10", "09:00-10:00"),
        ("上午9点，两小时", "09:00-11:00"),
        ("下午2点，一个半小时", "14:00-15:30"),
        ("上午9点半起，半小时", "09:30-10:00"),
        ("9:00，90分钟", "09:00-10:30"),
        ("三点聊到四点半", "15:00-16:30"),
        ("下午三点开始谈到五点吧", "15:00-17:00"),
        ("上午11点到1点", "11:00-13:00"),
        ("就三点左右到四点左右", "15:00-16:00"),
        ("9点开始，三刻钟", "09:00-09:45"),
        ("下午3点，1.5小时", "15:00-16:30"),
        ("上午10点，1小时20分", "10:00-11:20"),
        ("9am for an hour and a half", "09:00-10:30"),
        ("9点开始，10点半结束", "09:00-10:30"),
        ("昨天下午2点到3点半", "14:00-15:30"),
        ("between 2 and 3:30 pm", "14:00-15:30"),
        ("9:00 10:30", "09:00-10:30"),
        ("9点整到10点整", "09:00-10:00"),
        ("凌晨1点到2点", "01:00-02:00"),
        ("0:30-1:30", "00:30-01:30"),
        ("上午10:00-11:00", "10:00-11:00"),
        ("下午3时至4时30分", "15:00-16:30"),
        ("15:00～16:00", "15:00-16:00"),
        ("晚7点-8点半", "19:00-20:30"),
        ("早8点半到9点半", "08:30-09:30"),
        ("大约9点到10点", "09:00-10:00"),
        ("9点20分钟", "09:00-09:20"),
        ("9点，一刻", "09:00-09:15"),
        ("9点开始，谈了40分钟", "09:00-09:40"),
        ("9点20分到10点05", "09:20-10:05"),
    ],
)
def test_spans_of_time(said: str, meant: str) -> None:
    assert read_span(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "9点",
        "一上午",
        "25:00-26:00",
        "9:75-10:00",
        "9点十十到10点",
        "90分钟",
        "1.5小时",
        "晚上11点，两小时",
        "9，两小时",
        "十一点半",
        "3点一刻",
        "3点20分",
        "15时30分",
        "15:20分",
        "三点十分",
        "9点一刻钟",
        "两点多",
        "两三点到四点",
        "9点到10点多",
    ],
)
def test_what_is_no_span(said: str) -> None:
    assert read_span(said) is None


@pytest.mark.parametrize(
    "said",
    [
        "两小时",
        "半小时",
        "半个小时",
        "一个半小时",
        "90分钟",
        "1.5小时",
        "2h",
        "三刻钟",
        "an hour and a half",
        "约2小时",
    ],
)
def test_how_long_is_no_from_to(said: str) -> None:
    assert is_duration(said)
    assert read_span(said) is None


@given(st.integers(0, 23 * 60), st.integers(1, 300), st.booleans())
def test_a_beginning_and_a_length_make_the_span(start: int, minutes: int, wide: bool) -> None:
    hour, minute = divmod(start, 60)
    said = f"{hour:02}:{minute:02}，{minutes}分钟"
    if wide:
        said = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in said)
    end = start + minutes
    expected = f"{hour:02}:{minute:02}-{end // 60:02}:{end % 60:02}" if end < 24 * 60 else None
    assert read_span(said) == expected


@pytest.mark.parametrize("said", ["11月20日（周四）", "周四11月20日", "Thursday, 20 November"])
def test_a_day_that_contradicts_itself(said: str) -> None:
    assert isinstance(understand_date(said, TODAY, "past"), Contradiction)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("5/11/2026", ("2026-11-05", "2026-05-11")),
        ("5.11.2026上午", ("2026-11-05", "2026-05-11")),
        ("5/11/2026（周日）", ("2026-11-05", "2026-05-11")),
        ("5/11/26", ("2026-11-05", "2026-05-11")),
        ("25.11.26", ("2026-11-25", "2025-11-26")),
    ],
)
def test_a_day_that_can_be_two(said: str, days: tuple[str, str]) -> None:
    assert understand_date(said, TODAY, "past") == Ambiguous(
        (date.fromisoformat(days[0]), date.fromisoformat(days[1]))
    )
    assert read_date(said, TODAY, "past") is None


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from(["past", "future"]))
def test_a_short_year_in_front_is_that_day_or_asked(day: date, prefer: Prefer) -> None:
    found = understand_date(f"{day:%y}.{day.month}.{day.day}", TODAY, prefer)
    assert found == day or (isinstance(found, Ambiguous) and day in found.days)


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 6))
def test_a_day_of_the_week_beside_a_date_has_to_be_its_own(day: date, weekday: int) -> None:
    for written in (
        f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[weekday]}）",
        f"星期{'一二三四五六日'[weekday]}，{day.year}年{day.month}月{day.day}日",
        f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[weekday]}, {day:%d %B %Y}",
    ):
        found = understand_date(written, date(2026, 12, 31), "past")
        assert found == (day if day.weekday() == weekday else Contradiction(day)), written


@given(
    st.dates(date(2025, 12, 1), date(2027, 1, 31)),
    st.integers(0, 400),
    st.sampled_from(
        [
            "{m}-{d}",
            "{m}月{d}日",
            "{m}/{d}",
            "{m}.{d}",
            "{m} 月 {d} 号",
            "{m:02}{d:02}",
            "{d} {name}",
            "{name} {d}",
        ]
    ),
)
def test_a_day_without_a_year_is_the_latest_there_was(today: date, back: int, shape: str) -> None:
    """Up to ten months back; what lies further back, or two months ahead, could be a slip."""
    day = today - timedelta(back % 300)
    name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][day.month - 1]
    assert read_date(shape.format(m=day.month, d=day.day, name=name), today, "past") == day


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("3", 3),
        ("三", 3),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("廿三", 23),
        ("卅一", 31),
        ("两", 2),
        ("二〇二六", 2026),
        ("一百", 100),
        ("一百零五", 105),
        ("一百二十", 120),
    ],
)
def test_numbers(said: str, meant: int) -> None:
    assert number(said) == meant


@pytest.mark.parametrize(
    "said", ["", "x", "百", "3x", "一百一百", "十百", "三四", "两三", "三五", "一二", "十三四"]
)
def test_what_is_no_number(said: str) -> None:
    assert number(said) is None


def test_folding_ignores_width_case_and_blanks() -> None:
    assert fold("　ＡＢＣ  １２ ") == "abc 12"
