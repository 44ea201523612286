"""What every command of the command line shares: how it answers, and what becomes of an error."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import click
import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.app import NotReady
from bot.channels.base import Finding
from bot.config import BadSettings, read_settings
from locales.phrase import P, Phrase, Reader, Word
from storage.clock import SystemClock
from storage.engine import BadDatabaseUrl
from storage.errors import Refused
from storage.sealed import KeyFileError

A = ParamSpec("A")
T = TypeVar("T")
PLAIN: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}


def fail(message: str) -> typer.Exit:
    """One clear line (or one a problem) on stderr, and exit code 1."""
    typer.echo(message, err=True)
    return typer.Exit(1)


def guarded(command: Callable[A, T]) -> Callable[A, T]:
    """No traceback reaches a user: everything expected becomes its sentence, everything else says only its kind."""

    @wraps(command)
    def run(*args: A.args, **kwargs: A.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter, click.ClickException):
            raise
        except Refused as refusal:
            raise fail(refusal.phrase.render(reader_now())) from None
        except (BadSettings, BadDatabaseUrl) as error:
            raise fail(str(error)) from None  # which language to say it in is itself a setting
        except (NotReady, KeyFileError) as error:
            raise fail(error.phrase.render(reader_now())) from None
        except SQLAlchemyError as error:
            raise fail(_said(P("The database did not do its part ({kind}).", kind=_kind(error)))) from None
        except BrokenPipeError:
            raise typer.Exit(1) from None  # whoever read along has seen enough
        except OSError as error:
            raise fail(_said(_trouble(error))) from None
        except Exception as error:
            raise fail(_said(P("Something went wrong on our side ({kind}).", kind=_kind(error)))) from None

    return run


def _kind(error: Exception) -> Word:
    return Word(type(error).__name__)


def _trouble(error: OSError) -> Phrase:
    """What is wrong with a file, in the words of the settings' language where it is usual."""
    file = Word(str(error.filename or "-"))
    match error:
        case FileNotFoundError():
            return P("{file}: there is no such file or folder.", file=file)
        case PermissionError():
            return P("{file}: this account may not read or write it.", file=file)
        case IsADirectoryError():
            return P("{file}: this is a folder; a file is wanted.", file=file)
        case _:
            return P("{file}: {reason}", file=file, reason=Word(error.strerror or str(error)))


def _said(phrase: Phrase) -> str:
    """In the language of the settings, else in English: what went wrong may be the settings themselves."""
    try:
        return phrase.render(reader_now())
    except BadSettings:
        return phrase.render(Reader("en", ZoneInfo("UTC"), SystemClock().now().date()))


def reader_now() -> Reader:
    """The operator, in the language of the settings."""
    settings = read_settings()
    return Reader(settings.language, settings.zone, SystemClock().now().astimezone(settings.zone).date())


def say(phrase: Phrase) -> None:
    """One line of the outcome."""
    typer.echo(phrase.render(reader_now()))


def show(findings: list[Finding]) -> None:
    reader = reader_now()
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.text.render(reader)}")
