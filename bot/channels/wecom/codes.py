"""What each errcode of WeCom means for us: whether to try again, when, and what an operator should look at.

WeCom answers HTTP 200 whatever happened and says in `errcode` what did; `errmsg` is for people and may change. The
reasons here are for the log, `doctor` and the docs. None is shown in a chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What is to be done after an answer."""

    ok = "ok"
    retry = "retry"  # WeCom could not, just now: the same again, after a pause
    refresh_token = "refresh_token"  # noqa: S105 - fetch a new access token, then once more
    unreachable = "unreachable"  # this member cannot be written to: no retry before they come back
    configuration = "configuration"  # only an operator can help: keep what waits, and say so
    card_gone = "card_gone"  # the card can no longer be changed: send a new message
    permanent = "permanent"  # refused for what it is: the same again would be refused again


@dataclass(frozen=True, slots=True)
class Code:
    """One errcode. `pauses` are how long to wait after the first, second … answer of this kind; the last repeats."""

    number: int
    kind: Kind
    reason: str
    pauses: tuple[timedelta, ...] = ()

    def pause(self, times: int = 1) -> timedelta | None:
        """How long to wait after this answer came `times` times in a row, from 1; None where waiting does not help."""
        return self.pauses[min(max(times, 1), len(self.pauses)) - 1] if self.pauses else None


_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_BUSY = (_SECOND, 5 * _SECOND, 30 * _SECOND)
# A block lasts as long as the window that was exceeded, and the answer does not say which: minute, hour or day.
_LIMIT = (_MINUTE, 60 * _MINUTE)
# An operator needs minutes, and a new trusted IP takes one until it is known.
_OPERATOR = (2 * _MINUTE, 10 * _MINUTE)
_UNSURE = (_MINUTE, 10 * _MINUTE)


def _codes(kind: Kind, reasons: Mapping[int, str], pauses: tuple[timedelta, ...] = ()) -> Iterable[Code]:
    return (Code(number, kind, reason, pauses) for number, reason in reasons.items())


_RETRY = {
    -1: "WeCom is busy",
    6000: "the data was changed by another call at the same moment",
    45033: "too many calls of one API at the same time",
}

_TOO_OFTEN = {
    45009: "called too often; blocked for a minute, an hour or the day",
    45011: "called too often (a code of public accounts, not documented for WeCom)",
}

_TOKEN = {
    40001: "the access token or the secret is wrong, or the app is disabled",
    40014: "the access token is not valid",
    41001: "the access token is missing",
    42001: "the access token has expired",
}

_UNREACHABLE = {
    40003: "no such userid",
    40031: "no such userid, or outside the app's visible range",
    46004: "no such member",
    60111: "no such userid in this corporation",
    81013: "every receiver is unknown or outside the app's visible range",
}

_CONFIGURATION = {
    40013: "WECOM_CORP_ID is not a corp id",
    40056: "WECOM_AGENT_ID is not an app of this corporation",
    40091: "WECOM_SECRET is of another corporation",
    41002: "WECOM_CORP_ID is missing",
    41004: "WECOM_SECRET is missing",
    41011: "WECOM_AGENT_ID is missing",
    43012: "the app has no callback URL, and cards with buttons need one",
    45031: "the secret is not safe enough and has to be reset",
    48001: "the corporation is not entitled to this API",
    48002: "the app has no permission for this API",
    50001: "the domain of PUBLIC_URL is not among the app's trusted domains",
    50002: "the member is outside the app's visible range",
    50003: "the app is disabled in the WeCom administration",
    60011: "the app has no permission for this member or department",
    60020: "this server's IP address is not among the app's trusted IPs",
    301002: "the app has no permission for this agent id",
}

_CARD_GONE = {
    60140: "the response code of the card was used already or has expired",
}

_BUG = {
    40008: "no such msgtype",
    40033: "the request holds characters that are not allowed; JSON must be real UTF-8",
    40035: "a parameter is not valid",
    40058: "a parameter is not valid, or a POST was sent as GET",
    40063: "a parameter is empty",
    40201: "the content was taken for spam",
    44004: "the text is empty",
    45002: "the content is too large",
    82001: "the message names no receiver",
}

_MEDIA = {
    40004: "a file of this kind is not taken",
    40005: "no such type of media",
    40006: "the file is too small or too large",
    40007: "the media_id is not valid, or older than 3 days",
    40009: "the picture is too small or too large",
    40123: "the picture cannot be read",
    41006: "the media_id is missing",
    44001: "the file is empty",
    45001: "the file is too large",
}

_MENU = {
    40016: "a menu has 1 to 3 buttons",
    40018: "the name of a menu button is too long",
    40023: "a submenu has 1 to 5 buttons",
}

_TOO_LATE = {
    40029: "the login code is not valid; the login has to start again",
    42003: "the login code has expired; the login has to start again",
    42022: "the login code was used already; the login has to start again",
    42052: "the message is too old to be recalled",
}

_CARD = {
    42014: "the task_id of a card is not valid",
    42015: "the card was sent by another app",
    42016: "there is no card of this task_id",
    42017: "there is no such key of a button",
    42018: "the key of a card's button is not valid",
    42019: "the key of a card's button is missing or not valid",
    42020: "the name of a card's button is missing",
    42027: "a card's horizontal content has no keyname, or one that is not valid",
    42028: "a card's url is missing or not valid",
    42029: "a card's media_id is missing or not valid",
    42030: "a card's appid is missing or not valid",
    42031: "a card's card_type is missing or not valid",
    42033: "a card's title is missing or not valid",
    42035: "a card's horizontal content list has a wrong length",
    42036: "a card's vertical content list has a wrong length",
    42037: "a card's option list has a wrong length",
    42038: "the text of a card's button is missing or not valid",
    42039: "the key of a card's button is missing or not valid",
    42040: "the id of a card's option is missing or not valid",
    42041: "the text of a card's option is missing or not valid",
    42042: "a card's jump list has a wrong length",
    42043: "a card's question_key is missing or not valid",
    42044: "the url of a card's image is missing or not valid",
    42045: "a card's card_action is missing or not valid",
    42046: "the key of a card's submit button is missing or not valid",
    42047: "a card's select list has a wrong length",
    42049: "the text of a card's submit button is missing or not valid",
    42050: "the userid in a card's horizontal content is missing or not valid",
    42051: "a card's action menu has the same key twice",
}

CODES: Mapping[int, Code] = {
    code.number: code
    for code in (
        Code(0, Kind.ok, "done"),
        *_codes(Kind.retry, _RETRY, _BUSY),
        *_codes(Kind.retry, _TOO_OFTEN, _LIMIT),
        *_codes(Kind.refresh_token, _TOKEN),
        *_codes(Kind.unreachable, _UNREACHABLE),
        *_codes(Kind.configuration, _CONFIGURATION, _OPERATOR),
        *_codes(Kind.card_gone, _CARD_GONE),
        *(
            code
            for reasons in (_BUG, _MEDIA, _MENU, _TOO_LATE, _CARD)
            for code in _codes(Kind.permanent, reasons)
        ),
    )
}

# Said when a token was asked for: there is no token yet to be refreshed. To ask again and again with a wrong secret
# gets the address of this server banned for an hour.
BAD_SECRET = Code(40001, Kind.configuration, "WECOM_SECRET is wrong, or the app is disabled", _LIMIT)


def look_up(errcode: int, *, getting_token: bool = False) -> Code:
    """What an errcode means. One that is not in the table is taken for a passing trouble: no message is lost over it.

    `getting_token`: it is the answer of `gettoken`, where a token can never be what is wrong.
    """
    code = CODES.get(errcode) or Code(errcode, Kind.retry, "an errcode that is not in our table", _UNSURE)
    return BAD_SECRET if getting_token and code.kind is Kind.refresh_token else code
