"""请假: from when to when, and who acts for the officer meanwhile. No reason is asked for."""

from __future__ import annotations

from casework.forms.form import Field, Form
from locales.catalogue import N_

LEAVE = Form(
    id="leave",
    version=1,
    title=N_("Leave"),
    closing="submitted",
    fields=(
        Field(
            key="first_on",
            kind="date",
            prompt=N_("What is the first day of your leave?"),
            label=N_("First day"),
            direction="future",
            earliest=-7,
            latest=180,
            sensitive=False,
        ),
        Field(
            key="last_on",
            kind="date",
            prompt=N_("What is the last day of your leave?"),
            label=N_("Last day"),
            direction="future",
            earliest=0,
            latest=270,
            hint=N_("The last day you are away, days off included."),
            sensitive=False,
        ),
        Field(
            key="cover",
            kind="choice",
            prompt=N_("Who covers for you?"),
            label=N_("Covered by"),
            dynamic=True,
            required=False,
            hint=N_("Without a cover, your supervisor hears of what falls due."),
        ),
    ),
)
