"""Names are found as people type them: by a part, by pinyin, by initials, with a slip of the finger."""

from __future__ import annotations

import pytest

from casework.names import close, keys, meant_by, spelt, tidy

PEOPLE = ["单雄飞", "曾国强", "仇海", "解缙文", "欧阳修远", "张明", "张敏", "吕布文", "任盈"]


def found(query: str) -> set[str]:
    return {name for name in PEOPLE if meant_by(query)(spelt(name))}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("仇　海", "仇海"),
        (" 张 明 ", "张明"),
        ("欧阳　修远\n", "欧阳修远"),
        ("John  Smith", "John Smith"),
        ("ＺＭ", "ZM"),
        ("　", ""),
    ],
)
def test_a_name_loses_the_spaces_it_was_aligned_with(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


@pytest.mark.parametrize(
    ("name", "typed", "initials"),
    [
        ("单雄飞", "shanxiongfei", "sxf"),
        ("曾国强", "zengguoqiang", "zgq"),
        ("仇海", "qiuhai", "qh"),
        ("解缙文", "xiejinwen", "xjw"),
        ("欧阳修远", "ouyangxiuyuan", "oyxy"),
        ("令狐冲", "linghuchong", "lhc"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("任盈", "renying", "ry"),
        ("吕布文", "lvbuwen", "lbw"),
    ],
)
def test_a_surname_is_read_as_a_surname(name: str, typed: str, initials: str) -> None:
    assert {typed, initials} <= set(keys(name).split())
    assert meant_by(typed)(spelt(name))
    assert meant_by(initials.upper())(spelt(name))


def test_the_usual_reading_finds_it_too() -> None:
    """Whoever does not know that 单 is Shan types dan."""
    assert found("danxiongfei") == {"单雄飞"}
    assert found("dxf") == {"单雄飞"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("张", {"张明", "张敏"}),
        ("明", {"张明"}),
        ("欧阳", {"欧阳修远"}),
        ("张　明", {"张明"}),
        ("zhangming", {"张明"}),
        ("Zhang Ming", {"张明"}),
        ("ＺＭ", {"张明", "张敏"}),
        ("zm", {"张明", "张敏"}),
        ("zhang", {"张明", "张敏"}),
        ("ouyang", {"欧阳修远"}),
        ("zha", set()),
        ("", set()),
        ("　", set()),
        ("'", set()),
        ("王", set()),
    ],
)
def test_who_is_meant(query: str, names: set[str]) -> None:
    assert found(query) == names


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("张名", {"张明"}),
        ("欧阳修元", {"欧阳修远"}),
        ("zhangmng", {"张明"}),
        ("zhagnming", {"张明"}),
        ("单熊飞", {"单雄飞"}),
        ("完全不同", set()),
    ],
)
def test_a_slip_of_the_finger_is_forgiven(query: str, meant: set[str]) -> None:
    assert meant <= set(close(query, [spelt(name) for name in PEOPLE]))
    assert meant or not close(query, [spelt(name) for name in PEOPLE])


def test_suggestions_are_few() -> None:
    many = [spelt(f"张{each}") for each in "明敏民珉闽"]
    assert len(close("张名", many)) == 3
