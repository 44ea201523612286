"""Faults of what is ticked in its own message, and of notes that are filled in in a workbook."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_PLACE, _TICKS = "bot/in_place.py", "tests/story/test_in_place.py"
_READ, _TAKE, _SENT = "casework/documents/filled_book.py", "bot/pages/brought_in.py", "bot/sent_book.py"
_BOOK, _FORMS, _CHAT = (
    "tests/documents/test_form_book.py",
    "tests/story/test_form_book.py",
    "tests/story/test_sent_book.py",
)

_TICKED = (
    Fault(
        "a tick is said anew",
        "ten ticks are ten messages, and the question scrolls away",
        _PLACE,
        "    if not (ctx.ticks and ctx.edits and incoming.token and len(messages) == 1):\n",
        "    if True:\n",
        (f"{_TICKS}::test_a_tick_is_seen_in_the_question_itself",),
    ),
    Fault(
        "who ticks fast is told that it is an old question",
        "the thumb is quicker than the vendor's answer",
        "bot/dialogs/store.py",
        "        return revision == self.revision or (of_many is not None and of_many == asked)\n",
        "        return revision == self.revision\n",
        (f"{_TICKS}::test_one_may_tick_faster_than_the_ticks_are_shown",),
    ),
    Fault(
        "a tick in a message that was deleted is answered nowhere",
        "the edit is refused, and nobody says anything",
        "bot/channels/telegram/sending.py",
        "        if not message.answer or any(_is(error, words) for words in _NOBODY):\n            raise\n",
        "        raise\n",
        (f"{_TICKS}::test_a_tick_on_telegram",),
    ),
)

_WORKBOOK = (
    Fault(
        "what stands beyond the last note is passed over",
        "a column that was added by hand looks like the others, and is lost",
        _READ,
        "    _must_end(sheet, [grid[at] for at, _ in keyed])\n",
        "",
        (f"{_BOOK}::test_as_many_as_a_tour_has_are_read_and_what_stands_beyond_is_not_lost",),
    ),
    Fault(
        "a question that only opens others is asked",
        "the officer ticks what is to be added, and fills it in besides",
        "casework/forms/conditions.py",
        '        if one.kind == "many"\n        and not one.dynamic\n',
        '        if one.kind == "many"\n        and one.dynamic\n',
        (f"{_BOOK}::test_what_does_nothing_but_open_others_follows_from_them",),
    ),
    Fault(
        "an answer that is not asked with the others is left out unseen",
        "the basis of a grade that needs none is gone, and nobody was told",
        _TAKE,
        "            problems[key] = _out_of_place(form, form.by_key[key], env)\n",
        "            pass\n",
        (f"{_FORMS}::test_each_bad_cell_is_named_and_nothing_is_taken_over",),
    ),
    Fault(
        "the good notes of a workbook with a bad cell are taken over",
        "mended and handed in again, they would be there twice",
        _TAKE,
        "    if problems:\n        return Brought((), tuple(problems))\n",
        "    if problems and not read:\n        return Brought((), tuple(problems))\n",
        (f"{_FORMS}::test_each_bad_cell_is_named_and_nothing_is_taken_over",),
    ),
    Fault(
        "a colleague's case is told apart from one that does not exist",
        "by trying codes one learns who is followed up",
        _TAKE,
        "            continue  # a colleague's\n",
        "            refused = NOT_A_NUMBER\n",
        (f"{_FORMS}::test_it_passes_the_doors_of_a_note_in_chat",),
    ),
    Fault(
        "two columns about one visit are two drafts",
        "the second hides the first",
        _TAKE,
        "    if (form.id, about_id) in before:\n",
        "    if False:\n",
        (f"{_FORMS}::test_it_passes_the_doors_of_a_note_in_chat",),
    ),
    Fault(
        "a workbook is read where names may not be told",
        "what is in its cells is answered on a channel that may know codes alone",
        _SENT,
        "    if not ctx.tells_names:\n        return [_elsewhere(ctx)]\n    ctx.wants_file = KEY\n",
        "    ctx.wants_file = KEY\n",
        (f"{_CHAT}::test_on_telegram_at_coded_the_way_is_to_the_page",),
    ),
    Fault(
        "a workbook that was read stays in the chat",
        "a fortnight of notes lies on the vendor's server",
        "bot/intake.py",
        "            traces.take_back_read(ctx, parcel.channel, wanted.receipt, self._office.removers)\n",
        "            pass\n",
        (f"{_CHAT}::test_on_telegram_the_file_goes_from_the_chat_once_it_was_read",),
    ),
    Fault(
        "a workbook pushes the open form aside",
        "the next answer that is typed is nobody's",
        _SENT,
        "    elif len(brought.drafts) == 1 and open_one is None:\n",
        "    elif len(brought.drafts) == 1:\n",
        (f"{_CHAT}::test_one_note_does_not_push_the_open_form_aside",),
    ),
    Fault(
        "after one of several notes nothing leads to the next",
        "the others expire: the way on is to today's visits, and nobody looks for them",
        "bot/commands/record.py",
        "    if left := store.notes_left(ctx.session, ctx.member.id):\n        return [runner.resume(ctx, left[0])]\n",
        "",
        (f"{_CHAT}::test_each_leads_to_the_one_after_it",),
    ),
    Fault(
        "words of danger in a workbook are passed over",
        "whoever fills it in has no network, and nobody else reads it for days",
        _SENT,
        " if _speak_of_danger(found) else []",
        " if _speak_of_danger(found) and not brought.drafts else []",
        (f"{_CHAT}::test_words_of_danger_in_it_are_answered_with_the_numbers",),
    ),
)

FAULTS = (*_TICKED, *_WORKBOOK)
