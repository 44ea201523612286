"""转给陈立群, 交给同事, 移交: typed in a form, that somebody else is to finish it. Whoever may is offered at once;
where nobody may, it is said when a draft can be given away. Where any text is an answer it may be one, too, such as
交由同事处理: there what was typed is kept in a button."""

from __future__ import annotations

import re

from msgspec.structs import replace
from sqlmodel import select

from bot import either_way
from bot.context import Context
from bot.dialogs import runner, showing, store
from bot.dialogs.words import fold
from bot.messages import Action, Button, Message, act
from casework.forms.catalog import NOTE_FORMS
from locales.phrase import P, Phrase, Term
from storage.sealed import blind_index
from storage.tables.members import Member, Role

NOT_THIS = P("This form cannot be given to a colleague: it is yours to fill in, or to cancel.")
NOBODY = P("A draft can be given to a colleague who may write it, too; at present there is none.")
NO_COVER = P(
    "A draft can be given to a colleague who may write it, too: whoever covers for you while you are on leave "
    "(send “{word}”), or has the visit by now; at present there is none.",
    word=P("leave"),
)
GIVE_AWAY = Term("Give this draft to a colleague")
_WISH = re.compile(
    r"(?:请|我|要|想|能不能|能否|能|可以|可否|把|将|这个|这份|这张|此|草稿|记录|表单|任务)*"
    r"(?:(?:转交给?|移交给?|转给|交给|交由)(?P<who>\w{0,8}?)(?:来|去|接着|继续|代)?(?:填写?|写|办理?|处理|完成)?"
    r"|(?:让|请|由)(?P<other>\w{1,8}?)(?:来|帮忙|接着|继续|代)*(?:填写?|写|记录))(?:吧|吗|一下)?"
    r"|(?:please )?(?:give|hand|pass)(?: this| it| the draft)?(?: over| on)? to (?P<name>[\w ]{1,30})"
)
_ANYBODY = frozenset(
    {"同事", "别人", "他人", "其他人", "其他同事", "其他同志", "另一位同志", "a colleague", "somebody else"}
)
_MARKS = " .。!！?？"


def asked(ctx: Context, draft: store.Open, text: str, *, any_text: bool) -> Action | Message | None:
    """What to do about it; None where nothing of the kind was said. `any_text`: the question takes any text, so that
    only a colleague's name, or the word, makes it that."""
    said = fold(text).strip(_MARKS)
    found = _WISH.fullmatch(said)
    if found is None or (any_text and draft.form not in NOTE_FORMS):
        return None  # who sees to a difficulty is asked in a form that is no note
    who = (found["who"] or found["other"] or found["name"] or "").removesuffix("同志")
    if any_text and who not in _ANYBODY and not _is_colleague(ctx, who):
        return None
    gives = act("draft_share", id=draft.id) if showing.share_rows(ctx, draft) else None
    if any_text:
        answer = act("draft", id=draft.id, rev=draft.revision, do="answer", value=text)
        if gives is not None:
            return either_way.question(text, GIVE_AWAY, P("{word}", word=GIVE_AWAY), gives, answer)
        again = runner.again(ctx, draft, _why_not(ctx, draft))
        return replace(again, buttons=((Button(either_way.MY_ANSWER, answer),), *again.buttons))
    return gives or runner.again(ctx, draft, _why_not(ctx, draft))


def _is_colleague(ctx: Context, who: str) -> bool:
    index = blind_index(who, "member.name")
    query = select(Member.id).where(Member.county_id == ctx.member.county_id, Member.name_index == index)
    return bool(who) and ctx.session.exec(query).first() is not None


def _why_not(ctx: Context, draft: store.Open) -> Phrase:
    if draft.form not in NOTE_FORMS:
        return NOT_THIS
    return NO_COVER if ctx.actor.has(Role.care_officer) else NOBODY
