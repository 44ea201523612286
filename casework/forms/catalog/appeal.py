"""复审、复核、申诉: that one is under way, and how it ended. For the office; it counts in no rating."""

from __future__ import annotations

from casework.forms.form import Field, Form, option
from locales.catalogue import N_

APPEAL = Form(
    id="appeal",
    version=1,
    title=N_("Appeal under way"),
    closing="submitted",
    fields=(
        Field(
            key="what",
            kind="choice",
            prompt=N_("Which of these did the person ask for?"),
            label=N_("Asked for"),
            options=(
                option("reconsideration", N_("Reconsideration by whoever decided"), "复审"),
                option("review", N_("Review by the authority above"), "复核"),
                option("appeal", N_("Appeal"), "申诉"),
            ),
            hint=N_("It is a right. Please write nothing of leads or inquiries."),
            columns=1,
        ),
        Field(
            key="filed_on",
            kind="date",
            prompt=N_("On which day was it filed?"),
            label=N_("Filed on"),
            earliest=-730,
        ),
    ),
)
APPEAL_ENDED = Form(
    id="appeal_ended",
    version=1,
    title=N_("Appeal ended"),
    closing="submitted",
    fields=(
        Field(
            key="outcome",
            kind="choice",
            prompt=N_("How did it end?"),
            label=N_("Outcome"),
            options=(
                option("upheld", N_("The decision stands"), "维持"),
                option("changed", N_("The decision was changed"), "变更"),
                option("revoked", N_("The decision was revoked"), "撤销"),
                option("withdrawn", N_("The person withdrew it"), "撤回"),
            ),
            columns=2,
        ),
    ),
)
WHAT = {one.value: one.label for one in APPEAL.by_key["what"].options}
OUTCOMES = {one.value: one.label for one in APPEAL_ENDED.by_key["outcome"].options}
