"""困难诉求: written down when somebody asks for help, and settled when it was seen to, or could not be."""

from __future__ import annotations

from dataclasses import replace

from casework.forms.catalog import common
from casework.forms.form import Field, Form, option
from locales.catalogue import N_

KIND = Field(
    key="kind",
    kind="choice",
    prompt=N_("What kind of difficulty is it?"),
    label=N_("Kind of difficulty"),
    options=(
        option("living", N_("Daily life"), "生活", "生活困难"),
        option("family", N_("Family matters"), "家庭"),
        option("work", N_("Work and post"), "工作", "岗位"),
        option("rights", N_("Pay and entitlements"), "待遇", "工资"),
        option("policy", N_("Questions about the sanction"), "政策", "咨询"),
        common.OTHER,
    ),
)
ASKED = Field(
    key="asked",
    kind="text",
    prompt=N_("What does the person ask for? A sentence or two will do."),
    label=N_("What is asked"),
    max_length=500,
    hint=N_("Only what help needs to know. Please leave out diagnoses, finances and details of children."),
)
HANDLERS = (
    option("care_officer", N_("The care officer"), "责任人", "本人办理"),
    option("unit_party_org", N_("The unit's Party organisation"), "单位党组织", "单位"),
    option("office", N_("The office"), "办公室"),
    option("organisation_department", N_("Organisation department"), "组织部"),
    option("personnel_bureau", N_("Personnel bureau"), "人社局"),
)

DIFFICULTY_OPEN = Form(
    id="difficulty_open",
    version=1,
    title=N_("Difficulty to be seen to"),
    closing="submitted",
    fields=(
        KIND,
        ASKED,
        Field(
            key="handler",
            kind="choice",
            prompt=N_("Who sees to it?"),
            label=N_("Seen to by"),
            options=HANDLERS,
            open=True,
            hint=N_("Somebody else can be typed. The care officer asks after it and is reminded."),
        ),
        Field(
            key="due",
            kind="date",
            prompt=N_("By when is it to be settled?"),
            label=N_("To be settled by"),
            dynamic=True,
            hint=N_("Tap a day, or type it: 12-3, next Monday."),
            direction="future",
            earliest=0,
            latest=common.NEW_DATE_WITHIN,
            columns=3,
            sensitive=False,
        ),
    ),
)
OUTCOMES = (
    option("settled", N_("Settled"), "办结", "已解决"),
    option("passed_on", N_("Passed on to others"), "转办", "转交"),
    option("declined", N_("Cannot be done"), "不予办理", "无法办理"),
)

DIFFICULTY = Form(
    id="difficulty",
    version=1,
    title=N_("Difficulty"),
    closing="recorded",
    fields=(
        ASKED,  # known before: shown again at the end
        replace(common.DATE, prompt=N_("On which day was it settled?"), label=N_("Settled on")),
        Field(
            key="outcome",
            kind="choice",
            prompt=N_("What came of it?"),
            label=N_("Outcome"),
            options=OUTCOMES,
            columns=3,
        ),
        common.required_text(
            "result",
            N_("How was it settled? Where it was passed on or cannot be done: to whom, or why?"),
            N_("How, or why not"),
            hint=N_("The person should have been told of it."),
        ),
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more((common.NEXT_TOPIC, common.SUGGESTIONS_TOPIC)),
        common.NEXT_STEPS,
        common.SUGGESTIONS,
    ),
)
