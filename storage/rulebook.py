"""The rulebook: every number of the mechanism, as typed, validated, versioned data.

A county may save its own version; what it leaves out holds as below. The description of each rule says what it is and
where its default comes from: the programme's own account, a published practice, the law, usage that still has to
be checked, or us.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, PlainSerializer, ValidationError, model_validator
from pydantic_core import ErrorDetails

from locales.catalogue import N_
from locales.phrase import Word
from storage.errors import Refused
from storage.rulebook_cadence import Cadence
from storage.rulebook_drift import DriftRules
from storage.rulebook_formal import FormalRules
from storage.rulebook_sections import (
    OWN,
    Hours,
    Ladder,
    LadderStep,
    LeaveRules,
    Limits,
    Recipient,
    Rules,
    SafetyRules,
    SafetyStep,
    Via,
    wrong,
)

__all__ = [
    "DEFAULT_VERSION",
    "RESTRICTION_MONTHS",
    "TO_BE_CHECKED",
    "Cadence",
    "DriftRules",
    "FormalRules",
    "Hours",
    "Ladder",
    "LadderStep",
    "LeaveRules",
    "Limits",
    "Recipient",
    "Rulebook",
    "SafetyRules",
    "SafetyStep",
    "Via",
]

DEFAULT_VERSION = 1

# By the sanctions of casework. A sanction without a number has no end that could be computed.
RESTRICTION_MONTHS: dict[str, int] = {
    # Party rules on discipline, articles 10 to 12
    "party.warning": 12,
    "party.serious_warning": 18,
    "party.serious_warning_without_post": 24,
    "party.removal_from_party_posts": 24,
    "party.probation_within_party": 24,  # counted from the day the rights are restored
    # law on government sanctions, article 8
    "government.warning": 6,
    "government.demerit": 12,
    "government.major_demerit": 18,
    "government.demotion": 24,
    "government.removal_from_office": 24,
    "government.lower_post_grade": 24,
    # a published rule of 2015; some places set 12
    "organisational.admonition": 6,
    # usage; 0 is recorded and holds nobody back
    "organisational.reminder_talk": 0,
    "organisational.criticism_education": 0,
    "organisational.ordered_self_examination": 0,
    "organisational.public_criticism": 12,
    "organisational.loss_of_honours": 12,
    "organisational.ordered_public_apology": 12,
    "organisational.suspension": 6,
    "organisational.post_adjustment": 12,
    "organisational.ordered_resignation": 24,
    "organisational.removal": 24,
    "organisational.resignation_taking_blame": 24,
    "organisational.demotion": 24,
}

# Lengths that rest on usage alone: shown with the request to check them until the unit has confirmed them.
TO_BE_CHECKED = frozenset(
    kind
    for kind in RESTRICTION_MONTHS
    if kind.startswith("organisational.") and not kind.endswith(".admonition")
) | {"government.lower_post_grade"}


def _known(months: Mapping[str, int]) -> Mapping[str, int]:
    for kind in months:
        if kind not in RESTRICTION_MONTHS:
            raise wrong(N_("The rulebook knows no sanction called {kind}."), kind=Word(kind))
    return MappingProxyType(dict(months))


def _plain(months: Mapping[str, int]) -> dict[str, int]:
    return dict(months)


Months = Annotated[int, Field(ge=0, le=600, strict=True)]
MonthsByKind = Annotated[Mapping[str, Months], AfterValidator(_known), PlainSerializer(_plain)]


class Rulebook(Rules):
    """Every number of the mechanism. Immutable: a change is a new version."""

    version: int = Field(
        DEFAULT_VERSION, ge=1, strict=True, description=N_("The number of this version. Kept by the product.")
    )
    restriction_months: MonthsByKind = Field(
        RESTRICTION_MONTHS,
        description=N_(
            "Months of restriction by sanction. From law and Party rules; organisational rows to be checked."
        ),
    )
    cadence: Cadence = Field(
        Cadence(), description=N_("How often. Forms from the programme, intervals ours.")
    )
    hours: Hours = Field(Hours(), description=N_("When people are told. Our proposal."))
    ladder: Ladder = Field(Ladder(), description=N_("Who is told of a visit, and when. Our proposal."))
    safety: SafetyRules = Field(
        SafetyRules(), description=N_("Who is told of a safety call, and when. Our proposal.")
    )
    formal: FormalRules = Field(
        FormalRules(), description=N_("What makes a visit a formal one. Two visitors; the rest ours.")
    )
    drift: DriftRules = Field(
        DriftRules(),
        description=N_("When an officer's ratings are worth a talk among colleagues. Our proposal."),
    )
    leave: LeaveRules = Field(LeaveRules(), description=N_("How leave may be entered. Our proposal."))
    limits: Limits = Field(
        Limits(), description=N_("Sizes of what people are shown and given. Our proposal.")
    )

    @model_validator(mode="after")
    def _notices_in_hours(self) -> Self:
        planned = [step.at for step in self.ladder.steps if step.at is not None]
        for hour in (*planned, self.ladder.repeat_at):
            if not self.hours.allow(hour):
                raise wrong(
                    N_("The notice at {hour} lies outside the hours for notices."), hour=Word(f"{hour:%H:%M}")
                )
        return self

    @classmethod
    def default(cls) -> Rulebook:
        """The rules of the product."""
        return _DEFAULT

    def dump(self) -> dict[str, Any]:
        """The rules as JSON values."""
        return self.model_dump(mode="json")

    @classmethod
    def load(cls, data: str | Mapping[str, Any]) -> Rulebook:
        """The rulebook that `dump` gave, as JSON values or as their text. What is left out holds as by default.

        Raises:
            Refused: a rule is broken or unknown; one sentence names the first.
        """
        try:
            return cls.model_validate_json(data if isinstance(data, str) else json.dumps(dict(data)))
        except ValidationError as error:
            raise _refusal(error.errors(include_url=False)[0]) from error


def _refusal(error: ErrorDetails) -> Refused:
    known = error.get("ctx", {})
    if error["type"] == OWN:
        sentence, values = known["sentence"], known["values"]
        return Refused(sentence, **values)
    rule = Word(".".join(str(part) for part in error["loc"]))
    match error["type"]:
        case "extra_forbidden":
            return Refused("The rulebook has no rule called {rule}.", rule=rule)
        case "greater_than_equal":
            return Refused("The rule {rule} must be {least} or more.", rule=rule, least=int(known["ge"]))
        case "less_than_equal":
            return Refused("The rule {rule} must be {most} or less.", rule=rule, most=int(known["le"]))
        case "missing":
            return Refused("The rule {rule} has no value.", rule=rule)
        case "json_invalid":
            return Refused("This is not a rulebook: it is not valid JSON.")
    return Refused("The value of the rule {rule} does not fit it.", rule=rule)


_DEFAULT = Rulebook()
