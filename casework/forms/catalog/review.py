"""综合研判: the office sums up how somebody stands, and what follows for the plan. It is written at a desk."""

from __future__ import annotations

from dataclasses import replace

from casework.forms.catalog import common
from casework.forms.form import Field, Form, When, option
from locales.catalogue import N_

ADJUSTING = ("adjust", "closer")
CONCLUSION = Field(
    key="conclusion",
    kind="choice",
    prompt=N_("What does the review conclude?"),
    label=N_("Conclusion"),
    options=(
        option("keep", N_("Go on by the plan"), "继续", "按原方案"),
        option("adjust", N_("Adjust the plan"), "调整方案", "优化方案"),
        option("closer", N_("Look after them more closely"), "加强关怀", "重点关注"),
        option("evaluate", N_("Propose the comprehensive evaluation"), "综合评估", "转评估"),
    ),
    open=True,
    columns=1,
    hint=N_("Something else can be typed. People conclude; the machine only reminds."),
)
ADJUSTMENTS = Field(
    key="adjustments",
    kind="text",
    prompt=N_("What changes in the plan?"),
    label=N_("Adjustments of the plan"),
    show_if=(When("conclusion", in_=ADJUSTING),),
)
PRESENT_TOPIC = option("taken_part", N_("Who took part"))
PRESENT = Field(
    key="taken_part",
    kind="many",
    prompt=N_("Who took part in the review?"),
    label=N_("Taken part"),
    required=False,
    options=(
        option("office", N_("The office"), "办公室"),
        option("care_officer", N_("The care officer"), "关怀责任人"),
        option("stationed_group", N_("Stationed discipline group"), "派驻组"),
        option("unit_party_org", N_("The unit's Party organisation"), "单位党组织"),
        option("leader", N_("The leading group"), "领导小组"),
    ),
    open=True,
    show_if=(When("more", contains="taken_part"),),
    hint=N_("Something else can be typed."),
)

REVIEW = Form(
    id="review",
    version=1,
    title=N_("Comprehensive review"),
    closing="submitted",
    fields=(
        replace(common.DATE, prompt=N_("On which day was the review held?"), label=N_("Date of the review")),
        common.required_text(
            "thinking",
            N_("State of thinking: how has it developed since the last review?"),
            common.THINKING_LABEL,
            hint=N_(
                "From the notes and the conversation about them; no leads and no investigation material."
            ),
        ),
        common.required_text("work", N_("Work: how does the person do?"), common.WORK.label),
        common.required_text(
            "correction", N_("Correction: how far has the mistake been put right?"), common.CORRECTION.label
        ),
        common.required_text(
            "unit_opinion",
            N_("What is the opinion of the unit's Party organisation?"),
            common.UNIT_OPINION.label,
        ),
        CONCLUSION,
        ADJUSTMENTS,
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more((PRESENT_TOPIC, common.HARDSHIP_TOPIC, common.NEXT_TOPIC, common.FOLLOW_UP_TOPIC)),
        PRESENT,
        common.HARDSHIP,
        common.NEXT_STEPS,
        *common.FOLLOW_UP,
    ),
)
