"""What people type inside a dialog: control words, choices, days. Both languages are always understood.

Nothing typed is an error: what cannot be read becomes `Unread`, with a sentence that says what would be right.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.dialogs import company, correcting, steering
from bot.dialogs.company import NOBODY, POINTING, is_no_full_name, is_no_name
from bot.dialogs.dates import NUMBERS, Ambiguous, understand_date
from bot.dialogs.deadlines import read_deadline
from bot.dialogs.engine import State
from bot.dialogs.inputs import (
    Answer,
    Cancel,
    Done,
    Edit,
    Help,
    Input,
    Keep,
    Skip,
    Submit,
    Unread,
)
from bot.dialogs.naming import names_of, spellings
from bot.dialogs.times import NUM, fold, is_duration, is_hour, number, read_span, without_faces
from bot.dialogs.unclear import why_no_day
from bot.dialogs.vocabulary import (
    AND,
    AT_RECAP,
    CONTROLS,
    FACTS,
    LEFT_OUT,
    NONE,
    VAGUE,
    YES_NO,
)
from casework.forms.form import Env, Field, Form, Option
from casework.forms.kinds import clean, listed, options_of, refusal
from locales.catalogue import N_
from locales.phrase import FreeText, P, Phrase, Term

__all__ = ["CONTROLS", "clean", "fold", "names_of", "number", "quoted", "read", "spellings", "to_input"]

QUOTED = 40
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip

_YES_NO = {word: truth for words in YES_NO.values() for truth, said in words.items() for word in said}

_MAY_BE_UNKNOWN = frozenset({"date", "span", "choice", "number"})
# What stands around the word of an option: 就在会议室谈的, 绿的, 评蓝吧.
_AROUND = re.compile(
    r"(?:就|还)?(?:是|在|选|评|为)?\s?(.+?)(?:里面?)?(?:[谈聊见]|见面|谈话?)?(?:的|吧|了|啊|呀|哈|嘛|呢)*"
)
_NUMBER = re.compile(rf"(?:第|no\.?|#)?\s?\(?({correcting.NUM})\)?\s?(?:个|项|种|档)?[.、。)]?")
_QUESTION = re.compile(rf"(?:第|no\.?|#)?\s?\(?({correcting.NUM})\)?\s?(?:个|项|题|步|条)?[.、。)]?")
_COUNTED = re.compile(
    rf"(?:一共|总共|共|有)?\s?({NUM})\s?"
    r"(?:(?:个|位|名)?(?:人|同志|同事|家属|领导|干部)|位|名|个|[份卷本册](?:档案|材料)?|people|persons?|colleagues?|files?)?"
)
_FEW = {"俩": 2, "两": 2, "仨": 3} | {word: n for n, word in enumerate(NUMBERS, 1)}
_FEW_COUNTED = re.compile(rf"({'|'.join(_FEW)})(?:\s(?:people|persons?|colleagues?|files?)|人)?")
_MARKS = " .。!！"
_RANGE = re.compile(r"(\d{1,2})\s?[-~—–至到]\s?(\d{1,2})")
_APART = re.compile(r"[\s,、;，；/+&]+|和|及")
_LONGEST_NAME = 4
_HEADS = re.compile(rf"{NUM}\s?(?:[个位名]人?|人)")
BETWEEN = re.compile(r"\s*[,、;，；\n/+&]+\s*|\s+and\s+|(?<=[^\x00-\x7f])\s+")


def to_input(form: Form, state: State, text: str, env: Env) -> Input:
    """What a typed text means at this point of the dialog."""
    said = fold(clean(text))
    word = steering.bare(text)
    if state.mode == "cancelling" and word in _YES_NO and word not in FACTS:
        return Cancel() if _YES_NO[word] else Keep()
    field = form.by_key[state.cursor] if state.cursor and not state.mode else None
    if (steered := _steered(form, state, word, said, field)) is not None:
        return steered
    edit = _edit(form, state, word, text, env)
    if edit is not None:
        return edit
    if field is None and state.mode == "picking":
        return Unread(_not_offered(text))
    if field is None:
        return Submit() if word in AT_RECAP and not state.mode else Answer(clean(text))
    if (explains := _whose_help(form, state, field, said)) is not None:
        return Help("" if explains is field else explains.key)
    value = read(field, text, env)
    return Skip() if _is_left_out(field, text, value) else _as_input(field, state, text, value, env)


def _as_input(field: Field, state: State, text: str, value: Any, env: Env) -> Input:
    if isinstance(value, Phrase):
        return Unread(value, _either_day(field, state, text, env))
    if field.kind == "many":
        value = [*state.partial, *value]
        if not value and field.at_least and not field.required:
            return Skip()
    return Answer(value)


def _whose_help(form: Form, state: State, field: Field, said: str) -> Field | None:
    """The question whose explanation is asked for: this one, or another that may be on the same card."""
    for one in (field, *form.visible(state.answers)):
        if one.help_label and said in spellings(one.help_label):
            return one
    return None


def _is_left_out(field: Field, text: str, value: Any) -> bool:
    """没有, 忘了, 待定 to a day, a time or a place that may be left out."""
    if field.required or field.kind not in _MAY_BE_UNKNOWN or steering.bare(text) not in LEFT_OUT:
        return False
    return isinstance(value, Phrase) or (field.kind == "choice" and value == clean(text))


def _steered(form: Form, state: State, word: str, said: str, field: Field | None) -> Input | None:
    """A word that steers. 提交 where nothing is open but what else there is to add says that there is nothing."""
    steered = steering.steers(word, said, field)
    if isinstance(steered, Submit) and field is not None and field.kind == "many" and not field.at_least:
        left = [one for one in form.visible(state.answers) if one.key not in state.answers]
        return Done() if left == [field] else steered
    return steered


def read(field: Field, text: str, env: Env) -> Any:
    """The value that the text gives the field, or the Phrase that says why it gives none."""
    as_typed = clean(text)
    text = without_faces(as_typed)
    if not text:
        return P("Please type a few words." if field.kind == "text" else "Please tap or type an answer.")
    match field.kind:
        case "text":
            return as_typed
        case "date":
            return _date(field, text, env)
        case "span":
            return read_span(text) or _no_span(text)
        case "yes_no":
            return _yes_no(field, text, env)
        case "number":
            return _count(field, text, env)
        case "many":
            return _several(field, text, env)
        case "photo":
            return P("Please send the photo itself here, or skip this question.")
        case _:
            return _one_of(field, text, as_typed, env)


def _one_of(field: Field, text: str, as_typed: str, env: Env) -> str | Phrase:
    """The option that is named, or what was typed where words of one's own will do."""
    options = options_of(field, env)
    found, around = _option(options, text, env, beginnings=not field.open), _AROUND.fullmatch(fold(text))
    if found is None and around:
        found = next((one for one in options if around[1] in names_of(one, env)), None)
    if found:
        return found.value
    return _own_words(field, as_typed, env) if field.open else _no_choice(field, text)


def _own_words(field: Field, text: str, env: Env) -> str | Phrase:
    """What is typed where a choice takes words of one's own: no number, no yes or no, no day, and no other answers."""
    said = fold(text).strip(_MARKS)
    elsewhere = _numbers(said) or said in _YES_NO or is_hour(text) or is_duration(text) or is_no_name(text)
    if elsewhere or understand_date(text, env.today, "past") is not None:
        return _no_choice(field, text)
    if (problem := _unsure(field, said)) is not None:
        return problem
    parts = [part for part in BETWEEN.split(text) if part]
    # 会议室，情绪平稳，绿 is three answers; 会议室 三楼 is a place.
    if "\n" in text or (len(parts) > 2 and _option(options_of(field, env), parts[0], env, beginnings=False)):
        return P(
            "“{text}” seems to answer several questions. Please answer this one alone, or one question a line.",
            text=quoted(text),
        )
    return text


def quoted(text: str) -> FreeText:
    """As much of what was typed as a sentence can carry."""
    line = " ".join(text.split())
    return FreeText(line if len(line) <= QUOTED else line[: QUOTED - 1] + "…")


def _edit(form: Form, state: State, said: str, text: str, env: Env) -> Input | None:
    """改第3题, 第3题改成会议室, edit 3; while choosing which answer to change, the number or the label alone."""
    shown, at, value = form.visible(state.answers), None, None
    asks = form.by_key[state.cursor] if state.cursor and not state.mode else None
    in_text = asks is not None and (asks.kind == "text" or asks.on_mistakes)
    if wanted := correcting.wanted(shown, clean(text), in_text=in_text):
        at, value = wanted.at, wanted.value
    elif state.mode == "picking":
        found = _QUESTION.fullmatch(said)
        at = number(found[1]) or 0 if found else correcting.named(shown, said)
    if at is None:
        return None
    if not 1 <= at <= len(shown):
        return Unread(P("There is no question {number}; the last one is {last}.", number=at, last=len(shown)))
    field = shown[at - 1]
    given = read(field, value, env) if value is not None else None
    return Edit(field.key, problem=given) if isinstance(given, Phrase) else Edit(field.key, given)


def _date(field: Field, text: str, env: Env) -> str | Phrase:
    day = understand_date(text, env.today, field.direction)
    if day is None and field.direction == "future":
        day = read_deadline(text, env.today, env.workdays_on)
    if isinstance(day, date):
        return day.isoformat()
    if isinstance(day, Ambiguous):
        one, other = day.days
        if day.clash:
            return P(
                "“{text}” names two days: {one} and {other}. Which one do you mean?",
                text=quoted(text),
                one=one,
                other=other,
            )
        return P("“{text}” may be {one} or {other}. Which one?", text=quoted(text), one=one, other=other)
    if day is not None:
        weekday = Term(WEEKDAYS[day.day.weekday()])
        return P("{day} is a {weekday}. Which day do you mean?", day=day.day, weekday=weekday)
    found = _option(options_of(field, env), text, env, beginnings=False)
    if found:
        return found.value
    unclear = why_no_day(text, env.today, field.direction)
    if unclear is not None:
        return P(unclear, text=quoted(text))
    if field.direction == "past":
        return P("“{text}” is not a date. Type it as 11-20, yesterday or 2026-11-20.", text=quoted(text))
    return P("“{text}” is not a date. Type it as 12-3, next Monday or 2026-12-03.", text=quoted(text))


def _either_day(field: Field, state: State, text: str, env: Env) -> tuple[str, ...]:
    """The days that a text may mean, as far as the question takes them, to be tapped."""
    day = understand_date(text, env.today, field.direction) if field.kind == "date" else None
    days = [one.isoformat() for one in day.days] if isinstance(day, Ambiguous) else []
    return tuple(one for one in days if refusal(field, one, state.answers, env) is None)


def _no_span(text: str) -> Phrase:
    if is_duration(text):
        return P(
            "“{text}” is how long it lasted. Please say when it began, too: 9:00-10:30, or 9:00, 2 hours.",
            text=quoted(text),
        )
    if is_hour(text):
        return P("“{text}” is one time of day. Please give both: 9:00-10:30.", text=quoted(text))
    return P("“{text}” is not a span of time. Type it as 9:00-10:30.", text=quoted(text))


def _yes_no(field: Field, text: str, env: Env) -> bool | Phrase:
    truth = truth_of(field, text, env)
    if truth is not None:
        return truth
    found = _option(options_of(field, env), text, env)
    if found:
        return found.value == "yes"
    if fold(text).strip(" .。!！") in VAGUE:
        return P("“{text}” could mean either here. Tap one, or type its number.", text=quoted(text))
    return P("“{text}” is neither yes nor no. Tap one, or type yes or no.", text=quoted(text))


def truth_of(field: Field, text: str, env: Env) -> bool | None:
    """Yes or no, by one of their words or of the labels; None for what could be said of anything."""
    said = fold(text).strip(" .。!！")
    if said in _YES_NO:
        return None if said in VAGUE else _YES_NO[said]
    return next((one.value == "yes" for one in options_of(field, env) if said in names_of(one, env)), None)


def _count(field: Field, text: str, env: Env) -> int | Phrase:
    found = _option(options_of(field, env), text, env, beginnings=False)
    said = fold(text).strip(" .。!！,，")
    counted, few = _COUNTED.fullmatch(said), _FEW_COUNTED.fullmatch(said)
    value = _FEW[few[1]] if few else number(counted[1]) if counted else int(found.value) if found else None
    return (
        value
        if value is not None
        else P("“{text}” is not one whole number. Type it as 8.", text=quoted(text))
    )


def _several(field: Field, text: str, env: Env) -> list[str] | Phrase:
    options = options_of(field, env)
    said = fold(text)
    if said.strip(_MARKS) in NONE or (field.names and NOBODY.fullmatch(said.strip(_MARKS))):
        return []
    if field.open and said.strip(_MARKS) in _YES_NO:
        return _no_choice(field, text)
    if field.names and _HEADS.fullmatch(said.strip(_MARKS)):
        return _no_choice(field, text)  # how many they were, and not which
    numbers = _numbers(said)
    if numbers is not None:
        numbered = listed(field, options)
        if all(1 <= n <= len(numbered) for n in numbers):
            return [numbered[n - 1].value for n in numbers]
        return _no_choice(field, text)
    values = []
    for part in parts_of(field, text, env):
        if (problem := _unsure(field, part)) is not None:
            return problem
        if len([one for one in options if fold(part) in names_of(one, env)]) > 1:
            return P(
                "Several here are called “{text}”. Please choose which of them.",
                text=quoted(part),
            )
        found = _option(options, part, env, beginnings=not field.open)
        if found is None and not field.open:
            return _no_choice(field, part)
        values.append(found.value if found else part)
    return values or _no_choice(field, text)


def _unsure(field: Field, part: str) -> Phrase | None:
    """Why what is typed in words of one's own can stand for nothing."""
    if field.open and POINTING.fullmatch(fold(part)):
        return P("“{text}” says nothing without another note. Please write it out.", text=quoted(part))
    if field.names and is_no_name(part):
        return _no_choice(field, part)
    if field.names and is_no_full_name(part):
        return P(
            "“{text}” is not a full name. Please choose from the list, or type the full name.",
            text=quoted(part),
        )
    return None


def parts_of(field: Field, text: str, env: Env) -> list[str]:
    """What is said of each. 和 stands between two where one of these is offered, and between two names."""
    offered = {name for option in options_of(field, env) for name in names_of(option, env)}
    said, found = [one.strip(_MARKS) for one in BETWEEN.split(text)], list[str]()
    for part in company.parts(said, offered) if field.names else filter(None, said):
        several = AND.split(part)
        if field.names:
            several = [company.offered_as(one, offered) or one.removesuffix("同志") for one in several]
        known = any(fold(one) in offered for one in several)
        named = field.names and all(2 <= len(one) <= _LONGEST_NAME for one in several if one != "我")
        found += several if all(several) and (known or named) else [part]
    return [one for one in found if not NOBODY.fullmatch(fold(one))] if field.names else found


def _numbers(said: str) -> list[int] | None:
    """The numbers, if the text is nothing else: 1 3 5, 1、3, 2-4, 第1个和第3个."""
    found: list[int] = []
    for part in filter(None, _APART.split(said)):
        span = _RANGE.fullmatch(part)
        if span:
            found += range(int(span[1]), int(span[2]) + 1)
            continue
        single = _NUMBER.fullmatch(part)
        value = number(single[1]) if single else None
        if value is None:
            return None
        found.append(value)
    return found or None


def _option(options: tuple[Option, ...], text: str, env: Env, beginnings: bool = True) -> Option | None:
    """The option meant by its label, a synonym, its number, or a beginning that fits no other."""
    said = fold(text).strip(" .。!！")
    if not said:
        return None
    begun = []
    for option in options:
        names = names_of(option, env)
        if said in names:
            return option
        if any(name.startswith(said) for name in names):
            begun.append(option)
    position = _NUMBER.fullmatch(said)
    if position:
        at = number(position[1])
        return options[at - 1] if at and at <= len(options) else None
    # 无 is none, and no beginning of 无法办理.
    return begun[0] if beginnings and len(begun) == 1 and said not in _YES_NO else None


def _no_choice(field: Field, text: str) -> Phrase:
    if field.kind == "many":
        return P(
            "“{text}” is not among the choices. Tap them, or type their numbers, as in 1 3 5.",
            text=quoted(text),
        )
    if field.kind in ("choice", "rating"):
        return _not_offered(text)
    return P("“{text}” does not answer this question.", text=quoted(text))


def _not_offered(text: str) -> Phrase:
    return P("“{text}” is not among the choices. Tap one, or type its number.", text=quoted(text))
