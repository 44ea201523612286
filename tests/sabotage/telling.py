"""Faults of whom is told, what, and whether it is still true when it is sent."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_OFFICE, _PARCELS = "bot/delivery.py", "bot/parcels.py"
_LADDER = "tests/reminders/test_ladder.py"
_PASSING = "tests/reminders/test_passing.py"
_CALLS = "tests/reminders/test_calls.py"
_TROUBLE = "tests/story/test_telegram_trouble.py"

FAULTS = (
    Fault(
        "permission is not looked at when it is sent",
        "whoever was suspended between the queueing and the sending still hears",
        _PARCELS,
        "        if member.state != MemberState.active:\n            passing",
        "        if False:\n            passing",
        ("tests/story/test_sending.py",),
    ),
    Fault(
        "a supervisor of before still hears",
        "people change posts while notices wait over a night",
        "reminders/passing.py",
        "        if not may_hear(session, reader, visit, mechanism.day(now)):",
        "        if False:",
        ("tests/story/test_sending.py",),
    ),
    Fault(
        "somebody who cannot be reached stands in for somebody on leave",
        "those on leave count as told, so the step is told to nobody",
        "reminders/passing.py",
        "Recipients(session, reachable=True), mechanism, now)\n\n\ndef hand_over",
        "Recipients(session), mechanism, now)\n\n\ndef hand_over",
        ("tests/reminders/test_leave.py",),
    ),
    Fault(
        "what is due and nobody's is lost with its reader",
        "the supervisor cannot be reached, the officer is on leave, and nobody else hears",
        "reminders/passing.py",
        'elif row.kind == "today":',
        'elif row.kind == "none":',
        ("tests/reminders/test_leave.py",),
    ),
    Fault(
        "the gate is not asked when it is sent",
        "a new kind of value that nobody has ruled on reaches a vendor",
        _PARCELS,
        "        check(told, level)\n",
        "",
        ("tests/story/test_sending.py",),
    ),
    Fault(
        "the gate is asked for another level",
        "names on a channel that may know codes",
        _PARCELS,
        "level = self.levels[parcel.channel]\n        told",
        "level = Level.full\n        told",
        ("tests/story/test_telegram.py::test_at_coded_no_name_and_no_answer_ever_reaches_the_vendor",),
    ),
    Fault(
        "a name may be told at coded",
        "one word in a table",
        "bot/channels/disclosure.py",
        '"name": Level.full,',
        '"name": Level.coded,',
        ("tests/channels/test_disclosure.py",),
    ),
    Fault(
        "the ladder of a closed case goes on",
        "people hear of a case that is over, or on hold for reasons nobody may guess",
        "reminders/sweep.py",
        "if visit.state != VisitState.planned or case_state != CaseState.open:",
        "if visit.state != VisitState.planned:",
        (_LADDER,),
    ),
    Fault(
        "a queued notice is not looked at again",
        "the supervisor hears of a visit that was recorded an hour ago",
        "bot/notices.py",
        "    return [items[visit.id] for visit in true]",
        "    return _told_by(ctx, row)",
        ("tests/story/test_sending.py",),
    ),
    Fault(
        "what was told is not brought up to date",
        "a notice keeps asking for what is done",
        "reminders/schedule.py",
        "    _happened(session, visit, VisitEventKind.recorded, now, actor_id)\n"
        "    refresh_messages(session, visit, now=now)\n",
        "    _happened(session, visit, VisitEventKind.recorded, now, actor_id)\n",
        (_LADDER,),
    ),
    Fault(
        "the night holds a safety call back",
        "a call is taken for a notice like any other, and waits for office hours",
        "reminders/calls.py",
        "        if insert_new(session, SafetyTold, [told]):\n",
        "        hours = mechanism.rulebook, mechanism.calendar, mechanism.zone\n"
        '        row["due_at"] = __import__("reminders.rules").rules.in_hours(now, *hours)\n'
        "        if insert_new(session, SafetyTold, [told]):\n",
        (_CALLS,),
    ),
    Fault(
        "a safety call climbs no further",
        "it is told once, as it used to be, and then nobody hears",
        "reminders/calls.py",
        "    call.next_look_at = rungs.next_look(call.opened_at, call.told_at, call.rest_until, book)\n\n\n"
        "def hearers(",
        "    call.next_look_at = None\n\n\ndef hearers(",
        (_CALLS,),
    ),
    Fault(
        "a safety call that is over is told all the same",
        "what waits in the outbox is sent though somebody has spoken with the person",
        "reminders/calls.py",
        "    return call.closed_at is None and call_lists",
        "    return call_lists",
        (_CALLS,),
    ),
    Fault(
        "who is on it can put a safety call off for ever",
        "each tap is a rest on top of a rest",
        "reminders/calls.py",
        "    if call.rest_until is None or call.rest_until <= (call.told_at or now):",
        "    if True:",
        (_CALLS,),
    ),
    Fault(
        "a safety call says at coded what is the matter",
        "a danger that somebody saw reaches a vendor",
        "bot/safety.py",
        "signal=Grade(CONCERN)",
        "signal=Term(CONCERN)",
        ("tests/story/test_safety.py",),
    ),
    Fault(
        "people hear about themselves",
        "an officer's own lateness is reported to the officer as supervisor",
        "reminders/ladder.py",
        "if one not in too_near and one not in passed_over]",
        "if one not in passed_over]",
        (_LADDER,),
    ),
    Fault(
        "nobody stands in for a missing supervisor",
        "the ladder ends in silence where there is none",
        "reminders/ladder.py",
        "for recipient in order[order.index(to) :]:",
        "for recipient in order[order.index(to) :][:1]:",
        (_LADDER,),
    ),
    Fault(
        "whoever blocked the bot is called for ever",
        "a 403 is taken for a passing trouble, and the next in line never hears",
        _OFFICE,
        "            self._lose(session, parcel)\n",
        "",
        (_TROUBLE,),
    ),
    Fault(
        "what died is passed to nobody",
        "an alert that cannot be delivered ends the ladder",
        "reminders/passing.py",
        "        pass_on(session, row, mechanism_of(session, county), now=now)\n",
        "        pass\n",
        (_PASSING,),
    ),
    Fault(
        "passed on to somebody who cannot be reached either",
        "the next in line is a chat that is gone",
        "reminders/ladder.py",
        "return not self._reachable or is_reachable(self._session, member_id)",
        "return True",
        (_PASSING,),
    ),
    Fault(
        "only the first of merged notices is marked",
        "the others are sent once more",
        _OFFICE,
        "                for row_id in parcel.merged:\n"
        "                    outbox.mark_sent(session, row_id, parcel.owner, outcome.receipts, now=now)\n",
        "",
        ("tests/story/test_wecom_trouble.py",),
    ),
    Fault(
        "merged notices have each button twice",
        "and two that read the same do different things",
        "bot/merging.py",
        "    if len({button.label for button in by_action.values()}) < len(by_action):\n        return None\n",
        "",
        ("tests/bot/test_merging.py",),
    ),
    Fault(
        "a held outbox sends",
        "after a restore everything since the backup goes out again",
        "reminders/outbox.py",
        "is None or is_held(session):",
        "is None:",
        ("tests/reminders/test_hold.py",),
    ),
    Fault(
        "letting go is a flood",
        "after a restore people get what was true days ago, one by one",
        "reminders/hold.py",
        "old = [row for row in due if row.due_at <= now - OLD]",
        "old: list[Outbox] = []",
        ("tests/reminders/test_hold.py",),
    ),
    Fault(
        "what was said in a form stays in the chat",
        "answers about a person lie on a phone",
        "bot/traces.py",
        "    for ended in ctx.ended:\n",
        "    for ended in ():\n",
        ("tests/story/test_telegram.py",),
    ),
    Fault(
        "a silent process is not missed",
        "reminders stop and nobody knows",
        "reminders/heartbeats.py",
        '        tell(session, "silent", other.ticked_at, now=now, process=other.process)\n',
        "",
        ("tests/reminders/test_heartbeats.py",),
    ),
)
