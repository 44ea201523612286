"""A form as its page shows it, in the reader's words: the same declaration that the chat asks question by question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import wording
from bot.dialogs import store
from bot.pages import entries, whole
from bot.pages.entries import TYPED, Posted, Shown
from bot.pages.whole import Problems
from casework.forms.conditions import conditions
from casework.forms.form import Env, Field, Form
from casework.forms.kinds import limits, not_announced, options_of
from locales.catalogue import N_
from locales.phrase import P, Phrase, Value, line

MANY_OPTIONS = 14  # more of a list that grows stand in a box that scrolls, and are written by hand on paper
LINES, LINES_IF_WANTED = 5, 3  # to write on, on paper
WRITER, COMPANION = N_("Written by"), N_("Companion (went along, and confirms that it took place)")
PERSON = N_("The person visited (it took place)")
TEXTS = {
    "kept": N_("Each answer is kept at once."),
    "saving": N_("Keeping…"),
    "saved": N_("Kept at {time}."),
    "offline": N_(
        "No connection: what you fill in stays in this tab until there is one. Do not close the tab."
    ),
    "wait": N_("Not everything could be sent yet. Please try again when there is a connection."),
    "refused": N_("Some answers need a change. They are marked below."),
    "new": N_("Your answers have brought up further questions. Please look at them before you go on."),
    "ended": N_(
        "You are logged out. What was not sent stays in this tab until you open the form again here."
    ),
    "keep_mine": N_("Keep mine"),
    "photo_offline": N_(
        "The photo could not be sent, and is not kept here. Please choose it again with a connection."
    ),
    "photo_large": N_("This photo is too large: at most 8 MB. Please take it again with fewer pixels."),
    "photo_choose": N_("Choose or take a photo"),
    "photo_kept": N_("The photo that is kept"),
    "photo_drop": N_("Take this photo out"),
    "optional": N_("optional"),
    "no_answer": N_("No answer"),
    "typed": N_("Something else:"),
    "typed_many": N_("Others, set apart by commas:"),
    "from": N_("From"),
    "to": N_("To"),
    "check": N_("Check and submit"),
    "save": N_("Keep and go on"),
    "cancel": N_("Cancel the form"),
    "print": N_("Print blank form"),
    "book": N_("Fill in without network"),
    "print_now": N_("Print"),
    "back": N_("Back to the form"),
    "go_on_in_chat": N_("You can go on in the chat at any time; it asks what is still open."),
    "submit": N_("Submit"),
    "edit": N_("Edit"),
    "sure": N_("Cancel this form? The answers so far will be lost."),
    "right_case": N_("If it is the right one, go back to the chat and submit there; if not, cancel there."),
    "to_form": N_("See or change the answers here"),
    "cancel_for_good": N_("Cancel for good"),
    "tick_one": N_("Tick one"),
    "tick_several": N_("Tick all that apply"),
    "names": N_("Write names, with their units"),
    "by_hand": N_("Filled in by hand: please enter it soon, and keep the sheet locked away."),
    "signed_on": N_("Date"),
    "sign_apart": N_(
        "A page to sign: whoever signs is shown this one alone, not what is filled in before it."
    ),
    "took_place": N_("The visit took place on"),
}


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Question:
    """One question, ready to be shown. `visible`: asked with the answers as they are; `mark`: bot/pages/whole.py."""

    key: str
    kind: str
    prompt: str
    required: bool
    visible: bool
    hint: str
    help_label: str
    help: list[str]
    options: list[Choice]
    open: bool
    shown: Shown
    mark: str
    problem: str
    minded: list[str]
    instead: str
    max_length: int
    most: int
    first: str
    last: str
    only_if: str
    scrolls: bool

    @property
    def typed_chosen(self) -> bool:
        return TYPED in self.shown.chosen

    @property
    def lines(self) -> int:
        return LINES if self.required else LINES_IF_WANTED


@dataclass(frozen=True)
class Sheet:
    """The whole page of one draft."""

    id: int
    title: str
    subject: str
    revision: int
    questions: list[Question]
    progress: str
    signers: list[str]

    @property
    def apart(self) -> bool:
        """Whether one signs a page of its own: neither the person nor a companion is shown how they were rated."""
        return any(one.key == "state_of_mind" for one in self.questions)

    @property
    def photos(self) -> bool:
        return any(one.kind == "photo" for one in self.questions)


Say = Callable[[Phrase], str]


def sheet(
    form: Form,
    draft: store.Open,
    env: Env,
    say: Say,
    *,
    problems: Problems | None = None,
    posted: Posted | None = None,
    minded: Mapping[str, Sequence[Phrase]] | None = None,
) -> Sheet:
    """The page of a draft; beside a problem stands what was sent, not what is kept. `minded`: by question, what else
    its hint says here and now."""
    state = whole.settled(form, draft.state, env)
    visible = {field.key for field in form.visible(state.answers)}
    questions = []
    for field in form.fields:
        problem = (problems or {}).get(field.key)
        kept = entries.shown(field, whole.shown(state.answers, field.key), env)
        values = entries.as_sent(field, posted) if problem is not None and posted is not None else kept
        questions.append(
            _question(
                form,
                field,
                env,
                say,
                shown=values,
                visible=field.key in visible,
                mark=whole.mark(state.answers, field.key),
                problem=say(problem) if problem is not None else "",
                minded=[say(one) for one in (minded or {}).get(field.key, ())],
            )
        )
    return Sheet(
        draft.id,
        say(P(form.title)),
        say(_label(draft.subject)),
        draft.revision,
        questions,
        progress(form, state.answers, say),
        [say(P(who)) for who in _signers(form)],
    )


def _signers(form: Form) -> tuple[str, ...]:
    """Who signs on paper. Whoever does says no more than that it took place."""
    companion = (COMPANION,) if form.by_key.keys() & {"companions", "signed_on"} else ()
    return (WRITER, *companion, *((PERSON,) if "state_of_mind" in form.by_key else ()))


def progress(form: Form, answers: Mapping[str, Any], say: Say) -> str:
    visible = form.visible(answers)
    done = sum(1 for field in visible if field.key in answers)
    return say(P("{done} of {total} answered", done=done, total=len(visible)))


def _question(form: Form, field: Field, env: Env, say: Say, **more: Any) -> Question:
    text: Callable[[str], str] = lambda msgid: say(P(msgid)) if msgid else ""  # noqa: E731
    shown: Shown = more["shown"]
    options = options_of(field, env)
    first, last = limits(field, env) if field.kind == "date" else ("", "")
    unsure = not_announced(options, env) if field.kind == "date" else []
    return Question(
        key=field.key,
        kind=field.kind,
        prompt=text(field.prompt),
        required=field.required,
        hint=" ".join(
            [text(field.page_hint or field.hint)]
            if _has_hint(field)
            else [say(wording.not_announced(year)) for year in unsure]
        ),
        help_label=text(field.help_label),
        help=[text(line) for line in field.help],
        options=[
            Choice(option.value, say(_label(option.label)), option.value in shown.chosen)
            for option in options
        ],
        scrolls=field.dynamic and len(options) > MANY_OPTIONS,
        open=field.open,
        instead=text(field.instead),
        max_length=field.max_length,
        most=field.most,
        first=str(first),
        last=str(last),
        only_if=say(line(*conditions(form, field, env))),
        **more,
    )


def _has_hint(field: Field) -> bool:
    """Whether its hint says something here too: that of a day, a number or what one ticks, says how to do it in a
    chat."""
    return field.kind not in ("date", "number") and not (field.kind == "many" and not field.open)


def _label(label: Value) -> Phrase:
    return label if isinstance(label, Phrase) else P("{option}", option=label)
