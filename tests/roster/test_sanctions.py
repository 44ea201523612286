from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.sanctions import (
    CHAIN_LABELS,
    HEAVY,
    OUT_OF_SCOPE,
    Chain,
    Given,
    SanctionKind,
    is_ambiguous,
    last_day,
    read_kind,
    restriction_end,
    split_kinds,
    stated_months,
)

K = SanctionKind
# A rulebook of the test's own: the arithmetic must not care whose numbers these are.
MONTHS = {
    "party.warning": 12,
    "party.serious_warning": 18,
    "party.removal_from_party_posts": 24,
    "party.probation_within_party": 24,
    "government.warning": 6,
    "government.demerit": 12,
    "government.removal_from_office": 24,
    "organisational.admonition": 6,
    "organisational.reminder_talk": 0,
}

days = st.dates(date(1990, 1, 1), date(2080, 12, 31))
lengths = st.integers(1, 60)


# --- the last day ---


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2025-03-15", 12, "2026-03-14"),
        ("2025-02-28", 18, "2026-08-27"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-03-31", 18, "2026-09-30"),
        ("2025-01-01", 24, "2026-12-31"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2025-12-01", 1, "2025-12-31"),
        ("2025-03-15", 0, "2025-03-14"),
    ],
)
def test_last_day(start: str, months: int, last: str) -> None:
    assert last_day(date.fromisoformat(start), months) == date.fromisoformat(last)


@given(days, lengths)
def test_nobody_is_freed_early(start: date, months: int) -> None:
    free = last_day(start, months) + timedelta(days=1)
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    corresponding = date(year, month0 + 1, min(start.day, calendar.monthrange(year, month0 + 1)[1]))
    assert corresponding <= free <= corresponding + timedelta(days=1)


@given(days, days, lengths)
def test_a_later_start_never_ends_earlier(one: date, other: date, months: int) -> None:
    earlier, later = sorted((one, other))
    assert last_day(earlier, months) <= last_day(later, months)


@given(days, lengths, lengths)
def test_a_longer_period_never_ends_earlier(start: date, one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert last_day(start, shorter) <= last_day(start, longer)


# --- the end of a case ---


def test_a_party_sanction_inside_a_running_one_adds_up() -> None:
    end = restriction_end(
        [Given(K.PARTY_SERIOUS_WARNING, date(2025, 8, 10)), Given(K.PARTY_WARNING, date(2025, 1, 10))], MONTHS
    )
    assert end.expires_on == date(2027, 7, 9)
    assert end.per_chain == {Chain.PARTY: date(2027, 7, 9)}


def test_the_last_day_still_counts_as_inside_and_the_next_does_not() -> None:
    first = Given(K.PARTY_WARNING, date(2025, 1, 10))  # to 2026-01-09
    inside = restriction_end([first, Given(K.PARTY_WARNING, date(2026, 1, 9))], MONTHS)
    after = restriction_end([first, Given(K.PARTY_WARNING, date(2026, 1, 10))], MONTHS)
    assert inside.expires_on == after.expires_on == date(2027, 1, 9)
    late = restriction_end([first, Given(K.PARTY_WARNING, date(2026, 3, 1))], MONTHS)
    assert late.expires_on == date(2027, 2, 28)


def test_three_decisions_add_up_without_a_ceiling() -> None:
    decisions = [Given(K.PARTY_REMOVAL, date(2024, month, 1)) for month in (1, 2, 3)]
    assert restriction_end(decisions, MONTHS).expires_on == date(2029, 12, 31)


@given(st.lists(days, min_size=1, max_size=4))
def test_a_party_chain_never_ends_before_its_longest_decision(starts: list[date]) -> None:
    decisions = [Given(K.PARTY_WARNING, start) for start in starts]
    end = restriction_end(decisions, MONTHS).expires_on
    assert end is not None
    assert end >= max(last_day(start, 12) for start in starts)


def test_government_decisions_do_not_add_up() -> None:
    end = restriction_end(
        [Given(K.GOVERNMENT_DEMERIT, date(2025, 1, 10)), Given(K.GOVERNMENT_WARNING, date(2025, 3, 10))],
        MONTHS,
    )
    assert end.expires_on == date(2026, 1, 9)


def test_the_case_ends_with_its_latest_chain() -> None:
    end = restriction_end(
        [
            Given(K.PARTY_WARNING, date(2025, 1, 10)),
            Given(K.GOVERNMENT_REMOVAL, date(2025, 1, 10)),
            Given(K.ADMONITION, date(2025, 2, 1)),
        ],
        MONTHS,
    )
    assert end.expires_on == date(2027, 1, 9)
    assert end.per_chain == {
        Chain.PARTY: date(2026, 1, 9),
        Chain.GOVERNMENT: date(2027, 1, 9),
        Chain.ORGANISATIONAL: date(2025, 7, 31),
    }


def test_a_probation_has_no_end_before_the_rights_are_restored() -> None:
    running = restriction_end(
        [Given(K.PARTY_PROBATION, date(2025, 1, 10)), Given(K.GOVERNMENT_REMOVAL, date(2025, 1, 10))], MONTHS
    )
    assert running.undetermined
    assert running.per_chain == {Chain.PARTY: None, Chain.GOVERNMENT: date(2027, 1, 9)}
    restored = restriction_end(
        [Given(K.PARTY_PROBATION, date(2025, 1, 10), restored_on=date(2026, 1, 12))], MONTHS
    )
    assert restored.expires_on == date(2028, 1, 11)


def test_what_was_left_before_a_probation_comes_on_top() -> None:
    end = restriction_end(
        [
            Given(K.PARTY_WARNING, date(2025, 1, 10)),  # to 2026-01-09
            Given(K.PARTY_PROBATION, date(2026, 1, 1), restored_on=date(2027, 1, 1)),  # nine days are left
        ],
        MONTHS,
    )
    assert end.expires_on == date(2029, 1, 9)


@pytest.mark.parametrize("kind", sorted(OUT_OF_SCOPE))
def test_expelled_or_dismissed_is_out_of_scope(kind: SanctionKind) -> None:
    end = restriction_end([Given(kind, date(2025, 1, 10)), Given(K.ADMONITION, date(2025, 1, 10))], MONTHS)
    assert end.out_of_scope
    assert end.expires_on is None
    assert not end.undetermined


def test_a_length_stated_in_the_decision_wins_over_the_rulebook() -> None:
    given = Given(K.PARTY_SERIOUS_WARNING, date(2025, 1, 10), months=24)
    assert restriction_end([given], MONTHS).expires_on == date(2027, 1, 9)


def test_a_gap_in_the_rulebook_frees_nobody() -> None:
    assert restriction_end([Given(K.SUSPENSION, date(2020, 1, 1))], MONTHS).undetermined
    assert restriction_end([], MONTHS).undetermined


def test_a_measure_without_restriction_holds_nobody() -> None:
    assert restriction_end([Given(K.REMINDER_TALK, date(2025, 1, 10))], MONTHS).expires_on == date(2025, 1, 9)


# --- words ---


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("党内警告", K.PARTY_WARNING),
        ("党内警告处分", K.PARTY_WARNING),
        ("给予党内警告处分", K.PARTY_WARNING),
        ("警告（党内）", K.PARTY_WARNING),
        ("严重警告", K.PARTY_SERIOUS_WARNING),
        ("严重警告（党内）", K.PARTY_SERIOUS_WARNING),
        ("党内严重警告", K.PARTY_SERIOUS_WARNING),
        ("党内严重警告（影响期24个月）", K.PARTY_SERIOUS_WARNING),
        ("党内严重警告（无党内职务可撤销）", K.PARTY_SERIOUS_WARNING_WITHOUT_POST),
        ("撤销党内职务", K.PARTY_REMOVAL),
        ("留党察看一年", K.PARTY_PROBATION),
        ("留党察看两年处分", K.PARTY_PROBATION),
        ("开除党籍", K.PARTY_EXPULSION),
        ("政务 警告", K.GOVERNMENT_WARNING),
        ("警告（政务）", K.GOVERNMENT_WARNING),
        ("记过", K.GOVERNMENT_DEMERIT),
        ("政务记大过", K.GOVERNMENT_MAJOR_DEMERIT),
        ("降级", K.GOVERNMENT_DEMOTION),
        ("撤职", K.GOVERNMENT_REMOVAL),
        ("开除", K.GOVERNMENT_DISMISSAL),
        ("诫勉谈话", K.ADMONITION),
        ("调整职务", K.POST_ADJUSTMENT),
        ("责令辞职", K.ORDERED_RESIGNATION),
        ("免职", K.REMOVAL),
        ("引咎辞职", K.RESIGNATION_TAKING_BLAME),
        ("降职", K.DEMOTION),
        ("停职检查", K.SUSPENSION),
        ("通报批评", K.PUBLIC_CRITICISM),
        ("谈话提醒", K.REMINDER_TALK),
        ("批评教育", K.CRITICISM_EDUCATION),
        ("责令检查", K.ORDERED_SELF_EXAMINATION),
        ("serious party warning", K.PARTY_SERIOUS_WARNING),
    ],
)
def test_spellings(text: str, kind: SanctionKind) -> None:
    assert read_kind(text) is kind
    assert not is_ambiguous(text)


@pytest.mark.parametrize("text", ["警告", "警告处分", " 警 告 ", "给予警告处分", "Warning"])
def test_a_bare_warning_is_ambiguous(text: str) -> None:
    assert read_kind(text) is None
    assert is_ambiguous(text)


@pytest.mark.parametrize("text", ["", "罚款", "党内警告（已撤销）", "双开", "处分"])
def test_unknown_spellings(text: str) -> None:
    assert read_kind(text) is None
    assert not is_ambiguous(text)


@pytest.mark.parametrize("kind", SanctionKind)
def test_every_kind_reads_back_from_its_own_words(kind: SanctionKind) -> None:
    assert read_kind(kind.chinese) is kind
    assert read_kind(kind.label) is kind
    assert CHAIN_LABELS[kind.chain]
    assert kind.value.startswith(f"{kind.chain}.")


def test_no_two_kinds_share_a_label() -> None:
    assert len({kind.label for kind in SanctionKind}) == len(SanctionKind)
    assert HEAVY >= OUT_OF_SCOPE


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("撤销党内职务、政务撤职", ["撤销党内职务", "政务撤职"]),
        ("党内警告，政务警告", ["党内警告", "政务警告"]),
        ("党内警告 ;  诫勉、", ["党内警告", "诫勉"]),
        ("党内警告\n政务警告", ["党内警告", "政务警告"]),
        ("党内警告和政务警告", ["党内警告", "政务警告"]),
        ("政务记过", ["政务记过"]),
        ("", []),
    ],
)
def test_several_in_one_cell(text: str, parts: list[str]) -> None:
    assert split_kinds(text) == parts


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("党内严重警告（影响期24个月）", 24),
        ("党内严重警告(一年半)", 18),
        ("政务警告（影响期：半年）", 6),
        ("党内警告", None),
        ("留党察看（一年）", None),
    ],
)
def test_a_length_beside_the_sanction(text: str, months: int | None) -> None:
    assert read_kind(text) is not None
    assert stated_months(text) == months
