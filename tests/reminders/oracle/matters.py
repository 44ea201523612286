"""What notes promise to follow up by a day, as the rules tell of it: on that day, then every five working days while it
is open; what came due while somebody heard no morning is in their next one, once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tests.reminders.oracle.county import About, Case, County
from tests.reminders.oracle.days import later

AGAIN = 5  # working days


@dataclass
class Matter:
    name: str
    case: Case
    due: date
    done: bool = False
    told: dict[int, date] = field(default_factory=dict)  # to whom which morning told it last

    def turn(self, day: date) -> date | None:
        """The last day up to this one on which it is to be told."""
        last, turn = None, later(self.due, 0)
        while turn <= day:
            last, turn = turn, later(turn, AGAIN)
        return last

    def is_for(self, county: County, member: int, day: date) -> bool:
        """To the care officer of its case; in their leave to their cover, what falls due before they are back."""
        if self.done or self.case.state != "open":
            return False
        return member in county.makers(About(self.case, self.case.officer, self.due), day)

    def is_told(self, county: County, member: int, day: date) -> bool:
        turn, told = self.turn(day), self.told.get(member)
        return turn is not None and self.is_for(county, member, day) and (told is None or told < turn)


class Matters:
    def __init__(self, county: County) -> None:
        self.county = county
        self.all: dict[str, Matter] = {}
        for case, due in county.promised:
            self.promise(case, due)

    def promise(self, case: Case, due: date | None) -> None:
        """What a note names, if it does."""
        if due is None:
            return
        number = 1 + sum(one.case is case for one in self.all.values())
        name = f"matter {case.number} {number}"
        self.all[name] = Matter(name, case, due)

    def of_morning(self, member: int, day: date) -> set[str]:
        return {one.name for one in self.all.values() if one.is_told(self.county, member, day)}

    def heard(self, member: int, names: set[str], day: date) -> None:
        for name in names & self.all.keys():
            self.all[name].told[member] = day
