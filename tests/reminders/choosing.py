"""By dice, what somebody does next: something that they can do as things stand, as the oracle sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.reminders.oracle import days
from tests.reminders.oracle.acts import Act
from tests.reminders.oracle.county import MEETINGS, Case, Task
from tests.reminders.oracle.living import Oracle

GRADES = ("settled", "stable", "unsettled", "concern")
OFTEN = {
    "record": 6, "reschedule": 5, "keep_day": 2, "note_follows": 3, "extend": 3, "acknowledge": 6, "reassign": 4,
    "chase": 2, "hold": 1, "resume": 4, "close": 1, "reopen": 4, "hand_over": 1, "recuse": 2, "unrecuse": 2,
    "follow_up": 2, "leave": 4, "back": 1, "worry": 1, "take": 4, "spoken": 6, "confirm": 2, "refuse": 2,
}  # fmt: skip
TRIES = 20


class Choosing:
    """`only`: no other acts than these."""

    def __init__(self, dice: Random, only: tuple[str, ...] = tuple(OFTEN)) -> None:
        self.dice, self.only = dice, only

    def __call__(self, oracle: Oracle, now: datetime) -> Act | None:
        for _ in range(TRIES):
            what = self.dice.choices(self.only, [OFTEN[one] for one in self.only])[0]
            found: Act | None = getattr(self, f"_{what}")(oracle, now)
            if found is not None:
                return found
        return None

    def _any(self, among: list[Any]) -> Any:
        return self.dice.choice(among) if among else None

    # --- a task ---------------------------------------------------------------------------------------------------

    def _task(self, oracle: Oracle, now: datetime, what: str, door: str, **more: Any) -> Act | None:
        """An act upon a task that is near enough to matter, by somebody who may."""
        near = now.date() + timedelta(days=14)
        tasks = [t for t in oracle.county.tasks.values() if t.stands and t.due <= near]
        if what == "keep_day":
            tasks = [t for t in tasks if t.asked is not None]
        if what in ("reschedule", "note_follows", "reassign", "record"):
            tasks = [t for t in tasks if t.kind != "contact"]
        if what in ("note_follows", "extend", "reassign"):  # one that was made is not put off or given away
            tasks = [t for t in tasks if t.rests_until is None]
        task: Task | None = self._any(tasks)
        by = self._any(self._may(oracle, now, task, door)) if task is not None else None
        if task is None or by is None:
            return None
        return Act(now, what, by, task=task.name, more=more)

    def _may(self, oracle: Oracle, now: datetime, task: Task, door: str) -> list[int]:
        county, makers = oracle.county, oracle.county.makers(task, now.date())
        if door == "record":
            if task.kind == "unit_opinion":
                return county.able(task.case, "unit")
            if task.kind == "review":
                return county.able(task.case, "staff")
            own = [] if task.maker in task.case.recused or task.maker is None else [task.maker]
            return [*makers, *own]
        too_near = {task.maker, *makers, *task.case.recused}
        above = county.members[task.maker].supervisor if task.maker is not None else None
        over = [] if above is None or county.members[above].suspended else [above]
        return [m for m in [*over, *county.holders("staff"), *county.holders("leader")] if m not in too_near]

    def _reschedule(self, oracle: Oracle, now: datetime) -> Act | None:
        to = days.later(now.date() + timedelta(days=self.dice.randint(0, 30)), 0)
        return self._task(oracle, now, "reschedule", "record", to=to)

    def _note_follows(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._task(oracle, now, "note_follows", "record")

    def _extend(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._task(oracle, now, "extend", "direct")

    def _keep_day(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._task(oracle, now, "keep_day", "direct")
        asked = oracle.county.tasks[act.task or ""].asked if act is not None else None
        if act is not None:
            act.more["asked"] = asked
        return act if asked is not None else None

    def _acknowledge(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._task(oracle, now, "acknowledge", "direct")

    def _chase(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._task(oracle, now, "chase", "direct")
        if act is None or act.task is None:
            return None
        today = [a for a in oracle.acts if (a.what, a.task, a.at.date()) == ("chase", act.task, now.date())]
        makers = oracle.county.makers(oracle.county.tasks[act.task], now.date())
        return act if makers and not today else None

    def _reassign(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._task(oracle, now, "reassign", "direct")
        if act is None or act.task is None:
            return None
        task, county = oracle.county.tasks[act.task], oracle.county
        if task.maker is None:
            return None
        role = {"unit_opinion": "unit", "review": "staff"}.get(task.kind)
        if role is not None:
            others = county.able(task.case, role)
        else:
            everyone = county.holders("officer")
            above = county.members[task.maker].supervisor
            same = [m for m in everyone if m != task.maker and county.members[m].supervisor == above]
            others = [m for m in same or everyone if m not in task.case.recused]
        able = [m for m in others if m != task.maker and county.leave_of(m, now.date()) is None]
        to = self._any(able)
        if to is None:
            return None
        act.more["to"] = to
        return act

    def _record(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._task(oracle, now, "record", "record")
        if act is None or act.task is None:
            return None
        task = oracle.county.tasks[act.task]
        if self.dice.random() < 0.5:
            act.more["promise"] = now.date() + timedelta(days=self.dice.randint(0, 20))
        if task.kind in MEETINGS:
            act.more["held"] = now.date() - timedelta(days=self.dice.choice((0, 0, 0, 1, 3)))
            act.more["grade"] = self._grade(task.case)
            if self.dice.random() < 0.5:
                act.more["companions"] = self._companions(oracle, task.case, act.by)
        return act

    def _follow_up(self, oracle: Oracle, now: datetime) -> Act | None:
        """Seen to, before its day, on it or long after."""
        open_ = [
            one for one in oracle.post.matters.all.values()
            if not one.done and one.case.state == "open" and one.case.officer not in one.case.recused
        ]  # fmt: skip
        one = self._any(open_)
        if one is None:
            return None
        return Act(now, "follow_up", one.case.officer, case=one.case.number, more={"matter": one.name})

    def _grade(self, case: Case) -> str | None:
        """At most a grade from the last one: more would take a second person."""
        if self.dice.random() < 0.3:
            return None
        at = GRADES.index(case.grade) if case.grade else self.dice.randrange(len(GRADES))
        return GRADES[max(0, min(len(GRADES) - 1, at + self.dice.choice((-1, 0, 1))))]

    def _companions(self, oracle: Oracle, case: Case, author: int) -> list[int]:
        able = [
            m.number for m in oracle.county.members.values()
            if not m.suspended and m.number != author and m.number not in case.recused
        ]  # fmt: skip
        return self.dice.sample(able, self.dice.choice((1, 1, 2)))

    # --- a case ---------------------------------------------------------------------------------------------------

    def _case(self, oracle: Oracle, now: datetime, what: str, *states: str, **more: Any) -> Act | None:
        case = self._any([c for c in oracle.county.cases.values() if c.state in states])
        by = self._any(oracle.county.able(case, "staff")) if case is not None else None
        return Act(now, what, by, case=case.number, more=more) if by is not None else None

    def _hold(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._case(oracle, now, "hold", "open")

    def _close(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._case(oracle, now, "close", "open", "held")

    def _resume(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._case(oracle, now, "resume", "held")

    def _reopen(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._case(oracle, now, "reopen", "closed")

    def _hand_over(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._case(oracle, now, "hand_over", "open", "held")
        if act is None:
            return None
        case = oracle.county.cases[act.case or 0]
        act.more["to"] = self._any([m for m in oracle.county.able(case, "officer") if m != case.officer])
        return act if act.more["to"] is not None else None

    def _recuse(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._case(oracle, now, "recuse", "open", "held")
        if act is None:
            return None
        case, county = oracle.county.cases[act.case or 0], oracle.county
        roles = ("officer", "supervisor", "staff", "leader", "unit")
        who = self._any([m for role in roles for m in county.able(case, role)])
        act.more["who"] = who
        return act if set(county.able(case, "staff")) - {who} else None

    def _unrecuse(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._case(oracle, now, "unrecuse", "open", "held", "closed")
        who = self._any(sorted(oracle.county.cases[act.case or 0].recused)) if act is not None else None
        if act is None or who is None or who == act.by:
            return None
        act.more["who"] = who
        return act

    # --- leave, safety, companions --------------------------------------------------------------------------------

    def _leave(self, oracle: Oracle, now: datetime) -> Act | None:
        county = oracle.county
        by = self._any(
            [m.number for m in county.members.values() if not m.suspended and "unit" not in m.roles]
        )
        first = now.date() + timedelta(days=self.dice.randint(0, 12))
        last = first + timedelta(days=self.dice.randint(0, 8))

        def away(member: int) -> bool:
            return any(
                one.member == member and one.first <= last and first <= one.last for one in county.leaves
            )

        if away(by):
            return None
        more: dict[str, Any] = {"first": first, "last": last}
        if "officer" in county.members[by].roles and self.dice.random() < 0.6:
            more["cover"] = self._any([m for m in county.holders("officer") if m != by and not away(m)])
        return Act(now, "leave", by, more=more)

    def _back(self, oracle: Oracle, now: datetime) -> Act | None:
        leave = self._any([one for one in oracle.county.leaves if one.last >= now.date()])
        if leave is None:
            return None
        return Act(now, "back", leave.member, more={"leave": leave, "first": leave.first})

    def _worry(self, oracle: Oracle, now: datetime) -> Act | None:
        county = oracle.county
        case = self._any([c for c in county.cases.values() if c.number not in oracle.people.calls.of])
        if case is None:
            return None
        office = [*county.able(case, "staff"), *county.able(case, "leader")]
        officer = [case.officer] if case.officer not in case.recused else []
        return Act(now, "worry", self._any([*office, *officer, *officer]), case=case.number)

    def _call(self, oracle: Oracle, now: datetime, what: str) -> Act | None:
        call = self._any(list(oracle.people.calls.of.values()))
        if call is None:
            return None
        county = oracle.county
        by = self._any([*county.able(call.case, "staff"), *county.able(call.case, "leader")])
        return Act(now, what, by, case=call.case.number)

    def _take(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._call(oracle, now, "take")

    def _spoken(self, oracle: Oracle, now: datetime) -> Act | None:
        act = self._call(oracle, now, "spoken")
        if act is not None:
            act.more["soon"] = self.dice.random() < 0.4
        return act

    def _asked(self, oracle: Oracle, now: datetime, what: str) -> Act | None:
        one = self._any([one for one in oracle.people.companions.asked if one.waits])
        return Act(now, what, one.member, task=one.name) if one is not None else None

    def _confirm(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._asked(oracle, now, "confirm")

    def _refuse(self, oracle: Oracle, now: datetime) -> Act | None:
        return self._asked(oracle, now, "refuse")
