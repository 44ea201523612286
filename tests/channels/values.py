"""Any value, any phrase, any message, as hypothesis draws them. What may not be told carries a canary."""

from __future__ import annotations

from datetime import UTC

from hypothesis import strategies as st

from bot.messages import Button, FileRef, Message, act
from locales.phrase import (
    CaseName,
    CaseRef,
    Clock,
    Code,
    Count,
    Day,
    Either,
    FreeText,
    Grade,
    Link,
    Name,
    Parts,
    Phrase,
    Sanctioned,
    Several,
    TaskCode,
    Term,
    Unit,
    Value,
    Word,
)

CANARY = "金丝雀7Q"  # what only `full` may know
CODE = "ZZ-9999"  # what `coded` may know too

_secret = st.sampled_from([CANARY, f"{CANARY}的家属", f"x {CANARY} y"])

_leaves: st.SearchStrategy[Value] = st.one_of(
    st.builds(Code, st.just(CODE)),
    st.builds(TaskCode, st.sampled_from(["T-2345ABCD", "T-99999999"])),
    st.builds(Word, st.sampled_from(["help", "12356"])),
    st.builds(Link, st.just("https://care.example/page/in?code=x")),
    st.builds(Term, st.sampled_from(["Recorded", "Acknowledge", "no such word"])),
    st.builds(Count, st.integers(0, 9999)),
    st.builds(Day, st.dates()),
    st.builds(Clock, st.datetimes(timezones=st.just(UTC))),
    st.builds(Name, _secret),
    st.builds(Unit, _secret),
    st.builds(FreeText, _secret),
    st.builds(Grade, _secret),
    st.builds(Sanctioned, _secret),
    st.builds(CaseRef, st.just(CODE), _secret),
    st.builds(CaseName, st.just(CODE), _secret),
)


def _several(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    members = st.lists(inner, max_size=4).map(tuple)
    ways = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Several, members),
        st.builds(Parts, members),
        st.builds(Either, ways),
        st.builds(_phrase, members),
    )


def _phrase(members: tuple[Value, ...]) -> Phrase:
    named = {f"v{number}": value for number, value in enumerate(members)}
    return Phrase("A line " + " ".join(f"{{{name}}}" for name in named), named)


values: st.SearchStrategy[Value] = st.recursive(_leaves, _several, max_leaves=8)
phrases: st.SearchStrategy[Phrase] = st.builds(_phrase, st.lists(values, max_size=4).map(tuple))

_numbers = st.integers(0, 99)
_does = st.one_of(
    st.builds(act, st.just("record"), visit=_numbers),
    st.builds(act, st.just("draft"), do=st.sampled_from(["back", "resume"])),
    st.builds(act, st.just("draft"), id=_numbers, rev=_numbers, do=st.sampled_from(["back", "resume"])),
)
_buttons = st.builds(Button, phrases, _does)
_files = st.builds(FileRef, phrases, st.just("text/plain"), st.just(CANARY.encode()))
messages: st.SearchStrategy[Message] = st.builds(
    Message,
    st.lists(phrases, min_size=1, max_size=5).map(tuple),
    st.lists(st.lists(_buttons, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    st.none() | _files,
    draft=st.none() | st.tuples(_numbers, _numbers),
)
