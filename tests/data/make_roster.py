"""Makes roster-sample.xlsx: an invented county's roster, as untidy as the ones that people really send.

Run it as `python tests/data/make_roster.py`; the same names and dates come out every time. The quirks: a merged
title and a second line above the header, dates written six ways, full-width spaces inside names, stray spaces
around units, two sanctions in one cell, an empty row in the middle, a footnote, and columns nobody reads.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

ROWS = 60
LAST_DAY = date(2026, 11, 16)
OFFICERS = ("沈若溪", "蒋明远", "苏婉清", "贾宏图", "秦安然", "陶志恒")
HEADER = (
    "序号", "姓名", "性别", "出生年月", "工作单位", "现任职务", "政治面貌",
    "处理处分种类", "处分决定日期", "错误性质和情节", "影响期内综合表现", "关怀责任人", "备注",
)  # fmt: skip
SURNAMES = "安柏岑程褚窦方傅高葛龚管桂洪胡霍季简靳柯蓝黎练凌柳卢骆梅穆倪聂潘庞裴彭浦祁戚乔裘阮桑单商邵施"
GIVEN = "博川岱枫皓嘉珂岚霖沐楠沛祺融书棠惟熙延泽钊知舟梓"
UNITS = (
    "县档案馆", "县统计局", "县民政局", "县林业和草原局", "县文化和旅游局", "县审计局", "县医疗保障局",
    "清水铺镇人民政府", "望江台镇人民政府", "青石桥乡人民政府", "梅子坪镇人民政府", "城北街道办事处",
)  # fmt: skip
POSTS = ("局长", "副局长", "副镇长", "股长", "科员", "二级主任科员", "站长", "办公室主任", "会计")
MEMBER_SANCTIONS = (
    "党内警告", "党内严重警告", "政务记过", "政务记大过", "政务降级", "诫勉", "政务警告",
    "撤销党内职务、政务撤职", "党内警告，政务警告", "党内严重警告、政务记过",
)  # fmt: skip
OTHER_SANCTIONS = ("政务警告", "政务记过", "政务记大过", "诫勉", "政务降级")
REASONS = (
    "统计数据审核把关不严", "项目资料归档不完整,未按要求整改", "防汛值班值守不到位", "未正确履行采购监督职责",
    "资金拨付审核不严造成多付", "安全隐患排查走过场", "信访事项办理超期",
)  # fmt: skip
CONDUCT = ("好", "好", "较好", "较好", "一般")
EMPTY_ROW_AFTER = 27


def _names(chance: random.Random) -> list[str]:
    """Sixty different names, short and long; every eighth with a full-width space inside."""
    names: dict[str, None] = {}
    while len(names) < ROWS:
        length = chance.choice((1, 2, 2))
        names[chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, length))] = None
    return [f"{name[0]}\u3000{name[1:]}" if i % 8 == 3 else name for i, name in enumerate(names)]


def _write_date(sheet: Worksheet, row: int, day: date, way: int, day_format: Format) -> None:
    """The same day in one of the six ways in which people write it."""
    ways = (
        "",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        day.isoformat(),
        f"{day:%Y%m%d}",
    )
    if way == 0:
        sheet.write_datetime(row, 8, day, day_format)
    else:
        sheet.write_string(row, 8, ways[way])


def _write_person(sheet: Worksheet, row: int, number: int, name: str, chance: random.Random) -> None:
    unit = chance.choice(UNITS)
    member = chance.random() < 0.85
    born = date(1966, 1, 1) + timedelta(days=chance.randrange(365 * 30))
    cells = (
        name,
        chance.choice("男女"),
        f"{born.year}年{born.month}月" if number % 2 else f"{born:%Y.%m}",
        f" {unit} " if number % 7 == 1 else unit,
        chance.choice(POSTS),
        "中共党员" if member else "群众",
        chance.choice(MEMBER_SANCTIONS if member else OTHER_SANCTIONS),
    )
    sheet.write_number(row, 0, number)
    for column, cell in enumerate(cells, start=1):
        sheet.write_string(row, column, cell)
    for column, cell in enumerate(map(chance.choice, (REASONS, CONDUCT, OFFICERS)), start=9):
        sheet.write_string(row, column, cell)


def make(target: Path) -> None:
    chance = random.Random(20261123)
    with Workbook(target) as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
        sheet = book.add_worksheet("名册")
        title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        day_format = book.add_format({"num_format": "yyyy-mm-dd"})
        last = len(HEADER) - 1
        sheet.merge_range(0, 0, 0, last, "受处理处分党员干部名册（测试用，人员均为虚构）", title)
        sheet.merge_range(1, 0, 1, last, "填报单位：县纪委监委案件审理室    填报日期：2026年11月18日")
        sheet.write_row(2, 0, HEADER)
        row = 3
        for number, name in enumerate(_names(chance), start=1):
            _write_person(sheet, row, number, name, chance)
            day = LAST_DAY - timedelta(days=chance.randrange(1000))
            _write_date(sheet, row, day, number % 6, day_format)
            row += 2 if number == EMPTY_ROW_AFTER else 1
        sheet.write_string(row + 1, 0, "注：本表人员均为虚构，仅供测试。")


if __name__ == "__main__":
    make(Path(__file__).with_name("roster-sample.xlsx"))
