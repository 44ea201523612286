"""Drafts as they are read: where one stands by now, and what there is before another is opened."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.dialogs import store
from bot.dialogs.engine import State, adopt
from casework.forms.catalog import FORMS
from casework.forms.form import Form
from locales.phrase import Code
from storage.lane import Lane
from tests import make
from tests.make import NOW, Town

TALK = FORMS["talk"]


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def draft(
    session: Session,
    town: Town,
    about: int,
    state: State,
    version: int = TALK.version,
    *,
    by_page: bool = False,
) -> store.Open:
    return store.create(
        session, town.county, town.officer, TALK.id, version, about, Code("JA-7K3Q"), state,
        now=NOW, days=7, by_page=by_page,
    )  # fmt: skip


def test_a_draft_of_an_older_version_stands_where_the_form_is_now(
    lane: Lane, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Form] = []

    def counted(form: Form, old: State) -> State:
        asked.append(form)
        return adopt(form, old)

    monkeypatch.setattr(store, "adopt", counted)
    old = State({"date": "2026-11-23", "gone": "x"}, "gone")
    lane.run_now(lambda s: draft(s, town, town.visit, old, TALK.version - 1).id)
    found = lane.run_now(lambda s: store.active(s, town.officer))
    assert found is not None
    assert found.state == old
    assert found.stands == (TALK, adopt(TALK, old))
    assert found.stands is found.stands
    assert asked == [TALK], "once, however often a step asks"

    kept = lane.run_now(lambda s: store.save(s, found, found.stands[1], TALK.version, now=NOW))
    assert kept.stands == (TALK, kept.state)
    assert asked == [TALK]


def test_what_there_is_before_a_form_is_opened(lane: Lane, town: Town) -> None:
    def before(about: int) -> tuple[int | None, bool]:
        found, busy = lane.run_now(lambda s: store.before(s, town.officer, "talk", about))
        return (found.id if found is not None else None), busy

    assert before(town.visit) == (None, False)
    on_page = lane.run_now(lambda s: draft(s, town, town.visit, State({}), by_page=True).id)
    assert before(town.visit) == (on_page, False)
    assert before(town.case) == (None, False)
    in_chat = lane.run_now(lambda s: draft(s, town, town.case, State({})).id)
    assert before(town.visit) == (on_page, True)
    assert before(town.case) == (in_chat, True)
    theirs = lane.run_now(lambda s: store.before(s, town.colleague, "talk", town.visit))
    assert theirs == (None, False), "nobody else's"
