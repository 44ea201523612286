from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.json import decode, encode

from casework.roster.problems import Problem
from locales.phrase import P, Phrase, load_phrase
from tests.roster.conftest import HEADER, Check

Say = Callable[[Phrase], str]
GOOD = ("方融", "县统计局", "中共党员", "党内警告", "2025-01-10", "李敏")


@pytest.mark.parametrize(
    ("column", "value", "line"),
    [
        (4, "2026-02-30", "第2行“处分决定日期”（E列）：“2026-02-30”不是有效日期；请按2026-02-28的形式填写实际日期。"),
        (0, None, "第2行“姓名”（A列）未填写；请填写姓名。"),
        (3, "警告", "第2行“处理处分种类”（D列）：“警告”无法区分是党纪处分还是政务处分；"
         "请写明属于以下哪一种：党内警告、政务警告。"),
        (5, "王五", "第2行“关怀责任人”（F列）：“王五”尚未登记为关怀责任人；"
         "请核对姓名；该档案将先按未分配关怀责任人导入，待登记后自动关联。"),
    ],
)  # fmt: skip
def test_a_problem_reads_as_one_chinese_sentence(
    check: Check, chinese: Say, column: int, value: str | None, line: str
) -> None:
    row: list[str | None] = [*GOOD]
    row[column] = value
    (found,) = check(row).problems
    assert chinese(found.line()) == line


def test_a_missing_column_in_chinese(check: Check, chinese: Say) -> None:
    (found,) = check(GOOD[:4], header=HEADER[:4]).problems
    assert chinese(found.line()).startswith(
        "第1行：“处分决定日期”列在表头中缺失；请补上该列，列名可用处分决定日期、处分时间、"
    )


def test_a_line_survives_the_outbox() -> None:
    found = Problem(
        7, "处分决定日期", "I", "2026-02-30", P("is not a valid date"), P("write the person’s name")
    )
    assert load_phrase(decode(encode(found.line()))) == found.line()
