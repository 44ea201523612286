"""Faults of what surrounds the visits: difficulties, the care plan, another care officer, phrases of danger."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_DIFFICULTIES, _HANDING, _DANGER = "casework/difficulties.py", "casework/handing.py", "casework/danger.py"
_ASKED, _PLAN = "tests/commands/test_difficulty.py", "tests/commands/test_care_plan.py"
_GIVEN, _SCHEDULE = "tests/story/test_handing.py", "reminders/schedule.py"
_OFFICER, _PLANNING = "tests/casework/test_handing.py", "tests/reminders/test_schedule.py"
_PHRASES, _HELP = "tests/casework/test_danger.py", "tests/story/test_contact_me.py"
_PAGE = "tests/story/test_page_safety.py"

_DIFFICULT = (
    Fault(
        "anybody notes a difficulty in any case",
        "the officer is reminded of what a stranger wrote",
        _DIFFICULTIES,
        "access_case_to_record(session, actor, case_id, today=today, lock=True, resting=True)",
        "session.get_one(Case, case_id)",
        (_ASKED,),
    ),
    Fault(
        "a difficulty is to be settled yesterday",
        "it is overdue in the moment in which it is written down",
        _DIFFICULTIES,
        "    if due_on < today:\n",
        "    if False:\n",
        (_ASKED,),
    ),
    Fault(
        "a closure forgets the difficulties",
        "somebody who asked for help comes back and nobody remembers",
        _DIFFICULTIES,
        "Difficulty.case_id == case.id, Visit.state != VisitState.done",
        "Difficulty.case_id == case.id, Visit.state == VisitState.planned",
        (_ASKED,),
    ),
    Fault(
        "after a hold a difficulty is overdue",
        "the officer begins with days on which nothing was to be done",
        _DIFFICULTIES,
        "        if rules.due_day(visit.due_on, mechanism.calendar) > today:\n",
        "        if True:\n",
        (_ASKED,),
    ),
    Fault(
        "what somebody's note says of hardship opens to others",
        "the number of a note is guessed, and a form shows what it says",
        _DIFFICULTIES,
        "where(Note.id == note_id, Note.author_id == actor.member_id)",
        "where(Note.id == note_id)",
        (_ASKED,),
    ),
    Fault(
        "a difficulty counts as a visit",
        "the card promises one more visit than is planned",
        "casework/cases.py",
        "    lines = [line for line in lines if line.visit.kind != VisitKind.difficulty]\n",
        "    lines = list(lines)\n",
        (_ASKED,),
    ),
)

_PLANNED = (
    Fault(
        "the plan is asked for in every stage",
        "early care and observation have no plan to make",
        "reminders/cadence.py",
        "add_workdays(since, workdays) if stage is Stage.follow_up else None",
        "add_workdays(since, workdays)",
        (_PLAN,),
    ),
    Fault(
        "a case that was there before is asked for no plan",
        "whoever was imported late never gets one",
        "reminders/catching_up.py",
        "    if kind in cadence.ONCE:\n        return cadence.first_due(stage, kind, today, book, calendar)\n",
        "",
        ("tests/reminders/test_catching_up.py",),
    ),
    Fault(
        "making a plan counts as having met the person",
        "nobody speaks with them and nobody notices",
        "storage/tables/visits.py",
        "VisitKind.study_visit)\n",
        "VisitKind.study_visit, VisitKind.care_plan)\n",
        ("tests/commands/test_silence.py",),
    ),
)

_BOUNDARIES = "tests/story/test_boundaries.py"

_HANDED_OVER = (
    Fault(
        "a new care officer begins with somebody else's lateness",
        "the supervisor hears of them on their first morning",
        _HANDING,
        "fresh_start=True",
        "fresh_start=False",
        (_OFFICER,),
    ),
    Fault(
        "what is due today rests when it is handed over, too",
        "nobody is reminded of it on its day",
        _SCHEDULE,
        "        late = rules.lateness(visit.due_on, mechanism.day(now), mechanism.calendar) > 0\n        if fresh",
        "        late = rules.lateness(visit.due_on, mechanism.day(now), mechanism.calendar) >= 0\n        if fresh",
        (_BOUNDARIES,),
    ),
    Fault(
        "visits stay with the care officer before",
        "somebody who may not read the case is reminded of it",
        _SCHEDULE,
        "        visit.officer_id = officer_id\n        late = ",
        "        late = ",
        (_PLANNING,),
    ),
    Fault(
        "a visit that was made changes hands, too",
        "who made it is somebody who was not there",
        _SCHEDULE,
        "Visit.case_id == case.id, Visit.state == VisitState.planned, col(Visit.kind).not_in(OTHERS)",
        "Visit.case_id == case.id, col(Visit.kind).not_in(OTHERS)",
        (_PLANNING,),
    ),
    Fault(
        "a safety call stays with the care officer before",
        "it climbs past whoever cares for the person now",
        _SCHEDULE,
        "    calls.hand_over(session, case.id, officer_id)\n",
        "",
        ("tests/reminders/test_calls.py",),
    ),
    Fault(
        "whoever reads a case hands it over",
        "an officer gets rid of a case",
        _HANDING,
        "MAY_HAND_OVER = frozenset({Role.commission_staff})",
        "MAY_HAND_OVER = frozenset(Role)",
        (f"{_GIVEN}::test_the_case_goes_over_with_its_visits_and_both_hear_of_it",),
    ),
    Fault(
        "the care officer before is not told",
        "the case is gone and nobody says why",
        _HANDING,
        '(("case_given", officer_id), ("case_moved", before))',
        '(("case_given", officer_id),)',
        (f"{_GIVEN}::test_the_case_goes_over_with_its_visits_and_both_hear_of_it",),
    ),
    Fault(
        "somebody recused becomes the care officer",
        "a relative visits the person",
        _HANDING,
        ".get(case.id, frozenset()) | {case.care_officer_id}",
        ".get(0, frozenset()) | {case.care_officer_id}",
        (_OFFICER,),
    ),
    Fault(
        "a closed case is handed over",
        "an officer is given a case in which nothing is left to do",
        _HANDING,
        "    if case.state is CaseState.closed:\n",
        "    if False:\n",
        (_OFFICER,),
    ),
)

_IN_DANGER = (
    Fault(
        "a space hides a phrase of danger",
        "who types slowly gets no numbers",
        _DANGER,
        '_NO_CHINESE.sub("", clauses)',
        "clauses",
        (_PHRASES,),
    ),
    Fault(
        "a denial hides what comes after it",
        "no sign of it last week, and today there is",
        _DANGER,
        '    return any(found["danger"] for found in language.whole.finditer(text))\n',
        '    return (found := language.whole.search(text)) is not None and bool(found["danger"])\n',
        (_PHRASES,),
    ),
    Fault(
        "a denial is a danger",
        "each note that says there was nothing is answered with emergency numbers, until nobody reads them",
        _DANGER,
        '    whole = re.compile(f"{passed}|{denied}|(?P<danger>{danger})")\n',
        '    whole = re.compile(f"{passed}|(?P<danger>{danger})")\n',
        (_PHRASES,),
    ),
    Fault(
        "a phrase is struck from the list",
        "it looks like low spirits to somebody",
        "casework/danger.toml",
        '"不想~活", ',
        "",
        (_PHRASES,),
    ),
    Fault(
        "the numbers swallow the answer",
        "the form goes on, and the person does not see where",
        "bot/answering.py",
        "    return [danger.answer(ctx, in_form=ctx.took, draft=ctx.said_in), *said]\n",
        "    return [danger.answer(ctx, in_form=ctx.took, draft=ctx.said_in)]\n",
        (f"{_HELP}::test_typed_as_an_answer_it_counts_and_the_form_goes_on",),
    ),
    Fault(
        "no numbers for somebody whom nobody knows",
        "help is for members only",
        "bot/conversation.py",
        "    return [Message((danger.NUMBERS,))] if incoming.text and is_acute(incoming.text) else []\n",
        "    return []\n",
        (f"{_HELP}::test_whoever_types_it_gets_the_numbers",),
    ),
    Fault(
        "the person concerned finds no way to be contacted",
        "they are told to telephone, at night",
        "bot/danger.py",
        "        row.append(my.contact_button())\n",
        "        pass\n",
        (f"{_HELP}::test_a_phrase_of_danger_is_answered_with_the_numbers_and_tells_nobody",),
    ),
    Fault(
        "on a page words of danger are an answer like any other",
        "the phrase list belongs to the chat",
        "bot/pages/desk.py",
        '        "danger": _speaks_of_danger(sent["inputs"].values()),\n',
        '        "danger": False,\n',
        (f"{_PAGE}::test_words_of_danger_are_answered_with_the_numbers_and_the_form_goes_on",),
    ),
    Fault(
        "the alarm of a page is about the form that the chat has open",
        "there is one form at hand",
        "bot/danger.py",
        "        row.append(worry.button(worry.near(ctx, about)))\n",
        "        row.append(worry.button())\n",
        (f"{_PAGE}::test_a_form_that_the_chat_has_left_is_still_about_its_own_case",),
    ),
)

_SETTLED = (
    Fault(
        "the answer to whoever is on it asks for a record for good",
        "at night somebody calls a person who was spoken with an hour ago",
        "bot/in_place.py",
        "    if ctx.call is not None and len(messages) == 1:\n",
        "    if False:\n",
        ("tests/story/test_safety_abroad.py",),
    ),
    Fault(
        "a visit cannot have been made before somebody planned it",
        "the officer who went there yesterday is told that this was too early",
        "casework/visits.py",
        "    return max(first, last) if last is not None else first\n",
        "    return max(visit.created_at.date(), last or first)\n",
        ("tests/casework/test_visits.py",),
    ),
    Fault(
        "every old button brings the whole recap again",
        "twenty lines for each double tap, and nobody reads them",
        "bot/dialogs/runner.py",
        "        if _shows_its_recap(ctx, draft) and not ctx.fills_on_page:\n",
        "        if False:\n",
        ("tests/story/test_dialog.py",),
    ),
    Fault(
        "a question that was ticked since goes with what is old",
        "whoever was about to answer it finds an empty chat",
        "bot/errands.py",
        ", col(Outbox.receipt).not_in(changed))",
        ")",
        ("tests/story/test_traces.py",),
    ),
    Fault(
        "an old button puts off a visit that was made",
        "the day of a visit that has taken place is forgotten, and it is asked for again",
        "casework/visits.py",
        "    unmade(visit)\n    mechanism",
        "    mechanism",
        ("tests/story/test_supervisor.py",),
    ),
    Fault(
        "an old button gives away a visit that was made",
        "a colleague is sent where somebody has just been",
        "casework/visits.py",
        "    if visit.done_on is not None:\n        raise NotFound(MADE, day=Day(visit.done_on))\n",
        "",
        ("tests/story/test_supervisor.py",),
    ),
)

FAULTS = (*_SETTLED, *_DIFFICULT, *_PLANNED, *_HANDED_OVER, *_IN_DANGER)
