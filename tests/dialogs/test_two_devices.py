"""One person, two chats and a page, one draft: shuffled, repeated and stale input, compared with a model each time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.json import decode, encode
from sqlmodel import Session, select

from bot.app import build
from bot.channels.base import Incoming
from bot.channels.disclosure import Level
from bot.context import Context
from bot.dialogs import runner, store, words
from bot.dialogs.engine import State
from bot.messages import Action, Message
from bot.pages import desk, whole
from bot.pages.offered import RECAP
from casework import people
from casework.forms.catalog import FORMS
from casework.forms.form import Env
from casework.forms.kinds import refusal
from locales.phrase import Phrase
from storage.clock import SandboxClock
from storage.errors import NotFound
from storage.lane import open_lane
from storage.tables.members import Member
from storage.tables.notes import Note
from tests.commands.world import at, living
from tests.conftest import settings_of
from tests.dialogs.draft_model import ORDER, TEXTS, TOPICS, Draft, Model, visible
from tests.web import SITE

T = TypeVar("T")
NOW = at("2026-11-23")
TALK, ENV = FORMS["talk"], Env(NOW.date())
PHONES, PAGES = ("phone", "tablet"), ("laptop", "desktop")
CONTROLS = {
    "上一步": "back", "跳过": "skip", "取消": "cancel", "继续": "resume", "提交": "submit", "保留": "keep",
}  # fmt: skip
SAID = (
    *CONTROLS, "昨天", "11-20", "会议室", "绿", "黄", "没有", "有", "说了几句", "一句话", "改第1题", "改第4题",
    "昨天，会议室",
)  # fmt: skip
GIVEN: dict[str, tuple[Any, ...]] = {
    "date": ("2026-11-20", "2026-11-22"),
    "place": ("meeting_room", "own_office"),
    "thinking": ("平稳", "愿意谈"),
    "state_of_mind": ("settled", "unsettled"),
    "basis": ("叹气",),
    "safety": (True, False),
    "safety_detail": ("整夜不眠", None),
    "more": ([], ["work"]),
    **dict.fromkeys(TEXTS, ("主动", None)),
}
WELL = {
    "date": "昨天", "place": "会议室", "thinking": "平稳", "state_of_mind": "绿", "basis": "叹气", "safety": "没有",
    "safety_detail": "跳过", "more": "没有", "work": "主动",
}  # fmt: skip
OLD_ONES = {runner.STALE.msgid, runner.STALE_AT_END.msgid}
STEP_WORDS = {*OLD_ONES, runner.GONE.msgid}


@dataclass
class Shown:
    """A button that was shown once, and how often the draft had been changed by then."""

    token: str
    action: Action
    version: int


@dataclass
class Loaded:
    """The page as it was loaded: the answers that it shows; the recap, and when it was made."""

    answers: dict[str, Any]
    recap: tuple[str, int] | None = None


class TwoDevices(RuleBasedStateMachine):
    def __init__(self, county: Path, folder: Path, case_id: int, member_id: int) -> None:
        super().__init__()
        self.path = folder / "devices.db"
        shutil.copy(county, self.path)
        self.case_id, self.member_id = case_id, member_id
        self.model, self.pages = Model(), {name: Loaded({}) for name in PAGES}
        self.shown: list[Shown] = []
        self.draft_id: int | None = None
        self.events = 0
        self.sent: Incoming | None = None
        self.fresh: list[tuple[str, Action]] = []
        self.url = f"sqlite:///{self.path}"
        # Once: reading settings costs more than a step, and a life has many restarts.
        made = settings_of(self.url, self.path.with_suffix(".key"))
        self.settings = made.model_copy(update={"public_url": SITE})
        self._open()

    def _open(self) -> None:
        self.lane = open_lane(self.url)
        self.house = build(self.settings, self.lane, SandboxClock(NOW, standing=True))

    def teardown(self) -> None:
        self.lane.close()

    # --- the product, as the rules use it ----------------------------------------------------------------------------

    def takes(self, phone: str, **what: str) -> Message | None:
        """One event from a phone; what it was answered, or None where it was nothing new."""
        self.events += 1
        self.model.here = phone
        self.sent = Incoming("sandbox", phone, f"e{self.events}", **what)  # type: ignore[arg-type]
        return self.handles(self.sent)

    def handles(self, incoming: Incoming) -> Message | None:
        parcels = self.lane.run_now(lambda session: self.house.conversation.take(session, incoming, now=NOW))
        if not parcels:
            return None
        last = parcels[-1]
        kept = Message.load(decode(encode(last.message)))  # that row says what its buttons do
        buttons = [button for row in kept.buttons for button in row]
        self.fresh = [(f"{last.nonce}.{n}", button.action) for n, button in enumerate(buttons)]
        return last.message

    def remembers(self) -> None:
        """Keep the buttons of the last answer, with the model as it is after it."""
        self.shown += [
            Shown(token, action, self.model.version)
            for token, action in self.fresh
            if action.verb == "draft"
            and not (action.get("do") == "toggle" and action.get("value") not in TOPICS)
        ]

    def on_page(self, unit: Callable[[Context, int], T]) -> T | None:
        """A unit of the page; None where the draft is gone."""

        def inside(session: Session) -> T:
            member = session.get_one(Member, self.member_id)
            ctx = Context(session, member, NOW, Level.full, "zh_CN", SITE, on_page=True)
            return unit(ctx, self.draft_id or 1)

        try:
            return self.lane.run_now(inside)
        except NotFound:
            return None

    def led_to(self, found: dict[str, Any] | None) -> dict[str, Any] | None:
        """What a browser shows in the end: the recap has an address of its own."""
        if found is None or RECAP not in found.get("goal", ""):
            return found
        return self.on_page(lambda ctx, draft: desk.recap(ctx, draft))

    @property
    def draft(self) -> Draft | None:
        return self.model.draft

    # --- the chat ----------------------------------------------------------------------------------------------------

    @initialize()
    def first(self) -> None:
        self.begins("phone")

    @rule(phone=st.sampled_from(PHONES))
    def begins(self, phone: str) -> None:
        self.takes(phone, text="/record")
        kinds = None
        for verb, wanted in (
            ("contact", {}),
            ("contact", {"id": self.case_id}),
            ("contact", {"kind": "talk"}),
        ):
            token = next(
                token
                for token, action in self.fresh
                if action.verb == verb and all(action.get(key) == value for key, value in wanted.items())
            )
            kinds = self.takes(phone, token=token)
        assert kinds is not None
        if self.draft is None:
            self.model.begin()
            self.pages = {name: Loaded({}) for name in PAGES}
        else:
            self.model.shows()
        self.remembers()
        found = self.lane.run_now(lambda session: store.all_of(session, self.member_id))
        self.draft_id = found[0].id

    @precondition(lambda self: self.shown)
    @rule(phone=st.sampled_from(PHONES), data=st.data())
    def taps(self, phone: str, data: st.DataObject) -> None:
        """Mostly something shown lately; now and then something old."""
        lately = data.draw(st.booleans()) or data.draw(st.booleans())
        button = data.draw(st.sampled_from(self.shown[-14:] if lately else self.shown))
        answer = self.takes(phone, token=button.token)
        assert answer is not None
        do, value = str(button.action.get("do")), button.action.get("value")
        if do == "page":
            self.fresh = []
            return
        told = {line.msgid for line in answer.lines}
        if self.draft is None or button.action.get("id") != self.draft_id:
            assert runner.GONE.msgid in told
        elif button.version != self.model.version and not (do in ("toggle", "done") and self.draft.ticks):
            assert len(told & OLD_ONES) == 1
            self.model.shows()
        else:
            assert not told & STEP_WORDS
            if do == "answer":
                assert self.draft.at is not None
                value = (
                    {"yes": True, "no": False}.get(str(value), value) if self.draft.at == "safety" else value
                )
            self.model.does(do, value)
        self.remembers()

    @rule(phone=st.sampled_from(PHONES), text=st.sampled_from(SAID))
    def says(self, phone: str, text: str) -> None:
        answer = self.takes(phone, text=text)
        assert answer is not None
        draft = self.draft
        if draft is None:
            return
        moved = self.model.is_elsewhere(draft) and CONTROLS.get(text) not in ("cancel", "resume")
        why = runner.MOVED if draft.by_page else runner.MOVED_CHAT
        assert (why.msgid in {line.msgid for line in answer.lines}) is moved
        if moved:
            self.model.shows()
        else:
            self._means(draft, text)
        self.remembers()

    def _means(self, draft: Draft, text: str) -> None:
        if text in CONTROLS:
            self.model.does(CONTROLS[text])
        elif text.startswith("改第"):
            shown = visible(draft.answers)
            at = int(text[2]) - 1
            self.model.does("edit", shown[at])
        elif draft.cancelling or draft.choosing or draft.at is None:
            self.model.does("nothing")
        elif (
            text == "昨天，会议室"
            and draft.at == "date"
            and not draft.editing
            and "date" not in draft.answers
            and "place" not in draft.answers
        ):
            self.model.does("answer", "2026-11-22")
            draft.answer("meeting_room")
        else:
            field = TALK.by_key[draft.at]
            value = words.read(field, text, ENV)
            if not isinstance(value, Phrase) and refusal(field, value, draft.answers, ENV) is None:
                self.model.does("answer", [*draft.ticked, *value] if draft.at == "more" else value)
            else:
                self.model.does("nothing")

    @rule(phone=st.sampled_from(PHONES))
    def answers_the_rest(self, phone: str) -> None:
        """Every question that is still open, one after the other, to the recap."""
        for _ in range(2 * len(ORDER)):
            if self.draft is None or (self.draft.at is None and not self.draft.by_page):
                break
            self.says(phone, WELL.get(self.draft.at or "date", "跳过"))

    @precondition(lambda self: self.sent is not None)
    @rule()
    def the_same_event_comes_again(self) -> None:
        assert self.sent is not None
        assert self.handles(self.sent) is None

    @rule()
    def the_program_restarts(self) -> None:
        self.lane.close()
        self._open()

    # --- the page ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.draft is not None)
    @rule(page=st.sampled_from(PAGES))
    def page_is_loaded(self, page: str) -> None:
        assert self.on_page(desk.look) is not None
        assert self.draft is not None
        resting = Draft(dict(self.draft.answers), self.draft.at, self.draft.editing, list(self.draft.ticked))
        resting.rest()
        self.pages[page].answers = resting.answers

    @rule(page=st.sampled_from(PAGES), data=st.data())
    def page_answers(self, page: str, data: st.DataObject) -> None:
        shown = visible(self.draft.answers) if self.draft is not None else ORDER
        key = data.draw(st.sampled_from(("date", "place", *shown, *ORDER)))
        self._gives(page, key, data.draw(st.sampled_from(GIVEN[key])))

    @rule(key=st.sampled_from(("date", "place", "thinking", "state_of_mind", "safety")))
    def page_comes_second(self, key: str) -> None:
        """Two pages that were loaded at the same moment answer the same question."""
        for page in PAGES if self.draft is not None else ():
            self.page_is_loaded(page)
        for page, value in zip(PAGES, GIVEN[key], strict=False):
            self._gives(page, key, value)

    def _gives(self, page: str, key: str, value: Any) -> None:
        known = self.pages[page].answers
        marks = {one: whole.mark(known, one) for one in ORDER}
        sent = {"key": key, "inputs": {f"a.{key}": _inputs(value)}, "seen": marks[key], "marks": marks}
        found = self.on_page(lambda ctx, draft: desk.keep(ctx, draft, sent))
        if self.draft is None:
            assert found is None
            return
        assert found is not None
        assert found["kept"] is self.model.page_gives(key, value, known)
        if found["kept"]:
            self.pages[page].answers = dict(self.draft.answers)

    @rule(page=st.sampled_from(PAGES))
    def page_is_checked(self, page: str) -> None:
        found = self.led_to(self.on_page(lambda ctx, draft: desk.take(ctx, draft, {}, {}, closing=True)))
        if self.draft is None:
            assert found is None
            return
        assert found is not None
        whole_now = self.model.page_rests()
        assert ("revision" in found and "lines" in found) is whole_now
        self.pages[page].recap = (str(found["revision"]), self.model.version) if whole_now else None

    @rule(page=st.sampled_from(PAGES))
    def page_is_handed_in(self, page: str) -> None:
        if (recap := self.pages[page].recap) is None:
            return
        found = self.led_to(self.on_page(lambda ctx, draft: desk.submit(ctx, draft, recap[0], {})))
        if self.draft is None:
            assert found is None
        elif recap[1] == self.model.version:
            self.model.hands_in()
        elif self.model.page_rests():
            assert found is not None
            self.pages[page].recap = (str(found["revision"]), self.model.version)

    @rule(page=st.sampled_from(PAGES), key=st.sampled_from(("date", "place")))
    def page_is_overtaken(self, page: str, key: str) -> None:
        """Its recap is shown, somebody changes an answer, and then it is handed in."""
        self.page_is_checked(page)
        self.page_comes_second(key)
        self.page_is_handed_in(page)

    @precondition(lambda self: self.draft is not None)
    @rule(sure=st.integers(0, 9))
    def page_gives_up(self, sure: int) -> None:
        if sure == 0:
            self.on_page(lambda ctx, draft: desk.cancel(ctx, draft, {}))
            self.model.ends()

    # --- what has to hold after every step ---------------------------------------------------------------------------

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        drafts, notes = self.lane.run_now(
            lambda session: (store.all_of(session, self.member_id), _notes(session))
        )
        assert notes == self.model.notes
        if self.draft is None:
            assert drafts == []
            return
        (kept,) = drafts
        assert _key(kept.state) == self.draft.key()
        assert kept.by_page is self.draft.by_page


def _inputs(value: Any) -> list[str]:
    match value:
        case list():
            return value
        case bool():
            return ["yes" if value else "no"]
    return [] if value is None else [value]


def _key(state: State) -> tuple[Any, ...]:
    answers = dict(state.answers)
    mode = (state.mode == "cancelling", state.mode == "picking")
    return Draft(answers, state.cursor, state.editing, list(state.partial), *mode).key()


def _notes(session: Session) -> list[dict[str, Any]]:
    return [note.answers for note in session.exec(select(Note).order_by(Note.id))]  # type: ignore[arg-type]


def explore(folder: Path, empty_sqlite: Path, examples: int, steps: int) -> None:
    with living(folder, empty_sqlite) as world:
        county, case_id, member_id = folder / "world.db", world.cases["JA-7K3Q"], world.members["officer"]

        def bound(session: Session) -> None:
            member = session.get_one(Member, member_id)
            for phone in PHONES:
                people.bind_address(session, member, "sandbox", phone, now=NOW)

        world.do(bound)
    run_state_machine_as_test(
        lambda: TwoDevices(county, folder, case_id, member_id),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_two_devices_send_one_draft_comes_of_it(tmp_path: Path, empty_sqlite: Path) -> None:
    explore(tmp_path, empty_sqlite, 20, 40)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_same_for_long(tmp_path: Path, empty_sqlite: Path) -> None:
    explore(tmp_path, empty_sqlite, 2_000, 50)
