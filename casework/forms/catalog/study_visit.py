"""送学上门: what was brought, how it was handed over, and what came back."""

from __future__ import annotations

from casework.forms.catalog import common
from casework.forms.catalog.basis import BASIS
from casework.forms.form import Field, Form, option
from locales.catalogue import N_

MATERIAL = Field(
    key="material",
    kind="choice",
    prompt=N_("What was brought to study?"),
    label=N_("Study material"),
    options=(
        option("party_rules", N_("Party rules and discipline"), "党纪", "法规"),
        option("theory", N_("Theory and policy"), "理论", "政策"),
        option("cases", N_("Case-based warnings"), "警示教育", "案例"),
        option("professional", N_("Professional knowledge"), "业务", "业务知识"),
    ),
    dynamic=True,
    open=True,
    hint=N_("Something else can be typed."),
    sensitive=False,
)
HAND_OVER = Field(
    key="hand_over",
    kind="choice",
    prompt=N_("How was it handed over?"),
    label=N_("Hand-over"),
    options=(
        option("in_person", N_("In person"), "当面", "当面给", "当面交", "当面送", "亲手交", "面对面"),
        option(
            "via_unit", N_("Through the unit"), "单位", "单位转交", "通过单位", "由单位转交", "请单位转交"
        ),
        option("studied_together", N_("Studied together"), "一起学习", "共学", "一起学", "共同学习"),
    ),
    sensitive=False,
)
FEEDBACK_TOPIC = option("study_feedback", N_("What the person took from it"))

STUDY_VISIT = Form(
    id="study_visit",
    version=3,
    title=N_("Study at the door"),
    closing="recorded",
    fields=(
        common.DATE,
        MATERIAL,
        HAND_OVER,
        common.state_of_mind(
            N_("On this visit, which of these comes closest to the person's state of mind?")
        ),
        BASIS,
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                FEEDBACK_TOPIC,
                common.THINKING_TOPIC,
                common.WORK_TOPIC,
                common.HARDSHIP_TOPIC,
                common.SUGGESTIONS_TOPIC,
                common.HELP_TOPIC,
                common.NEXT_TOPIC,
                common.TO_MIND_TOPIC,
                common.FOLLOW_UP_TOPIC,
                common.COMPANIONS_TOPIC,
                common.PLACE_TOPIC,
            )
        ),
        common.topic_text(
            "study_feedback", N_("What did the person take from it?"), N_("What the person took from it")
        ),
        common.topic_text("thinking", common.THINKING_PROMPT, common.THINKING_LABEL),
        common.WORK,
        common.HARDSHIP,
        common.SUGGESTIONS,
        *common.HELP,
        common.NEXT_STEPS,
        common.TO_MIND,
        *common.FOLLOW_UP,
        common.PLACE_IF_WANTED,
        *common.ATTENDANCE,
    ),
)
