"""A workbook of notes that somebody filled in and sends into a chat: read through the same door as the one that is
handed in on a page (bot/pages/brought_in.py). Its cells may name anybody, so it passes where a chat may be told names;
anywhere else the way leads to the page.
"""

from __future__ import annotations

from bot import danger, way_in
from bot.channels.base import IncomingFile
from bot.context import Context
from bot.dialogs import runner, store
from bot.messages import Button, Message, act
from bot.pages import brought_before, brought_in
from casework.danger import is_acute
from casework.documents.filled_book import FilledNote
from casework.roster.archive import not_a_workbook
from locales.phrase import P, Phrase

KEY = "workbook"  # what a file is wanted for; no question is called so
MOST_SHOWN = 8  # cells to mend, or columns: a chat is read on a telephone
ONLY_BOOKS = P(
    "The only file that is taken here is the workbook of notes (.xlsx) that you filled in. This one was not kept."
)
READING = P("Your workbook is being checked; that takes a moment.")
NOT_FETCHED = P("The workbook could not be fetched. Please send it once more; it may have 5 MB at most.")
NOT_HERE = P("This channel may not see what is in a workbook, and no page is set up here. It was not kept.")
HELP = (Button(P("Help"), act("command", name="help")),)
_SHEETS = (".xls", ".xlsm", ".xlsb", ".et", ".csv", ".ods")  # which Excel or WPS can save as it is wanted


def is_for(ctx: Context) -> bool:
    """Whether somebody writes notes at all."""
    return bool(brought_in.forms_for(ctx))


def is_named_so(file: IncomingFile) -> bool:
    return file.name.lower().endswith(".xlsx")


def answer(ctx: Context, file: IncomingFile) -> list[Message]:
    """What is said to a file at once; its content is looked at on an errand. Some channels tell no name of a file."""
    if not is_named_so(file) and "." in file.name:
        sheet = file.name.lower().endswith(_SHEETS)
        return [Message((not_a_workbook().phrase if sheet else ONLY_BOOKS,), (HELP,))]
    if not ctx.tells_names:
        return [_elsewhere(ctx)]
    ctx.wants_file = KEY
    return [Message((READING,))]


def take(ctx: Context, found: tuple[FilledNote, ...] | Phrase) -> list[Message]:
    """Every note that was filled in as a draft, to be looked at and submitted; or what has to be mended first. A form
    that is open stays the one that is open."""
    if not isinstance(found, Phrase) and not ctx.tells_names:
        return [_elsewhere(ctx)]
    open_one = store.active(ctx.session, ctx.member.id)
    back = ((runner.resume_button(open_one),),) if open_one is not None else ()
    if isinstance(found, Phrase):
        return [Message((found,), back or (HELP,))]
    brought = brought_in.take(ctx, found)
    said = [danger.answer(ctx, in_form=not brought.problems)] if _speak_of_danger(found) else []
    if brought.left_out:
        left_out = brought_in.first(brought.left_out, MOST_SHOWN)
        only = () if brought.drafts else back or (HELP,)
        said.append(Message((P(brought_before.LEFT_OUT), *left_out), only))
    if brought.problems:
        problems = brought_in.first(brought.problems, MOST_SHOWN)
        said.append(Message((P(brought_in.MEND), *problems), back or (HELP,)))
    elif len(brought.drafts) == 1 and open_one is None:
        said.append(runner.again(ctx, brought.drafts[0], P(brought_in.TAKEN)))
    elif brought.drafts:
        buttons = ((runner.named_button(one),) for one in brought.drafts)
        said.append(Message((P(brought_in.TAKEN),), (*buttons, *back)))
    return said


def _speak_of_danger(notes: tuple[FilledNote, ...]) -> bool:
    return any(is_acute(text) for note in notes for text in note.texts)


def _elsewhere(ctx: Context) -> Message:
    if ctx.public_url is None:
        return Message((NOT_HERE,), (HELP,))
    link = way_in.link(ctx, to=way_in.TO_BOOK)
    told = P(
        "A workbook is handed in on your own page, for this channel may not see what is in it: {link}",
        link=link,
    )
    return Message((told, way_in.ONCE))
