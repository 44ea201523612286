"""What a page does with a draft in the database: the steps of bot/pages/whole.py, kept in the row of the dialog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from msgspec import structs

from bot import appeal, danger
from bot.context import Context
from bot.dialogs import fillings, runner, sent_in, showing, store, view
from bot.dialogs.engine import Recap, State
from bot.messages import Message
from bot.pages import entries, whole
from bot.pages.entries import Posted
from bot.pages.offered import BOOK, FORM, RECAP
from bot.pages.settling import settle
from bot.pages.sheet import progress, sheet
from bot.pages.whole import Problems
from bot.traces import Removers
from casework import notes
from casework.danger import is_acute
from casework.forms.catalog import NOTE_FORMS
from casework.forms.catalog.basis import BASIS
from casework.forms.form import Env, Form
from casework.pictures import Picture
from locales.phrase import P, Phrase
from storage import audit
from storage.errors import NotFound, Refused
from storage.sealed import blind_index
from storage.tables.members import Member

HANDED_IN = P("Handed in on the page.")
GIVEN_UP = P("Cancelled on the page.")
CHANGED = P("The form was changed elsewhere meanwhile. Please check it once more.")
LARGEST = 2**63 - 1  # of what a database takes for a number
Found = dict[str, Any]
Photos = Mapping[str, Picture | Phrase]  # by question; or why there is none


@dataclass(frozen=True)
class _Work:
    """One draft on the table: its form, where it stands, and what the form needs to know of the world."""

    ctx: Context
    draft: store.Open
    form: Form
    state: State
    env: Env

    def say(self, phrase: Phrase) -> str:
        return phrase.render(self.ctx.reader)

    def save(self, state: State) -> _Work:
        """Keep the draft as it is now. What changes nothing is no step: other devices need not hear of it."""
        if state == self.draft.state and self.draft.form_version == self.form.version:
            return self
        kept = store.save(
            self.ctx.session, self.draft, state, self.form.version, now=self.ctx.now, by_page=True
        )
        return _Work(self.ctx, kept, self.form, state, self.env)


def _open(ctx: Context, draft_id: int, *, lock: bool = False) -> _Work:
    """The member's own draft of what they may still fill in; to be changed with `lock`: a page may send several answers
    at the same moment.

    Raises:
        NotFound: there is none; or what it is about is over, or no longer theirs.
    """
    draft = store.by_id(ctx.session, ctx.member.id, draft_id, lock=lock) if draft_id <= LARGEST else None
    if draft is None:
        raise NotFound(runner.GONE.msgid)
    _must_be_theirs(ctx, draft)
    draft = runner.mine_again(ctx, draft) if lock else draft
    form, state = draft.stands
    return _Work(ctx, draft, form, state, fillings.env(ctx, form, draft.subject_id))


def _must_be_theirs(ctx: Context, draft: store.Open) -> None:
    """The door of what a draft is about. A note that was begun may be finished here as it may in the chat, also where
    no visits are made in its case by now."""
    if draft.form in NOTE_FORMS:
        about = ctx.session, ctx.actor, draft.form, draft.subject_id
        notes.about(*about, today=ctx.today, submitting=True, lock=False)
    else:
        fillings.subject_of(ctx, draft.form, draft.subject_id)


def look(ctx: Context, draft_id: int) -> Found:
    return _page(_open(ctx, draft_id))


def blank(ctx: Context, draft_id: int) -> Found:
    """The form with nothing in it, for paper: whom it is about, and every question it may ask."""
    work = _open(ctx, draft_id)
    empty = structs.replace(work.draft, state=State({}))
    about = fillings.FILLINGS[work.form.id].on_paper(ctx, work.draft.subject_id)
    lines = [work.say(line) for line in about]
    return {"sheet": sheet(work.form, empty, work.env, work.say), "lines": lines, **_frame(ctx)}


def who(ctx: Context, draft_id: int) -> Found:
    """Whom the form is about, and what to recognise the case by; the look is recorded."""
    work = _open(ctx, draft_id)
    subject = work.draft.subject_id
    audit.record(ctx.session, ctx.actor, "name_checked", "draft", draft_id, now=ctx.now, about=subject)
    return {
        "title": work.say(P(work.form.title)),
        "subject": work.draft.subject.render(ctx.reader),
        "lines": [work.say(line) for line in showing.facts(ctx, work.form, work.draft, work.state.answers)],
        "at": f"{FORM}{draft_id}",
        **_frame(ctx, subject),
    }


def keep(ctx: Context, draft_id: int, sent: dict[str, Any]) -> Found:
    """One answer from the page's script. Sent twice it is one answer."""
    work, key = _open(ctx, draft_id, lock=True), str(sent["key"])
    field = work.form.by_key.get(key)
    problem: Phrase | None = whole.NOT_ASKED
    if field is not None:
        entry = entries.read(field, sent["inputs"], work.env, str(sent["seen"]))
        state, problem = whole.give(work.form, work.state, key, entry, work.env)
        work = work.save(state) if problem is None else work
    return {
        "problem": work.say(problem) if problem is not None else "",
        "kept": problem is None,
        "conflict": whole.is_conflict(problem),
        "danger": _speaks_of_danger(sent["inputs"].values()),
        "danger_lines": _danger(work, sent["inputs"])["lines"],
        **_changes(work, sent["marks"]),
    }


def _changes(work: _Work, known: dict[str, Any]) -> Found:
    """How the form stands now; the inputs of every question whose answer is not the one that the page knows."""
    answers = whole.settled(work.form, work.state, work.env).answers
    marks = {field.key: whole.mark(answers, field.key) for field in work.form.fields}
    other = [field for field in work.form.fields if known.get(field.key) != marks[field.key]]
    return {
        "visible": [field.key for field in work.form.visible(answers)],
        "marks": marks,
        "values": {f.key: entries.shown(f, answers.get(f.key), work.env).dump() for f in other},
        "progress": progress(work.form, answers, work.say),
        "time": f"{work.ctx.now.astimezone(work.ctx.mechanism.zone):%H:%M}",
    }


def keep_photo(
    ctx: Context, draft_id: int, key: str, picture: Picture | Phrase, marks: dict[str, Any]
) -> Found:
    """A photo from the page's script: the answer of its question from now on, whatever was there."""
    work = _open(ctx, draft_id, lock=True)
    asked = any(one.key == key and one.kind == "photo" for one in work.form.visible(work.state.answers))
    problem: Phrase | None = None if asked else whole.NOT_ASKED
    if asked and isinstance(picture, Phrase):
        problem = picture
    elif asked and not isinstance(picture, Phrase):
        work, answer = _with_photo(work, picture)
        state, problem = whole.give(work.form, work.state, key, whole.Entry(answer), work.env)
        work = work.save(state) if problem is None else work
    said = work.say(problem) if problem is not None else ""
    return {"problem": said, "kept": problem is None, "conflict": False, **_changes(work, marks)}


def _with_photo(work: _Work, picture: Picture) -> tuple[_Work, str]:
    """A photo kept for the draft; what there is to answer is another by then."""
    answer = sent_in.keep_photo(work.ctx, work.draft, picture)
    env = fillings.env(work.ctx, work.form, work.draft.subject_id)
    return replace(work, env=env), answer


def take(ctx: Context, draft_id: int, posted: Posted, photos: Photos, *, closing: bool) -> Found:
    """The whole form at once. `closing`: it is to be handed in, so the recap follows when nothing is wrong."""
    work, refused = _open(ctx, draft_id, lock=True), Problems()
    for key, picture in photos.items():
        if (field := work.form.by_key.get(key)) is None or field.kind != "photo":
            continue
        if isinstance(picture, Phrase):
            refused[key] = picture
        else:
            work, answer = _with_photo(work, picture)
            posted = {**posted, f"a.{key}": [answer]}
    given = entries.read_all(work.form, posted, work.env)
    filled = whole.fill(work.form, work.state, given, work.env, closing=closing)
    work, problems = work.save(filled.state), filled.problems | refused
    if closing and not problems and not filled.new:
        return _to_recap(work)
    if not problems and not filled.new:
        return {"goal": f"{FORM}{draft_id}"}
    found = _page(work, problems, posted, new=bool(filled.new))
    return {"status": 422 if problems else 200, **found}


def submit(ctx: Context, draft_id: int, revision: str, removers: Removers) -> Found:
    """Hand in what the recap showed; the outcome is that of the chat."""
    work = _open(ctx, draft_id, lock=True)
    if revision != str(work.draft.revision):
        problems = whole.problem_at_submit(work.form, work.state, work.env)
        return (
            {"template": "form.html", **_page(work, problems)} if problems else _to_recap(work, "?changed=1")
        )
    try:
        outcome = runner.hand_in(ctx, work.draft)
    except Refused as refusal:
        if (key := runner.at_fault(work.draft, refusal)) is not None:
            return {"template": "form.html", "status": 422, **_page(work, {key: refusal.phrase})}
        if isinstance(refusal, NotFound) or store.was_beaten(refusal):
            raise
        # The draft waits as it was.
        lines = [work.say(refusal.phrase)]
        return {
            "lines": lines,
            "buttons": [],
            "back": f"{FORM}{draft_id}",
            **_frame(ctx, work.draft.subject_id),
        }
    return _over(work, outcome, HANDED_IN, removers)


def instead(ctx: Context, draft_id: int, posted: Posted, removers: Removers) -> Found:
    """What the page says in the place of an answer that is refused: it is kept, and the form ends without a note."""
    work = _open(ctx, draft_id, lock=True)
    field = next((one for one in work.form.visible(work.state.answers) if one.instead), None)
    entry = entries.read_all(work.form, posted, work.env).get(field.key) if field is not None else None
    if field is None or entry is None:
        return _page(work)
    state, problem = whole.give(work.form, work.state, field.key, whole.Entry(entry.value), work.env)
    if problem is None:
        return _page(work.save(state))
    if entry.value is not False:
        return _page(work, {field.key: problem}, posted)
    return {"template": "done.html", **_over(work, runner.end_instead(ctx, work.draft), HANDED_IN, removers)}


def cancel(ctx: Context, draft_id: int, removers: Removers) -> Found:
    work = _open(ctx, draft_id, lock=True)
    return _over(work, runner.give_up(ctx, work.draft), GIVEN_UP, removers)


def _over(work: _Work, outcome: Message, said: Phrase, removers: Removers) -> Found:
    """The outcome of a form, here and in the chat."""
    settle(work.ctx, work.draft.id, said, outcome, removers)
    buttons = [[(button, work.say(button.label)) for button in row] for row in outcome.buttons]
    lines = [work.say(line) for line in outcome.lines]
    return {"lines": lines, "buttons": buttons, "back": "", **_frame(work.ctx, work.draft.subject_id)}


def _to_recap(work: _Work, said: str = "") -> Found:
    """The recap has an address of its own: whoever goes back to it, after it was handed in, is told so."""
    # Saved once more at rest, so that what is handed in is what will be shown.
    work.save(whole.settled(work.form, work.state, work.env))
    return {"goal": f"{FORM}{work.draft.id}{RECAP}{said}"}


def recap(ctx: Context, draft_id: int, *, changed: bool = False) -> Found:
    """All answers, as the chat's recap has them, and the button that hands them in. Where something is open by now, or
    is being changed in the chat, it leads to the form. Looking changes nothing."""
    work = _open(ctx, draft_id)
    at_rest = whole.settled(work.form, work.state, work.env) == work.state
    if not at_rest or whole.problem_at_submit(work.form, work.state, work.env):
        return {"goal": f"{FORM}{draft_id}"}
    facts = showing.facts(work.ctx, work.form, work.draft, work.state.answers)
    surroundings = view.Context(work.draft.subject, (work.draft.id, work.draft.revision), facts=facts)
    message = view.view(work.form, work.state, Recap(CHANGED if changed else None), work.env, surroundings)
    lines = [work.say(line) for line in message.lines]
    return {
        "lines": lines,
        "at": f"{FORM}{work.draft.id}",
        "revision": work.draft.revision,
        "danger": _danger(work),
        **_frame(work.ctx, work.draft.subject_id),
    }


def _page(
    work: _Work, problems: Problems | None = None, posted: Posted | None = None, new: bool = False
) -> Found:
    draft = structs.replace(work.draft, state=work.state)
    minded = {}
    if BASIS.key in work.form.by_key:
        minded[BASIS.key] = appeal.beside_basis(work.ctx, draft.subject_id)
    made = sheet(work.form, draft, work.env, work.say, problems=problems, posted=posted, minded=minded)
    said = _danger(work, posted or {})
    book = BOOK if work.form.id in NOTE_FORMS else ""
    return {"sheet": made, "new": new, "danger": said, "book": book, **_frame(work.ctx, draft.subject_id)}


def _danger(work: _Work, posted: Posted | None = None) -> Found:
    """What follows a phrase of acute danger in any answer, as in a chat; `shown` if there is one. The page has the
    words in any case, for its script to show. Of what was refused it is not said that it counts."""
    answers = work.state.answers
    stands = {one.key for one in work.form.visible(answers) if _speaks_of_danger([answers.get(one.key)])}
    sent = {name for name, values in (posted or {}).items() if _speaks_of_danger([values])}
    lost = {name.removeprefix("a.").split(".")[0] for name in sent} - stands
    kept = not lost if not (lost and stands) else None
    given = [answers.get(key) for key in stands]
    return numbers(work.ctx, [*given, *(posted or {}).values()], about=work.draft.subject_id, kept=kept)


def numbers(
    ctx: Context, given: Iterable[Any], about: int | None = None, *, kept: bool | None = True
) -> Found:
    """The emergency numbers and the ways to get help, as parts.html has them. `kept`: what was said is; None: some of
    it is."""
    message = danger.answer(ctx, in_form=kept, about=about)
    return {
        "shown": _speaks_of_danger(given),
        "lines": [line.render(ctx.reader) for line in message.lines],
        "ways": [(button, button.label.render(ctx.reader)) for row in message.buttons for button in row],
    }


def _speaks_of_danger(given: Iterable[Any]) -> bool:
    texts = chain.from_iterable(one if isinstance(one, list) else [one] for one in given)
    return any(is_acute(text) for text in texts if isinstance(text, str))


def _frame(ctx: Context, about: int | None = None) -> Found:
    """What every page has; `about`: what its form is about."""
    ways = [(button, button.label.render(ctx.reader)) for button in danger.ways(ctx, about)]
    name = ctx.member.name if isinstance(ctx.member, Member) else ""
    whose = blind_index(str(ctx.member.id), "page.whose").hex()[:16]
    return {"language": ctx.language, "name": name, "whose": whose, "ways": ways}
