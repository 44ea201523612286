from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from bot.channels.disclosure import Level
from locales.phrase import P
from reminders import schedule
from storage.errors import NotFound, Refused
from storage.tables.cases import Case, CaseState
from storage.tables.visits import Visit, VisitKind
from tests.commands.world import World, add_case, at, not_done, plan, record

THOUGHTS = "=HYPERLINK 家里老人住院，情绪受影响"


@pytest.fixture
def lived(world: World) -> World:
    """张明 of 发改局: three talks held, one that could not be done at first, a home visit overdue, one to come."""
    grades = ("unsettled", "stable", "settled")
    days = ("2026-08-10", "2026-09-09", "2026-11-03")
    for day, grade in zip(days, grades, strict=True):
        visit = plan(world, "JA-7K3Q", day)
        if day == days[1]:
            not_done(world, visit, "2026-09-07", "2026-09-15", "unreachable")
        more: dict[str, Any] = {"basis": "叹气", "thinking": THOUGHTS} if grade == "unsettled" else {}
        record(world, visit, day, grade, **more)
    plan(world, "JA-7K3Q", "2026-11-18", VisitKind.home_visit)
    plan(world, "JA-7K3Q", "2026-12-01", VisitKind.study_visit)
    return world


def test_the_office_sees_how_a_case_stands(lived: World) -> None:
    seen = lived.asks("staff", "查询 JA-7K3Q")
    assert seen.lines == [
        "JA-7K3Q 张明 | [Follow up] → Evaluate → Observe | Care follow-up (stage 1 of 3)",
        "发改局 | 科员",
        "Restriction period: ended on 30 June",
        "Last: 3 November Heart-to-heart talk"
        " | Next: 18 November Integrity home visit (3 working days overdue) | Care officer 李敏",
        "State of mind (oldest first): yellow, blue, green",
        "5 visits planned, 3 done",
    ]
    assert seen.buttons == [
        ["Timeline", "Trend", "Review", "Workbook"],
        ["Chase", "Reassign this visit", "Grant more time", "Acknowledge"],
        ["Change the care officer"],
        ["Recusal"],
        ["Brief", "Safety concern"],
        ["Note an appeal"],
        ["Put on hold", "Close and archive"],
    ]
    assert seen.verbs[:4] == ["timeline", "trend", "review", "workbook"]


def test_the_officer_can_go_on_to_the_note(lived: World) -> None:
    seen = lived.asks("officer", "/case 7k3q")
    assert seen.buttons[-1] == ["Record 张明", "Record something else", "Brief"]
    assert seen.verbs[-3:] == ["record", "contact", "brief"]
    assert lived.asks("leader", "/case 7k3q").verbs[-4:] == ["acknowledge", "recusal", "brief", "safety"]


@pytest.mark.parametrize("text", ["查询张明", "/case zhangming", "/case ZM", "查询　张　明"])
def test_namesakes_are_told_apart_by_code_and_unit(lived: World, text: str) -> None:
    seen = lived.asks("staff", text)
    assert seen.lines == ["2 people of that name were found; please choose:"]
    assert seen.buttons == [["JA-2F8N 经开区"], ["JA-7K3Q 发改局"]]
    assert "JA-2F8N" in lived.follows("staff", seen, "JA-2F8N 经开区").text


def test_a_unit_finds_everybody_in_it(world: World) -> None:
    seen = world.asks("leader", "查询 水利局")
    assert seen.lines == ["2 people were found; please choose:"]
    assert seen.buttons == [["JA-5M2X 王芳 水利局"], ["JA-9P4T 赵强 水利局"]]


def test_too_many_hits_ask_for_more(world: World) -> None:
    for number in range(9):
        world.do(
            lambda session, n=number: (
                add_case(  # type: ignore[misc]
                    session, world, f"JA-AAA{n + 2}", "李雷", "发改局", "officer", expires_on=None
                ).id
            )
        )
    seen = world.asks("staff", "查询 李雷")
    assert seen.lines == ["9 cases were found. Please add to the name, or send the case code."]
    assert seen.buttons == []


def test_a_slip_of_the_finger_gets_a_suggestion(world: World) -> None:
    seen = world.asks("staff", "/case wangfangg")
    assert seen.text.splitlines()[1] == "Perhaps you meant: 王芳"
    assert "JA-5M2X" in world.follows("staff", seen, "王芳").text


def test_an_officer_sees_their_own_cases_only(lived: World) -> None:
    assert "发改局" in lived.asks("officer", "查询 张明").text  # one hit, not two
    missing = lived.asks("stranger", "查询 JA-0000").text.replace("JA-0000", "…")
    assert lived.asks("stranger", "查询 JA-7K3Q").text.replace("JA-7K3Q", "…") == missing
    assert "张明" not in lived.asks("colleague", "查询 zhangmin").text  # no suggestion either


@pytest.mark.parametrize("verb", ["case", "timeline", "trend", "review", "workbook"])
@pytest.mark.parametrize("who", ["stranger", "boss", "both"])
def test_a_button_opens_nothing_for_others(lived: World, verb: str, who: str) -> None:
    refusals = []
    for case_id in (lived.cases["JA-7K3Q"], 1):
        with pytest.raises(NotFound) as refusal:
            lived.taps(who, verb, id=case_id)
        refusals.append(refusal.value.phrase)
    assert refusals == [P("No case was found among those you may see.")] * 2


def test_other_roles_may_not_ask(world: World) -> None:
    with pytest.raises(Refused):
        world.asks("unit", "查询 JA-7K3Q")


def test_without_a_name_it_says_how_to_ask(lived: World) -> None:
    officer = lived.asks("officer", "查询")
    assert "“/case JA-7K3Q” or “/case zhangming”" in officer.text
    assert officer.buttons == [["张明 JA-7K3Q"]]
    assert lived.follows("officer", officer, "张明 JA-7K3Q").text.startswith("JA-7K3Q 张明")
    boss = lived.asks("boss", "查询")
    assert "you see dates and lateness" in boss.text
    assert boss.buttons == [["JA-7K3Q"]]
    assert lived.asks("stranger", "查询").buttons == []


def test_the_supervisor_sees_dates_and_lateness_by_code(lived: World) -> None:
    seen = lived.asks("boss", "查询 7K3Q")
    assert seen.lines == [
        "JA-7K3Q: visits your officers have to make",
        "Integrity home visit | due 18 November | 3 working days overdue | Care officer 李敏",
        "Study at the door | due 1 December | Care officer 李敏",
    ]
    assert seen.verbs == ["chase", "reassign", "extend", "acknowledge", "safety"]
    for secret in ("张明", "发改局", "green", "yellow", "Restriction"):
        assert secret not in str(seen.message)


@pytest.mark.parametrize(
    ("who", "text"), [("boss", "查询 张明"), ("other_boss", "查询 JA-7K3Q"), ("boss", "/case JA-0000")]
)
def test_the_supervisor_finds_nothing_else(lived: World, who: str, text: str) -> None:
    seen = lived.asks(who, text)
    assert seen.lines[0].startswith("Nothing was found for")
    assert seen.buttons == []


def test_several_roles_give_the_widest_view(world: World) -> None:
    plan(world, "JA-5M2X", "2026-11-30")
    plan(world, "JA-9P4T", "2026-11-30")
    assert "赵强" in world.asks("both", "查询 9P4T").text  # her own case
    seen = world.asks("both", "查询 5M2X")  # that of an officer of hers
    assert seen.lines[0].startswith("JA-5M2X: visits your officers")
    assert "王芳" not in seen.text
    assert seen.buttons == [["Safety concern"]]  # nothing is late


def test_stage_0_says_until_when(world: World) -> None:
    seen = world.asks("stranger", "查询 张明")
    assert seen.lines[0] == "JA-2F8N 张明 | Care during the restriction period"
    assert seen.lines[2] == "Restriction period: runs until 9 January 2027"
    assert seen.lines[3] == "Last: none yet | Next: nothing planned | Care officer 周洁"
    assert "not determined yet" in world.asks("staff", "查询 5M2X").lines[2]


def test_a_case_without_its_officer_and_on_hold(world: World) -> None:
    def change(session: Session) -> None:
        case = session.get_one(Case, world.cases["JA-5M2X"])
        case.care_officer_id, case.awaits_officer, case.state = None, "钱进", CaseState.held

    world.do(change)
    seen = world.asks("staff", "查询 5M2X")
    assert seen.lines[0].endswith("| On hold")
    assert "Care officer 钱进 (not registered yet)" in seen.text


def test_a_visit_that_was_made_waits_for_its_note(lived: World) -> None:
    def rest(session: Session) -> None:
        visit = session.exec(select(Visit).where(Visit.kind == VisitKind.home_visit)).one()
        schedule.rest(session, visit, lived.now.date(), now=lived.now, actor_id=lived.members["officer"])

    lived.do(rest)
    made = "Done on 23 November (3 working days late), note due by 25 November"
    assert f"({made})" in lived.asks("officer", "查询 7K3Q").text
    assert made in lived.asks("boss", "查询 7K3Q").text


# --- what the buttons open -----------------------------------------------------------------------------------------


def _opens(world: World, verb: str, who: str = "staff", level: Level = Level.full) -> Any:
    return world.taps(who, verb, level, id=world.cases["JA-7K3Q"])


def test_the_timeline_tells_what_happened_and_what_comes(lived: World) -> None:
    seen = _opens(lived, "timeline")
    told = [line for line in seen.lines if "No longer needed" not in line]
    assert told == [
        "JA-7K3Q 张明 | Timeline",
        "10 August | Heart-to-heart talk | Took place",
        "7 September | Heart-to-heart talk | Could not be done | Could not be reached"
        " | from 9 September to 15 September",
        "9 September | Heart-to-heart talk | Took place",
        "3 November | Heart-to-heart talk | Took place",
        "18 November | Integrity home visit | 3 working days overdue",
        "1 December | Study at the door | Upcoming",
    ]
    assert seen.buttons[-1] == ["Trend", "Review", "Workbook", "Status"]


def test_a_long_timeline_keeps_its_end(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-09-01")
    for number in range(35):
        not_done(world, visit, "2026-08-03", "2026-09-02", f"other: 原因{number}")
    seen = _opens(world, "timeline")
    assert len(seen.lines) == 32
    assert seen.lines[1] == "The last 30 entries:"
    assert "原因34" in seen.lines[-2]


def test_an_empty_case_has_an_empty_timeline_and_no_trend(world: World) -> None:
    assert "Nothing has taken place" in _opens(world, "timeline").text
    assert "No rating so far." in _opens(world, "trend").text
    assert "There is no note yet." in _opens(world, "review").text


def test_the_trend_is_words_and_one_line_on_its_way(lived: World) -> None:
    assert _opens(lived, "trend").lines == [
        "JA-7K3Q 张明 | Trend",
        "10 August | Heart-to-heart talk | Unsettled (yellow)",
        "9 September | Heart-to-heart talk | Stable (blue)",
        "3 November | Heart-to-heart talk | Settled (green)",
        "From Unsettled (yellow) at first to Settled (green) now: steadier.",
        "The rating is a signal for care and enters no score.",
    ]


@pytest.mark.parametrize(
    ("grades", "words"),
    [
        (["stable"], "too early for a trend"),
        (["stable", "stable"], "Stable (blue) throughout."),
        (["stable", "settled", "stable"], "as at first, with changes in between."),
        (["settled", "not_rated", "concern"], "less steady"),
    ],
)
def test_how_ratings_move(world: World, grades: list[str], words: str) -> None:
    for month, grade in enumerate(grades, start=8):
        record(world, plan(world, "JA-7K3Q", f"2026-{month:02}-11"), f"2026-{month:02}-11", grade)
    seen = _opens(world, "trend")
    assert words in seen.text
    assert "Not rated" not in seen.text


def test_the_review_shows_the_ratings_of_whose_movement_it_speaks(world: World) -> None:
    """Of five alone “as at first” would speak of a grade that does not stand above it."""
    for month, grade in enumerate(["unsettled", *["stable"] * 4, "unsettled"], start=6):
        record(world, plan(world, "JA-7K3Q", f"2026-{month:02}-11"), f"2026-{month:02}-11", grade)
    seen = _opens(world, "review")
    assert "yellow, blue, blue, blue, blue, yellow" in seen.text
    assert "Unsettled (yellow) as at first" in seen.text


def test_the_review_sums_up_and_judges_nothing(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-08-11")
    record(
        world,
        visit,
        "2026-08-11",
        "unsettled",
        thinking="旧的想法",
        work="按时完成任务",
        follow_up="岗位意向",
        follow_up_due="2026-10-01",
    )
    visit = plan(world, "JA-7K3Q", "2026-11-03")
    record(
        world, visit, "2026-11-03", "stable", thinking="想\n法" * 60, correction="主动整改", unit_opinion="表现较好",
        next_steps="联系培训", follow_up="联系党校", follow_up_due="2026-12-01", safety=True,
    )  # fmt: skip
    plan(world, "JA-7K3Q", "2026-11-18")
    seen = _opens(world, "review")
    for line in (
        "3 visits planned, 2 done | 3 working days overdue",
        "State of mind (oldest first): yellow, blue",
        "Work (11 August): 按时完成任务",
        "Correction of the mistake (3 November): 主动整改",
        "Opinion of the unit's Party organisation (3 November): 表现较好",
        "Safety concern raised on: 3 November",
        "Next steps (3 November): 联系培训",
        "To follow up by 1 December: 联系党校",
        "To follow up by 1 October (that day is past, please check): 岗位意向",
    ):
        assert line in seen.lines
    thinking = next(line for line in seen.lines if line.startswith("State of thinking"))
    assert thinking.startswith("State of thinking (3 November): 想 法想 法")
    assert thinking.endswith("…")
    assert len(thinking) < 130
    assert seen.lines[-1] == "The machine only sums up what was recorded; people form the opinion."


def test_the_workbook_is_a_file_named_by_code_and_name(lived: World) -> None:
    seen = _opens(lived, "workbook", "officer")
    file = seen.message.file
    assert file is not None
    assert file.content.startswith(b"PK")
    assert file.media_type.endswith("spreadsheetml.sheet")
    assert dict(file.name.values).keys() == {"code", "name"}
    assert ("workbook_exported", lived.members["officer"]) in lived.audited()


def test_every_reading_is_recorded(lived: World) -> None:
    lived.asks("staff", "查询 JA-7K3Q")
    for verb in ("timeline", "trend", "review"):
        _opens(lived, verb)
    lived.asks("boss", "查询 JA-7K3Q")
    staff, boss = lived.members["staff"], lived.members["boss"]
    audited = lived.audited()
    assert {
        ("case_sought", staff),
        ("case_read", staff),
        ("history_read", staff),
        ("notes_read", staff),
    } <= set(audited)
    assert ("schedule_read", boss) in audited


# --- a channel that may know less ----------------------------------------------------------------------------------


def test_at_coded_the_card_keeps_codes_dates_and_counts(lived: World) -> None:
    seen = lived.asks("officer", "查询 JA-7K3Q", Level.coded)
    assert seen.lines[:3] == [
        "JA-7K3Q | [Follow up] → Evaluate → Observe | Care follow-up (stage 1 of 3)",
        "Last: 3 November Heart-to-heart talk | Next: 18 November Integrity home visit (3 working days overdue)",
        "5 visits planned, 3 done",
    ]
    assert seen.buttons[-1] == ["Record JA-7K3Q", "Record something else", "Brief"]


@pytest.mark.parametrize("level", [Level.coded, Level.notice])
def test_less_open_channels_learn_no_more(lived: World, level: Level) -> None:
    for who, text in (
        ("staff", "查询 张明"),
        ("staff", "查询 JA-7K3Q"),
        ("staff", "查询 zhangmin"),
        ("officer", "查询"),
    ):
        told = str(lived.asks(who, text, level).message.lines)
        assert not any(word in told for word in ("张明", "发改局", "yellow", "Restriction", "李敏"))
    for verb in ("timeline", "trend", "review", "workbook"):
        seen = _opens(lived, verb, level=level)
        assert seen.message.file is None
        shown = seen.text + str(seen.buttons)
        assert not any(word in shown for word in ("张明", "家里", "yellow", "green", "reached", "steadier"))
    if level is Level.coded:
        assert lived.asks("staff", "查询 张明", level).buttons == [["JA-2F8N"], ["JA-7K3Q"]]
        assert ("workbook_exported", lived.members["staff"]) not in lived.audited()


def test_the_present_moment_decides_what_is_overdue(lived: World) -> None:
    lived.now = at("2026-11-18")
    assert "overdue" not in lived.asks("staff", "查询 7K3Q").text


# --- one note ------------------------------------------------------------------------------------------------------


def test_a_note_below_full_is_its_questions_alone(lived: World) -> None:
    timeline = _opens(lived, "timeline")
    note = timeline.message.buttons[0][0].action.args["id"]
    whole, coded = lived.taps("staff", "note", id=note), lived.taps("staff", "note", Level.coded, id=note)
    assert "张明" in whole.text
    assert coded.lines[0].startswith("JA-7K3Q | Heart-to-heart talk | ")
    assert "张明" not in coded.text
    assert not [line for line in coded.lines if ":" in line]
    assert [line for line in coded.lines if line.endswith("✓")]
    notice = lived.taps("staff", "note", Level.notice, id=note)
    assert "JA-7K3Q" not in notice.text
    assert "✓" not in notice.text
    assert "note_read" in {verb for verb, _ in lived.audited()}
