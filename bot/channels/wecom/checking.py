"""What `doctor` says of WeCom: are the settings those of an app that works, can it call us, may we call it."""

from __future__ import annotations

from bot.channels.base import ChannelError, Finding
from bot.channels.wecom.access import Refusal
from bot.channels.wecom.callback import PATH
from bot.channels.wecom.client import Client
from locales.catalogue import N_
from locales.phrase import P, Phrase, Term, Word

NAME = Term(N_("WeCom"))

# What an operator can do something about, in words.
_KNOWN = {
    40001: N_("{channel}: the app's secret is refused, or the app is disabled; nobody asks again for some minutes"),
    40013: N_("{channel}: the corp id is not right"),
    40056: N_("{channel}: the number of the app is not right"),
    301002: N_("{channel}: the secret is not that of the app with this number"),
    48002: N_("{channel}: the app may not do this; look at its permissions"),
    50003: N_("{channel}: the app is disabled"),
    60020: N_("{channel}: this server is not among the app's trusted IP addresses; add it there and wait a minute"),
    45009: N_("{channel}: called too often; it has to be left alone for a while"),
}  # fmt: skip
_OTHER = N_("{channel}: refused with error {code}; docs/wecom.md says what to do")


async def examine(client: Client, public_url: str | None) -> list[Finding]:
    """One finding for each thing to know. Raises nothing."""
    findings = []
    try:
        about = await client.agent()
    except ChannelError as error:
        findings.append(Finding(False, said_of(error)))
    else:
        if about.get("close") == 1:
            findings.append(Finding(False, P(_KNOWN[50003], channel=NAME)))
        else:
            name = Word(str(about.get("name") or client.app.agent_id))
            findings.append(
                Finding(True, P("{channel}: connected to the app {name}", channel=NAME, name=name))
            )
    if public_url is None:
        text = P(
            "{channel}: FANGPINGCHA_PUBLIC_URL is not set; it is the address under which the vendor calls us",
            channel=NAME,
        )
        return [*findings, Finding(False, text)]
    url = Word(public_url.rstrip("/") + PATH)
    return [*findings, Finding(True, P("{channel}: is to call {url}", channel=NAME, url=url))]


def said_of(error: ChannelError) -> Phrase:
    """What went wrong, for an operator."""
    if isinstance(error, Refusal):
        number = error.code.number
        if number in _KNOWN:
            return P(_KNOWN[number], channel=NAME)
        return P(_OTHER, channel=NAME, code=Word(str(number)))
    return P("{channel}: cannot be reached ({error})", channel=NAME, error=Word(error.reason))
