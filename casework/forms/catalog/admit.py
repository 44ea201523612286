"""纳入关怀回访: whoever's restriction period is over is admitted to the follow-up, by a decision of people."""

from __future__ import annotations

from typing import Any

from casework.forms.form import Answers, Env, Field, Form, option
from locales.catalogue import N_
from locales.phrase import P, Phrase

NOTHING, SOMETHING = "nothing", "something"


def _nothing_stands_against_it(value: Any, _answers: Answers, _env: Env) -> Phrase | None:
    if value == NOTHING:
        return None
    return P(
        "Then the person is not admitted: the case stays in care during the restriction period, and nothing is "
        "changed. “Cancel” ends this form."
    )


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
            label=N_("Nothing stands against it"),
            options=(
                option(NOTHING, N_("No, checked one by one"), "没有", "无"),
                option(SOMETHING, N_("Something does"), "有"),
            ),
            check=_nothing_stands_against_it,
            hint=N_(
                "Gain of one's own; knowing it was wrong; going on against an express order; a bad showing during the "
                "restriction period; a political, corrupt or moral offence; a new lead or an unfinished case."
            ),
            columns=1,
        ),
        Field(
            key="decided_on",
            kind="date",
            prompt=N_("On which day was it decided?"),
            label=N_("Decided on"),
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
            hint=N_("Something else can be typed. Only the office and the leading group read it."),
            columns=1,
        ),
    ),
)
BASES = {one.value: one.label for one in ADMIT.by_key["basis"].options}
