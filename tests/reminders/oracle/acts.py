"""What people do, and what follows from it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.reminders.oracle import chasing
from tests.reminders.oracle.companions import Asked, Companions
from tests.reminders.oracle.county import MEETINGS, OFFICERS_OWN, Case, County, Leave, Task
from tests.reminders.oracle.days import DAY, EVENING, NINE, at, late, later
from tests.reminders.oracle.moving import Moves
from tests.reminders.oracle.post import Post
from tests.reminders.oracle.safety import Calls

GRANTED, ACKNOWLEDGED, NOTE = 5, 3, 2  # working days
MOVES = 2  # without asking
TALKS = {"settled": 90, "stable": 90, None: 90, "unsettled": 30, "concern": 14}
EVERY = {"home_visit": 365, "study_visit": 180, "unit_opinion": 180, "review": 180}
FIRST = {"talk": 90, "home_visit": 180, "study_visit": 180, "unit_opinion": 180, "review": 180}
PLAN, CONCERN_TALK, CONCERN_REVIEW = 15, 3, 5  # working days
SILENCE = 90 + 30


@dataclass(frozen=True)
class Act:
    """What somebody does; `more` as the act needs it. Days are dates, people their numbers."""

    at: datetime
    what: str
    by: int
    task: str | None = None
    case: int | None = None
    more: dict[str, Any] = field(default_factory=dict)


class Acts:
    def __init__(self, county: County, post: Post) -> None:
        self.county, self.post = county, post
        self._asked = set[tuple[str, datetime, int]]()  # who was asked by which request
        self._leaves = Counter[int]()
        self.calls, self.companions = Calls(county, post), Companions(county, post)
        self.moves = Moves(county, post)

    def do(self, act: Act) -> None:
        about = self.county.tasks[act.task] if act.task else self.county.cases.get(act.case or 0)
        getattr(self, f"_{act.what}")(about, act)

    def _say(
        self,
        now: datetime,
        member: int | None,
        kind: str,
        *about: str,
        holds: Callable[[datetime], bool] = lambda _: True,
    ) -> None:
        """Told now, or in the next hours of whoever hears: if it still holds by then."""
        if member is not None:
            self.post.put(now, member, kind, lambda moment: set(about) if holds(moment) else set())

    def _of_task(self, now: datetime, member: int | None, kind: str, task: Task) -> None:
        """To whoever has it, on leave by then or not; that it was taken over, to whoever has it no more."""

        def holds(moment: datetime) -> bool:
            theirs = self.county.theirs(task, member, moment.date())
            return not theirs if kind == "taken_over" else theirs and task.stands

        self._say(now, member, kind, task.name, holds=holds)

    def _of_case(self, now: datetime, member: int, kind: str, case: Case) -> None:
        """What became of a case, as it stands when it is told; nothing where it stands otherwise again."""

        def says(moment: datetime) -> set[str]:
            mine = case.officer == member
            tasks = [t for t in self.county.tasks.values() if t.case is case and t.kind != "contact"]
            theirs = [t for t in tasks if self.county.theirs(t, member, moment.date())]
            if kind == "case_moved":
                return set() if mine else {f"case {case.number}"}
            if kind == "case_given":
                holds = mine and case.state != "closed" and member not in case.recused
            else:
                stands = (case.state == "open") == (kind == "resumed")
                holds = stands and (bool(theirs) or (mine and member not in case.recused))
            listed = [t.name for t in theirs if t.stands and kind != "paused"]
            return {f"case {case.number}", *listed} if holds else set()

        self.post.put(now, member, kind, says)

    def _maker(self, task: Task, now: datetime) -> int | None:
        return next(iter(self.county.makers(task, now.date())), None)

    # --- a task ---------------------------------------------------------------------------------------------------

    def _move(self, task: Task, due: date, now: datetime) -> None:
        """A new date: the ladder begins anew from it."""
        task.due, task.dated_at, task.told = due, now, set()
        task.acknowledged_until = task.rests_until = task.asked = None
        task.put_off = False

    def _reschedule(self, task: Task, act: Act) -> None:
        """Twice without asking; after that a later day is a request to whoever is above and there, if anybody is."""
        to = act.more["to"]
        above = self.county.hear(task, "supervisor", act.at.date(), reached=True)
        if task.moves < MOVES or to <= task.due or not above:
            was = task.due
            task.moves += 1
            self._move(task, to, act.at)
            task.put_off = True
            self.moves.put_off(task, was, act.at)
            return
        task.asked = to
        for member in above:
            self._ask(task, member, to, act.at)

    def _ask(self, task: Task, member: int, to: date, now: datetime) -> None:
        def holds(moment: datetime) -> bool:
            """Still asked, and theirs to decide; of somebody who is away by then, whoever is above next."""
            if not task.stands or task.asked != to:
                return False
            away = self.county.leave_of(member, moment.date()) is not None
            if away or member in task.case.recused:
                above = self.county.hear(task, "supervisor", moment.date(), reached=True)
                others = [one for one in above if one != member]
                for other in others:
                    if (task.name, now, other) not in self._asked:
                        self._asked.add((task.name, now, other))
                        self._ask_at(task, other, to, now, moment)
                return not others and member not in task.case.recused
            return True

        self._asked.add((task.name, now, member))
        self._say(now, member, "move_asked", task.name, holds=holds)

    def _ask_at(self, task: Task, member: int, to: date, asked_at: datetime, now: datetime) -> None:
        self._say(now, member, "move_asked", task.name, holds=lambda _: task.stands and task.asked == to)

    def _keep_day(self, task: Task, act: Act) -> None:
        task.asked = None
        self._of_task(act.at, self._maker(task, act.at), "move_refused", task)

    def _extend(self, task: Task, act: Act) -> None:
        today, asked = act.at.date(), task.asked
        granted = asked if asked is not None and asked >= today else later(today, GRANTED)
        self._move(task, granted, act.at)
        self._of_task(act.at, self._maker(task, act.at), "extended", task)

    def _acknowledge(self, task: Task, act: Act) -> None:
        task.acknowledged_until = at(later(act.at.date(), ACKNOWLEDGED), NINE, act.at)

    def _note_follows(self, task: Task, act: Act) -> None:
        assert task.rests_until is None, "said once: the limit counts from then"
        task.rests_until = at(later(act.at.date(), NOTE), EVENING, act.at)
        task.asked = None

    def _reassign(self, task: Task, act: Act) -> None:
        self._acknowledge(task, act)
        task.asked = None
        before, task.maker = self._maker(task, act.at), act.more["to"]
        self._of_task(act.at, self._maker(task, act.at), "assigned", task)
        if before is not None and before != task.maker:
            self._of_task(act.at, before, "taken_over", task)

    def _chase(self, task: Task, act: Act) -> None:
        chasing.chase(self.county, self.post, task, act.at)

    # --- a note ---------------------------------------------------------------------------------------------------

    def _record(self, task: Task, act: Act) -> None:
        """What comes next of its kind; who was met, when; and what the rating and the companions bring about."""
        case, now, held = task.case, act.at, act.more.get("held", act.at.date())
        grade: str | None = act.more.get("grade")
        task.over = task.recorded = True
        self.post.matters.promise(case, act.more.get("promise"))
        soonest = later(now.date(), 1)
        days = TALKS[grade] if task.kind == "talk" else EVERY.get(task.kind)
        if days is not None and not self.county.waiting(case, task.kind):
            self._plan(case, task.kind, max(later(held + timedelta(days=days), 0), soonest), now)
        if task.kind in MEETINGS:
            self._met(case, held, now)
        if task.kind != "talk" and grade in ("unsettled", "concern"):
            by = max(later(held + timedelta(days=TALKS[grade]), 0), soonest)
            self._no_later(case, "talk", later(now.date(), CONCERN_TALK) if grade == "concern" else by, now)
        before = [one for held_before, one in sorted(case.rated, key=lambda it: it[0]) if held_before <= held]
        if grade == "concern" and before[-1:] != ["concern"]:
            soon = later(now.date(), CONCERN_TALK)
            if not any(talk.due <= soon for talk in self.county.waiting(case, "talk")):
                self._no_later(case, "contact", soon, now)
        if grade is not None:
            case.grade = grade
            case.rated.append((held, grade))
        for member in act.more.get("companions", ()):
            self.companions.ask(Asked(task.name, case, act.by, member, now), now)
        if grade == "concern":
            by = later(now.date(), CONCERN_REVIEW)
            if not self.county.waiting(case, "review"):
                self._plan(case, "review", by, now)
            self._no_later(case, "review", by, now)
            self._concern(task, now)

    def _follow_up(self, _: Case, act: Act) -> None:
        self.post.matters.all[act.more["matter"]].done = True

    def _concern(self, task: Task, now: datetime) -> None:
        """The office hears at once; of those whom no message reaches, the leading group instead."""
        able = self.county.able(task.case, "staff")
        hears = [one for one in able if self.county.members[one].reached]
        if not hears:
            hears = [m for m in self.county.able(task.case, "leader") if self.county.members[m].reached]
        for member in hears:
            self._say(now, member, "concern", task.name, holds=lambda _, m=member: m not in task.case.recused)  # type: ignore[misc]

    def _plan(self, case: Case, kind: str, due: date, now: datetime) -> None:
        task = self.county.plan(case, kind, due, now)
        if kind == "review":
            self._hears_mornings(task, now)

    def _hears_mornings(self, task: Task, now: datetime) -> None:
        """Of the office those who have a review to do, from the next morning on."""
        if task.maker is not None and self.county.members[task.maker].morning_of is None:
            self.county.members[task.maker].morning_of = now.date()

    def _no_later(self, case: Case, kind: str, by: date, now: datetime) -> None:
        for task in self.county.waiting(case, kind):
            if task.due > by:
                self._move(task, by, now)

    def _met(self, case: Case, on: date, now: datetime, *, anew: bool = False) -> None:
        """From a day on which the person was met it is counted anew for how long nothing is recorded."""
        due = max(later(on + timedelta(days=SILENCE), 0), later(now.date(), 1))
        watches = self.county.waiting(case, "contact")
        if not watches:
            self._plan(case, "contact", due, now)
        for watch in watches:
            if anew or watch.due < due:
                self._move(watch, due, now)

    # --- a case ---------------------------------------------------------------------------------------------------

    def _makers(self, case: Case, now: datetime) -> set[int]:
        """Who makes the visits, today; the office, which holds the reviews, decides about it."""
        day, found = now.date(), set[int]()
        for task in self.county.waiting(case):
            if task.kind not in ("review", "contact"):
                found |= set(self.county.makers(task, day))
        return found or {case.officer} - case.recused

    def _hold(self, case: Case, act: Act) -> None:
        self._stop(case, "held", act.at)

    def _close(self, case: Case, act: Act) -> None:
        self._stop(case, "closed", act.at)
        for task in self.county.waiting(case):
            task.over = True

    def _stop(self, case: Case, state: str, now: datetime) -> None:
        makers = self._makers(case, now) if case.state == "open" else set()
        case.state = state
        for task in self.county.waiting(case):
            task.asked = None
        self.companions.rest(case)
        for member in makers:
            self._of_case(now, member, "paused", case)

    def _resume(self, case: Case, act: Act) -> None:
        """A date that is still to come stays; what passed meanwhile, or is not there, is planned from today."""
        now, today = act.at, act.at.date()
        case.state = "open"
        for kind in (*FIRST, "care_plan"):
            days = FIRST.get(kind)
            due = later(today, PLAN) if days is None else later(today + timedelta(days=days), 0)
            tasks = self.county.waiting(case, kind)
            for task in tasks:
                if later(task.due, 0) > today:
                    task.dated_at = now
                else:
                    self._move(task, due, now)
            if not tasks and not (kind == "care_plan" and self._was_made(case, kind)):
                self._plan(case, kind, due, now)
        self._met(case, today, now, anew=True)
        self.companions.go_on(case, now)
        for member in self._makers(case, now):
            self._of_case(now, member, "resumed", case)

    _reopen = _resume

    def _was_made(self, case: Case, kind: str) -> bool:
        return any(
            t.case is case and t.kind == kind and t.over and t.recorded for t in self.county.tasks.values()
        )

    def _hand_over(self, case: Case, act: Act) -> None:
        before, case.officer = case.officer, act.more["to"]
        for task in self.county.waiting(case):
            if task.kind in OFFICERS_OWN:
                task.maker, task.asked = case.officer, None
                if late(task.due, act.at.date()) > 0 and case.state == "open":
                    self._acknowledge(task, act)
        self.calls.hand_over(case)
        self._of_case(act.at, case.officer, "case_given", case)
        self._of_case(act.at, before, "case_moved", case)

    def _recuse(self, case: Case, act: Act) -> None:
        case.recused.add(act.more["who"])
        self._pass_on(case, act.at)
        self.companions.drop_recused(case)

    def _unrecuse(self, case: Case, act: Act) -> None:
        case.recused.discard(act.more["who"])
        self._pass_on(case, act.at)

    def _pass_on(self, case: Case, now: datetime) -> None:
        """What somebody of the unit or the office has, who keeps out of the case now, is for another of them."""
        for task in self.county.waiting(case):
            role = {"unit_opinion": "unit", "review": "staff"}.get(task.kind)
            if role is not None and task.maker not in self.county.able(case, role):
                task.asked = None
                task.maker = None  # as long as it is looked for, it is nobody's
                task.maker = self.county.maker_of(case, task.kind)
                if role == "staff":
                    self._hears_mornings(task, now)

    # --- leave, safety, companions --------------------------------------------------------------------------------

    def _leave(self, _: None, act: Act) -> None:
        self._leaves[act.by] += 1
        span = act.more["first"], act.more["last"]
        leave = Leave(act.by, *span, act.more.get("cover"), self._leaves[act.by])
        self.county.leaves.append(leave)
        self._tell_of_leave(leave, act.at, "leave", "cover")

    def _back(self, _: None, act: Act) -> None:
        """Leave that runs ends yesterday; what has not begun never was."""
        leave: Leave = act.more["leave"]
        if leave.first < act.at.date():
            leave.last = act.at.date() - DAY
        else:
            self.county.leaves.remove(leave)
        if self.county.members[act.by].morning_of is not None:
            self.county.members[act.by].morning_of = act.at.date()
        self._tell_of_leave(leave, act.at, "leave_off", "leave_off")

    def _tell_of_leave(self, leave: Leave, now: datetime, overseers: str, cover: str) -> None:
        if "officer" not in self.county.members[leave.member].roles:
            return
        hearers = dict.fromkeys(self.county.oversee(leave.member, now.date()), overseers)
        if leave.cover is not None:
            hearers[leave.cover] = cover
        told = set(hearers)  # whoever hears instead of several of them hears it once
        for member, kind in hearers.items():
            self._of_leave(leave, member, kind, now, told)

    def _of_leave(self, leave: Leave, member: int, kind: str, now: datetime, told: set[int]) -> None:
        def instead(moment: datetime) -> None:
            others = self.county.oversee(leave.member, moment.date(), without=member, reached=True)
            for other in [one for one in others if one not in told and kind != "cover"]:
                told.add(other)
                self._of_leave(leave, other, kind, moment, told)

        def says(moment: datetime) -> set[str]:
            over = leave not in self.county.leaves or leave.last < moment.date()
            return set() if over and kind != "leave_off" else {f"leave {leave.number} of {leave.member}"}

        self.post.put(now, member, kind, says, instead=instead)

    def _worry(self, case: Case, act: Act) -> None:
        self.calls.open(case, act.by, act.at)

    def _take(self, case: Case, act: Act) -> None:
        self.calls.take(self.calls.of[case.number], act.by, act.at)

    def _spoken(self, case: Case, act: Act) -> None:
        self.calls.spoken(self.calls.of[case.number])
        if case.state == "open":
            self._met(case, act.at.date(), act.at)
            if act.more["soon"]:
                self._no_later(case, "talk", later(act.at.date(), CONCERN_TALK), act.at)

    def _confirm(self, task: Task, act: Act) -> None:
        self._asked_of(task, act.by).state = "confirmed"

    def _refuse(self, task: Task, act: Act) -> None:
        self.companions.refuse(self._asked_of(task, act.by), act.at)

    def _asked_of(self, task: Task, member: int) -> Asked:
        return next(a for a in self.companions.asked if (a.name, a.member) == (task.name, member))
