"""不认可评定: a second person does not agree to a rating that is far from the last one, and says why."""

from __future__ import annotations

from casework.forms.form import Field, Form
from locales.catalogue import N_

NOT_AGREED = Form(
    id="not_agreed",
    version=1,
    title=N_("Rating not agreed to"),
    closing="submitted",
    fields=(
        Field(
            key="reason",
            kind="text",
            prompt=N_("Why do you not agree to the rating? A sentence will do."),
            label=N_("Reason"),
            hint=N_("Whoever wrote the note reads it."),
            max_length=200,
        ),
    ),
)
