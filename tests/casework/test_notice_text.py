"""The yearly notice as it is pasted: every form seen since 2008, and slips of the pen."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.notice_text import FESTIVALS, read_notice, year_of
from locales.phrase import Reader
from reminders.workdays import NOTICES

OFFICIAL = (Path(__file__).parents[1] / "data" / "notice-2026.txt").read_text("utf-8")
DAY = timedelta(days=1)


def days(year: int, *spans: str) -> set[date]:
    """`0101-0103`, `0105`; a year before the month where it is another one."""
    found = set()
    for span in spans:
        first, _, last = span.partition("-")
        start, end = (
            date.fromisoformat(one if len(one) == 8 else f"{year}{one}") for one in (first, last or first)
        )
        found |= {start + DAY * n for n in range((end - start).days + 1)}
    return found


def said(text: str, year: int) -> list[str]:
    return [
        problem.render(Reader("en", UTC, date(year, 1, 1))) for problem in read_notice(text, year).problems
    ]


def test_the_official_notice_of_2026_is_the_table_of_the_product() -> None:
    notice = read_notice(OFFICIAL, 2026)
    assert (notice.problems, notice.missing) == ([], [])
    built_in = {first + DAY * n for first, last in NOTICES[2026].off for n in range((last - first).days + 1)}
    assert set(notice.off) == built_in
    assert set(notice.worked) == NOTICES[2026].worked
    assert notice.off[date(2026, 2, 17)] == "春节"
    assert notice.worked[date(2026, 10, 10)] == "国庆节"


@pytest.mark.parametrize(
    "pasted",
    [
        OFFICIAL.replace("\n", ""),
        OFFICIAL.replace("\n", "\r\n\r\n"),
        OFFICIAL.replace("：", ":").replace("（", "(").replace("）", ")").replace("，", ","),
        OFFICIAL.replace("月", " 月 ").replace("日", " 日"),
        OFFICIAL.replace("至", "—"),
        OFFICIAL.replace("周", "星期"),
        "\n".join(f"{n}. {line[2:]}" for n, line in enumerate(OFFICIAL.splitlines()[2:9], start=1)),
        "\n".join(line[2:] for line in OFFICIAL.splitlines()[2:9]),
    ],
)
def test_however_it_was_copied(pasted: str) -> None:
    notice = read_notice(pasted, 2026)
    assert (notice.problems, notice.missing) == ([], [])
    assert (notice.off.keys(), notice.worked.keys()) == (
        read_notice(OFFICIAL, 2026).off.keys(),
        read_notice(OFFICIAL, 2026).worked.keys(),
    )


@pytest.mark.parametrize(
    ("year", "text", "off", "worked"),
    [
        (2025, "一、元旦：1月1日（周三）放假1天，不调休。", ["0101"], []),
        (2025, "一、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。"
               "1月26日（周日）、2月8日（周六）上班。", ["0128-0204"], ["0126", "0208"]),
        (2025, "七、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。", ["1001-1008"], []),
        (2024, "一、元旦：1月1日放假，与周末连休。", ["0101"], []),
        (2024, "二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年"
               "休假等制度落实，安排职工在除夕（2月9日）休息。", ["0210-0217"], ["0204", "0218"]),
        (2023, "一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。", ["20221231-20230102"], []),
        (2023, "三、清明节：4月5日放假，共1天。", ["0405"], []),
        (2023, "六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。",
         ["0929-1006"], ["1007", "1008"]),
        (2019, "一、元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。",
         ["20181230-20190101"], ["20181229"]),
        (2019, "一、元旦：12月30日至1月1日放假调休，共3天。12月29日（星期六）上班。",
         ["20181230-20190101"], ["20181229"]),
        (2015, "五、端午节：6月20日放假，6月22日（星期一）补休。", ["0620", "0622"], []),
        (2015, "纪念日：9月3日至5日调休放假，共3天。"
               "其中9月3日（星期四）放假，9月4日（星期五）调休，9月6日（星期日）上班。",
         ["0903-0905"], ["0906"]),
        (2010, "一、元旦：1月1日至3日放假公休，共3天。1月2日（星期六）、1月3日（星期日）照常公休。", ["0101-0103"], []),
        (2027, "四、劳动节：5月1日到5月3日放假调休，共3天，4月25日（周日）上班", ["0501-0503"], ["0425"]),
    ],
)  # fmt: skip
def test_forms_of_other_years(year: int, text: str, off: list[str], worked: list[str]) -> None:
    notice = read_notice(text, year)
    assert notice.problems == []
    assert set(notice.off) == days(year, *off)
    assert set(notice.worked) == days(year, *worked)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("一、元旦：1月1日（周五）放假。", "Line 1: 1 January is no 周五."),
        ("一、元旦：1月1日至3日放假，共4天。", "Line 1: “1月1日至3日放假,共4天” names 3 days, but says 4."),
        ("前言\n一、元旦：2月30日放假。", "Line 2: There is no day 2月30日."),
        ("一、元旦：13月1日放假。", "Line 1: There is no day 13月1日."),
        ("一、元旦：3日放假。", "Line 1: There is no day ?月3日."),
        ("四、劳动节：5月1日放假。5月6日上班。", "Line 1: 6 May is a weekday and worked anyway."),
        ("四、劳动节：5月9日放假。5月9日上班。", "It says of 9 May that they are off and that they are worked."),
        ("七、国庆节：10月7日至1日放假。", "Line 1: From 7 October to 1 October is no holiday of one to 15 days."),
        ("七、国庆节：10月1日至11月1日放假。", "Line 1: From 1 October to 1 November is no holiday of one to 15 days."),
        ("七、国庆节：10月1日（周四）照常，不放假。10月2日另定", "Line 1: “10月2日另定” was not understood."),
        ("五、端午节：6月19日不放假。", "Line 1: “6月19日不放假” was not understood."),
        ("今年10月1日放假", "Line 1: “今年10月1日放假” was not understood."),
        ("你好", "The text names no day off: is it the notice?"),
        ("", "The text names no day off: is it the notice?"),
    ],
)  # fmt: skip
def test_what_cannot_be_relied_on_is_named(text: str, problem: str) -> None:
    assert problem in said(text, 2026)


def test_a_text_with_a_holiday_missing_says_which() -> None:
    notice = read_notice(OFFICIAL.replace("三、清明节", "三、寒食节"), 2026)
    assert notice.problems == []
    assert notice.missing == ["清明节"]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (OFFICIAL, 2026),
        ("国务院办公厅关于2027年部分节假日安排的通知", 2027),
        ("现将２０２７年元旦、春节…具体安排通知如下", 2027),
        ("一、元旦：1月1日放假", None),
    ],
)
def test_the_year_is_in_the_title(text: str, year: int | None) -> None:
    assert year_of(text) == year


# --- whatever is pasted ----------------------------------------------------------------------------------------------

WORDS = [
    "1月",
    "31日",
    "（周六）",
    "至",
    "放假",
    "调休",
    "，共3天",
    "。",
    "上班",
    "、",
    "元旦",
    "：",
    "\n",
    "鼓励",
    "2月30日",
    "一、",
]


@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join) | st.text(max_size=60))
def test_nothing_pasted_is_an_error(text: str) -> None:
    notice = read_notice(text, 2026)
    assert notice.off or notice.problems
    year_of(text)


_WEEK = "一二三四五六日"


def written(day: date, *, month: bool = True) -> str:
    return f"{f'{day.month}月' if month else ''}{day.day}日（周{_WEEK[day.weekday()]}）"


@given(
    st.integers(2021, 2060),
    st.lists(st.tuples(st.integers(0, 45), st.integers(1, 9)), min_size=7, max_size=7),
    st.data(),
)
def test_a_notice_that_was_written_is_read_as_it_was_meant(
    year: int, spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    lines, off, worked = [f"关于{year}年部分节假日安排的通知"], set(), set()
    for number, (name, (after, length)) in enumerate(zip(FESTIVALS, spans, strict=True)):
        first = date(year, 1, 2) + DAY * (50 * number + min(after, 40 - length))
        holiday = [first + DAY * n for n in range(length)]
        off |= set(holiday)
        weekends = [first - DAY * n for n in range(1, 9) if (first - DAY * n).weekday() > 4]
        extra = [day for day in weekends if day not in off and day.year == year]
        chosen = data.draw(st.lists(st.sampled_from(extra), unique=True, max_size=2)) if extra else []
        chosen = [day for day in chosen if day not in off]
        worked |= set(chosen)
        span = written(first)
        if length > 1:
            span += f"至{written(holiday[-1], month=holiday[-1].month != first.month)}"
        tail = "".join(f"{'、'.join(map(written, chosen))}上班。" if chosen else "")
        lines.append(f"{'一二三四五六七'[number]}、{name}：{span}放假调休，共{length}天。{tail}")
    notice = read_notice("\n".join(lines), year)
    assert notice.problems == []
    assert set(notice.off) == off
    assert set(notice.worked) == worked
