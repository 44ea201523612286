"""`fangpingcha form …`: the forms there are, and each as JSON Schema. No database is asked."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.cli_base import PLAIN, guarded
from bot.config import read_settings
from casework.forms.catalog import FORMS
from casework.forms.schema import schema_of
from locales.catalogue import N_, gettext
from locales.phrase import Word
from storage.errors import Refused

app = typer.Typer(help="See the forms, and each as JSON Schema.", **PLAIN)


@app.command("list")
@guarded
def names() -> None:
    """List the forms: name, version and title."""
    language = read_settings().language
    for form in FORMS.values():
        typer.echo(f"{form.id:<30}{form.version:<4}{gettext(language, form.title)}")


@app.command("schema")
@guarded
def schema(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that form list shows.")],
) -> None:
    """Print a form as JSON Schema.

    What a filled-in form may hold (draft 2020-12), with titles in both languages.
    """
    if name not in FORMS:
        raise Refused(N_("There is no form {name}. form list shows them."), name=Word(name))
    typer.echo(json.dumps(schema_of(FORMS[name], read_settings().language), ensure_ascii=False, indent=2))
