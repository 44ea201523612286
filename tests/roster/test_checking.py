from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from casework.roster.checking import RosterSanction, check_roster, clean
from casework.roster.problems import SHOWN, Severity
from casework.roster.reading import read_roster
from casework.sanctions import SanctionKind
from locales.phrase import Phrase
from tests.roster.conftest import HEADER, TODAY, Book, Check

Say = Callable[[Phrase], str]
K = SanctionKind


def _row(**changes: object) -> tuple[object, ...]:
    good: dict[str, object] = {
        "姓名": "方融",
        "工作单位": "县统计局",
        "政治面貌": "中共党员",
        "处理处分种类": "党内警告",
        "处分决定日期": "2025-01-10",
        "关怀责任人": "李敏",
    }
    return tuple((good | changes).values())


def test_a_good_row_is_an_entry(check: Check) -> None:
    done = check(_row())
    assert not done.problems
    (entry,) = done.entries
    assert (entry.row, entry.name, entry.unit, entry.care_officer) == (2, "方融", "县统计局", "李敏")
    assert entry.sanctions == (RosterSanction(K.PARTY_WARNING, date(2025, 1, 10), "党内警告"),)
    assert entry.post == entry.remark == ""


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"姓名": None}, "Row 2, “姓名” (column A) is empty; write the person’s name."),
        ({"姓名": "长" * 31}, "“" + "长" * 31 + "” is longer than 30 characters; write the name alone."),
        ({"工作单位": " \u3000"}, "Row 2, “工作单位” (column B) is empty; write the person’s unit."),
        ({"处理处分种类": None}, "(column D) is empty; write the sanction as in the decision."),
        ({"处理处分种类": "罚款"}, "“罚款” is not a known sanction; write it as in the list"),
        ({"处理处分种类": "警告"}, "may be a Party or a government warning; write which of the two"),
        ({"处分决定日期": None}, "(column E) is empty; write the actual date in the form 2026-02-28."),
        ({"处分决定日期": "2026-02-30"}, "“2026-02-30” is not a valid date; write the actual date"),
        ({"处分决定日期": "去年底"}, "“去年底” cannot be read as a date; write the actual date"),
        ({"处分决定日期": "2026-11-24"}, "“2026-11-24” lies in the future; check the year of the decision date."),
        ({"处分决定日期": "2025-01-10、2025-02-10"}, "gives another number of dates than there are"),
    ],
)  # fmt: skip
def test_every_error_names_row_column_value_and_remedy(
    check: Check, english: Say, changes: dict[str, object], line: str
) -> None:
    done = check(_row(**changes))
    assert not done.entries
    (found,) = done.errors
    assert line in english(found.line())
    assert english(found.line()).startswith("Row 2, “")


def test_today_is_not_the_future(check: Check) -> None:
    assert not check(_row(处分决定日期=TODAY)).problems


def test_the_same_person_twice_names_both_rows(check: Check, english: Say) -> None:
    done = check(
        _row(), _row(姓名="葛楠"), _row(姓名="方\u3000融", 工作单位=" 县统计局"), _row(工作单位="县审计局")
    )
    (found,) = done.errors
    assert found.row == 4
    assert "has the same name and unit as row 2;" in english(found.line())
    assert [entry.row for entry in done.entries] == [2, 3, 5]


def test_every_bad_cell_is_reported_not_only_the_first(check: Check) -> None:
    done = check(
        _row(
            姓名=None,
            工作单位=None,
            处理处分种类="罚款、警告、诫勉",
            处分决定日期="2026-02-30、去年底、2025-01-01",
        ),
        _row(处分决定日期="x"),
    )
    assert [(found.row, found.letter, found.value) for found in done.errors] == [
        (2, "A", ""), (2, "B", ""), (2, "D", "罚款"), (2, "D", "警告"),
        (2, "E", "2026-02-30"), (2, "E", "去年底"), (3, "E", "x"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"政治面貌": "群众"}, "“群众” does not go with the Party sanction in the same row; check"),
        ({"关怀责任人": "王五"}, "“王五” is not registered as a care officer; check the name"),
        ({"处理处分种类": "开除党籍、政务撤职"}, "“开除党籍” is outside the scope of the mechanism; if"),
        ({"处理处分种类": "政务开除"}, "“政务开除” is outside the scope"),
        ({"处理处分种类": "党内警告、撤销党内职务"}, "names two Party sanctions decided on one day; check"),
    ],
)  # fmt: skip
def test_a_warning_is_said_and_the_row_still_loaded(
    check: Check, english: Say, changes: dict[str, object], line: str
) -> None:
    done = check(_row(**changes))
    assert len(done.entries) == 1
    assert not done.errors
    (found,) = done.warnings
    assert found.severity is Severity.WARNING
    assert line in english(found.line())


def test_a_government_sanction_goes_with_any_political_status(check: Check) -> None:
    assert not check(_row(政治面貌="群众", 处理处分种类="政务记过")).problems


def test_nobody_needs_a_care_officer_yet(check: Check) -> None:
    assert not check(_row(关怀责任人=None)).problems


def test_a_missing_column_is_one_error_that_names_it(check: Check, english: Say) -> None:
    rows = [_row()[:4], _row(姓名="葛楠")[:4]]
    done = check(*rows, header=HEADER[:4])
    (found,) = done.errors
    assert not done.entries
    assert english(found.line()).startswith(
        "Row 1: the column “处分决定日期” is missing from the header; add it; it may be called 处分决定日期, 处分时间"
    )
    no_name = check(*[row[1:] for row in rows], header=HEADER[1:4])
    assert [found.column for found in no_name.errors] == ["姓名", "处分决定日期"]


def test_several_sanctions_share_a_date_or_have_one_each(check: Check) -> None:
    shared, each = check(
        _row(处理处分种类="党内警告、政务记过"),
        _row(
            姓名="葛楠",
            处理处分种类="党内警告，政务记过（影响期18个月）",
            处分决定日期="2025-01-10，2025年2月1日",
        ),
    ).entries
    assert [s.decided_on for s in shared.sanctions] == [date(2025, 1, 10)] * 2
    assert [(s.kind, s.decided_on, s.months) for s in each.sanctions] == [
        (K.PARTY_WARNING, date(2025, 1, 10), None),
        (K.GOVERNMENT_DEMERIT, date(2025, 2, 1), 18),
    ]


def test_a_sanction_written_twice_counts_once(check: Check) -> None:
    (entry,) = check(_row(处理处分种类="党内警告、党内警告")).entries
    assert len(entry.sanctions) == 1


def test_a_long_value_is_cut(check: Check) -> None:
    (found,) = check(_row(处理处分种类="据" * 500)).errors
    assert len(found.value) == SHOWN
    assert found.value.endswith("…")


def test_a_second_roster_in_the_workbook_is_told(workbook: Book, english: Say) -> None:
    sheet = read_roster(workbook([HEADER, _row()], [HEADER, _row()]))
    done = check_roster(sheet, today=TODAY, known_officers={"李敏"})
    (found,) = done.warnings
    assert english(found.line()).startswith("Sheet “Sheet2” looks like a roster too and was not read; put")
    assert len(done.entries) == 1


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("仇\u3000海", "仇海"),
        (" 丁 倩 ", "丁倩"),
        ("\u200b江\xa0红", "江红"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("John  Smith", "John Smith"),
        ("县水利局 \n 河长办", "县水利局河长办"),
        (3, "3"),
        (None, ""),
    ],
)
def test_stray_spaces_go(text: str | int | None, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_the_untidy_sample_is_clean_but_for_its_form(sample: bytes) -> None:
    officers = {"沈若溪", "蒋明远", "苏婉清", "贾宏图", "秦安然", "陶志恒"}
    done = check_roster(read_roster(sample), today=TODAY, known_officers=officers)
    assert not done.problems
    assert len(done.entries) == 60
    assert sum(len(entry.sanctions) for entry in done.entries) > 60
    assert all(entry.sanctions[0].decided_on < TODAY for entry in done.entries)
    assert not any(set(entry.name + entry.unit) & set(" \u3000") for entry in done.entries)
    strangers = check_roster(read_roster(sample), today=TODAY, known_officers=officers - {"沈若溪"})
    assert 0 < len(strangers.warnings) < 60
    assert not strangers.errors
