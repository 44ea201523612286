"""One trip to several people, and what was said on it: each keeps what is its own."""

from __future__ import annotations

import pytest

from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import walk
from tests.story.test_companion import other, record
from tests.story.words import ON_SQLITE, OVERDUE_CASE

STUDIED = "JA-9P4T"


async def noted(officer: Phone, case: str, kind: str, *steps: str) -> Bubble:
    """A note of something that nobody had planned; its outcome."""
    kinds = await officer.taps("记录其他事项", await officer.says(f"查询 {case}"))
    return await officer.taps("提交", await walk(officer, await officer.taps(kind, kinds), *steps))


async def brief(officer: Phone, case: str) -> str:
    text: str = (await officer.taps("走访提示", await officer.says(f"查询 {case}")))["text"]
    return text


@ON_SQLITE
async def test_what_colleagues_suggest_is_no_wish_of_the_person(town: Town) -> None:
    officer = await town.one("care_officer")
    topics = ("意见建议", "诉求和帮助", "下一步", "完成")
    texts = (
        "say:希望在周五下班后谈。",
        "say:请协调参加培训。",
        "say:已联系组织部。",
        "say:一周内答复培训名额。",
    )
    talked = ("今天", "本人办公室", "say:思想稳定。", "基本平稳", "未发现")
    await noted(officer, STUDIED, "记录谈心谈话", *talked, *topics, *texts)
    asked = ("今天", "2", "say:反映较好。", "未发现", "意见建议", "下一步", "完成")
    await noted(officer, STUDIED, "记录走访同事", *asked, "say:建议调离本科室。", "say:向单位党组织反馈。")
    post = ("今天", "本人提出", "say:综合岗位。", "未发现", "本人意见", "完成", "say:本人同意。")
    suggested = await noted(officer, STUDIED, "记录岗位调整建议", *post)
    assert "登记困难诉求" not in labels(suggested), "it is no request"
    told = await brief(officer, STUDIED)
    assert "本人意愿和请求（11月23日）：希望在周五下班后谈；请协调参加培训。" in told
    assert "承诺事项（11月23日）：一周内答复培训名额。" in told
    assert "已给予或安排的帮助（11月23日）：已联系组织部。" in told
    assert "调离" not in told
    assert "反馈" not in told


@ON_SQLITE
async def test_the_family_is_asked_what_the_family_asks_for(town: Town) -> None:
    officer = await town.one("care_officer")
    kinds = await officer.taps("记录其他事项", await officer.says(f"查询 {STUDIED}"))
    steps = ("知情", "今天", "2", "say:家庭和睦。", "未发现", "诉求和帮助", "完成")
    asked = await walk(officer, await officer.taps("记录走访家属", kinds), *steps)
    assert "家属提出了哪些诉求？" in asked["text"]


@ON_SQLITE
async def test_who_is_due_later_was_on_the_trip_too(town: Town) -> None:
    """With nobody left for today the list comes, and whoever is chosen from it begins with the same."""
    officer, companion = await town.one("care_officer"), await other(town)
    done = await record(officer, companion.name)
    for name in ("王芳", "孙丽华"):
        form = await officer.taps(f"记录 {name}", await officer.says("/record"))
        steps = ("知情", "今天", "say:和睦") if name == "王芳" else ("今天", "本人办公室", "say:工作正常。")
        await officer.taps("提交", await walk(officer, form, *steps, "积极稳定", "未发现", "完成"))
    chosen = await officer.taps("记录下一位", done)
    assert "请选择" in chosen["text"]
    begun = await officer.taps("记录 赵强 送学上门", chosen)
    assert "第2步" in begun["text"]
    await officer.taps("党规党纪", begun)
    again = await officer.taps("记录 赵强 送学上门", chosen)
    assert "第3步" in again["text"], "what was begun is gone on with"
    recap = await walk(officer, again, "当面", "积极稳定", "未发现", "完成")
    assert "日期：11月23日" in recap["text"]
    assert f"陪同人员：{companion.name}" in recap["text"]


@ON_SQLITE
async def test_what_was_written_at_a_desk_dates_no_visit(town: Town) -> None:
    officer = await town.one("care_officer")
    plan = ("say:11-16", "say:思想稳定，期满后正常使用。", "开展谈心谈话", "完成", "未发现", "完成")
    done = await noted(officer, OVERDUE_CASE, "记录关怀回访方案", *plan)
    home = await officer.taps("记录下一位", done)
    assert "哪一天" in (await officer.taps("知情", home))["text"]


@ON_SQLITE
async def test_the_unit_hears_of_no_visit(town: Town) -> None:
    officer, unit = await town.one("care_officer"), await town.one("unit_party_org")
    await noted(officer, OVERDUE_CASE, "记录走访同事", "今天", "2", "say:反映较好。", "未发现", "完成")
    form = await unit.taps("填写意见 张明", await unit.says("/opinion"))
    recap = await walk(unit, form, "今天", "say:态度端正，工作主动。", "未发现", "完成")
    assert "县发展和改革局" in recap["text"]
    assert "走访同事" not in recap["text"]
    assert "上次" not in recap["text"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("kind", "steps", "shown"),
    [
        ("记录走访同事", ("今天", "say:12", "say:反映较好。", "未发现", "完成"), "走访同事人数：12人"),
        ("记录查阅档案", ("今天", "say:8", "say:材料齐全。", "未发现", "完成"), "查阅份数：8份"),
    ],
    ids=["people", "files"],
)
async def test_a_number_that_is_typed_has_its_unit_too(
    town: Town, kind: str, steps: tuple[str, ...], shown: str
) -> None:
    officer = await town.one("care_officer")
    kinds = await officer.taps("记录其他事项", await officer.says(f"查询 {STUDIED}"))
    recap = await walk(officer, await officer.taps(kind, kinds), *steps)
    assert shown in recap["text"]
    answer = shown.partition("：")[2]
    assert f"原填写：{answer}" in (await officer.says("改第2题"))["text"]
    done = await officer.taps("提交", await officer.says(answer))
    assert shown in (await officer.taps("查看或更正", done))["text"]


@ON_SQLITE
async def test_a_matter_is_seen_to_by_a_working_day(town: Town) -> None:
    """Days of the county's calendar, as for a difficulty, and the way to type another one."""
    officer = await town.one("care_officer")
    kinds = await officer.taps("记录其他事项", await officer.says(f"查询 {STUDIED}"))
    steps = ("今天", "2", "say:反映较好。", "未发现", "跟进事项", "完成", "say:反馈培训名额。")
    asked = await walk(officer, await officer.taps("记录走访同事", kinds), *steps)
    assert "跟进时限是哪一天？" in asked["text"]
    assert "也可直接输入" in asked["text"]
    assert labels(asked)[:3] == ["12月2日", "12月14日", "2027年1月5日"]


@ON_SQLITE
async def test_what_is_open_stands_by_its_day(town: Town) -> None:
    officer = await town.one("care_officer")
    for text, by in (
        ("say:核实津贴。", "say:12-1"),
        ("say:联系培训。", "say:12-10"),
        ("say:走访村委会。", "跳过"),
    ):
        steps = ("今天", "2", "say:反映较好。", "未发现", "跟进事项", "完成", text, by)
        await noted(officer, STUDIED, "记录走访同事", *steps)
    told = await brief(officer, STUDIED)
    assert told.index("核实津贴") < told.index("联系培训") < told.index("走访村委会")


@ON_SQLITE
async def test_what_to_mind_is_told_wherever_it_was_learnt(town: Town) -> None:
    officer = await town.one("care_officer")
    family = ("知情", "今天", "2", "say:家庭和睦。", "未发现", "诉求和帮助", "下次注意事项", "完成")
    said = ("say:希望调回县城。", "say:已转达。", "say:傍晚在家。")
    await noted(officer, STUDIED, "记录走访家属", *family, *said)
    told = await brief(officer, STUDIED)
    assert "傍晚在家。" in told
    assert "调回县城" not in told, "what the family asks for is no wish of the person"
    study = ("今天", "党规党纪", "当面", "基本平稳", "未发现", "生活和家庭实际困难", "下次注意事项", "完成")
    done = await noted(officer, STUDIED, "记录送学上门", *study, "say:老人住院。", "say:不谈职级。")
    assert "登记困难诉求" in labels(done)
    told = await brief(officer, STUDIED)
    assert "不谈职级。" in told
    assert "傍晚在家" not in told, "said anew"


@ON_SQLITE
async def test_a_card_of_many_says_that_the_rest_follow(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    await town.later(to="2026-11-23T10:00")
    steps = ("今天", "2", "say:反映较好。", "未发现", "陪同人员", "完成", companion.name, "完成")
    for count in range(6):
        kinds = await officer.taps("记录其他事项", await officer.says(f"查询 {STUDIED}"))
        asked = await walk(officer, await officer.taps("记录走访同事", kinds), *steps[:6])
        assert count == 0 or labels(asked)[0].startswith(companion.name), "whom one goes with comes first"
        await officer.taps("提交", await walk(officer, asked, *steps[6:]))
    await town.later(to="2026-11-23T10:30")
    card = await companion.finds("以下6项由您陪同的回访")
    assert "前5项可逐项确认，其余各项待答复后依次显示" in card["text"]
    assert sum(label.startswith("有误") for label in labels(card)) == 5
    left = await companion.taps(labels(card)[1], card)
    assert sum(label.startswith("有误") for label in labels(left)) == 5
    assert "前5项" not in (await companion.finds("以下5项由您陪同的回访"))["text"]
