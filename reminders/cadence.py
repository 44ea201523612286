"""How often: when the first and the next visit of each kind fall due, and how an import is spread. Pure.

Care goes on in every stage. A due day that falls on a day off moves to the next working day, so nobody is visited
during Spring Festival or National Day for the sake of a rule; one that is a limit moves to the working day before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from reminders.workdays import WorkCalendar
from storage.rulebook import Cadence, Rulebook
from storage.tables.cases import Stage
from storage.tables.visits import VisitKind

NOT_RATED = "not_rated"
ONCE = frozenset({VisitKind.care_plan})
"""What a stage asks for once; anew when there is reason to, without being reminded."""
KINDS = (
    VisitKind.talk,
    VisitKind.home_visit,
    VisitKind.study_visit,
    VisitKind.unit_opinion,
    VisitKind.care_plan,
    VisitKind.review,
)
"""The kinds that the cadence asks for. All others take place when there is reason to."""
# Any of `MEETINGS`, once recorded, puts off the one day of `contact`: that on which it is noticed that nothing was
# recorded for too long, whatever is planned, moved, acknowledged or waiting for its note.


def first_due(
    stage: Stage,
    kind: VisitKind,
    since: date,
    rulebook: Rulebook,
    calendar: WorkCalendar,
    *,
    state_of_mind: str = NOT_RATED,
    heavy: bool = False,
    expires_on: date | None = None,
) -> date | None:
    """When the first visit of a kind is due; None if the cadence plans none in this stage.

    Args:
        since: the day of the decision in stage 0, of entering the stage in the others.
    """
    cadence = rulebook.cadence
    if kind in ONCE:
        workdays = cadence.follow_up.plan_workdays
        return calendar.add_workdays(since, workdays) if stage is Stage.follow_up else None
    days = interval(stage, kind, cadence, state_of_mind, heavy)
    if days is None:
        return None
    if stage is Stage.early_care and kind is VisitKind.talk:
        days = min(days, cadence.restriction.first_talk_days)
    if kind is VisitKind.home_visit:
        days = cadence.follow_up.home_visit_first_days
    return _due(stage, kind, since, days, expires_on, cadence, calendar)


def next_due_on(
    stage: Stage,
    kind: VisitKind,
    last_done: date,
    rulebook: Rulebook,
    calendar: WorkCalendar,
    *,
    state_of_mind: str = NOT_RATED,
    heavy: bool = False,
    expires_on: date | None = None,
) -> date | None:
    """When the visit after that of `last_done` is due; None if the cadence plans none in this stage."""
    days = interval(stage, kind, rulebook.cadence, state_of_mind, heavy)
    if days is None:
        return None
    return _due(stage, kind, last_done, days, expires_on, rulebook.cadence, calendar)


def interval(stage: Stage, kind: VisitKind, cadence: Cadence, state_of_mind: str, heavy: bool) -> int | None:
    """After how many days the next visit of a kind follows in a stage; None if the cadence plans none."""
    if kind is VisitKind.talk:
        return _talk_days(stage, cadence, state_of_mind, heavy)
    if kind is VisitKind.contact:
        return silence(stage, cadence, heavy=heavy)
    if stage is not Stage.follow_up or kind not in KINDS or kind in ONCE:
        return None
    follow_up = cadence.follow_up
    return {
        VisitKind.home_visit: follow_up.home_visit_days,
        VisitKind.study_visit: follow_up.study_visit_days,
        VisitKind.unit_opinion: follow_up.unit_opinion_days,
        VisitKind.review: follow_up.review_days,
    }[kind]


def silence(stage: Stage, cadence: Cadence, *, heavy: bool = False) -> int:
    """For how many days nothing need be recorded in a stage, whatever the person's state of mind: it tells nothing of
    that to those who hear of the silence."""
    rated = cadence.follow_up.talk_days
    longest = max(rated.settled, rated.not_rated)
    if stage is not Stage.follow_up:
        longest = _talk_days(stage, cadence, NOT_RATED, heavy)
    return longest + cadence.silent_days


def silent_until(
    stage: Stage, last_met: date, rulebook: Rulebook, calendar: WorkCalendar, *, heavy: bool = False
) -> date:
    """The day on which it is noticed that nothing was recorded since a day."""
    days = silence(stage, rulebook.cadence, heavy=heavy)
    return calendar.add_workdays(last_met + timedelta(days=days), 0)


def _talk_days(stage: Stage, cadence: Cadence, state_of_mind: str, heavy: bool) -> int:
    """The scale sets the pace in stage 1. In the other stages it can only bring a talk forward, when there is worry."""
    scale = cadence.follow_up.talk_days
    rated = scale.for_state(state_of_mind)
    if stage is Stage.follow_up:
        return rated
    usual = {
        Stage.early_care: cadence.restriction.talk_days_heavy
        if heavy
        else cadence.restriction.talk_days_light,
        Stage.evaluation: cadence.evaluation.talk_days,
        Stage.observation: cadence.observation.talk_days,
    }[stage]
    return min(usual, rated) if rated < scale.stable else usual


def _due(
    stage: Stage,
    kind: VisitKind,
    last: date,
    days: int,
    expires_on: date | None,
    cadence: Cadence,
    calendar: WorkCalendar,
) -> date:
    due = last + timedelta(days=days)
    if stage is Stage.early_care and kind is VisitKind.talk and expires_on is not None:
        limit = pre_expiry_limit(expires_on, cadence)
        by = calendar.on_or_before(limit)
        # the talk that prepares the file is brought forward rather than held besides the usual one
        if last < by and limit < due:
            return by
    return calendar.add_workdays(due, 0)


def pre_expiry_limit(expires_on: date, cadence: Cadence) -> date:
    """By when the file is prepared. It is a limit, so that a day off brings the talk forward: later is too late."""
    return expires_on - timedelta(days=cadence.restriction.pre_expiry_days)


def contact_by(day: date, rulebook: Rulebook, calendar: WorkCalendar, *, safety: bool) -> date:
    """By when somebody rated "of concern" on `day` is contacted; a safety concern does not wait for a working day."""
    cadence = rulebook.cadence
    workdays = cadence.safety_contact_workdays if safety else cadence.concern_contact_workdays
    return calendar.add_workdays(day, workdays) if workdays else day


def spread(
    n_items: int, start: date, weeks: int, calendar: WorkCalendar, load: Mapping[date, int] | None = None
) -> list[date]:
    """First dates for `n_items` visits of one officer, in order, spread over the `weeks` after `start`.

    Each goes to one of the days with the fewest visits (`load`: what the officer has already), the one nearest to an
    even distance from its neighbours. All lie after `start`: an import makes nothing overdue or due today.
    """
    until = start + timedelta(weeks=weeks)
    days = calendar.suggest(start, max(calendar.workdays_between(start, until), 1))
    busy = Counter(dict(load or {}))
    chosen: list[date] = []
    for item in range(n_items):
        wanted = (item + 0.5) * len(days) / n_items - 0.5
        place = min(range(len(days)), key=lambda i: (busy[days[i]], abs(i - wanted)))
        busy[days[place]] += 1
        chosen.append(days[place])
    return sorted(chosen)
