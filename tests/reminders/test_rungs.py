"""When a safety call is told, against a second opinion that lives through every minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reminders import rungs
from storage.rulebook import Recipient, SafetyRules, SafetyStep
from tests.make import at

BOOK = SafetyRules()
NIGHT = at("2026-10-01", "23:40")  # the first night of a week of holidays
MINUTE = timedelta(minutes=1)
ALL = {Recipient.care_officer, Recipient.supervisor, Recipient.commission_staff, Recipient.leader}


def lived(
    opened_at: datetime, until: datetime, book: SafetyRules, *, down: tuple[int, int] = (0, 0)
) -> list[tuple[int, frozenset[Recipient]]]:
    """What the rules come to: a look whenever its moment has come, in minutes since the opening. Nobody looks in the
    minutes of an outage."""
    told_at, told, now = None, [], opened_at
    while now <= until:
        minute = int((now - opened_at) / MINUTE)
        look = rungs.next_look(opened_at, told_at, None, book)
        if (
            not down[0] <= minute < down[1]
            and look <= now
            and (to := rungs.due(opened_at, told_at, now, book))
        ):
            told.append((minute, frozenset(to)))
            told_at = now
        now += MINUTE
    return told


def expected(
    minutes: int, book: SafetyRules, down: tuple[int, int]
) -> list[tuple[int, frozenset[Recipient]]]:
    """The same from the words of docs/rulebook.md: the steps, then closely, then more rarely, without an end."""
    told: list[tuple[int, frozenset[Recipient]]] = []
    waiting = list(book.steps)
    for minute in range(minutes + 1):
        if down[0] <= minute < down[1]:
            continue
        come = [one for one in waiting if one.after_minutes <= minute]
        if come:
            told.append((minute, frozenset(who for one in come for who in one.to)))
            waiting = [one for one in waiting if one not in come]
        elif not waiting:
            last = told[-1][0]
            gap = book.repeat_minutes if last < 60 * book.close_hours else book.later_minutes
            if minute - last >= gap:
                told.append((minute, frozenset(book.repeat_to)))
    return told


def test_the_first_day_of_a_call_that_nobody_answers() -> None:
    told = lived(NIGHT, NIGHT + timedelta(days=1), BOOK)
    assert [minute for minute, _ in told] == [0, 30, *range(90, 751, 60), *range(990, 1441, 240)]
    assert told[0][1] == ALL - {Recipient.leader}
    assert all(who == ALL for _, who in told[1:])


def test_it_never_falls_silent() -> None:
    told = [minute for minute, _ in lived(NIGHT, NIGHT + timedelta(days=10), BOOK)]
    gaps = [later - earlier for earlier, later in pairwise(told)]
    assert max(gaps) == BOOK.later_minutes
    assert 10 * 1440 - told[-1] < BOOK.later_minutes


def test_who_is_on_it_gains_one_rest() -> None:
    taken = NIGHT + timedelta(minutes=20)
    rest = rungs.rests_until(taken, BOOK)
    look = rungs.next_look(NIGHT, NIGHT, rest, BOOK)
    assert look == taken + timedelta(minutes=60)
    assert set(rungs.due(NIGHT, NIGHT, look, BOOK)) == ALL, (
        "the step that fell into the rest is told after it"
    )
    assert rungs.next_look(NIGHT, look, rest, BOOK) == look + timedelta(minutes=60)


def test_too_early_is_told_to_nobody() -> None:
    assert rungs.due(NIGHT, NIGHT, NIGHT + 29 * MINUTE, BOOK) == ()
    half = NIGHT + 30 * MINUTE
    assert rungs.due(NIGHT, half, half + 59 * MINUTE, BOOK) == ()


@st.composite
def books(draw: st.DrawFn) -> SafetyRules:
    who = st.lists(st.sampled_from(list(Recipient)), min_size=1, max_size=4, unique=True).map(tuple)
    later = draw(st.lists(st.integers(1, 200), max_size=3, unique=True).map(sorted))
    first = (*draw(who), Recipient.leader)
    steps = [SafetyStep(after_minutes=0, to=first)]
    steps += [SafetyStep(after_minutes=minute, to=draw(who)) for minute in later]
    every = draw(st.integers(5, 120))
    return SafetyRules(
        steps=tuple(steps),
        repeat_to=draw(who),
        repeat_minutes=every,
        close_hours=draw(st.integers(1, 12)),
        later_minutes=draw(st.integers(every, 720)),
    )


@given(books(), st.integers(0, 600), st.integers(0, 900))
def test_any_rules_with_an_outage_are_what_the_words_say(book: SafetyRules, begins: int, lasts: int) -> None:
    down, minutes = (begins, begins + lasts), 1500
    told = lived(NIGHT, NIGHT + timedelta(minutes=minutes), book, down=down)
    assert told == expected(minutes, book, down)
