"""更换责任人: the case goes to another care officer, with all visits that are planned."""

from __future__ import annotations

from casework.forms.form import Field, Form, option
from locales.catalogue import N_

HAND_OVER = Form(
    id="hand_over",
    version=1,
    title=N_("Change the care officer"),
    closing="submitted",
    fields=(
        Field(
            key="officer",
            kind="choice",
            prompt=N_("Who becomes the care officer?"),
            label=N_("New care officer"),
            dynamic=True,
            hint=N_(
                "All planned visits of the case go along. What was visited before and is not written down yet, "
                "is given back to its visitor with “Reassign this visit”."
            ),
        ),
        Field(
            key="reason",
            kind="choice",
            prompt=N_("Why does the case change hands?"),
            label=N_("Reason"),
            options=(
                option("moved", N_("The officer has another post"), "岗位调动"),
                option("away", N_("The officer is away for long"), "长期外出"),
                option("wish", N_("The person wishes another officer"), "本人意愿"),
                option("load", N_("To spread the work"), "均衡任务"),
            ),
            open=True,
            hint=N_("Another reason can be typed. Only the office and the leading group read it."),
        ),
    ),
)
HAND_OVER_REASONS = {one.value: one.label for one in HAND_OVER.fields[1].options}
