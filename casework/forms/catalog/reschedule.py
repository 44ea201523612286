"""改期, by the officer."""

from __future__ import annotations

from casework.forms.catalog import moved
from casework.forms.form import Field, Form
from locales.catalogue import N_

_SUITABLE = ("away", "health", "companion_absent", "work_conflict", "weather_road")

RESCHEDULE = Form(
    id="reschedule",
    version=1,
    title=N_("Reschedule"),
    closing="submitted",
    fields=(
        moved.NEW_DATE,
        Field(
            key="reason",
            kind="choice",
            prompt=N_("Why is the visit moved?"),
            label=N_("Reason"),
            options=tuple(reason for reason in moved.REASONS if reason.value in _SUITABLE),
            open=True,
            hint=N_("Another reason can be typed."),
        ),
    ),
)
