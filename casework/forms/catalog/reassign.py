"""改派本次任务: one visit goes to another officer; the care officer of the case stays."""

from __future__ import annotations

from casework.forms.form import Field, Form
from locales.catalogue import N_

REASSIGN = Form(
    id="reassign",
    version=1,
    title=N_("Reassign this visit"),
    closing="submitted",
    fields=(
        Field(
            key="officer",
            kind="choice",
            prompt=N_("Who shall make this visit?"),
            label=N_("Made by"),
            dynamic=True,
            hint=N_("Only this visit changes hands; the care officer stays the same."),
        ),
    ),
)
