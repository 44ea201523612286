"""What the visits of a case count as, in words: formal ones, and those that await a companion."""

from __future__ import annotations

from collections import Counter

from bot import confirmations
from bot.context import Context
from casework import confirmations as acts
from casework.confirmations import Formality
from locales.catalogue import N_
from locales.phrase import Day, FreeText, P, Phrase, Term, Value, line
from reminders import confirming
from storage.queries import confirmations as lists
from storage.rulebook import FormalRules
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
    ConfirmationState.withdrawn: N_("need not be confirmed"),
}


def _stands(ctx: Context, one: Confirmation) -> list[Value]:
    if one.paper_on is not None:
        return [P("signed on paper on {day}", day=Day(one.paper_on))]
    why = [FreeText(confirmations.reason(ctx, one.reason))] if one.reason is not None else []
    if one.state is ConfirmationState.withdrawn and one.answered_at is not None:
        day = Day(ctx.mechanism.day(one.answered_at))
        if why:
            return [P("not confirmed on {day}", day=day), *why]
        return [P("confirmed on {day}, no longer needed", day=day)]
    return [Term(_STANDS[one.state]), *why]


def why(kind: str, formal: FormalRules) -> list[Phrase]:
    """Which rule told it, as the rules stood then."""
    if kind == confirming.CARD:
        return [
            P("You were named as companion of a visit. A formal visit takes {n} people who stand by it.", None,
              n=formal.visitors),
            P("You are asked within your hours and not on leave; not to answer is held against nobody."),
        ]  # fmt: skip
    if kind == confirming.DISPUTED:
        return [
            P(
                "Somebody contradicts a note. Its author hears once, of a companion the office too; of what the person "
                "concerned contradicts the office alone."
            )
        ]
    if kind == confirming.SECOND:
        n = formal.second_grades
        return [
            P("Rule: where a rating is {n} grade or more from the last one, somebody of the office has to agree.",
              "Rule: where a rating is {n} grades or more from the last one, somebody of the office has to agree.",
              n=n),
            P("Until then the more worrying of the two sets the pace of the visits."),
        ]  # fmt: skip
    return [
        P(
            "Rule: {n} working day after the companion was asked, leave not counted, the office hears once.",
            "Rule: {n} working days after the companion was asked, leave not counted, the office hears once.",
            n=formal.silent_workdays,
        )
    ]
