"""Faults of what notes promise to follow up."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_RULE, _LISTS, _ACTS = "reminders/matters.py", "storage/queries/matters.py", "casework/matters.py"
_STORY, _PURE = "tests/story/test_matters.py", "tests/reminders/test_matters.py"

FAULTS = (
    Fault(
        "what came due on leave is told of a week later",
        "a promise is listed on its very day alone, and nobody reads that morning",
        _RULE,
        "    return told_on is None or told_on < turn\n",
        "    return turn == today\n",
        (_PURE,),
    ),
    Fault(
        "a promise is listed every morning",
        "what is read every day is read no more",
        _RULE,
        "    return told_on is None or told_on < turn\n",
        "    return True\n",
        (_PURE,),
    ),
    Fault(
        "the promises of a case on hold go on",
        "the digest names a case of which nothing is to be said",
        _LISTS,
        "    STANDS,\n    Case.state == CaseState.open,\n",
        "    STANDS,\n",
        (_STORY,),
    ),
    Fault(
        "anybody ticks off the promises of any case",
        "the officer is not reminded of what nobody has seen to",
        _LISTS,
        "        access_case_to_record(session, actor, matter.case_id, today=today)\n",
        "        pass\n",
        (_STORY,),
    ),
    Fault(
        "an amended day is not followed",
        "the officer is reminded on a day that the note names no more",
        _ACTS,
        "    matter.due_on = named(kept.answers)\n",
        "",
        (_STORY,),
    ),
)
