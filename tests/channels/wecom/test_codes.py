"""Every errcode that the protocol notes name has its meaning, and no answer leaves us without one."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.wecom.codes import BAD_SECRET, CODES, Kind, look_up

# By what is to be done, from the list of errcodes in the protocol notes.
NAMED = {
    Kind.ok: [0],
    Kind.retry: [-1, 6000, 45009, 45011, 45033],
    Kind.refresh_token: [40001, 40014, 41001, 42001],
    Kind.unreachable: [40003, 40031, 46004, 60111, 81013],
    Kind.configuration: [
        *(40013, 40056, 40091, 41002, 41004, 41011, 43012, 45031),
        *(48001, 48002, 50001, 50002, 50003, 60011, 60020, 301002),
    ],
    Kind.card_gone: [60140],
    Kind.permanent: [
        *(40008, 40033, 40035, 40058, 40063, 40201, 44004, 45002, 82001),
        *(40004, 40005, 40006, 40007, 40009, 40123, 41006, 44001, 45001),
        *(40016, 40018, 40023, 40029, 42003, 42022, 42052),
        *range(42014, 42021),
        *range(42027, 42032),
        *(42033, *range(42035, 42048), 42049, 42050, 42051),
    ],
}


def test_the_table_is_complete_and_has_nothing_beside() -> None:
    assert {number: code.kind for number, code in CODES.items()} == {
        number: kind for kind, numbers in NAMED.items() for number in numbers
    }
    assert sum(len(numbers) for numbers in NAMED.values()) == len(CODES)


def test_every_code_says_in_a_line_what_it_is() -> None:
    for number, code in CODES.items():
        assert code.number == number
        assert 0 < len(code.reason) <= 100
        assert code.reason.isprintable()
        assert code.reason.isascii()
        assert not code.reason.endswith(".")
    kept_apart = [code for code in CODES.values() if code.number not in (42018, 42019, 42039)]
    assert len({code.reason for code in kept_apart}) == len(kept_apart)


def test_who_shall_wait_is_told_how_long_and_nobody_else() -> None:
    for code in [*CODES.values(), look_up(999), BAD_SECRET]:
        waits = code.kind in (Kind.retry, Kind.configuration)
        assert (code.pause() is not None) is waits
        pauses = [code.pause(times) for times in range(1, 9)]
        assert all(pause is None or timedelta(0) < pause <= timedelta(hours=1) for pause in pauses)
        assert pauses == sorted(pauses, key=lambda pause: pause or timedelta(0))


def test_a_limit_is_waited_for_as_long_as_its_window() -> None:
    assert [look_up(45009).pause(times) for times in (0, 1, 2, 3, 99)] == [
        timedelta(minutes=1),
        timedelta(minutes=1),
        *[timedelta(hours=1)] * 3,
    ]


@pytest.mark.parametrize("number", [1, 99999, -2, 10**30])
def test_an_unknown_code_loses_no_message(number: int) -> None:
    code = look_up(number)
    assert (code.number, code.kind) == (number, Kind.retry)
    assert (code.pause() or timedelta(0)) >= timedelta(minutes=1)


def test_asking_for_a_token_never_ends_in_asking_for_a_token() -> None:
    assert look_up(40001).kind is Kind.refresh_token
    assert look_up(40001, getting_token=True) == BAD_SECRET
    assert BAD_SECRET.pause(2) == timedelta(hours=1)
    for number in CODES:
        assert look_up(number, getting_token=True).kind is not Kind.refresh_token
    assert look_up(40013, getting_token=True) == look_up(40013)


def test_the_page_for_operators_names_every_code_that_they_can_mend() -> None:
    page = (Path(__file__).parents[3] / "docs" / "wecom.md").read_text("utf-8")
    table = [line.split("|")[1] for line in page.splitlines() if re.match(r"\| \d{5}", line)]
    named = {int(number) for cell in table for number in re.findall(r"\d+", cell)}
    theirs = {number for number, code in CODES.items() if code.kind in (Kind.configuration, Kind.unreachable)}
    assert theirs <= named
    assert named <= set(CODES)
