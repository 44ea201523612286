"""What `doctor` says of Telegram: is the token good, do updates reach us."""

from __future__ import annotations

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.channels.base import Finding
from locales.phrase import P, Word

_NAME = Word("Telegram")


async def examine(bot: Bot, webhook: str | None) -> list[Finding]:
    """One finding for each thing to know, the first that is wrong last. Raises nothing."""
    try:
        name = Word(f"@{(await bot.get_me()).username}")
        info = await bot.get_webhook_info()
    except InvalidToken:
        return [
            Finding(
                False, P("{channel}: the token is refused; take it from BotFather once more", channel=_NAME)
            )
        ]
    except TelegramError as error:
        why = Word(type(error).__name__)
        return [Finding(False, P("{channel}: cannot be reached ({error})", channel=_NAME, error=why))]
    findings = [Finding(True, P("{channel}: connected as {name}", channel=_NAME, name=name))]
    if webhook is None:
        findings.append(Finding(True, P("{channel}: receives by polling", channel=_NAME)))
    elif info.url != webhook:
        findings.append(
            Finding(False, P("{channel}: the webhook is not set; “fangpingcha serve” sets it", channel=_NAME))
        )
    elif info.last_error_message:
        error_word = Word(info.last_error_message)
        findings.append(
            Finding(
                False,
                P("{channel}: the last call of the webhook failed: {error}", channel=_NAME, error=error_word),
            )
        )
    else:
        findings.append(Finding(True, P("{channel}: receives by webhook", channel=_NAME)))
    if info.pending_update_count > 100:
        findings.append(
            Finding(
                False,
                P(
                    "{channel}: {n} updates wait to be fetched",
                    None,
                    channel=_NAME,
                    n=info.pending_update_count,
                ),
            )
        )
    return findings
