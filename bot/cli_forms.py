"""`fangpingcha form …`: the forms there are, each as JSON Schema, and those of notes as a workbook. No database is
asked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli_base import PLAIN, guarded, reader_now, say
from bot.config import read_settings
from casework.documents.form_book import write_form_book
from casework.forms.catalog import FORMS, NOTE_FORMS
from casework.forms.form import Env
from casework.forms.schema import schema_of
from locales.catalogue import N_, gettext
from locales.phrase import P, Word
from storage.errors import Refused

app = typer.Typer(help="See the forms, as JSON Schema and as a workbook.", **PLAIN)


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


@app.command("workbook")
@guarded
def workbook(file: Annotated[Path, typer.Argument(help="The workbook to write (.xlsx).")]) -> None:
    """Write the forms of all notes as a workbook.

    It is filled in without network. It names nobody and no case. Whoever filled it in hands it in on their own page.
    """
    if file.exists():
        raise Refused(N_("{file} exists already; nothing was written."), file=Word(str(file)))
    reader = reader_now()
    file.write_bytes(write_form_book(NOTE_FORMS.values(), reader.language, Env(reader.today)))
    say(P("Wrote {file}.", file=Word(str(file))))
