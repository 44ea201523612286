"""录错档案: a note stands in the wrong case. It goes into the right one, or is voided."""

from __future__ import annotations

from casework.forms.form import Field, Form, Option, When, option
from locales.catalogue import N_

REFILE, VOID = "refile", "void"
TWICE, NONE_STANDS = "twice", "none"
REASONS = (
    option("wrong_person", N_("Entered for the wrong person"), "录错人", "选错"),
    option("namesake", N_("Mistaken for somebody of that name"), "同名"),
    option(TWICE, N_("Entered twice"), "重复录入", "重复"),
    option("not_held", N_("It did not take place"), "没有开展"),
)

# What took place, and is written down once, belongs into another case; of anything else the note is void.
TO_REFILE = REASONS[:2]


def _why(key: str, to: str, reasons: tuple[Option, ...]) -> Field:
    return Field(
        key=key,
        kind="choice",
        prompt=N_("What went wrong?"),
        label=N_("What went wrong"),
        options=reasons,
        open=True,
        show_if=(When("what", in_=(to,)),),
        hint=N_("Another reason can be typed. Only the office and the leading group read it."),
        columns=1,
        on_mistakes=True,
    )


MISFILED = Form(
    id="misfiled",
    version=3,
    title=N_("Misfiled note"),
    closing="submitted",
    fields=(
        Field(
            key="what",
            kind="choice",
            prompt=N_("What is to be done with this note?"),
            label=N_("To be done"),
            options=(
                option(REFILE, N_("Move it into the right case"), "转入", "转入正确档案"),
                option(VOID, N_("Void it"), "作废"),
            ),
            hint=N_(
                "Either way this case is as it was before: its readers, figures and dates. The original is kept."
            ),
            columns=1,
        ),
        Field(
            key="case",
            kind="choice",
            prompt=N_("Into which case?"),
            label=N_("Right case"),
            dynamic=True,
            open=True,
            show_if=(When("what", in_=(REFILE,)),),
            hint=N_("Another case can be typed by its code."),
        ),
        _why("why_refiled", REFILE, TO_REFILE),
        _why("reason", VOID, REASONS),
        Field(
            key="stands",
            kind="choice",
            prompt=N_(
                "Which other note tells of the same visit? It stands, and the visit is not to be made again."
            ),
            label=N_("The note that stands"),
            dynamic=True,
            options=(option(NONE_STANDS, N_("None: the visit is to be made again"), "没有"),),
            show_if=(When("what", in_=(VOID,)), When("reason", in_=(TWICE,))),
            columns=1,
        ),
    ),
)
