"""When things happened to one invented person: told backwards from the visit that waits. Pure, but for the dice."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.demo_data import (
    HEAVY,
    LIGHT,
    NEW,
    STORIES,
    STORIES_OF_EARLY_CARE,
    WORRYING,
    CastMember,
    Mood,
    Story,
)
from casework import sanctions
from casework.sanctions import Given, SanctionKind, restriction_end
from reminders import cadence
from reminders.mechanism import Mechanism
from storage.tables.cases import Stage
from storage.tables.visits import VisitKind

_FIRST = {VisitKind.home_visit: 180, VisitKind.study_visit: 180}  # days from admission
_CLEAR_DAYS = 25  # what is not part of the story is due after so many days
_MONTH = 30.44
_STAGES = (
    (Stage.early_care,) * 7 + (Stage.follow_up,) * 8 + (Stage.evaluation,) * 2 + (Stage.observation,) * 3
)
_LATE = (1, 2, 3, 6, 9, 14, 17)


class Dice(random.Random):
    """They fall the same way in every demo."""


@dataclass(frozen=True, slots=True)
class World:
    """`today` is the working day that counts at the opening; `told_until` the day before the machine takes over."""

    mechanism: Mechanism
    today: date
    told_until: date
    chance: Dice

    def workday(self, day: date) -> date:
        return self.mechanism.calendar.add_workdays(day, 0)

    def past(self, day: date) -> date:
        """A working day near `day` on which something may have taken place."""
        return min(self.workday(day), self.told_until)

    def clear_day(self) -> date:
        """When something is due that is no part of the story."""
        return self.workday(self.today + timedelta(days=_CLEAR_DAYS))

    def later_this_week(self) -> date:
        """The last working day of this week; the next working day where this is it."""
        calendar = self.mechanism.calendar
        last = calendar.add_workdays(self.today + timedelta(days=7 - self.today.weekday()), -1)
        return last if last > self.today else calendar.next_workday(self.today)


@dataclass(frozen=True, slots=True)
class Done:
    kind: VisitKind
    done_on: date
    mood: Mood


@dataclass(frozen=True, slots=True)
class Waiting:
    kind: VisitKind
    due_on: date
    planned_on: date


@dataclass(frozen=True, slots=True)
class Timeline:
    decided_on: date
    expires_on: date | None
    stage_since: date
    done: tuple[Done, ...]
    waiting: tuple[Waiting, ...]


def tell(cast: CastMember, world: World) -> Timeline:
    """The dates of one person, so that the visit that waits is as late as `cast` says."""
    due = _due(cast, world)
    talk_due = due if cast.kind is VisitKind.talk else _talk_ahead(cast, world)
    talks = _talks(cast, talk_due, world)
    if cast.stage is Stage.early_care:
        return _early(cast, talks, talk_due, world)
    stage_since, admitted = _admission(cast, talks, due, world)
    decided = _decided_before(admitted, cast.sanctions, world)
    talks = [talk for talk in talks if talk.done_on > decided + timedelta(days=5)]
    waiting = [Waiting(VisitKind.talk, talk_due, talks[-1].done_on if talks else stage_since)]
    done = list(talks)
    if cast.stage is Stage.follow_up:
        for kind in _FIRST:
            if kind is cast.kind:
                waiting.append(Waiting(kind, due, admitted))
            else:
                earlier, next_one = _besides(kind, admitted, talks, world)
                done += earlier
                waiting.append(next_one)
    done.sort(key=lambda one: one.done_on)
    return Timeline(decided, _end(cast.sanctions, decided, world), stage_since, tuple(done), tuple(waiting))


def _due(cast: CastMember, world: World) -> date:
    if cast.late is None:
        return world.later_this_week()
    return world.mechanism.calendar.add_workdays(world.today, -cast.late)


def _gap(cast: CastMember, mood: Mood, world: World) -> int:
    """Days from a talk to the next."""
    heavy = any(kind in sanctions.HEAVY for kind in cast.sanctions)
    book, calendar = world.mechanism.rulebook, world.mechanism.calendar
    first = world.told_until - timedelta(days=400)
    following = cadence.next_due_on(
        cast.stage, VisitKind.talk, first, book, calendar, state_of_mind=mood, heavy=heavy
    )
    return (following - first).days if following else 0


def _talk_ahead(cast: CastMember, world: World) -> date:
    last = cast.story[-1] if cast.story else "stable"
    longest = max(_gap(cast, last, world) - 10, _CLEAR_DAYS + 5)
    return world.workday(world.today + timedelta(days=world.chance.randint(_CLEAR_DAYS + 5, longest)))


def _talks(cast: CastMember, due: date, world: World) -> list[Done]:
    talks: list[Done] = []
    following = due
    for mood in reversed(cast.story):
        day = world.past(following - timedelta(days=_gap(cast, mood, world)))
        if talks:
            day = min(day, world.mechanism.calendar.add_workdays(following, -5))
        talks.append(Done(VisitKind.talk, day, mood))
        following = day
    return talks[::-1]


def _early(cast: CastMember, talks: Sequence[Done], due: date, world: World) -> Timeline:
    first = talks[0].done_on if talks else due
    lead = world.chance.randint(18, 26) if talks else 29
    decided = world.past(first - timedelta(days=lead))
    waiting = Waiting(VisitKind.talk, due, talks[-1].done_on if talks else decided)
    return Timeline(decided, _end(cast.sanctions, decided, world), decided, tuple(talks), (waiting,))


def _admission(cast: CastMember, talks: Sequence[Done], due: date, world: World) -> tuple[date, date]:
    """The day of entering the present stage, and that of admission."""
    chance, today = world.chance, world.told_until
    if cast.stage is Stage.follow_up:
        if cast.kind in _FIRST:
            admitted = world.past(due - timedelta(days=_FIRST[cast.kind]))
        else:
            longest = today - timedelta(days=chance.randint(150, 320))
            admitted = world.past(max(talks[0].done_on - timedelta(days=30), longest) if talks else longest)
        return admitted, admitted
    shortest, longest_ago = (8, 45) if cast.stage is Stage.evaluation else (40, 300)
    since = world.past(today - timedelta(days=chance.randint(shortest, longest_ago)))
    return since, world.past(since - timedelta(days=chance.randint(200, 320)))


def _decided_before(admitted: date, kinds: Sequence[SanctionKind], world: World) -> date:
    """A day of decision whose restriction period was over some weeks before the admission."""
    months = world.mechanism.rulebook.restriction_months
    longest = max(months[kind.value] for kind in kinds)
    over = admitted - timedelta(days=world.chance.randint(20, 60))
    return world.workday(over - timedelta(days=round(longest * _MONTH)))


def _end(kinds: Iterable[SanctionKind], decided: date, world: World) -> date | None:
    given = [Given(kind, decided) for kind in kinds]
    return restriction_end(given, world.mechanism.rulebook.restriction_months).expires_on


def _besides(
    kind: VisitKind, admitted: date, talks: Sequence[Done], world: World
) -> tuple[list[Done], Waiting]:
    """The visits of a kind that the story does not turn on: none of them is near."""
    first = world.workday(admitted + timedelta(days=_FIRST[kind]))
    if first > world.today + timedelta(days=_CLEAR_DAYS):
        return [], Waiting(kind, first, admitted)
    held = world.past(admitted + timedelta(days=world.chance.randint(60, 150)))
    mood: Mood = next((talk.mood for talk in reversed(talks) if talk.done_on <= held), "stable")
    book, calendar = world.mechanism.rulebook, world.mechanism.calendar
    following = cadence.next_due_on(Stage.follow_up, kind, held, book, calendar)
    soonest = world.workday(world.today + timedelta(days=_CLEAR_DAYS + world.chance.randint(1, 60)))
    return [Done(kind, held, mood)], Waiting(kind, max(following or soonest, soonest), held)


# --- people beyond the fixed cast ---


def invent(name: str, unit: str, officer: int, world: World) -> CastMember:
    """One more person: a stage, a story and sanctions that go together. The first officer's days stay as told."""
    chance = world.chance
    stage = chance.choice(_STAGES)
    person = CastMember(name, unit, officer, stage, VisitKind.talk, 0, NEW, ())
    if stage is Stage.early_care:
        person = replace(person, story=chance.choice(STORIES_OF_EARLY_CARE))
        person = replace(person, sanctions=(chance.choice(HEAVY if chance.random() < 0.25 else LIGHT),))
    else:
        person = replace(person, story=_story(officer, chance), sanctions=_old_sanctions(chance))
        if stage is Stage.follow_up and officer and chance.random() < 0.3:
            person = replace(person, kind=chance.choice((VisitKind.home_visit, VisitKind.study_visit)))
    person = replace(person, late=_lateness(person, world))
    return _long_enough(person, world) if stage is Stage.early_care else person


def _story(officer: int, chance: Dice) -> Story:
    calm = tuple(story for story in STORIES if story[-1] in ("settled", "stable"))
    if officer == 0:
        return chance.choice(calm)
    return WORRYING if chance.random() < 0.06 else chance.choice(STORIES)


def _old_sanctions(chance: Dice) -> tuple[SanctionKind, ...]:
    if chance.random() < 0.15:
        return (SanctionKind.PARTY_WARNING, SanctionKind.GOVERNMENT_WARNING)
    kinds = (
        LIGHT if chance.random() < 0.85 else (SanctionKind.PARTY_REMOVAL, SanctionKind.GOVERNMENT_DEMOTION)
    )
    return (chance.choice(kinds),)


def _lateness(person: CastMember, world: World) -> int:
    """Most visits lie ahead, as far as the interval since the last one goes."""
    chance, drawn = world.chance, world.chance.random()
    if person.officer and drawn < 0.12:
        return chance.choice(_LATE)
    if person.officer and drawn < 0.17:
        return 0
    longest = 28 if not person.story else _gap(person, person.story[-1], world) - 4
    first = _CLEAR_DAYS + 5 if person.officer == 0 else 1
    ahead = world.workday(world.today + timedelta(days=chance.randint(first, max(longest, first + 1))))
    return -max(world.mechanism.calendar.workdays_between(world.today, ahead), 1)


def _long_enough(person: CastMember, world: World) -> CastMember:
    """The same person with a sanction whose period still runs."""
    months = world.mechanism.rulebook.restriction_months
    elapsed = (world.today - tell(person, world).decided_on).days
    needed = (elapsed + _CLEAR_DAYS) / _MONTH
    if months[person.sanctions[0].value] > needed:
        return person
    heavy = person.sanctions[0] in sanctions.HEAVY
    kind = SanctionKind.GOVERNMENT_DEMOTION if heavy else SanctionKind.PARTY_SERIOUS_WARNING
    return replace(person, sanctions=(kind,))
