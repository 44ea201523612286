"""有误 and 签字材料: a companion does not bear a note out; or has signed on paper, without an account."""

from __future__ import annotations

from casework.forms.form import Field, Form, option
from locales.catalogue import N_

NOT_CONFIRMED = Form(
    id="not_confirmed",
    version=1,
    title=N_("Not as written down"),
    closing="submitted",
    fields=(
        Field(
            key="reason",
            kind="choice",
            prompt=N_("What is not right?"),
            label=N_("What is not right"),
            options=(
                option("not_there", N_("I did not go along"), "我未参加", "没有参加", "未陪同"),
                option("not_held", N_("The visit did not take place"), "没有开展", "未开展"),
                option("other_day", N_("It was on another day"), "日期有误", "日期不对"),
            ),
            open=True,
            hint=N_("Something else can be typed. Whoever wrote the note and the office hear of it."),
            columns=1,
            on_mistakes=True,
        ),
    ),
)

SIGNED_PAPER = Form(
    id="signed_paper",
    version=2,
    title=N_("Signed paper on file"),
    closing="submitted",
    fields=(
        Field(
            key="signed_on",
            kind="date",
            prompt=N_("On which day did the companion sign the paper that is on file?"),
            label=N_("Signed on"),
            dynamic=True,
            hint=N_("Tap a day, or type it: 11-20, last Friday."),
            sensitive=False,
        ),
        Field(
            key="photo",
            kind="photo",
            prompt=N_("If there is a photo of the signed form, please send it."),
            label=N_("Photo of the signed form"),
            required=False,
            dynamic=True,
            hint=N_("Only the form that this system prints: no people, no other papers."),
            page_hint=N_(
                "Only the form that this system prints: no people, no other papers. One JPEG or PNG of at most 8 MB; "
                "place, time and device are taken out of it, and it is kept encrypted."
            ),
        ),
    ),
)
