"""Faults of what unit, office and officer owe besides visits, and of the doors to the standing of a case."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_ACCESS, _CADENCE, _SCHEDULE = "storage/queries/access.py", "reminders/cadence.py", "reminders/schedule.py"
_OPINION, _PLAN = "tests/commands/test_opinion.py", "tests/commands/test_care_plan.py"
_REVIEW, _SILENCE = "tests/commands/test_review.py", "tests/commands/test_silence.py"
_STANDING = "tests/casework/test_standing.py"

FAULTS = (
    Fault(
        "an old button puts a visit on a day off whatever day it has by now",
        "what was agreed on since is undone by a tap on an old answer",
        "casework/visits.py",
        "        or rules.due_day(day, mechanism.calendar) != visit.due_on\n",
        "",
        ("tests/casework/test_visits.py",),
    ),
    Fault(
        "whoever sees a case may put it on hold",
        "a care officer ends the visits of their own case",
        "casework/standing.py",
        "    require(actor, *MAY_CHANGE)\n    case = access_case(session, actor, case_id, lock=lock)\n",
        "    case = access_case(session, actor, case_id, lock=lock)\n",
        (_STANDING,),
    ),
    Fault(
        "what falls due on the day on which a case goes on stays due then",
        "the officer has a day for what they may not have made until that morning",
        _SCHEDULE,
        "rules.due_day(visit.due_on, mechanism.calendar) > today:\n                go_on(",
        "rules.due_day(visit.due_on, mechanism.calendar) >= today:\n                go_on(",
        ("tests/story/test_boundaries.py",),
    ),
    Fault(
        "a closed case is resumed instead of reopened",
        "what was archived comes back by the wrong door",
        "casework/standing.py",
        "    CaseEventKind.resumed: (CaseState.held,),\n",
        "    CaseEventKind.resumed: (CaseState.held, CaseState.closed),\n",
        (_STANDING,),
    ),
    Fault(
        "a person gets two open cases",
        "a case is reopened although a newer one is under way",
        "casework/standing.py",
        "        if (code := session.exec(other.order_by(col(Case.id))).first()) is not None:\n",
        "        if False:\n",
        (_STANDING,),
    ),
    Fault(
        "anybody who speaks for some unit gives the opinion of another",
        "a unit learns of a person it does not employ",
        _ACCESS,
        "        return actor.has(Role.unit_party_org) and speaks_for(session, actor.member_id, visit.case_id)\n    if",
        "        return actor.has(Role.unit_party_org)\n    if",
        (_OPINION,),
    ),
    Fault(
        "somebody recused holds the review",
        "a relative sums up how somebody stands",
        _ACCESS,
        "        return actor.has(Role.commission_staff) and not is_barred(session, actor.member_id, visit.case_id)\n",
        "        return actor.has(Role.commission_staff)\n",
        (_REVIEW,),
    ),
    Fault(
        "the review goes with the case to the new care officer",
        "the office's own task lands on an officer who may not do it",
        _SCHEDULE,
        "OTHERS = (VisitKind.unit_opinion, VisitKind.review)",
        "OTHERS = (VisitKind.unit_opinion,)",
        (_REVIEW,),
    ),
    Fault(
        "a red rating asks for no review",
        "the office waits for half a year",
        "casework/notes.py",
        '    if data.state_of_mind == "concern":\n        consequences.have_reviewed_soon',
        '    if data.state_of_mind == "none":\n        consequences.have_reviewed_soon',
        (_REVIEW,),
    ),
    Fault(
        "the plan is asked for again with every return of a case",
        "what was made once is asked for anew",
        _SCHEDULE,
        "        if due_on is not None and not of_kind and kind not in made:\n",
        "        if due_on is not None and not of_kind:\n",
        (_PLAN,),
    ),
    Fault(
        "the plan counts calendar days",
        "fifteen days over National Day are no fifteen working days",
        _CADENCE,
        "        return calendar.add_workdays(since, workdays) if",
        "        return since + timedelta(days=workdays) if",
        (_PLAN,),
    ),
    Fault(
        "reading a file counts as having met the person",
        "nobody speaks with them and nobody notices",
        "casework/consequences.py",
        "    if visit.kind in MEETINGS:\n        schedule.met(",
        "    if True:\n        schedule.met(",
        (_SILENCE,),
    ),
    Fault(
        "a long silence can be rescheduled",
        "the one notice that nobody can put off is put off",
        "casework/visits.py",
        "    if visit.kind is VisitKind.contact:\n        raise Refused(NOT_MOVED)\n",
        "",
        (_SILENCE,),
    ),
    Fault(
        "the silence follows the state of mind",
        "a supervisor concludes from the days who is of concern",
        _CADENCE,
        "    longest = max(rated.settled, rated.not_rated)\n",
        "    longest = rated.concern\n",
        (_SILENCE,),
    ),
)
