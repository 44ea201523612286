"""暂缓、恢复、归档、重新启用: one question each, why. Chosen or typed, the answer is kept sealed and for the office."""

from __future__ import annotations

from casework.forms.form import Field, Form, Option, option
from locales.catalogue import N_

_ASK = N_("Another reason can be typed. Only the office and the leading group read it.")
_ASK_ON_HOLD = N_(
    "Another reason can be typed. Please write nothing of leads or inquiries. "
    "Only the office and the leading group read it."
)


def _form(form_id: str, title: str, prompt: str, *options: Option, hint: str = _ASK) -> Form:
    reason = Field(
        key="reason", kind="choice", prompt=prompt, label=N_("Reason"), options=options, open=True, hint=hint
    )
    return Form(id=form_id, version=1, title=title, closing="submitted", fields=(reason,))


HOLD = _form(
    "hold",
    N_("Put on hold"),
    N_("Why is the case put on hold?"),
    option("arrangement", N_("Work arrangements"), "工作安排"),
    option("own_request", N_("The person asked for it"), "本人要求"),
    option("long_absence", N_("Long absence or illness"), "长期外出", "病休"),
    hint=_ASK_ON_HOLD,
)
RESUME = _form(
    "resume",
    N_("Resume"),
    N_("Why is the case resumed?"),
    option("over", N_("What stood in the way is over"), "原因消除"),
    option("returned", N_("The person is back"), "返岗"),
    option("decided", N_("Decided by the leading group"), "研究决定"),
)
CLOSE = _form(
    "close",
    N_("Close and archive"),
    N_("Why is the case closed?"),
    option("finished", N_("The follow-up is complete"), "已完成"),
    option("retired", N_("Retired")),
    option("transferred", N_("Transferred elsewhere"), "调走"),
    option("left", N_("Left the service"), "辞职"),
    option("died", N_("Died"), "病故"),
)
REOPEN = _form(
    "reopen",
    N_("Reopen"),
    N_("Why is the case reopened?"),
    option("mistaken", N_("Closed by mistake"), "误归档"),
    option("needed", N_("More follow-up is needed"), "继续回访"),
    option("came_back", N_("The person came back"), "调回"),
)
STANDING_FORMS = (HOLD, RESUME, CLOSE, REOPEN)
# What can be chosen, by what is kept.
REASONS = {one.value: one.label for form in STANDING_FORMS for one in form.fields[0].options}
