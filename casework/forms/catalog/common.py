"""Questions that several forms share. Every sentence is a message id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from casework.forms.catalog import said
from casework.forms.form import Check, Field, Option, When, option
from locales.catalogue import N_
from locales.phrase import P, Value

NEW_DATE_WITHIN = 180

OTHER = option("other", N_("Something else"), "其它", "other")

GRADES = (
    option("settled", N_("Settled (green)"), "绿", "绿色", "🟢", "green", "积极稳定"),
    option("stable", N_("Stable (blue)"), "蓝", "蓝色", "🔵", "blue", "基本平稳"),
    option("unsettled", N_("Unsettled (yellow)"), "黄", "黄色", "🟡", "yellow", "情绪波动"),
    option("concern", N_("Of concern (red)"), "红", "红色", "🔴", "red", "重点关注"),
    option("not_rated", N_("Not rated yet"), "未评", "不评", "not rated", "暂不评"),
)
NEEDS_BASIS = ("unsettled", "concern")

RIGHTS = N_("To appeal, to complain or to refuse to meet is a right and no ground for a lower rating.")
GRADE_GUIDANCE = (
    N_(
        "Settled (green): sees the mistake as it is and accepts the sanction; calm, takes on work, talks of the future."
    ),
    N_(
        "Stable (blue): sees it rightly and works as usual, yet has worries, such as being looked at differently."
    ),
    N_(
        "Unsettled (yellow): low in spirits, timid, feels inferior or has given up trying; "
        "or strain at home affects work. Rests on at least one thing said or done."
    ),
    N_(
        "Of concern (red): strong resistance or long refusal to work; or words or acts "
        "that point to self-harm, harm to others or leaving home; or a grave event in the family."
    ),
    N_("Not rated yet: when there is not enough to go by."),
    N_("The rating is a signal for care. It never enters a score, so nobody loses by being frank."),
    RIGHTS,
)
SAFETY_GUIDANCE = (
    N_(
        "Answer yes when anything said or done points to self-harm, harm to others "
        "or leaving home, whatever the rating."
    ),
    N_("Describe what was seen and heard; do not judge its cause. You need not be certain."),
    N_("In an emergency call 110 or 120 at once, before writing anything. The helpline is 12356."),
)

DATE = Field(
    key="date",
    kind="date",
    prompt=N_("On which day did it take place?"),
    label=N_("Date"),
    dynamic=True,
    hint=N_("Tap a day, or type it: 11-20, last Friday."),
    sensitive=False,
)

PLACE = Field(
    key="place",
    kind="choice",
    prompt=N_("Where did it take place?"),
    label=N_("Place"),
    options=(
        option(
            "own_office",
            N_("The person's office"),
            "本人办公室",
            "他办公室",
            "她办公室",
            "对方办公室",
            "他的办公室",
            "她的办公室",
        ),
        option("meeting_room", N_("A meeting room"), "会议室"),
        option("commission", N_("An office of the commission"), "纪委监委", "纪委办公室"),
        option("work_site", N_("The work site"), "工作一线", "一线"),
    ),
    dynamic=True,
    open=True,
    hint=N_("Another place can be typed."),
    sensitive=False,
)


def state_of_mind(prompt: str) -> Field:
    return Field(
        key="state_of_mind",
        kind="rating",
        prompt=prompt,
        label=N_("State of mind"),
        options=GRADES,
        help=GRADE_GUIDANCE,
        help_label=N_("What the grades mean"),
    )


SAFETY = Field(
    key="safety",
    kind="yes_no",
    prompt=N_("Was there any sign that this person or others may be in danger?"),
    label=N_("Safety concern"),
    options=(
        option("no", N_("No sign"), *said.NONE_SEEN),
        option("yes", N_("There is a concern"), "发现", "有风险", "有危险", "concern"),
    ),
    help=SAFETY_GUIDANCE,
    help_label=N_("What counts as a sign"),
)
SAFETY_DETAIL = Field(
    key="safety_detail",
    kind="text",
    prompt=N_("What was seen or heard that gives concern?"),
    label=N_("Grounds for the concern"),
    required=False,
    show_if=(When("safety", in_=(True,)),),
    hint=N_("May be skipped now and added later. In an emergency call 110 or 120 at once."),
)


def topic_text(key: str, prompt: str, label: str, *, topic: str | None = None, hint: str = "") -> Field:
    """A further text, asked only when its topic was chosen under "more"."""
    return Field(
        key=key,
        kind="text",
        prompt=prompt,
        label=label,
        required=False,
        show_if=(When("more", contains=topic or key),),
        hint=hint,
    )


def more(topics: Sequence[Option]) -> Field:
    """The one question that opens all others: a minimum note ends here with Done."""
    return Field(
        key="more",
        kind="many",
        prompt=N_("What else should the note contain?"),
        label=N_("Further topics"),
        hint=N_("With nothing to add, tap Done."),
        options=tuple(topics),
        at_least=0,
        sensitive=False,
    )


ATTENDANCE_TOPIC = option("attendance", N_("Time and those present"))
COMPANIONS_TOPIC = option("companions", N_("Companion, for a formal visit"), "陪同人员", "陪同", "companion")
PLACE_TOPIC = option("attendance", N_("Time, place and those present"))
WORK_TOPIC = option("work", N_("Work"))
CORRECTION_TOPIC = option("correction", N_("Correction of the mistake"))
UNIT_OPINION_TOPIC = option("unit_opinion", N_("Opinion of the unit's Party organisation"))
UNDERSTANDING_TOPIC = option("understanding", N_("View of the mistake and the sanction"))
EXECUTION_TOPIC = option("execution", N_("How the sanction is carried out"))
HARDSHIP_TOPIC = option(
    "hardship", N_("Hardship in life and family"), "困难", "实际困难", "家庭困难", "hardship"
)
SUGGESTIONS_TOPIC = option("suggestions", N_("Comments and suggestions"), "建议", "suggestions")
UNIT_SUPPORT_TOPIC = option("unit_support", N_("Support given by the unit"))
FEEDBACK_TOPIC = option("public_feedback", N_("What people around say"))
HELP_TOPIC = option("help", N_("Requests and help given"))
NEXT_TOPIC = option("next_steps", N_("Next steps"))
FOLLOW_UP_TOPIC = option(
    "follow_up", N_("Matter to follow up, with a date"), "后续事项", "跟进", "follow up", "follow-up"
)

_PRESENT = (When("more", contains="attendance"),)


def required_text(key: str, prompt: str, label: str, *, hint: str = "") -> Field:
    """The text without which a note of this kind says nothing."""
    return Field(key=key, kind="text", prompt=prompt, label=label, hint=hint)


def how_many(
    key: str, prompt: str, label: str, options: Sequence[Option], in_words: Callable[[int], Value]
) -> Field:
    """The figures that the meeting reads out are summed from it."""
    return Field(
        key=key,
        kind="number",
        prompt=prompt,
        label=label,
        options=tuple(options),
        hint=N_("A larger number can be typed, such as 8."),
        in_words=in_words,
        columns=4,
        sensitive=False,
    )


def people(n: int) -> Value:
    return P("{n} person", "{n} people", n=n)


def files(n: int) -> Value:
    return P("{n} file", "{n} files", n=n)


ONE_TO_FOUR_PEOPLE = (
    option("1", N_("1 person")),
    option("2", N_("2 people")),
    option("3", N_("3 people")),
    option("4", N_("4 people")),
)
ONE_TO_FOUR_FILES = (
    option("1", N_("1 file")),
    option("2", N_("2 files")),
    option("3", N_("3 files")),
    option("4", N_("4 files")),
)


def family_informed(check: Check) -> Field:
    """The gate of everything that meets the family. The answer is the person's own word, never a guess."""
    return Field(
        key="family_informed",
        kind="yes_no",
        prompt=N_("Does the family know of the sanction, by the person's own word?"),
        label=N_("Whether the family knows"),
        options=(
            option("yes", N_("The family knows"), *said.FAMILY_KNOWS),
            option("no", N_("The family does not know"), *said.FAMILY_KNOWS_NOT),
        ),
        check=check,
        instead=N_("Family does not know: no home visits for now"),
    )


ATMOSPHERE = required_text(
    "atmosphere",
    N_("How are things in the family? A sentence or two will do."),
    N_("Family atmosphere"),
    hint=N_("Please leave out finances, diagnoses, details of children and the furnishing of the home."),
)
FAMILY_SUGGESTIONS_TOPIC = option("family_suggestions", N_("Suggestions of the family"))
SPAN = Field(
    key="span",
    kind="span",
    prompt=N_("From when to when did it last?"),
    label=N_("From–to"),
    required=False,
    show_if=_PRESENT,
    hint=N_("For example 9:00-10:30."),
    sensitive=False,
)
COMPANIONS = Field(
    key="companions",
    kind="many",
    prompt=N_("Who went with you?"),
    label=N_("Companions"),
    required=False,
    dynamic=True,
    open=True,
    show_if=(When("more", contains="companions"),),
    hint=N_(
        "Choose companions; type the name of one without an account, whose signed paper you then enter. "
        "With a companion who confirms it this is a formal visit."
    ),
    names=True,
)
OTHERS_PRESENT = Field(
    key="others_present",
    kind="text",
    prompt=N_("Who else was present?"),
    label=N_("Others present"),
    required=False,
    show_if=_PRESENT,
    max_length=200,
)
SPOKEN_TO = Field(
    key="spoken_to",
    kind="many",
    prompt=N_("With whom did you speak?"),
    label=N_("Spoken with"),
    required=False,
    options=(
        option("subject", N_("The person concerned"), "本人", "他本人", "她本人", "就本人"),
        option("family", N_("Family"), "家人", "家里人", "亲属", "爱人", "父母"),
        option("colleague", N_("Colleagues"), "同事"),
        option("unit_leader", N_("Leaders of the unit"), "领导", "单位领导", "分管领导", "主要领导"),
    ),
    show_if=_PRESENT,
)
VISITORS_TOPIC = option("attendance", N_("Time and place"))
PLACE_IF_WANTED = replace(PLACE, required=False, show_if=_PRESENT)
ATTENDANCE = (COMPANIONS, SPAN, OTHERS_PRESENT, SPOKEN_TO)
VISITORS = (COMPANIONS, SPAN, PLACE_IF_WANTED)

THINKING_PROMPT = N_("What is on this person's mind? A sentence or two will do.")
THINKING_LABEL = N_("State of thinking")
THINKING_TOPIC = option("thinking", THINKING_LABEL)

WORK = topic_text("work", N_("How is the person doing at work?"), N_("Work"))
CORRECTION = topic_text(
    "correction", N_("How is the mistake being corrected?"), N_("Correction of the mistake")
)
UNIT_OPINION = topic_text(
    "unit_opinion",
    N_("What is the opinion of the unit's Party organisation?"),
    N_("Opinion of the unit's Party organisation"),
)
UNDERSTANDING = topic_text(
    "understanding",
    N_("How does the person see the mistake and the sanction?"),
    N_("View of the mistake and the sanction"),
    hint=RIGHTS,
)
EXECUTION = topic_text(
    "execution",
    N_("How far has the sanction been carried out: post, pay, files?"),
    N_("How the sanction is carried out"),
)
HARDSHIP = topic_text(
    "hardship",
    N_("What hardship is there in life and family?"),
    N_("Hardship in life and family"),
    hint=N_("Only what help needs to know. Please leave out diagnoses, finances and details of children."),
)
FAMILY_SUGGESTIONS = topic_text(
    "family_suggestions", N_("What does the family suggest?"), N_("Suggestions of the family")
)
SUGGESTIONS = topic_text(
    "suggestions", N_("What does the person suggest or ask us to consider?"), N_("Comments and suggestions")
)
UNIT_SUPPORT = topic_text(
    "unit_support", N_("What support has the unit given?"), N_("Support given by the unit")
)
PUBLIC_FEEDBACK = topic_text(
    "public_feedback", N_("What do people around the person say?"), N_("What people around say")
)
HELP = (
    topic_text("requests", N_("What did the person ask for?"), N_("Requests"), topic="help"),
    topic_text("help_given", N_("What help was given or arranged?"), N_("Help given"), topic="help"),
)
TO_MIND_TOPIC = option("to_mind", N_("To mind next time"))
TO_MIND = topic_text(
    "to_mind",
    N_("What should whoever comes next mind or avoid?"),
    N_("To mind next time"),
    hint=N_(
        "For example topics to avoid, an appeal that is under way, who is at home, wishes as to place and hours."
    ),
)
NEXT_STEPS = topic_text("next_steps", N_("What will be done next?"), N_("Next steps"))
FOLLOW_UP = (
    topic_text("follow_up", N_("What is to be followed up?"), N_("To follow up")),
    Field(
        key="follow_up_due",
        kind="date",
        prompt=N_("By when?"),
        label=N_("Follow up by"),
        required=False,
        dynamic=True,
        hint=N_("Tap a day, or type it: 12-3, next Monday."),
        show_if=(When("more", contains="follow_up"), When("follow_up", given=True)),
        direction="future",
        earliest=0,
        latest=NEW_DATE_WITHIN,
        columns=3,
        sensitive=False,
    ),
)
