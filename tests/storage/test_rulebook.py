from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import time
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from locales.phrase import Count, Word
from storage.errors import Refused
from storage.rulebook import (
    DEFAULT_VERSION,
    RESTRICTION_MONTHS,
    TO_BE_CHECKED,
    LadderStep,
    Recipient,
    Rulebook,
    Via,
)

ORIGINS = ("our", "practice", "law", "programme", "product")


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """The default rules as JSON values, one of them replaced."""
    data = Rulebook.default().dump()
    place: Any = data
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = to
    return data


def refusal(data: dict[str, Any] | str) -> Refused:
    with pytest.raises(Refused) as caught:
        Rulebook.load(data)
    return caught.value


def sections(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from sections(field.annotation)


def test_the_default_survives_json() -> None:
    rules = Rulebook.default()
    assert rules.version == DEFAULT_VERSION
    assert Rulebook.load(rules.dump()) == rules
    assert Rulebook.load(json.dumps(rules.dump())) == rules
    assert Rulebook.load({}) == rules


def test_a_saved_version_needs_to_name_only_what_differs() -> None:
    rules = Rulebook.load({"version": 2, "cadence": {"observation": {"talk_days": 60}}})
    assert rules.version == 2
    assert rules.cadence.observation.talk_days == 60
    assert rules.cadence.evaluation.talk_days == 90
    assert rules.ladder == Rulebook.default().ladder
    assert Rulebook.load(rules.dump()) == rules


def test_the_proposed_numbers() -> None:
    rules = Rulebook.default()
    scale = rules.cadence.follow_up.talk_days
    assert [scale.for_state(s) for s in ("settled", "stable", "unsettled", "concern", "not_rated")] == [
        90,
        90,
        30,
        14,
        90,
    ]
    assert rules.restriction_months["party.serious_warning"] == 18
    assert rules.restriction_months["organisational.admonition"] == 6
    officer, supervisor = Recipient.care_officer, Recipient.supervisor
    staff, leader = Recipient.commission_staff, Recipient.leader
    assert [(s.offset, s.to, s.via, s.at) for s in rules.ladder.steps] == [
        (-7, officer, Via.digest, None),
        (-3, officer, Via.digest, None),
        (-1, officer, Via.digest, None),
        (0, officer, Via.notice, time(14, 30)),
        (1, officer, Via.digest, None),
        (2, supervisor, Via.notice, time(9)),
        (5, staff, Via.notice, time(9)),
        (8, leader, Via.notice, time(9)),
    ]
    assert (rules.ladder.repeat_every, rules.ladder.repeat_to) == (5, (supervisor, staff, leader))
    assert rules.ladder.soon_workdays == 7
    assert (rules.hours.digest_at, rules.hours.notices_from, rules.hours.notices_until) == (
        time(8, 30),
        time(9),
        time(17),
    )


def test_lengths_from_usage_alone_are_marked() -> None:
    assert set(RESTRICTION_MONTHS) > TO_BE_CHECKED
    assert "organisational.admonition" not in TO_BE_CHECKED
    assert not any(kind.startswith("party.") for kind in TO_BE_CHECKED)


def test_every_rule_says_what_it_is_and_where_it_comes_from() -> None:
    every: list[type[BaseModel]] = [*sections(Rulebook), LadderStep]
    for section in every:
        for name, field in section.model_fields.items():
            assert field.description, f"{section.__name__}.{name}"
            assert any(word in field.description.lower() for word in ORIGINS), field.description


def test_no_rule_can_be_changed_in_place() -> None:
    rules = Rulebook.default()
    with pytest.raises(ValidationError):
        rules.hours.digest_at = time(7)  # type: ignore[misc]
    with pytest.raises(TypeError):
        rules.restriction_months["party.warning"] = 1  # type: ignore[index]
    assert RESTRICTION_MONTHS["party.warning"] == 12


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            changed("ladder", "steps", 1, "offset", to=-8),
            "The steps of the ladder must follow one another: {later} comes after {earlier}.",
        ),
        (
            changed("ladder", "steps", 1, "offset", to=-7),
            "The steps of the ladder must follow one another: {later} comes after {earlier}.",
        ),
        (
            changed("ladder", "steps", 5, "to", to="leader"),
            "The ladder must reach a supervisor after the due day.",
        ),
        (changed("ladder", "steps", to=[]), "The ladder must reach a supervisor after the due day."),
        (changed("ladder", "steps", 5, "at", to=None), "A notice of the ladder needs its time of day."),
        (
            changed("ladder", "steps", 0, "at", to="09:00"),
            "A step that goes with the digest has no time of its own.",
        ),
        (
            changed("ladder", "repeat_at", to="17:01"),
            "The notice at {hour} lies outside the hours for notices.",
        ),
        (
            changed("hours", "notices_from", to="15:00"),
            "The notice at {hour} lies outside the hours for notices.",
        ),
        (
            changed("hours", "digest_at", to="09:01"),
            "The hours must follow one another: the digest, the first notice, the last notice.",
        ),
        (
            changed("hours", "notices_until", to="09:00"),
            "The hours must follow one another: the digest, the first notice, the last notice.",
        ),
        (
            changed("hours", "digest_at", to="08:00+08:00"),
            "The hours of the rulebook are those of the county and name no time zone.",
        ),
        (
            changed("cadence", "follow_up", "talk_days", "concern", to=60),
            "A more worrying state of mind must not lead to a later talk.",
        ),
        (
            changed("restriction_months", "party.waring", to=6),
            "The rulebook knows no sanction called {kind}.",
        ),
    ],
)
def test_rules_that_contradict_each_other_are_refused(data: dict[str, Any], sentence: str) -> None:
    assert refusal(data).phrase.msgid == sentence


@pytest.mark.parametrize(
    ("data", "sentence", "rule"),
    [
        (
            changed("restriction_months", "party.warning", to=-1),
            "The rule {rule} must be {least} or more.",
            "restriction_months.party.warning",
        ),
        (
            changed("cadence", "evaluation", "talk_days", to=366),
            "The rule {rule} must be {most} or less.",
            "cadence.evaluation.talk_days",
        ),
        (
            changed("ladder", "repeat_every", to=0),
            "The rule {rule} must be {least} or more.",
            "ladder.repeat_every",
        ),
        (changed("hours", "siesta", to="12:00"), "The rulebook has no rule called {rule}.", "hours.siesta"),
        (
            changed("ladder", "steps", 0, to={"to": "leader", "via": "digest"}),
            "The rule {rule} has no value.",
            "ladder.steps.0.offset",
        ),
        (
            changed("limits", "draft_days", to="thirty"),
            "The value of the rule {rule} does not fit it.",
            "limits.draft_days",
        ),
        (
            changed("limits", "draft_days", to=True),
            "The value of the rule {rule} does not fit it.",
            "limits.draft_days",
        ),
        (
            changed("ladder", "repeat_to", to=[]),
            "The value of the rule {rule} does not fit it.",
            "ladder.repeat_to",
        ),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(data: dict[str, Any], sentence: str, rule: str) -> None:
    phrase = refusal(data).phrase
    assert phrase.msgid == sentence
    assert dict(phrase.values)["rule"] == Word(rule)


def test_a_refusal_carries_the_numbers() -> None:
    values = dict(refusal(changed("ladder", "steps", 1, "offset", to=-8)).phrase.values)
    assert values == {"later": Count(-8), "earlier": Count(-7)}
    assert dict(refusal(changed("ladder", "repeat_at", to="17:01")).phrase.values)["hour"] == Word("17:01")


def test_what_is_no_json_is_no_rulebook() -> None:
    assert refusal("{").phrase.msgid == "This is not a rulebook: it is not valid JSON."


def test_an_unknown_state_of_mind_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no state of mind 'fine'"):
        Rulebook.default().cadence.follow_up.talk_days.for_state("fine")
