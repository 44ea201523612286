"""The part of the rulebook (storage/rulebook.py) that says how often."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from locales.catalogue import N_
from storage.rulebook_sections import Days, Number, Rules, TalkDays, Workdays, wrong


class RestrictionCadence(Rules):
    """Stage 0: care during the restriction period."""

    first_talk_days: TalkDays = Field(
        30,
        description=N_(
            "Days from the decision to the first talk. Our proposal, after the month that Jingzhou allows."
        ),
    )
    talk_days_light: TalkDays = Field(
        180,
        description=N_(
            "Days between talks after a light sanction. Our proposal; at least one a year is published practice."
        ),
    )
    talk_days_heavy: TalkDays = Field(
        90,
        description=N_(
            "Days between talks after a heavy sanction. Our proposal; at least one a year is published practice."
        ),
    )
    pre_expiry_days: Days = Field(
        30,
        description=N_(
            "Days before the end of the restriction period by which the visit that prepares the file is due; a day off "
            "brings it forward. Practice in Jishou."
        ),
    )


class TalkByStateOfMind(Rules):
    """Days to the next talk, by the state of mind in the last one."""

    settled: TalkDays = Field(90, description=N_("Days to the next talk when settled. Our proposal."))
    stable: TalkDays = Field(90, description=N_("Days to the next talk when stable. Our proposal."))
    unsettled: TalkDays = Field(30, description=N_("Days to the next talk when unsettled. Our proposal."))
    concern: TalkDays = Field(14, description=N_("Days to the next talk when of concern. Our proposal."))
    not_rated: TalkDays = Field(90, description=N_("Days to the next talk when not rated. Our proposal."))

    @model_validator(mode="after")
    def _worry_comes_sooner(self) -> Self:
        if not self.concern <= self.unsettled <= self.stable <= self.settled:
            raise wrong(N_("A more worrying state of mind must not lead to a later talk."))
        return self

    def for_state(self, state_of_mind: str) -> int:
        """The days for one value of the scale.

        Raises:
            ValueError: the scale has no such value.
        """
        if state_of_mind not in type(self).model_fields:
            raise ValueError(f"the scale has no state of mind {state_of_mind!r}")
        days: int = getattr(self, state_of_mind)
        return days


class FollowUpCadence(Rules):
    """Stage 1: care follow-up."""

    talk_days: TalkByStateOfMind = Field(
        TalkByStateOfMind(),
        description=N_(
            "Days between talks, by the state of mind. The talk is the programme's, the interval ours."
        ),
    )
    plan_workdays: Number = Field(
        15, description=N_("Working days from admission within which the care plan is made. Our proposal.")
    )
    home_visit_first_days: Days = Field(
        180,
        description=N_(
            "Days from admission to the first home visit. The visit is the programme's, the interval ours."
        ),
    )
    home_visit_days: Days = Field(
        365, description=N_("Days between home visits. The visit is the programme's, the interval ours.")
    )
    study_visit_days: Days = Field(
        180,
        description=N_("Days between studies at the door. The form is the programme's, the interval ours."),
    )
    unit_opinion_days: Days = Field(
        180,
        description=N_(
            "Days between opinions of the unit's Party organisation. The content is the programme's, the interval ours."
        ),
    )

    review_days: Days = Field(
        180,
        description=N_(
            "Days between comprehensive reviews. The review is the programme's, the interval ours."
        ),
    )
    review_after_concern_workdays: Workdays = Field(
        5,
        description=N_(
            "Working days within which a review follows a rating of concern, in any stage. Our proposal."
        ),
    )


class LaterCadence(Rules):
    """Stages 2 and 3: care does not stop while somebody is evaluated or observed."""

    talk_days: TalkDays = Field(
        90, description=N_("Days between talks during evaluation and observation. Our proposal.")
    )


class Cadence(Rules):
    """How often."""

    restriction: RestrictionCadence = Field(
        RestrictionCadence(),
        description=N_("Stage 0, care during the restriction period. Modelled by us on published practice."),
    )
    follow_up: FollowUpCadence = Field(
        FollowUpCadence(), description=N_("Stage 1, care follow-up. The forms are the programme's.")
    )
    evaluation: LaterCadence = Field(
        LaterCadence(), description=N_("Stage 2, comprehensive evaluation. Care goes on; our proposal.")
    )
    observation: LaterCadence = Field(
        LaterCadence(), description=N_("Stage 3, observation. Care goes on; our proposal.")
    )
    difficulty_workdays: Number = Field(
        15, description=N_("Working days that are usual for settling a difficulty. Our proposal.")
    )
    silent_days: Days = Field(
        30,
        description=N_(
            "Days beyond the longest interval between talks after which nothing recorded is noticed. Our proposal."
        ),
    )
    spread_weeks: Number = Field(
        6, description=N_("Weeks over which the first visits of an imported roster are spread. Our proposal.")
    )
    concern_contact_workdays: Workdays = Field(
        3, description=N_("Working days within which somebody of concern is contacted. Our proposal.")
    )
    safety_contact_workdays: Workdays = Field(
        0,
        description=N_(
            "Working days within which a safety concern is answered; 0 is the same day. Our proposal."
        ),
    )
