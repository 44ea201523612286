"""What the visits of a case count as, in words: formal ones, and those that await a companion."""

from __future__ import annotations

from collections import Counter

from bot import confirmations
from bot.context import Context
from casework import confirmations as acts
from casework.confirmations import Formality
from locales.catalogue import N_
from locales.phrase import Day, FreeText, P, Phrase, Term, Value, line
from storage.queries import confirmations as lists
from storage.tables.confirmations import Confirmation, ConfirmationState


def counted(ctx: Context, case_id: int) -> list[Value]:
    """How many of the visits of a case are formal ones, and how many await it; nothing where no note names a
    companion."""
    found = Counter(acts.of_case(ctx.session, case_id, ctx.mechanism.rulebook.formal.visitors).values())
    parts: list[Value] = []
    if found[Formality.formal]:
        parts.append(P("{n} formal visit", "{n} formal visits", n=found[Formality.formal]))
    if found[Formality.awaited]:
        n = found[Formality.awaited]
        parts.append(
            P("{n} awaits the companion's confirmation", "{n} await the companion's confirmation", n=n)
        )
    return parts


def borne_out(ctx: Context, note_id: int) -> list[Phrase]:
    """What a note counts as, and what each of its companions said; nothing where it names none."""
    asked = lists.of_notes(ctx.session, [note_id])[note_id]
    if not asked:
        return []
    counts = acts.FORMALITIES[acts.formality(asked, ctx.mechanism.rulebook.formal.visitors)]
    return [
        P("{label}: {answer}", label=Term(acts.COUNTS_AS), answer=Term(counts)),
        *(line(P("companion {name}", name=confirmations.who(ctx, one)), *_stands(ctx, one)) for one in asked),
    ]


_STANDS = {
    ConfirmationState.asked: N_("awaited"),
    ConfirmationState.confirmed: N_("Confirmed"),
    ConfirmationState.refused: N_("Not confirmed"),
    ConfirmationState.withdrawn: N_("No longer needed"),
}


def _stands(ctx: Context, one: Confirmation) -> list[Value]:
    if one.paper_on is not None:
        return [P("signed on paper on {day}", day=Day(one.paper_on))]
    why = [FreeText(confirmations.reason(ctx, one.reason))] if one.reason is not None else []
    return [Term(_STANDS[one.state]), *why]
