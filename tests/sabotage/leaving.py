"""Faults of what is kept and what is left behind: photos of signed forms, and what was said in a form."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_MEDIA, _PICTURES, _DOOR = "casework/media.py", "casework/pictures.py", "storage/queries/media.py"
_INTAKE, _RETENTION, _RUNNER = "bot/intake.py", "reminders/retention.py", "bot/dialogs/runner.py"
_TRACES, _TAKING_BACK = "bot/traces.py", "reminders/taking_back.py"
_PHOTO, _CLEAN, _TAKEN_IN = (
    "tests/story/test_photo.py",
    "tests/casework/test_pictures.py",
    "tests/story/test_intake.py",
)
_LEFT = "tests/story/test_traces.py"

_PHOTOS = (
    Fault(
        "a photo keeps where and with what it was taken",
        "the place of somebody's home lies in the database",
        _PICTURES,
        '    made.save(written, "JPEG", quality=QUALITY)\n',
        '    made.save(written, "JPEG", quality=QUALITY, exif=upright.getexif(), comment=opened.info.get("comment"))\n',
        (_CLEAN,),
    ),
    Fault(
        "a bomb is decoded before it is measured",
        "a few hundred bytes take all memory",
        _PICTURES,
        "    if len(content) > MOST_BYTES or measures[0] * measures[1] > MOST_PIXELS:\n",
        "    if len(content) > MOST_BYTES:\n",
        (_CLEAN,),
    ),
    Fault(
        "a file with two measures is taken",
        "what was checked is not what is decoded",
        _PICTURES,
        "        if opened.size != measures:\n",
        "        if False:\n",
        (_CLEAN,),
    ),
    Fault(
        "an answer about a photo is changed and both are kept",
        "somebody takes a wrong picture, and it stays",
        _MEDIA,
        "    drop_waiting(session, draft_id)\n    medium",
        "    medium",
        (_PHOTO,),
    ),
    Fault(
        "who reads a note sees the signed form",
        "it shows names and hands of people who are none of the reader's business",
        _DOOR,
        "    return actor.in_office or note.author_id == actor.member_id\n",
        "    return True\n",
        (f"{_PHOTO}::test_whoever_cares_for_the_person_by_now_reads_the_note_without_it",),
    ),
    Fault(
        "a photo that was not handed in is seen by the office",
        "what its author may still take out has been looked at",
        _DOOR,
        "    if medium.draft_id is not None:\n        return medium.member_id == actor.member_id\n",
        "",
        (_PHOTO,),
    ),
    Fault(
        "nobody knows who looked at a photo",
        "the signed forms are leafed through",
        _MEDIA,
        '    audit.record(session, actor, "photo_read", "medium", medium.id, now=now, note=note)\n',
        "",
        (_PHOTO,),
    ),
    Fault(
        "a paper that bears nothing out leaves its photo",
        "the visit has another day by now, and the wrong form is on file",
        "casework/confirmations.py",
        "            one.paper_on = one.paper_by = None\n            media.forget(session, one, now=now)\n",
        "            one.paper_on = one.paper_by = None\n",
        (_PHOTO,),
    ),
    Fault(
        "photos on file go with the forms that were dropped",
        "a signed paper is gone within the hour",
        _RETENTION,
        "delete(Medium).where(col(Medium.draft_id).is_not(None), ~there)",
        "delete(Medium).where(~there)",
        (_PHOTO,),
    ),
    Fault(
        "a file that is fetched twice is taken in twice",
        "a process that was thought dead answers, too",
        _INTAKE,
        "        if row is None or row.owner != parcel.owner or row.state is not OutboxState.sending:\n",
        "        if row is None:\n",
        (_TAKEN_IN,),
    ),
    Fault(
        "a vendor that gives no file is asked for ever",
        "whoever sent the photo waits and hears nothing",
        _INTAKE,
        "            if not error.permanent and parcel.attempts < TRIES:\n",
        "            if not error.permanent:\n",
        (_TAKEN_IN,),
    ),
)

_SAID = (
    Fault(
        "what a person typed into a form stays in the chat",
        "the questions go, the answers do not",
        _TRACES,
        "        _REMEMBER.write(ctx.session, key)\n",
        "        pass\n",
        (f"{_LEFT}::test_begun_on_telegram_and_ended_in_the_browser",),
    ),
    Fault(
        "a form that lies open is not cleared in time",
        "after two days the vendor lets nobody delete it",
        _TRACES,
        "    if within is not None:\n",
        "    if False:\n",
        (f"{_LEFT}::test_where_a_question_shows_answers_it_goes_in_time",),
    ),
    Fault(
        "a question that says nothing of anybody is taken back",
        "at coded the form is gone from the chat while it waits",
        _TRACES,
        "    if ctx.tells_names:\n        found |=",
        "    if True:\n        found |=",
        (f"{_LEFT}::test_where_a_question_shows_answers_it_goes_in_time",),
    ),
    Fault(
        "a form that was dropped leaves its questions",
        "nobody ended it, so nobody cleared it",
        _RETENTION,
        "        taking_back.of_form(session, draft.id, draft.county_id, draft.member_id, now=now)\n",
        "",
        (f"{_LEFT}::test_a_form_that_was_dropped_leaves_nothing",),
    ),
    Fault(
        "what names somebody stays where no name may be told",
        "a photo at coded waits in the chat for whoever picks the phone up",
        _TRACES,
        "    if ctx.named_somebody and receipt is not None:\n",
        "    if False:\n",
        ("tests/story/test_photo_page.py::test_on_telegram_at_coded_it_goes_by_the_page",),
    ),
    Fault(
        "only one of somebody's chats is cleared",
        "the form was begun on Telegram and gone on with on WeCom",
        _TAKING_BACK,
        '            dedupe=f"{KIND}:{draft_id}:{channel}",\n',
        '            dedupe=f"{KIND}:{draft_id}",\n',
        ("tests/reminders/test_taking_back.py",),
    ),
    Fault(
        "whoever gave a draft away keeps what was said in it",
        "the colleague hands it in, and the first chat still shows it all",
        _RUNNER,
        "    taking_back.of_form(ctx.session, draft.id, ctx.member.county_id, giver_id, now=ctx.now)\n",
        "    return\n",
        (f"{_LEFT}::test_what_was_said_in_a_draft_that_a_colleague_took_goes",),
    ),
)

FAULTS = (*_PHOTOS, *_SAID)
