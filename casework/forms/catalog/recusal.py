"""回避: who keeps out of a case, and why, if the office wants to write it down."""

from __future__ import annotations

from casework.forms.form import Field, Form
from locales.catalogue import N_

RECUSAL = Form(
    id="recusal",
    version=1,
    title=N_("Recusal"),
    closing="submitted",
    fields=(
        Field(
            key="member",
            kind="choice",
            prompt=N_("Who has to keep out of this case?"),
            label=N_("Keeps out"),
            dynamic=True,
            hint=N_("They can no longer open it and hear nothing of it; the next in line is told instead."),
        ),
        Field(
            key="reason",
            kind="text",
            prompt=N_("Why? For example: a relative, or a stake in the matter."),
            label=N_("Reason"),
            required=False,
            max_length=200,
        ),
    ),
)
