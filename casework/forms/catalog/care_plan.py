"""关怀回访方案 (一人一策): what is to be done for this one person, by whom. Another one later stands beside it."""

from __future__ import annotations

from dataclasses import replace

from casework.forms.catalog import common
from casework.forms.form import Field, Form, When, option
from locales.catalogue import N_

MEASURES = Field(
    key="measures",
    kind="many",
    prompt=N_("Which measures does the plan hold?"),
    label=N_("Measures"),
    options=(
        option("talks", N_("Heart-to-heart talks"), "谈心谈话", "谈话"),
        option("home_visits", N_("Integrity home visits"), "廉政家访", "家访"),
        option("study", N_("Study at the door"), "送学上门", "送学"),
        option("post", N_("A suggestion for another post"), "调整岗位", "岗位调整"),
        option("hardship_help", N_("Help with hardship"), "排忧解难", "困难帮扶"),
        option("work_tasks", N_("Tasks in which to prove oneself"), "压担子", "实践锻炼"),
    ),
    open=True,
    hint=N_("As many as apply; something else can be typed."),
    sensitive=False,
)
PARTIES_TOPIC = option("parties", N_("Who agreed on it"))
PARTIES = Field(
    key="parties",
    kind="many",
    prompt=N_("With whom was the plan agreed?"),
    label=N_("Agreed with"),
    required=False,
    options=(
        option("unit_party_org", N_("The unit's Party organisation"), "单位党组织"),
        option("stationed_group", N_("Stationed discipline group"), "派驻组"),
        option("subject", N_("The person concerned"), "本人"),
        option("office", N_("The office"), "办公室"),
    ),
    open=True,
    show_if=(When("more", contains="parties"),),
    hint=N_("Something else can be typed."),
)
UNIT_TASKS_TOPIC = option("unit_tasks", N_("What the unit does"))
WISHES_TOPIC = option("requests", N_("The person's wishes"))
MIND_TOPIC = option("to_mind", N_("What to keep in mind"))

CARE_PLAN = Form(
    id="care_plan",
    version=1,
    title=N_("Care plan"),
    closing="recorded",
    fields=(
        replace(
            common.DATE,
            prompt=N_("On which day was the plan made?"),
            label=N_("Date of the plan"),
            earliest=-1095,
        ),
        common.required_text(
            "goal",
            N_("What does the plan start from and aim at? A sentence or two will do."),
            N_("Situation and aim"),
            hint=N_("A plan for this one person. No leads and no investigation material."),
        ),
        MEASURES,
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                PARTIES_TOPIC,
                UNIT_TASKS_TOPIC,
                WISHES_TOPIC,
                MIND_TOPIC,
                common.HARDSHIP_TOPIC,
                common.NEXT_TOPIC,
                common.FOLLOW_UP_TOPIC,
            )
        ),
        PARTIES,
        common.topic_text(
            "unit_tasks",
            N_("What does the unit's Party organisation do for the person?"),
            N_("What the unit does"),
        ),
        common.topic_text("requests", N_("What does the person wish for?"), N_("The person's wishes")),
        common.topic_text(
            "to_mind",
            N_("What should whoever visits keep in mind or avoid?"),
            N_("What to keep in mind"),
            hint=common.RIGHTS,
        ),
        common.HARDSHIP,
        common.NEXT_STEPS,
        *common.FOLLOW_UP,
    ),
)
