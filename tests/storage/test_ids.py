"""Ids rise and never meet; codes are drawn from letters that nobody confuses."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ids
from storage.clock import real_milliseconds
from storage.ids import ALPHABET, case_code, code, new_id, nonce, task_code

DAY = 86_400_000  # milliseconds


def test_ids_rise_and_fit_the_column() -> None:
    drawn = [new_id() for _ in range(5000)]
    assert drawn == sorted(set(drawn))
    assert 0 < drawn[0] < drawn[-1] < 2**63


def test_threads_never_draw_the_same_id() -> None:
    with ThreadPoolExecutor(8) as threads:
        drawn = [
            n for batch in threads.map(lambda _: [new_id() for _ in range(500)], range(8)) for n in batch
        ]
    assert len(set(drawn)) == len(drawn)


def test_ids_rise_though_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    monkeypatch.setattr(ids, "real_milliseconds", lambda: real_milliseconds() - 2 * DAY)
    assert new_id() == before + 1


def test_no_letter_is_taken_for_another() -> None:
    assert not set("01IO") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 32


@pytest.mark.parametrize(
    ("make", "form"),
    [
        (lambda: case_code("JA"), r"JA-[2-9A-HJ-NP-Z]{4,6}"),
        (task_code, r"T-[2-9A-HJ-NP-Z]{8}"),
        (lambda: nonce(new_id()), r"[0-9A-F]{16}[2-9A-HJ-NP-Z]{4}"),
        (lambda: code(14), r"[2-9A-HJ-NP-Z]{14}"),
    ],
)
def test_how_a_code_looks(make: object, form: str) -> None:
    for _ in range(200):
        assert re.fullmatch(form, make())  # type: ignore[operator]


@given(st.integers(0, 2**63 - 1))
def test_a_nonce_says_which_row_it_is_of(row_id: int) -> None:
    assert ids.row_of(nonce(row_id)) == row_id


@given(st.text() | st.from_regex(r"[0-9A-F_ +-]{16}[2-9A-HJ-NP-Z]{4}", fullmatch=True) | st.just("F" * 20))
def test_what_is_no_nonce_says_none_or_a_number_that_fits(text: str) -> None:
    found = ids.row_of(text)
    assert found is None or 0 <= found < 2**63


def test_codes_are_drawn_from_the_whole_alphabet_and_do_not_repeat() -> None:
    drawn = [task_code() for _ in range(3000)]
    assert len(set(drawn)) == 3000
    assert set("".join(code[2:] for code in drawn)) == set(ALPHABET)
