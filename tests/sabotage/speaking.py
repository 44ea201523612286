"""Faults of who finishes a draft, what the person concerned says themselves, and what the family knows."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_SHARING, _STORE, _RUNNER = "bot/sharing.py", "bot/dialogs/store.py", "bot/dialogs/runner.py"
_SAYS, _OWN, _DENIALS = (
    "casework/own_word.py",
    "storage/queries/own.py",
    "storage/queries/confirmations.py",
)
_FAMILY, _STANDING = "casework/family.py", "storage/queries/standing.py"
_GIVEN, _WORD = "tests/story/test_sharing.py", "tests/story/test_own_word.py"
_KNOWS, _HOME = "tests/casework/test_family.py", "tests/story/test_family.py"

_DRAFTS = (
    Fault(
        "a draft goes to whoever may not write the note",
        "a relative finishes what the officer began",
        "casework/sharing.py",
        "    except (NotFound, Refused):\n        return False\n",
        "    except (NotFound, Refused):\n        return True\n",
        (_GIVEN,),
    ),
    Fault(
        "who keeps out by now takes the draft all the same",
        "the offer was made before, and nobody looks again",
        _SHARING,
        "    if not acts.may_write(ctx.session, me, draft.form, draft.subject_id, today=ctx.today):\n"
        "        raise NotFound(NO_LONGER)\n",
        "",
        (_GIVEN,),
    ),
    Fault(
        "somebody else takes a draft that was offered",
        "an old button of another chat opens what is not theirs",
        _STORE,
        "or draft.offered is None or draft.offered[0] != member_id:",
        "or draft.offered is None:",
        (_GIVEN,),
    ),
    Fault(
        "two go on with one draft",
        "who offered it writes on, and it is taken away under their hands",
        _RUNNER,
        "    tell_it_is_back(ctx, draft)\n    return store.offer(ctx.session, draft, None, now=ctx.now)\n",
        "    return draft\n",
        (_GIVEN,),
    ),
    Fault(
        "nobody can tell who filled in what",
        "the second author answers for the first one's words",
        _STORE,
        "by_page=False, offered=None, begun=begun, chat=chat\n",
        "by_page=False, offered=None, begun={}, chat=chat\n",
        (_GIVEN,),
    ),
    Fault(
        "what the second author changed is still called the first one's",
        "somebody is said to have written what they never saw",
        _RUNNER,
        "        if answers.get(key) == value:\n",
        "        if True:\n",
        (_GIVEN,),
    ),
    Fault(
        "who gave a draft away does not hear that it was taken",
        "both wait for each other",
        _SHARING,
        "    _answered(ctx, draft, giver_id, taken=True)\n",
        "",
        (_GIVEN,),
    ),
)

_OWN_WORD = (
    Fault(
        "somebody says of another's meeting that there was none",
        "the office looks into what nobody said",
        _OWN,
        "            Note.case_id == case.id,\n            col(Note.kind)",
        "            col(Note.kind)",
        (_WORD, "tests/casework/test_own_word.py"),
    ),
    Fault(
        "a contradiction reaches nobody",
        "the person has spoken, and nothing happens",
        _SAYS,
        "    if not took_place:\n",
        "    if False:\n",
        (_WORD,),
    ),
    Fault(
        "the officer reads that they are contradicted",
        "the person pays for it at the next talk",
        "bot/own_word.py",
        "    if word is not None and ctx.actor.in_office:\n",
        "    if word is not None:\n",
        (_WORD,),
    ),
    Fault(
        "who wrote the note looks into its contradiction",
        "somebody of the office who also visits closes their own matter",
        _DENIALS,
        "        col(Note.voided_at).is_(None),\n        Case.county_id == actor.county_id,\n"
        "        Note.author_id != actor.member_id,\n",
        "        col(Note.voided_at).is_(None),\n        Case.county_id == actor.county_id,\n",
        (_WORD, "tests/casework/test_own_word.py"),
    ),
    Fault(
        "one slip of the thumb sets the office in motion",
        "the two answers stand side by side",
        "bot/own_word.py",
        '    if action.get("sure") is None:\n',
        "    if False:\n",
        (_WORD,),
    ),
    Fault(
        "the person can turn their word round",
        "each tap tells the office something else",
        _SAYS,
        "        if before.state is not state:\n",
        "        if False:\n",
        (_WORD,),
    ),
    Fault(
        "a voided note is still asked about",
        "the person is shown a meeting that was somebody else's",
        _OWN,
        "            col(Note.voided_at).is_(None),\n",
        "",
        (_WORD,),
    ),
)

_FAMILIES = (
    Fault(
        "the home visit stays planned while the family does not know",
        "the officer is reminded until they go",
        _FAMILY,
        "        if visit.kind in standing.MEET_THE_FAMILY:\n",
        "        if False:\n",
        (_KNOWS,),
    ),
    Fault(
        "the cadence forgets that the family does not know",
        "a case that goes on after a hold has its home visit again",
        _STANDING,
        " | resting(session, case_id)\n",
        "\n",
        (_KNOWS,),
    ),
    Fault(
        "a voided note says that the family knows",
        "it was written in the wrong case, and somebody rings at the door",
        _STANDING,
        "        col(Note.submitted_at) >= last.at,\n        STANDS,\n",
        "        col(Note.submitted_at) >= last.at,\n",
        (_KNOWS,),
    ),
    Fault(
        "anybody who sees the case says that the family knows",
        "a supervisor clears what stands in the way of a number",
        _FAMILY,
        "    require(actor, *MAY_SAY)\n    access_case",
        "    access_case",
        (_KNOWS,),
    ),
    Fault(
        "a case on hold gets a home visit",
        "nobody makes visits there, and one is overdue",
        _FAMILY,
        " or case.state is not CaseState.open:\n",
        ":\n",
        (_KNOWS,),
    ),
    Fault(
        "the card says at coded why home visits rest",
        "whoever sees the chat learns of the family",
        "bot/family.py",
        '    label = P("The family knows by now") if ctx.tells_names else P(_GOES_ON)\n',
        '    label = P("The family knows by now")\n',
        (_HOME,),
    ),
)

FAULTS = (*_DRAFTS, *_OWN_WORD, *_FAMILIES)
