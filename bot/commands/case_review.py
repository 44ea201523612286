"""The comprehensive review (综合研判) on the card of a case: what the last one concluded, and the way to the next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, act
from casework.forms.catalog.review import ADJUSTMENTS, CONCLUSION, REVIEW
from casework.forms.kinds import clean
from locales.phrase import Day, FreeText, P, Phrase
from storage.queries.notes import KeptNote
from storage.tables.cases import Case, CaseState
from storage.tables.members import Role

EXCERPT = 80
_CONCLUSIONS = {option.value: option.label for option in CONCLUSION.options}


def excerpt(text: str) -> str:
    words = " ".join(clean(text).split())
    return words if len(words) <= EXCERPT else words[:EXCERPT].rstrip() + "…"


def last(ctx: Context, notes: Sequence[KeptNote]) -> list[Phrase]:
    """What the office concluded the last time, and what it changed in the plan."""
    note = next((note for note in reversed(notes) if note.form == REVIEW.id), None)
    if note is None:
        return []
    said = str(note.answers.get("conclusion") or "")
    # It is an answer somebody gave, so it counts as free text even where it was chosen.
    words = _CONCLUSIONS[said].render(ctx.reader) if said in _CONCLUSIONS else excerpt(said)
    lines = [P("Last review ({day}): {text}", day=Day(note.held_on), text=FreeText(words))]
    if changed := note.answers.get("adjustments"):
        what = FreeText(excerpt(str(changed)))
        lines.append(
            P("{topic} ({day}): {text}", topic=P(ADJUSTMENTS.label), day=Day(note.held_on), text=what)
        )
    return lines


def ways(ctx: Context, case: Case) -> tuple[tuple[Button, ...], ...]:
    """For those who hold the review: any of the office, planned or not."""
    if case.state is not CaseState.open or not ctx.actor.has(Role.commission_staff):
        return ()
    return ((Button(P("Record review"), act("record_review", id=case.id)),),)


def record(ctx: Context, action: Action) -> Answer:
    return [runner.open_form(ctx, REVIEW.id, int(action.get("id") or 0))]


TAPS: dict[str, Tap] = {"record_review": record}
