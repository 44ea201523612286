"""The part of the rulebook that says when a visit is a formal one, and who bears it out."""

from __future__ import annotations

from pydantic import Field

from locales.catalogue import N_
from storage.rulebook_sections import Number, Recipient, Rules


class FormalRules(Rules):
    """What makes a visit a formal one."""

    visitors: int = Field(
        2,
        ge=2,
        le=5,
        strict=True,
        description=N_(
            "Visitors that a formal visit takes; all but the one who writes the note confirm it. Our proposal."
        ),
    )
    a_year: int = Field(
        0,
        ge=0,
        le=50,
        strict=True,
        description=N_(
            "Formal visits a person and calendar year, after which the next home visit waits for the new year; 0: no "
            "limit. Published practice: Tianjin allows two."
        ),
    )
    silent_workdays: Number = Field(
        3,
        description=N_(
            "Working days after which the office hears that a companion has not confirmed; leave is not counted. "
            "Our proposal."
        ),
    )
    second_grades: int = Field(
        2,
        ge=1,
        le=3,
        strict=True,
        description=N_(
            "Grades by which a rating differs from the last one so that a second person has to agree. Our proposal."
        ),
    )
    silent_to: tuple[Recipient, ...] = Field(
        (Recipient.commission_staff,),
        min_length=1,
        description=N_("Who hears that a companion has not confirmed. Our proposal."),
    )
