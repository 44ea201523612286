"""The parts of the rulebook (storage/rulebook.py): when, to whom, how many; and what all of them are made of."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from locales.catalogue import N_
from locales.phrase import Plain

OWN = "rulebook"  # the type of the errors that carry a sentence of ours


def wrong(msgid: str, **values: Plain) -> PydanticCustomError:
    """A broken rule as pydantic wants it, with the sentence and its values kept for `Refused`."""
    return PydanticCustomError(OWN, "{sentence}", {"sentence": msgid, "values": values})


def _without_zone(moment: time) -> time:
    if moment.tzinfo is not None:
        raise wrong(N_("The hours of the rulebook are those of the county and name no time zone."))
    return moment


Days = Annotated[int, Field(ge=1, le=3660, strict=True)]
TalkDays = Annotated[
    int, Field(ge=1, le=365, strict=True)
]  # nobody is left without a talk for more than a year
Number = Annotated[int, Field(ge=1, le=100, strict=True)]
Workdays = Annotated[int, Field(ge=0, le=100, strict=True)]
Minutes = Annotated[int, Field(ge=5, le=720, strict=True)]  # nothing about safety is silent for half a day
Hour = Annotated[time, AfterValidator(_without_zone)]


class Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Recipient(StrEnum):
    """Whom a step of the ladder tells: a role, found anew for each visit."""

    care_officer = "care_officer"
    supervisor = "supervisor"
    commission_staff = "commission_staff"
    leader = "leader"


class Via(StrEnum):
    digest = "digest"  # a line of the morning message
    notice = "notice"  # a message of its own


class Hours(Rules):
    """When people are told, in the county's time, on working days."""

    digest_at: Hour = Field(time(8, 30), description=N_("When the morning digest goes out. Our proposal."))
    notices_from: Hour = Field(
        time(9, 0), description=N_("From when single notices may go out. Our proposal.")
    )
    notices_until: Hour = Field(
        time(17, 0), description=N_("Until when single notices may go out. Our proposal.")
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.digest_at <= self.notices_from < self.notices_until:
            raise wrong(
                N_("The hours must follow one another: the digest, the first notice, the last notice.")
            )
        return self

    def allow(self, hour: time) -> bool:
        return self.notices_from <= hour <= self.notices_until


class LadderStep(Rules):
    """One step: so many working days from the due day, this role is told in this way."""

    offset: int = Field(
        ge=-100,
        le=100,
        strict=True,
        description=N_("Working days from the due day; before it if negative. Our proposal."),
    )
    to: Recipient = Field(description=N_("Who is told. Our proposal."))
    via: Via = Field(description=N_("In the morning digest, or by a notice of its own. Our proposal."))
    at: Hour | None = Field(
        None, description=N_("When the notice goes out; the digest has its own time. Our proposal.")
    )

    @model_validator(mode="after")
    def _timed(self) -> Self:
        if self.via is Via.notice and self.at is None:
            raise wrong(N_("A notice of the ladder needs its time of day."))
        if self.via is Via.digest and self.at is not None:
            raise wrong(N_("A step that goes with the digest has no time of its own."))
        return self


def _step(offset: int, to: Recipient, at: time | None = None) -> LadderStep:
    return LadderStep(offset=offset, to=to, via=Via.digest if at is None else Via.notice, at=at)


_STEPS = (
    _step(-7, Recipient.care_officer),
    _step(-3, Recipient.care_officer),
    _step(-1, Recipient.care_officer),
    _step(0, Recipient.care_officer, time(14, 30)),
    # what is overdue opens that morning's digest: one message to the officer, not two
    _step(1, Recipient.care_officer),
    _step(2, Recipient.supervisor, time(9, 0)),
    _step(5, Recipient.commission_staff, time(9, 0)),
    _step(8, Recipient.leader, time(9, 0)),
)


class Ladder(Rules):
    """Who is told of one visit, and when, until it is done."""

    steps: tuple[LadderStep, ...] = Field(
        _STEPS,
        description=N_(
            "The steps before and after the due day, in order. Our proposal; counts and roles are to be confirmed."
        ),
    )
    repeat_every: Number = Field(
        5, description=N_("Working days between repeats after the last step. Our proposal.")
    )
    repeat_to: tuple[Recipient, ...] = Field(
        (Recipient.supervisor, Recipient.commission_staff, Recipient.leader),
        min_length=1,
        description=N_("Who is told again with each repeat. Our proposal."),
    )
    repeat_at: Hour = Field(time(9, 0), description=N_("When a repeat goes out. Our proposal."))
    acknowledge_workdays: Number = Field(
        3, description=N_("Working days for which acknowledging stops the repeats. Our proposal.")
    )
    extend_workdays: Number = Field(
        5, description=N_("Working days that a supervisor grants by one tap. Our proposal.")
    )
    note_rest_workdays: Number = Field(
        2,
        description=N_(
            "Working days for which the ladder rests when the visit is done and the note follows. Our proposal."
        ),
    )

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        for earlier, later in pairwise(self.steps):
            if later.offset <= earlier.offset:
                raise wrong(
                    N_("The steps of the ladder must follow one another: {later} comes after {earlier}."),
                    later=later.offset,
                    earlier=earlier.offset,
                )
        if not any(step.offset > 0 and step.to is Recipient.supervisor for step in self.steps):
            raise wrong(N_("The ladder must reach a supervisor after the due day."))
        return self

    @property
    def soon_workdays(self) -> int:
        """How many working days ahead a visit counts as due soon: from its first step on."""
        return max(-self.steps[0].offset, 0)


class SafetyStep(Rules):
    """One step of a safety call: so many minutes after it was opened, these people are told, at any hour."""

    after_minutes: int = Field(
        ge=0, le=1440, strict=True, description=N_("Minutes after the call was opened. Our proposal.")
    )
    to: tuple[Recipient, ...] = Field(min_length=1, description=N_("Who is told. Our proposal."))


_NEAR = (Recipient.care_officer, Recipient.supervisor, Recipient.commission_staff)
_ALL = (*_NEAR, Recipient.leader)


class SafetyRules(Rules):
    """Who is told that somebody has to be spoken with at once, until somebody has."""

    steps: tuple[SafetyStep, ...] = Field(
        (SafetyStep(after_minutes=0, to=_NEAR), SafetyStep(after_minutes=30, to=_ALL)),
        min_length=1,
        description=N_(
            "The first steps of a safety call, at any hour. Our proposal; counts and roles are to be confirmed."
        ),
    )
    repeat_to: tuple[Recipient, ...] = Field(
        _ALL, min_length=1, description=N_("Who is told again of a safety call. Our proposal.")
    )
    repeat_minutes: Minutes = Field(
        60, description=N_("Minutes between repeats of a safety call, day and night. Our proposal.")
    )
    close_hours: Number = Field(
        12, description=N_("Hours for which a safety call is repeated so closely. Our proposal.")
    )
    later_minutes: Minutes = Field(
        240,
        description=N_(
            "Minutes between repeats of a safety call after that, day and night, without an end. Our proposal."
        ),
    )
    rest_minutes: Minutes = Field(
        60, description=N_("Minutes for which a safety call rests when somebody is on it. Our proposal.")
    )
    again_minutes: Minutes = Field(
        10,
        description=N_(
            "Minutes within which asking again to be contacted is not told again: it was told just now. Our proposal."
        ),
    )

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        if self.steps[0].after_minutes != 0:
            raise wrong(N_("A safety call is told at once: its first step comes after 0 minutes."))
        if not set(self.steps[0].to) - {Recipient.care_officer}:
            raise wrong(N_("A safety call is told at once to somebody above the care officer."))
        for earlier, later in pairwise(self.steps):
            if later.after_minutes <= earlier.after_minutes:
                raise wrong(
                    N_("The steps of a safety call must follow one another: {later} comes after {earlier}."),
                    later=later.after_minutes,
                    earlier=earlier.after_minutes,
                )
        if self.later_minutes < self.repeat_minutes:
            raise wrong(N_("The repeats of a safety call may become rarer with time, not closer."))
        return self


class LeaveRules(Rules):
    """How leave may be entered."""

    longest_days: Days = Field(
        90, description=N_("Days of leave at once; longer needs another care officer. Our proposal.")
    )
    ahead_days: Days = Field(180, description=N_("How many days ahead leave may begin. Our proposal."))
    back_days: Workdays = Field(
        7, description=N_("How many days back leave that was not entered in time may begin. Our proposal.")
    )


class Limits(Rules):
    """Sizes of what people are shown and given."""

    suggested_dates: Number = Field(
        3, description=N_("How many working days are offered for a new date. Our proposal.")
    )
    alert_items: Number = Field(
        5, description=N_("How many overdue visits in one alert have their own buttons. Our proposal.")
    )
    moves: Number = Field(
        2,
        description=N_(
            "How often a visit is moved without asking; beyond that those who oversee it decide. Our proposal."
        ),
    )
    matters_every: Number = Field(
        5,
        description=N_(
            "Working days after which the digest lists a matter to follow up again that is still open. Our proposal."
        ),
    )
    draft_days: Days = Field(
        30, description=N_("Days after which an untouched draft is dropped. Our proposal.")
    )
    invite_days: Days = Field(7, description=N_("Days for which a one-time code is good. Our proposal."))
    own_hours: Number = Field(
        2, description=N_("Hours that a member's own time for reminders lasts at least. Our proposal.")
    )
    button_days: Days = Field(30, description=N_("Days for which a button can be tapped. Our proposal."))
