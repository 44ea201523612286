"""Faults of a note that was submitted: who bears it out or agrees to its rating; how it is amended, voided, moved."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_ACTS, _DOORS = "casework/confirmations.py", "storage/queries/confirmations.py"
_SECOND, _AMEND, _MISFILED = "casework/second.py", "casework/amendments.py", "casework/misfiled.py"
_NOTES, _AFTER = "storage/queries/notes.py", "casework/consequences.py"
_ASKED, _COMPANION = "tests/reminders/test_confirming.py", "tests/story/test_companion.py"
_TWO, _ANEW, _MOVED = (
    "tests/casework/test_second.py",
    "tests/casework/test_amendments.py",
    "tests/casework/test_misfiled.py",
)

_BORNE_OUT = (
    Fault(
        "somebody else confirms in the companion's place",
        "a visit becomes a formal one though nobody who was there stands by it",
        _DOORS,
        "    return line.confirmation.member_id == actor.member_id\n",
        "    return True\n",
        (f"{_ASKED}::test_nobody_else_answers",),
    ),
    Fault(
        "a visit is formal as soon as a companion is named",
        "the figures count visits that nobody bears out",
        _ACTS,
        "    sure = sum(one.state is ConfirmationState.confirmed for one in asked)\n",
        "    sure = len(asked)\n",
        (f"{_ASKED}::test_it_is_formal_when_enough_stand_by_it",),
    ),
    Fault(
        "an answer can be given again",
        "an old button turns a contradiction into a confirmation",
        _ACTS,
        "    return line if line.confirmation.state is ConfirmationState.asked else None\n",
        "    return line\n",
        (f"{_ASKED}::test_who_has_answered_is_not_silent",),
    ),
    Fault(
        "the author goes along with themselves",
        "one person makes a formal visit alone",
        _ACTS,
        "            Member.id != author_id,\n",
        "",
        (f"{_ASKED}::test_who_may_be_companion", f"{_ASKED}::test_who_cannot_have_gone_along_is_refused"),
    ),
    Fault(
        "who keeps out of a case can be named as companion",
        "a relative is asked about somebody they must not hear of",
        _ACTS,
        "        if member.id not in out:\n            found",
        "        if True:\n            found",
        (f"{_COMPANION}::test_whoever_keeps_out_cannot_have_gone_along",),
    ),
    Fault(
        "leave counts as silence",
        "the office hears of somebody who is not there",
        "reminders/silence.py",
        "        left -= _back_after(day, leave) is None\n",
        "        left -= 1\n",
        (f"{_ASKED}::test_leave_that_is_entered_later_is_no_silence",),
    ),
    Fault(
        "a silence is not looked at anew",
        "leave that was entered after the question is forgotten",
        "reminders/confirming.py",
        "    return moment <= now\n",
        "    return True\n",
        (f"{_ASKED}::test_leave_that_is_entered_later_is_no_silence",),
    ),
    Fault(
        "confirmed for another day than the one that holds",
        "the note says Friday by now, the companion stood by Monday",
        _ACTS,
        "        elif other_day or one.state is ConfirmationState.withdrawn:\n",
        "        elif one.state is ConfirmationState.withdrawn:\n",
        (f"{_ASKED}::test_of_another_day_they_are_asked_anew",),
    ),
    Fault(
        "a paper that was signed before the visit",
        "what had not happened yet is borne out",
        _ACTS,
        "    if signed_on < line.held_on:\n",
        "    if False:\n",
        (f"{_ASKED}::test_the_signed_paper",),
    ),
    Fault(
        "a companion is asked about a case that is on hold",
        "who is asked nothing else learns that something is going on",
        _DOORS,
        "_WAITING = (Confirmation.state == ConfirmationState.asked, Case.state == CaseState.open)",
        "_WAITING = (Confirmation.state == ConfirmationState.asked,)",
        (f"{_COMPANION}::test_on_hold_the_card_is_taken_back_and_comes_again",),
    ),
    Fault(
        "the companion's card names the person",
        "the case is not theirs to read",
        "bot/confirmations.py",
        "    return CaseRef(item.case.code, item.person.name) if reads else Code(item.case.code)\n",
        "    return CaseRef(item.case.code, item.person.name)\n",
        (f"{_COMPANION}::test_it_is_formal_once_the_companion_has_confirmed",),
    ),
    Fault(
        "the author does not hear of a contradiction",
        "the office asks, and the author is the last to know",
        _ACTS,
        "    for member_id in dict.fromkeys((line.note.author_id, *office)):\n",
        "    for member_id in dict.fromkeys(office):\n",
        (f"{_COMPANION}::test_who_contradicts_is_heard_and_it_stays_informal_care",),
    ),
)

_AGREED_TO = (
    Fault(
        "two grades need nobody else",
        "one person's slip moves the pace from a fortnight to a quarter of a year",
        _SECOND,
        "abs(ORDER[grade] - ORDER[before]) < far:",
        "abs(ORDER[grade] - ORDER[before]) <= far:",
        (_TWO,),
    ),
    Fault(
        "the milder of two ratings sets the pace",
        "somebody of concern waits until the office has looked",
        _SECOND,
        "    return max(one, other, key=ORDER.__getitem__)\n",
        "    return min(one, other, key=ORDER.__getitem__)\n",
        (_TWO,),
    ),
    Fault(
        "who gave a rating is its second person, too",
        "somebody of the office who also visits agrees with themselves",
        _DOORS,
        "    return actor.in_office and line.note.author_id != actor.member_id\n\n\n_MAY",
        "    return actor.in_office\n\n\n_MAY",
        (_TWO,),
    ),
    Fault(
        "a rating that was not agreed to is compared with",
        "the next one looks like no change at all",
        _SECOND,
        " and not _refused(session, kept):",
        ":",
        (_TWO,),
    ),
    Fault(
        "agreed to, and the pace stays",
        "the next talk keeps the day that the older grade had given it",
        _SECOND,
        "    consequences.renew(session, line.note, visit, case, seen, mechanism, now=now)\n",
        "",
        (_TWO,),
    ),
    Fault(
        "an amended rating needs nobody else",
        "what takes two when it is recorded takes one an hour later",
        _AMEND,
        '    if {"state_of_mind", "date"} & changed.keys():\n        second.ask',
        "    if False:\n        second.ask",
        (_TWO,),
    ),
)

_AMENDED = (
    Fault(
        "an amendment overwrites the note",
        "nobody can tell any more what was written first",
        _AMEND,
        "    event.reason, event.answers = reason, changed\n",
        "    event.reason, event.answers = reason, changed\n    note.answers = {**note.answers, **changed}\n",
        (_ANEW,),
    ),
    Fault(
        "whoever reads a note amends it",
        "the office puts words into an officer's note",
        _NOTES,
        '"amend": False,',
        '"amend": True,',
        (_ANEW,),
    ),
    Fault(
        "an author who keeps out by now goes on amending",
        "recused, and still writing about the case",
        _NOTES,
        "    return wrote and not is_barred(session, actor.member_id, note.case_id)\n",
        "    return wrote\n",
        (_ANEW,),
    ),
    Fault(
        "another day of the visit moves nothing",
        "the figures judge lateness by the day that was a slip",
        _AMEND,
        "    visit.done_on = seen.held_on\n",
        "",
        (_ANEW,),
    ),
    Fault(
        "signs of danger that are added tell nobody",
        "the call is opened when a note is recorded, and only then",
        _AMEND,
        "    if seen.safety and not was.safety:\n",
        "    if False:\n",
        (_ANEW,),
    ),
    Fault(
        "an amendment that says the same is kept",
        "each double tap is one more line beside the note",
        _AMEND,
        "    if not changed:\n        raise Refused(SAYS_SO).at(str(answers[WHICH]))\n",
        "",
        (_ANEW,),
    ),
)

_TAKEN_OUT = (
    Fault(
        "a voided note still counts",
        "the wrong person keeps another one's rating",
        _NOTES,
        "STANDS = col(Note.voided_at).is_(None)",
        "STANDS = col(Note.id).is_not(None)",
        (_MOVED,),
    ),
    Fault(
        "a voided note stays open to its author",
        "what was written about the wrong person can still be read and amended",
        _NOTES,
        '        return to == "read" and actor.in_office and _reads_case(session, actor, note)\n',
        '        return to == "read" or is_author(session, actor, note)\n',
        (_MOVED,),
    ),
    Fault(
        "officers void their own notes",
        "a visit disappears without anybody having looked",
        _MISFILED,
        "    require(actor, *CLERKS)\n",
        "",
        (_MOVED,),
    ),
    Fault(
        "the visit of a voided note does not come back",
        "nobody is reminded of a visit that was never made",
        _AFTER,
        "reopening.reopen(session, case, visit, note, mechanism, now=now, actor_id=actor_id)\n",
        "False\n",
        (_MOVED,),
    ),
    Fault(
        "a visit that was entered twice comes back",
        "an officer is told to make a visit again that was made",
        _MISFILED,
        "    made = twin is not None and visit is not None and visit.created_at < twin.note.submitted_at\n",
        "    made = False\n",
        (_MOVED,),
    ),
    Fault(
        "late by the days on which nobody waited",
        "a visit whose note was voided alarms the leading group at once",
        "reminders/reopening.py",
        "    if due_on <= mechanism.day(now) and shift > 0:\n",
        "    if False:\n",
        (_MOVED,),
    ),
    Fault(
        "what a voided note had planned stays planned",
        "two talks wait where there was one",
        _AFTER,
        "    for one in planned:\n        schedule.withdraw",
        "    for one in ():\n        schedule.withdraw",
        (_MOVED,),
    ),
    Fault(
        "a talk that a voided note brought nearer stays near",
        "the wrong person's schedule follows what another one said",
        _AFTER,
        "    if case.state is CaseState.open:\n        _put_back(session, note, planned",
        "    if False:\n        _put_back(session, note, planned",
        (_MOVED,),
    ),
    Fault(
        "a safety call climbs for the wrong person",
        "the note has left, its call has not",
        _MISFILED,
        "    if visit is not None and call is not None and _opened_by(call, visit):\n",
        "    if False:\n",
        (_MOVED,),
    ),
    Fault(
        "a safety call with a reason of its own goes with the note",
        "somebody else had asked for help, too",
        _MISFILED,
        " and call.joined_at is None\n",
        "\n",
        (_MOVED,),
    ),
    Fault(
        "a note moves without what was amended",
        "the slip that had been put right is back",
        _MISFILED,
        "    for event in kept.amendments:\n        _amended_there(session, event, recorded.note)\n",
        "",
        (_MOVED,),
    ),
    Fault(
        "a note that the office moves becomes the office's",
        "its author can amend it no more, and the drift check counts it for somebody else",
        "casework/notes.py",
        "        note.author_id, note.submitted_at = original.author_id, original.submitted_at\n",
        "        note.submitted_at = original.submitted_at\n",
        (_MOVED,),
    ),
    Fault(
        "the companion is asked about both cases",
        "somebody bears out a visit to a person they never met",
        _MISFILED,
        "    confirmations.withdraw(session, note, now=now)\n",
        "",
        (_MOVED,),
    ),
)

_REFUSED = (
    Fault(
        "what is refused at the end leads to the whole recap",
        "the officer looks for the wrong answer among nine",
        "bot/dialogs/runner.py",
        "        if at_fault(draft, refusal) is not None:\n",
        "        if False:\n",
        ("tests/story/test_at_fault.py",),
    ),
    Fault(
        "an amendment takes anybody for a companion until the end",
        "whoever keeps out of the case is named, and refused three taps later",
        "bot/dialogs/fillings.py",
        '    return {"companions": names} if "companions" in form.by_key else {}\n',
        '    return {"companions": names} if form.id in NOTE_FORMS else {}\n',
        ("tests/story/test_at_fault.py",),
    ),
)

FAULTS = (*_BORNE_OUT, *_AGREED_TO, *_AMENDED, *_TAKEN_OUT, *_REFUSED)
