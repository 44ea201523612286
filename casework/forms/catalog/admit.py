"""纳入关怀回访: whose restriction period is over is admitted to the follow-up, or is not. People decide."""

from __future__ import annotations

from casework.forms.form import Field, Form, When, option
from locales.catalogue import N_

NOTHING = "nothing"
_ADMITTED = (When("obstacle", in_=(NOTHING,)),)

ADMIT = Form(
    id="admit",
    version=1,
    title=N_("Admit to the follow-up"),
    closing="submitted",
    fields=(
        Field(
            key="obstacle",
            kind="choice",
            prompt=N_("Does anything stand against it?"),
            label=N_("Stands against it"),
            options=(
                option(NOTHING, N_("Nothing, checked one by one"), "没有", "无"),
                option("own_gain", N_("Gain of one's own"), "谋私利"),
                option("knowingly", N_("It was known to be wrong"), "明知故犯"),
                option("against_order", N_("Went on against an express order"), "我行我素"),
                option("bad_showing", N_("A bad showing in the restriction period"), "表现不好"),
                option("offence", N_("A political, corrupt or moral offence")),
                option("further", N_("Another reason")),
            ),
            hint=N_(
                "Please write nothing of leads or inquiries. Only the office and the leading group read it."
            ),
            columns=1,
        ),
        Field(
            key="decided_on",
            kind="date",
            prompt=N_("On which day was it decided?"),
            label=N_("Decided on"),
            show_if=_ADMITTED,
            hint=N_("After the restriction period. The dates of the stage count from this day."),
        ),
        Field(
            key="basis",
            kind="choice",
            prompt=N_("Who decided it?"),
            label=N_("Decided by"),
            options=(
                option("leading_group", N_("The leading group"), "领导小组"),
                option("commission", N_("The standing committee of the commission"), "常委会"),
                option("office_meeting", N_("A meeting of the office"), "办公室会议"),
            ),
            open=True,
            show_if=_ADMITTED,
            hint=N_("Something else can be typed. Only the office and the leading group read it."),
            columns=1,
        ),
    ),
)
BASES = {one.value: one.label for key in ("obstacle", "basis") for one in ADMIT.by_key[key].options}
