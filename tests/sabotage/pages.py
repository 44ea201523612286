"""Faults of a form that is filled in in two places."""

from __future__ import annotations

from tests.sabotage.fault import Fault

_STORY = "tests/story/test_form_page.py"

FAULTS = (
    Fault(
        "the chat takes what is typed after a step on the page",
        "it answers the question that the person sees, which is no longer the one that is asked",
        "bot/dialogs/runner.py",
        "    if not draft.is_asked_in(ctx.chat) and not isinstance(given, Cancel | Resume):",
        "    if False and not isinstance(given, Cancel | Resume):",
        (f"{_STORY}::test_to_and_fro",),
    ),
    Fault(
        "a page overwrites what it never showed",
        "two devices, and the second one saves last",
        "bot/pages/whole.py",
        "    if entry.seen is not None and entry.seen != now:",
        "    if False:",
        ("tests/pages/test_whole.py",),
    ),
    Fault(
        "who may no longer write goes on writing",
        "the draft is still theirs, the task is not",
        "bot/pages/desk.py",
        "    _must_be_theirs(ctx, draft)\n",
        "",
        (f"{_STORY}::test_who_may_no_longer_write_is_told_at_the_next_request",),
    ),
    Fault(
        "an answer that only opened up is skipped unseen",
        "without a script the page could not show it before it was sent",
        "bot/pages/whole.py",
        "            new += [field.key] if field.key not in state.answers else []",
        "            new += []",
        (f"{_STORY}::test_what_an_answer_brings_up_is_shown",),
    ),
)
