"""Times of day, spans of time and numbers as people write them, in Chinese and English. Pure."""

from __future__ import annotations

import re
import unicodedata

NUMERALS = "\\d零〇○一二两三四五六七八九十百廿卅"
NUM = rf"[{NUMERALS}]+"
HALVES = "上午|早上|早晨|清早|凌晨|中午|下午|傍晚|晚上|夜里|夜间|深夜|半夜|早|晚"

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_AFTERNOON = ("下午", "晚上", "傍晚", "晚")
_NIGHT = ("夜里", "夜间", "深夜", "半夜")
_UNMISTAKABLE = re.compile(r"[:点时]|[ap]\.?m")
_MINUTES = {None: 0, "": 0, "整": 0, "钟": 0, "半": 30, "一刻": 15, "1刻": 15, "三刻": 45, "3刻": 45}

_MARKED = rf"(?:[:.](?=\d\d)|点|时)(?P<minute{{n}}>[半整钟]|[一1三3]刻|{NUM})?分?"
_TIME = rf"(?P<half{{n}}>{HALVES})?(?P<hour{{n}}>{NUM})(?:{_MARKED})?(?P<suffix{{n}}>[ap]\.?m\.?)?"
_CLOCK = (
    rf"(?P<half{{n}}>{HALVES})?(?P<hour{{n}}>{NUM})(?:{_MARKED}|(?=[ap]\.?m))(?P<suffix{{n}}>[ap]\.?m\.?)?"
)
_ABOUT = r"(?:左右|许|多)?"
_FACES = re.compile(
    r"(?:\s*(?:\[[^\[\]\d]{1,4}\]|[~～\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]))+$"
)
_VAGUE_LENGTH = re.compile(r"(?<=个)[多把](?=小时|钟头)|(?<=十)[多来几](?=分)")
_MORNING = ("上午", "早上", "早晨", "清早", "早")
_DAY = r"(?:就|应该)?是?(?:大约|大概|约)?(?:今天|昨天|前天|当天|当日|today|yesterday)?(?:从|自|from|between)?"
_BEGINS = r"(?:开始|起)?(?:谈话?|聊|说|坐|学习?|走访|一直)?"
_SPAN = re.compile(
    rf"{_DAY}{_TIME.format(n=1)}(?:左右|许)?(?:{_BEGINS}[,;、]?(?:-|–|—|~|至|到|to|until|till|and)+|开始[,;、]?)"
    rf"{_TIME.format(n=2)}(?:结束|为止|止|左右|许)?(?:吧|的)?"
)
_LASTING = (
    r"(?P<lasting>(?:一共|共|约|大约|大概|[谈聊说坐学]了|用时|历时|for|about)*(?:"
    rf"(?<![{NUMERALS}])(?P<hours>\d+(?:\.\d+)?|{NUM})个?(?P<half>半)?(?:小时|钟头|h|hrs?|hours?)"
    rf"(?P<more>半|(?P<rest>{NUM})(?:分钟?|min(?:utes?)?)?)?"
    r"|(?P<halfhour>半个?(?:小时|钟头)|halfanhour)"
    rf"|(?<![{NUMERALS}])(?P<minutes>{NUM})(?:分钟?|min(?:ute)?s?)"
    r"|(?P<quarter>[一1三3])刻钟?"
    r"|(?P<english>anhour(?:andahalf)?|twohours|onehour)"
    r")(?:左右|许)?)"
)
_DURATION = re.compile(_LASTING)
_FROM_AND_LASTING = re.compile(rf"{_DAY}{_CLOCK.format(n=1)}{_BEGINS}[,;、]?{_LASTING}")
_ENGLISH = {"anhour": 60, "onehour": 60, "anhourandahalf": 90, "twohours": 120}
_MOMENT = re.compile(rf"(?:{_CLOCK.format(n=1)}|(?:{HALVES}){NUM}){_ABOUT}")


def without_faces(text: str) -> str:
    """The text without the faces behind it: 昨天🙏, 没有[抱拳], 好~. A face alone stays."""
    return _FACES.sub("", text) or text


def fold(text: str) -> str:
    """For comparing: half-width, lower case, one space at most."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def number(text: str) -> int | None:
    """12, １２, 十二, 二十, 廿三, 一百二十, 二〇二六."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text.isascii() and len(text) in (2, 3) and not set(text) & set("零〇○十百廿卅"):
        return None  # 三四 is three or four
    text = text.replace("廿", "二十").replace("卅", "三十")
    hundreds, found, rest = text.partition("百")
    if found:
        high, low = _DIGITS.get(hundreds), number(rest.removeprefix("零")) if rest else 0
        return None if not high or low is None or low > 99 else high * 100 + low
    if "十" not in text:
        digits = [_DIGITS.get(c, int(c) if c.isascii() and c.isdigit() else None) for c in text]
        known = [digit for digit in digits if digit is not None]
        return int("".join(map(str, known))) if known and len(known) == len(digits) else None
    tens, _, ones = text.partition("十")
    high = _DIGITS.get(tens) if tens else 1
    low = _DIGITS.get(ones) if ones else 0
    return None if high is None or low is None else high * 10 + low


def read_span(text: str) -> str | None:
    """Two times of day as `09:00-10:30`, or None. 下午2点到3点半, 9:00-10:30, 9点开始，两小时, 2 to 3:30 pm."""
    said = _packed(text)
    found = _SPAN.fullmatch(said)
    if not found:
        return _from_and_lasting(said)
    first_half, second_half = found["half1"], found["half2"]
    first_suffix, second_suffix = found["suffix1"], found["suffix2"]
    start = _time(found["hour1"], found["minute1"], first_half, first_suffix or second_suffix)
    then = "凌晨" if number(found["hour1"]) == 0 else first_half
    end = _time(found["hour2"], found["minute2"], second_half or then, second_suffix or first_suffix)
    if start is None or end is None:
        return None
    if start >= end and then in _MORNING and not (second_half or second_suffix):  # 上午11点到1点
        end = _time(found["hour2"], found["minute2"], None, None) or end
    if start > end and second_suffix and not first_suffix:  # 11 to 1 pm
        start = _time(found["hour1"], found["minute1"], first_half, None) or start
    return f"{start}-{end}"


def is_hour(text: str) -> bool:
    """Whether it is a time of day or a span of it, and can be nothing else: 下午3点, 15:30, 9点半左右, 3点到5点."""
    said = _packed(text)
    found = _MOMENT.fullmatch(said)
    if found:
        return not found["hour1"] or _time(*found.group("hour1", "minute1", "half1", "suffix1")) is not None
    return _UNMISTAKABLE.search(said) is not None and read_span(said) is not None


def is_duration(text: str) -> bool:
    """Whether it says how long, and not from when: 两小时, 半小时, 90分钟."""
    found = _DURATION.fullmatch(_VAGUE_LENGTH.sub("", _packed(text)))
    return found is not None and _lasting(found) is not None


def _packed(text: str) -> str:
    said = fold(text)
    said = re.sub(r"(?<=[:.]\d\d) (?=\d{1,2}[:.]\d\d$)", "-", said)  # 9:00 10:30
    return "".join(said.split()).strip("。.!,;")


def _from_and_lasting(said: str) -> str | None:
    found = _FROM_AND_LASTING.fullmatch(said)
    if not found:
        return None
    bare = said[found.start("lasting") - 1] in "点时:."
    if bare and (found["quarter"] or found["lasting"].endswith("分")):
        return None  # 3点20分, 3点一刻: one time of day
    start = _time(found["hour1"], found["minute1"], found["half1"], found["suffix1"])
    minutes = _lasting(found)
    if start is None or minutes is None:
        return None
    hour, minute = map(int, start.split(":"))
    end = hour * 60 + minute + minutes
    return f"{start}-{end // 60:02}:{end % 60:02}" if end < 24 * 60 else None


def _lasting(found: re.Match[str]) -> int | None:
    """Minutes; None for what is no length of time."""
    if found["halfhour"]:
        return 30
    if found["quarter"]:
        return 15 if found["quarter"] in "一1" else 45
    if found["english"]:
        return _ENGLISH[found["english"]]
    if found["minutes"]:
        return number(found["minutes"])
    hours = found["hours"]
    whole = float(hours) if hours.isascii() else number(hours)
    if whole is None:
        return None
    more = 30 if found["half"] or found["more"] == "半" else number(found["rest"]) if found["rest"] else 0
    return None if more is None else round(whole * 60) + more


def _time(hour: str, minute: str | None, half: str | None, suffix: str | None) -> str | None:
    if minute is None and hour.isascii() and len(hour) == 4:  # 0930
        hour, minute = hour[:2], hour[2:]
    hours = number(hour)
    minutes = _MINUTES[minute] if minute in _MINUTES else number(minute or "")
    if hours is None or minutes is None:
        return None
    if 1 <= hours <= 6 and not (half or suffix or hour.startswith("0")):
        half = "下午"  # nobody visits at two in the night: a bare 2点 is the afternoon
    late = half in _AFTERNOON or (half in _NIGHT and hours >= 6) or (suffix or "").startswith("p")
    if hours < 12 and (late or (half == "中午" and hours < 6)):
        hours += 12
    elif hours == 12 and (half in _NIGHT or (suffix or "").startswith("a")):
        hours = 0
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None
