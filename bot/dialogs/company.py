"""Who went along, as people say it: 和陈立群、吴涛一起去的, 吴涛主任, 派驻组的吴涛, 没人一起去. Pure.

Of whom the form offers a name is found within what stands around it. 老王 or 王主任 is no full name: nobody could be
asked to confirm, and no signed paper would fit it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bot.dialogs.times import fold

# Nobody else was there.
NOBODY = re.compile(
    r"(?:就|只有|只|仅)?我(?:自己)?(?:一?个?人|一个|自己)?(?:去的?|前往)?|自己(?:去的?)?|一个?人(?:去的?|前往)"
    r"|独自(?:一人|前往)?|(?:没有|没|无)(?:人)?陪同(?:人员)?"
    r"|(?:没有?|无)(?:别的|其他|其它|别)?人(?:[和跟]我|陪我|陪)?(?:一起|一同|一块儿?|陪同?|同行|跟着)?(?:去|前往)?(?:的|了)?"
    r"|(?:没有?|未)(?:带|叫|找|安排)(?:别的|其他|别)?(?:人|陪同(?:人员)?)(?:一起)?(?:去|陪同)?"
    r"|(?:just |only )?(?:me|myself)|by myself|on my own|alone|nobody(?: else)?|no ?one(?: else)?|no companions?"
    r"|i? ?(?:went|was|came)(?: there)? (?:alone|by myself|on my own)"
)
# What points at another note, which whoever reads this one does not have.
_LAST = r"(?:上一?[次回份个]|前一?[次回份个]|以前|之前|前面|上面)"
POINTING = re.compile(
    rf"同[上前][次回]?|同{_LAST}|如上|老样子|(?:还是)?老地方|照旧"
    rf"|(?:还是?)?(?:[和跟与同]|按|照)?{_LAST}(?:的?(?:一样|相同)|那(?:里|儿|[两三几]?[个位])?(?:人|地方)?|的?(?:人|地方))"
    r"|(?:the )?same(?: as (?:before|last time|above))?|ditto|as before|see above"
)

_GO = r"(?:去|来|前往|走访|家访)"
_TAIL = re.compile(
    rf"\s?(?:(?:[跟和与]我|陪着?我|陪同我?|陪着|一起|一同|一块儿?|一道|同行)+{_GO}?(?:的|了)?|{_GO}的)$"
)
_LEAD = re.compile(r"(?:(?P<sure>还有|以及|加上|另有|带着|带了|叫上|叫了|跟|with )|我?[和与同]|有|是)\s?")
_TITLE = (
    r"(?:副?(?:主任|科长|局长|书记|部长|组长|处长|所长|站长|乡长|镇长|村长|队长|委员|主席)|支书|干事|科员|老师|同志"
    r"|师傅)"
)
_UNIT = r"(?:.{1,14}(?:[室组局办科委部院队站所的长任员]|书记|支书)\s?)?"
_NO_FULL = re.compile(
    rf"{_UNIT}(?:[老小][\u4e00-\u9fff]|[\u4e00-\u9fff]{_TITLE}|.+等(?:[\d一二两三四五]?人)?|.+他们)"
    r"|.{2,12}(?:[室组局委部]|单位)"
)
_NO_NAME = re.compile(
    r"本人|他本人|不是|不(?:知道|清楚|记得了?)|忘(?:了|记了)|记不(?:清|得)了?|待定|有人|有的|i forgot|not sure|unknown"
)


def parts(said: Sequence[str], known: Collection[str]) -> list[str]:
    """Each part without what says that they went along."""
    went = any(_TAIL.search(one) for one in said)
    bare = [_without_lead(_TAIL.sub("", one).strip(), known, went) for one in said]
    return [one for one in bare if one]


def _without_lead(part: str, known: Collection[str], went: bool) -> str:
    lead = _LEAD.match(part.casefold())
    rest = part[lead.end() :] if lead else ""
    if lead is None or len(rest) < 2:
        return part
    sure = lead["sure"] or went or offered_as(rest, known) is not None or _NO_FULL.fullmatch(rest)
    return rest if sure else part


def offered_as(part: str, known: Collection[str]) -> str | None:
    """The name that is offered, within 吴涛主任, 派驻组的吴涛, 吴涛（派驻组）."""
    said = fold(part)
    if said in known:
        return said
    within = (one for one in known if len(one) > 1 and one in said)
    return next((one for one in within if _around(one).fullmatch(said)), None)


def _around(name: str) -> re.Pattern[str]:
    return re.compile(rf"{_UNIT}{re.escape(name)}(?:{_TITLE}|[两二三]位(?:同志)?)?\s?(?:\([^()]{{1,20}}\))?")


def is_no_full_name(part: str) -> bool:
    return _NO_FULL.fullmatch(part.strip()) is not None


def is_no_name(part: str) -> bool:
    return _NO_NAME.fullmatch(fold(part)) is not None
