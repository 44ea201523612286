"""The part of the rulebook that says when one officer's ratings differ markedly from those of the others."""

from __future__ import annotations

from pydantic import Field

from locales.catalogue import N_
from storage.rulebook_sections import Days, Number, Rules


class DriftRules(Rules):
    """Everybody counts once for each officer, by the latest rating."""

    days: Days = Field(365, description=N_("Days back for which ratings are compared. Our proposal."))
    people: Number = Field(
        8, description=N_("People an officer must have rated before the ratings are compared. Our proposal.")
    )
    others: Number = Field(
        20, description=N_("People the other officers together must have rated. Our proposal.")
    )
    officers: Number = Field(
        3, description=N_("Officers there must be to compare with, the one compared left out. Our proposal.")
    )
    once_in: Number = Field(
        20,
        description=N_(
            "A difference is shown that chance brings about no more than once in so many looks at all officers. "
            "Our proposal."
        ),
    )
