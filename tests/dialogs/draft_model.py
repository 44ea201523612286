"""How a draft of a talk has to behave, said once more and differently: what one sees, taps and types, on two phones
and a page. Written from docs/forms.md and docs/pages.md, it knows neither engine nor store.

`version` counts what was changed. A message or a page that was shown before the latest change is stale, and whatever is
done on it must change nothing but to show where one is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Of the topics that may be added, those whose questions are texts; in whatever order they are ticked, they stand in
# that of the form, and so do their questions.
TOPICS = {
    "work": ("work",),
    "correction": ("correction",),
    "unit_opinion": ("unit_opinion",),
    "understanding": ("understanding",),
    "execution": ("execution",),
    "hardship": ("hardship",),
    "suggestions": ("suggestions",),
    "unit_support": ("unit_support",),
    "public_feedback": ("public_feedback",),
    "help": ("requests", "help_given"),
    "next_steps": ("next_steps",),
    "to_mind": ("to_mind",),
}
TEXTS = tuple(key for keys in TOPICS.values() for key in keys)
ORDER = (
    "date", "place", "thinking", "state_of_mind", "basis", "safety", "safety_detail", "more", *TEXTS,
)  # fmt: skip
OPTIONAL = ("safety_detail", *TEXTS)
Answers = dict[str, Any]


def visible(answers: Mapping[str, Any]) -> list[str]:
    hidden = set[str]()
    if answers.get("state_of_mind") not in ("unsettled", "concern"):
        hidden.add("basis")
    if answers.get("safety") is not True:
        hidden.add("safety_detail")
    chosen = answers.get("more") or []
    hidden |= {key for topic, keys in TOPICS.items() if topic not in chosen for key in keys}
    return [key for key in ORDER if key not in hidden]


@dataclass
class Draft:
    """One draft. `at` is the question that the chat asks, None at the recap."""

    answers: Answers = field(default_factory=dict)
    at: str | None = "date"
    editing: bool = False
    ticked: list[str] = field(default_factory=list)
    cancelling: bool = False
    choosing: bool = False
    by_page: bool = False
    chat: str = ""  # where the question was last shown

    def key(self) -> tuple[Any, ...]:
        said = sorted((key, repr(value)) for key, value in self.answers.items())
        return (said, self.at, self.editing, tuple(self.ticked), self.cancelling, self.choosing)

    def goes_to(self, key: str | None, *, editing: bool = False) -> None:
        self.at, self.editing = key, editing
        self.ticked = list(self.answers.get("more") or []) if key == "more" else []

    @property
    def ticks(self) -> bool:
        """Whether the question of several is asked: then its options hold, however many were ticked since."""
        return self.at == "more" and not (self.cancelling or self.choosing or self.by_page)

    def onward(self) -> None:
        self.goes_to(next((key for key in visible(self.answers) if key not in self.answers), None))

    def answer(self, value: Any) -> None:
        assert self.at is not None
        self.answers[self.at] = sorted(value, key=list(TOPICS).index) if isinstance(value, list) else value
        self.onward()

    def rest(self) -> None:
        """What was under way in the chat is brought to an end, as a page does first."""
        self.cancelling = self.choosing = False
        if self.ticked and self.at == "more":
            self.answer(list(self.ticked))
        if self.at in self.answers:
            self.onward()


class Model:
    """The draft, if there is one; every note that was handed in; how often something was changed."""

    def __init__(self) -> None:
        self.draft: Draft | None = None
        self.notes: list[Answers] = []
        self.version = 0
        self.here = ""  # the chat that is spoken in

    def begin(self) -> None:
        if self.draft is None:
            self.draft, self.version = Draft(chat=self.here), self.version + 1
        else:
            self.shows()

    def shows(self) -> None:
        """The draft is shown where it stands: a question whether to cancel is withdrawn by it."""
        draft = self.draft
        if draft is not None and (draft.cancelling or draft.choosing or self.is_elsewhere(draft)):
            draft.cancelling = draft.choosing = draft.by_page = False
            draft.chat = self.here
            self.version += 1

    def is_elsewhere(self, draft: Draft) -> bool:
        """Whether the question that is shown here may be an older one."""
        return draft.by_page or draft.chat != self.here

    def ends(self) -> None:
        self.draft, self.version = None, self.version + 1

    def hands_in(self) -> None:
        assert self.draft is not None
        answers = self.draft.answers
        self.notes.append({key: answers[key] for key in visible(answers) if answers[key] is not None})
        self.ends()

    def changes(self, before: tuple[Any, ...], *, by_page: bool) -> None:
        """After a step: whether it was one. What changes nothing leaves everything that was shown as good as it was."""
        assert self.draft is not None
        if self.draft.key() != before or (self.is_elsewhere(self.draft) and not by_page):
            self.version += 1
            self.draft.by_page, self.draft.chat = by_page, self.here

    # --- in the chat, on what was shown last -------------------------------------------------------------------------

    def does(self, do: str, value: Any = None) -> None:
        """A button, or the word that means the same."""
        draft = self.draft
        assert draft is not None
        before = draft.key()
        if draft.cancelling or draft.choosing:
            self._asked_back(draft, do, value)
        else:
            self._plainly(draft, do, value)
        if self.draft is draft:
            self.changes(before, by_page=False)

    def _asked_back(self, draft: Draft, do: str, value: Any) -> None:
        """While asked whether to cancel, or which answer to change."""
        if do == "cancel" and draft.cancelling:
            self.ends()
        elif do == "cancel":
            self._cancel(draft)
        elif draft.cancelling or do in ("back", "keep", "resume"):
            draft.cancelling = draft.choosing = False
        elif do == "edit" and value is not None:
            draft.choosing = False
            self._edit(draft, value)

    def _plainly(self, draft: Draft, do: str, value: Any) -> None:
        match do:
            case "answer" if draft.at is not None:
                draft.answer(value)
            case "skip" if draft.at in OPTIONAL:
                draft.answer(None)
            case "keep" if draft.at in draft.answers:
                draft.onward()
            case "toggle" | "done" if draft.at == "more":
                self._tick(draft, value)
            case "back":
                self._back(draft)
            case "edit":
                self._edit(draft, value)
            case "cancel":
                self._cancel(draft)
            case "submit" if draft.at is None:
                self.hands_in()

    def _tick(self, draft: Draft, value: Any) -> None:
        if value is None:
            draft.answer(list(draft.ticked))
        elif value in draft.ticked:
            draft.ticked.remove(value)
        else:
            draft.ticked.append(value)

    def _back(self, draft: Draft) -> None:
        shown = visible(draft.answers)
        if draft.editing:
            draft.onward()
        else:
            place = len(shown) if draft.at is None else shown.index(draft.at)
            draft.goes_to(shown[max(place - 1, 0)])

    def _edit(self, draft: Draft, key: str | None) -> None:
        shown = visible(draft.answers)
        if key in shown:
            draft.goes_to(key, editing=True)
        elif key is None and any(one in draft.answers for one in shown):
            draft.choosing = True

    def _cancel(self, draft: Draft) -> None:
        if not draft.answers and not draft.ticked:
            self.ends()
        else:
            draft.cancelling, draft.choosing = True, False

    # --- on the page -------------------------------------------------------------------------------------------------

    def page_gives(self, key: str, value: Any, known: Answers) -> bool:
        """One answer from a page that knew those answers; whether it was kept."""
        draft = self.draft
        assert draft is not None
        before, resting = draft.key(), Draft(dict(draft.answers), draft.at, draft.editing, list(draft.ticked))
        resting.rest()
        now, seen = resting.answers.get(key), known.get(key)
        if key not in visible(resting.answers):
            return False
        if not (value == now and key in resting.answers):
            if seen != now and value != seen:
                return False
            if seen == now:
                if value is None and key not in OPTIONAL:
                    return False
                resting.answers[key] = value
                resting.onward()
        resting.by_page, resting.chat = draft.by_page, draft.chat
        self.draft = resting
        self.changes_on_page(before)
        return True

    def changes_on_page(self, before: tuple[Any, ...]) -> None:
        assert self.draft is not None
        if self.draft.key() != before:
            self.version += 1
            self.draft.by_page = True

    def page_rests(self) -> bool:
        """The recap of the page; whether there is one: only where nothing is open."""
        draft = self.draft
        assert draft is not None
        if any(key not in draft.answers for key in visible(draft.answers)):
            return False
        before = draft.key()
        draft.rest()
        self.changes_on_page(before)
        return True
