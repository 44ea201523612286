"""The vocabulary and the arithmetic of sanctions. Pure: dates in, dates out.

No length is known here: `months` is the rulebook's `restriction_months`, keyed by the values of `SanctionKind`.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from locales.catalogue import N_


class Chain(StrEnum):
    """Three kinds of decision whose periods run independently of each other."""

    PARTY = "party"
    GOVERNMENT = "government"
    ORGANISATIONAL = "organisational"


class SanctionKind(StrEnum):
    """The value is the key of its length in the rulebook: the chain, a dot, the kind."""

    PARTY_WARNING = "party.warning"
    PARTY_SERIOUS_WARNING = "party.serious_warning"
    # In place of a removal, for somebody who holds no Party post: longer than an ordinary serious warning.
    PARTY_SERIOUS_WARNING_WITHOUT_POST = "party.serious_warning_without_post"
    PARTY_REMOVAL = "party.removal_from_party_posts"
    PARTY_PROBATION = "party.probation_within_party"
    PARTY_EXPULSION = "party.expulsion"
    GOVERNMENT_WARNING = "government.warning"
    GOVERNMENT_DEMERIT = "government.demerit"
    GOVERNMENT_MAJOR_DEMERIT = "government.major_demerit"
    GOVERNMENT_DEMOTION = "government.demotion"
    GOVERNMENT_REMOVAL = "government.removal_from_office"
    GOVERNMENT_LOWER_POST_GRADE = "government.lower_post_grade"
    GOVERNMENT_DISMISSAL = "government.dismissal"
    ADMONITION = "organisational.admonition"
    REMINDER_TALK = "organisational.reminder_talk"
    CRITICISM_EDUCATION = "organisational.criticism_education"
    ORDERED_SELF_EXAMINATION = "organisational.ordered_self_examination"
    PUBLIC_CRITICISM = "organisational.public_criticism"
    LOSS_OF_HONOURS = "organisational.loss_of_honours"
    ORDERED_PUBLIC_APOLOGY = "organisational.ordered_public_apology"
    SUSPENSION = "organisational.suspension"
    POST_ADJUSTMENT = "organisational.post_adjustment"
    ORDERED_RESIGNATION = "organisational.ordered_resignation"
    REMOVAL = "organisational.removal"
    RESIGNATION_TAKING_BLAME = "organisational.resignation_taking_blame"
    DEMOTION = "organisational.demotion"

    @property
    def chain(self) -> Chain:
        return Chain(self.value.partition(".")[0])

    @property
    def label(self) -> str:
        """The message id, for `Sanctioned(kind.label)`."""
        return _VOCABULARY[self][0]

    @property
    def chinese(self) -> str:
        """The spelling our own workbooks use, whatever the reader's language."""
        return _VOCABULARY[self][1][0]


CHAIN_LABELS = {
    Chain.PARTY: N_("Party sanction"),
    Chain.GOVERNMENT: N_("Government sanction"),
    Chain.ORGANISATIONAL: N_("Organisational measure"),
}

K = SanctionKind
# Message id, then the Chinese spellings met in rosters, the proper one first.
_VOCABULARY: dict[SanctionKind, tuple[str, tuple[str, ...]]] = {
    K.PARTY_WARNING: (N_("Party warning"), ("党内警告", "党纪警告")),
    K.PARTY_SERIOUS_WARNING: (N_("Serious Party warning"), ("党内严重警告", "严重警告", "党纪严重警告")),
    K.PARTY_SERIOUS_WARNING_WITHOUT_POST: (
        N_("Serious Party warning (no Party post to remove from)"),
        (
            "党内严重警告(无党内职务可撤销)",
            "党内严重警告(无党内职务)",
            "严重警告(无党内职务可撤销)",
            "严重警告(无党内职务)",
        ),
    ),
    K.PARTY_REMOVAL: (
        N_("Removal from Party posts"),
        ("撤销党内职务", "撤销党内一切职务", "撤消党内职务", "党内撤职"),
    ),
    K.PARTY_PROBATION: (
        N_("Probation within the Party"),
        ("留党察看", "留党察看一年", "留党察看两年", "留党察看二年", "留党察看1年", "留党察看2年"),
    ),
    K.PARTY_EXPULSION: (N_("Expulsion from the Party"), ("开除党籍", "开除出党")),
    K.GOVERNMENT_WARNING: (N_("Government warning"), ("政务警告", "行政警告")),
    K.GOVERNMENT_DEMERIT: (N_("Demerit"), ("政务记过", "记过", "行政记过")),
    K.GOVERNMENT_MAJOR_DEMERIT: (N_("Major demerit"), ("政务记大过", "记大过", "行政记大过")),
    K.GOVERNMENT_DEMOTION: (N_("Government demotion"), ("政务降级", "降级", "行政降级")),
    K.GOVERNMENT_REMOVAL: (N_("Removal from office"), ("政务撤职", "撤职", "行政撤职")),
    K.GOVERNMENT_LOWER_POST_GRADE: (N_("Lower post grade"), ("降低岗位等级", "政务降低岗位等级")),
    K.GOVERNMENT_DISMISSAL: (N_("Dismissal"), ("政务开除", "开除", "行政开除", "开除公职")),
    K.ADMONITION: (N_("Admonition"), ("诫勉", "诫勉谈话", "谈话诫勉", "书面诫勉")),
    K.REMINDER_TALK: (N_("Reminder talk"), ("谈话提醒", "提醒谈话")),
    K.CRITICISM_EDUCATION: (N_("Criticism and education"), ("批评教育",)),
    K.ORDERED_SELF_EXAMINATION: (
        N_("Ordered self-examination"),
        ("责令检查", "责令书面检查", "责令作出书面检查"),
    ),
    K.PUBLIC_CRITICISM: (N_("Circulated criticism"), ("通报批评", "通报")),
    K.LOSS_OF_HONOURS: (
        N_("Loss of honours"),
        ("取消评优", "取消评优资格", "取消评先评优资格", "取消评优评先资格"),
    ),
    K.ORDERED_PUBLIC_APOLOGY: (N_("Ordered public apology"), ("责令公开道歉", "公开道歉")),
    K.SUSPENSION: (N_("Suspension for examination"), ("停职检查", "停职")),
    K.POST_ADJUSTMENT: (N_("Adjustment of post"), ("调整职务", "调整岗位", "调离岗位")),
    K.ORDERED_RESIGNATION: (N_("Ordered resignation"), ("责令辞职", "责令辞去领导职务")),
    K.REMOVAL: (N_("Removal from post"), ("免职", "免去职务", "免去领导职务")),
    K.RESIGNATION_TAKING_BLAME: (N_("Resignation taking the blame"), ("引咎辞职", "引咎辞去领导职务")),
    K.DEMOTION: (N_("Lower position"), ("降职",)),
}

OUT_OF_SCOPE = frozenset({K.PARTY_EXPULSION, K.GOVERNMENT_DISMISSAL})
"""Nobody is left to follow up: out of the Party, or out of the service."""

HEAVY = frozenset({
    K.PARTY_SERIOUS_WARNING_WITHOUT_POST, K.PARTY_REMOVAL, K.PARTY_PROBATION, K.PARTY_EXPULSION,
    K.GOVERNMENT_DEMOTION, K.GOVERNMENT_REMOVAL, K.GOVERNMENT_DISMISSAL,
})  # fmt: skip
"""Removal from Party posts, demotion and above: closer care, and a vote of the leading group to admit."""


# --- words ---

_SEPARATORS = re.compile(r"[、,;/+|&\n]|和|及|并")
_BRACKETED_CHAIN = re.compile(r"^(.+?)\((党内|党纪|政务|行政)\)$")
# A length that the decision states: （影响期24个月）. Any other remark, such as 已撤销, changes what was decided.
_STATED = re.compile(r"\((?:影响期|处分期|期限)?:?为?(?:(\d{1,2})个?月|(半年|[一1]年半?|[两二2]年))\)")
_WORDED_MONTHS = {
    "半年": 6,
    "一年": 12,
    "1年": 12,
    "一年半": 18,
    "1年半": 18,
    "两年": 24,
    "二年": 24,
    "2年": 24,
}
_AROUND = re.compile(r"^(?:给予|受到|受)|(?:的?处分|处理)$")
_AMBIGUOUS = frozenset({"警告", "warning"})


def _plain(text: str) -> str:
    """Half-width, without spaces, quotes and full stops; English in lower case."""
    return re.sub(r"[\s\"'“”‘’。.·\u200b\ufeff]+", "", unicodedata.normalize("NFKC", text)).casefold()


_SPELLINGS = {
    _plain(word): kind for kind, (label, chinese) in _VOCABULARY.items() for word in (label, *chinese)
}


def split_kinds(text: str) -> list[str]:
    """The sanctions written in one cell, each as written: `党内警告、政务警告` → two."""
    if _plain(text) in _SPELLINGS:
        return [text.strip()]  # "Criticism/education" of some list would be one
    return [part.strip() for part in _SEPARATORS.split(unicodedata.normalize("NFKC", text)) if part.strip()]


def _candidates(text: str) -> Iterable[str]:
    plain = _plain(text)
    yield plain
    if found := _BRACKETED_CHAIN.match(plain):
        yield found[2] + found[1]  # 严重警告（党内）
    bare = _AROUND.sub("", _AROUND.sub("", _STATED.sub("", plain)))
    yield bare


def read_kind(text: str) -> SanctionKind | None:
    """The one sanction that `text` names, or None: unknown, or ambiguous (`is_ambiguous`)."""
    return next((_SPELLINGS[word] for word in _candidates(text) if word in _SPELLINGS), None)


def is_ambiguous(text: str) -> bool:
    """A bare 警告 may be a Party or a government one, and the two differ by half a year."""
    return read_kind(text) is None and any(word in _AMBIGUOUS for word in _candidates(text))


def stated_months(text: str) -> int | None:
    """The length that the roster gives beside the sanction. For a probation that is its term, which is not asked."""
    found = _STATED.search(_plain(text))
    if found is None or read_kind(text) is K.PARTY_PROBATION:
        return None
    return int(found[1]) if found[1] else _WORDED_MONTHS[found[2]]


# --- dates ---


@dataclass(frozen=True, slots=True)
class Given:
    """One decision, as far as its period goes."""

    kind: SanctionKind
    effective_on: date
    months: int | None = None  # as the decision itself says; otherwise the rulebook's
    restored_on: date | None = None  # probation: the day the rights of a Party member were restored

    @property
    def counts_from(self) -> date | None:
        return self.restored_on if self.kind is K.PARTY_PROBATION else self.effective_on


@dataclass(frozen=True, slots=True)
class End:
    """When the restriction of a whole case ends: `expires_on` is its last day, inclusive.

    None with `out_of_scope` means that there is nothing to wait for; None without it that nobody can tell yet.
    `per_chain` holds a date or None (not yet known) for every chain with a sanction in it.
    """

    expires_on: date | None
    out_of_scope: bool
    per_chain: Mapping[Chain, date | None]

    @property
    def undetermined(self) -> bool:
        return self.expires_on is None and not self.out_of_scope


def last_day(start: date, months: int) -> date:
    """The last restricted day of a period of `months` that begins on `start`.

    The day before the corresponding date; where that month has no such day, the month's last day. Never frees
    anybody early. Zero months restrict no day: the answer is the day before.
    """
    years, month0 = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month0 + 1
    length = calendar.monthrange(year, month)[1]
    if start.day > length:
        return date(year, month, length)
    return date(year, month, start.day) - timedelta(days=1)


def _length(given: Given, months: Mapping[str, int]) -> int | None:
    return given.months if given.months is not None else months.get(given.kind.value)


def _period(given: Given, months: Mapping[str, int], start: date | None) -> date | None:
    """The last day when counted from `start`; None if start or length is not known: a gap frees nobody."""
    length = _length(given, months)
    return None if start is None or length is None else last_day(start, length)


def _party_end(decisions: list[Given], months: Mapping[str, int]) -> date | None:
    """Within the Party chain a decision made inside a running period adds its own length to what is left.

    What is left is moved along to where the new one counts from: for a probation, the restoration of rights.
    """
    end: date | None = None
    for given in sorted(decisions, key=lambda g: g.effective_on):
        start = given.counts_from
        if start is not None and end is not None and given.effective_on <= end:
            start = end + timedelta(days=1) + (start - given.effective_on)
        end = _period(given, months, start)
        if end is None:
            return None
    return end


def _latest(ends: Iterable[date | None]) -> date | None:
    known = list(ends)
    dates = [end for end in known if end is not None]
    return max(dates) if dates and len(dates) == len(known) else None


def restriction_end(sanctions: Iterable[Given], months: Mapping[str, int]) -> End:
    """The end of a case: the latest end of its three chains, which do not know of each other.

    For the government and the organisational chain this is a *suggestion*: the statute gives no rule for a
    sanction inside the period of another one (the older regulation that added them up may or may not still
    govern), so the latest end is taken, and a decision may state its own length (`Given.months`).
    """
    chains: dict[Chain, list[Given]] = {}
    for given in sanctions:
        chains.setdefault(given.kind.chain, []).append(given)
    out_of_scope = any(given.kind in OUT_OF_SCOPE for decisions in chains.values() for given in decisions)
    per_chain: dict[Chain, date | None] = {}
    for chain, decisions in chains.items():
        if any(given.kind in OUT_OF_SCOPE for given in decisions):
            per_chain[chain] = None
        elif chain is Chain.PARTY:
            per_chain[chain] = _party_end(decisions, months)
        else:
            per_chain[chain] = _latest(_period(given, months, given.effective_on) for given in decisions)
    expires_on = None if out_of_scope else _latest(per_chain.values())
    return End(expires_on, out_of_scope, per_chain)
