"""未能开展: the reason and a new day. Declining to meet is not held against anyone."""

from __future__ import annotations

from casework.forms.catalog import common, moved
from casework.forms.form import Field, Form, When, option
from locales.catalogue import N_

NOT_DONE = Form(
    id="not_done",
    version=1,
    title=N_("Could not be done"),
    closing="submitted",
    fields=(
        Field(
            key="reason",
            kind="choice",
            prompt=N_("Why could the visit not take place?"),
            label=N_("Reason"),
            options=moved.REASONS,
            hint=N_("Not wishing to meet is not held against anyone."),
        ),
        Field(
            key="detail",
            kind="text",
            prompt=N_("What was the reason, in a few words?"),
            label=N_("Details"),
            show_if=(When("reason", in_=("other",)),),
            max_length=200,
        ),
        Field(
            key="safety",
            kind="yes_no",
            prompt=N_("Is there any reason to worry about this person's safety?"),
            label=N_("Safety concern"),
            options=(
                option(
                    "no",
                    N_("No reason to worry"),
                    "没有",
                    "不担心",
                    "没什么担心的",
                    "正常",
                    "一切正常",
                    "无风险",
                ),
                option("yes", N_("There is reason to worry"), "担心"),
            ),
            show_if=(When("reason", in_=("unreachable",)),),
            help=common.SAFETY_GUIDANCE,
            help_label=N_("What counts as a sign"),
        ),
        moved.NEW_DATE,
    ),
)
