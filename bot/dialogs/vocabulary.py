"""The words that steer a dialog, that say yes, no or nothing, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

CONTROLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zh_CN": {
        "back": (
            "上一步", "返回", "返回上一步", "上一题", "上一项", "上一个", "前一题", "前一步", "退回", "回退", "后退",
            "返回上一题", "退回上一步", "回上一步",
        ),
        "skip": ("跳过", "略过", "跳过吧", "先跳过", "跳过本题", "跳过这题"),
        "edit": ("修改", "改"),
        "cancel": ("取消", "不填了", "不记了", "不写了", "算了", "取消吧", "取消填写", "放弃填写"),
        "submit": ("提交", "确认提交", "提交吧", "确认提交吧"),
        "done": (
            "完成", "选好了", "好了", "没了", "就这些", "没有其他", "没有其他了", "无其他", "无补充", "没有补充",
        ),
        "resume": ("继续", "继续填写"),
        "keep": ("保留", "保留原答案", "不改"),
        "later": (
            "先放着", "先放一放", "先放一下", "先搁着", "暂存", "先存着", "等会再填", "等会儿再填", "等一会再填",
            "等下再填", "待会再填", "待会儿再填", "回头再填", "稍后再填", "稍后填写", "晚点再填", "晚些再填",
            "过会儿再填", "有空再填", "改天再填", "先不填了",
        ),
        "help": ("说明", "查看说明"),
    },
    "en": {
        "back": ("back", "previous"),
        "skip": ("skip",),
        "edit": ("edit",),
        "cancel": ("cancel",),
        "submit": ("submit",),
        "done": ("done",),
        "resume": ("continue", "resume"),
        "keep": ("keep",),
        "later": ("later", "finish later"),
        "help": ("help", "?"),
    },
}  # fmt: skip
# Of the words that end a choice, those that may as well be the text that is asked for: 执行情况：完成.
MAY_BE_SAID = frozenset({"完成", "好了", "done"})
# Said of everything that was answered, where all of it is shown: to submit it.
AT_RECAP = frozenset({"确认无误", "核对无误", "已核对无误", "确认无误提交", "确认无误,提交", "无误,提交"})
YES_NO: Mapping[str, Mapping[bool, tuple[str, ...]]] = {
    "zh_CN": {
        True: (
            "是", "是的", "是啊", "有", "有的", "好", "好的", "好吧", "可以", "对", "对的", "行", "嗯", "嗯嗯", "确认",
        ),
        False: (
            "不", "否", "没", "无", "没有", "没有的", "暂无", "不是", "不是的", "不可以", "不行", "不对", "不用",
            "不要",
        ),
    },
    "en": {
        True: ("yes", "y", "ok", "okay", "yeah", "yep", "sure"),
        False: ("no", "n", "none", "nope", "not really"),
    },
}  # fmt: skip
# No answers about facts: “好” to “any sign of danger?” may say that there is one, or that all is well.
VAGUE = frozenset({
    "好", "好的", "好吧", "可以", "行", "嗯", "嗯嗯", "对", "对的", "确认", "不可以", "不行", "不对", "不用", "不要",
    "ok", "okay", "sure",
})  # fmt: skip
FACTS = frozenset({"有", "有的"})  # no consent: meant for another question, it would throw a draft away
NONE = frozenset({
    "无", "没有", "没有了", "都没有", "暂无", "暂时没有", "目前没有", "没什么", "没什么了", "没有什么", "没别的",
    "没有别的", "没有其他的", "没有其他的了", "没其他的了", "没别的了", "就这些吧", "就这样吧", "不补充", "不补充了",
    "不用补充", "不需要补充", "没有补充的", "没有补充了", "没有什么要补充的", "没什么要补充的", "没什么补充的", "不填",
    "先不填", "完了", "行了", "否", "不用", "不用了", "不需要", "没人", "无人", "没别人", "没有别人", "没有其他人",
    "就这样", "none", "nothing", "no", "nothing else", "nothing more", "no more", "that's all", "that is all",
    "that's it", "that is it", "nothing to add",
})  # fmt: skip
# Said of a day, a time or a place that may be left out.
LEFT_OUT = NONE | frozenset({
    "忘了", "忘记了", "不记得", "不记得了", "记不清", "记不清了", "待定", "未定", "没定", "不定", "不确定", "unknown",
    "i forgot", "not sure",
})  # fmt: skip
# Between names, where a name may be anybody's.
AND = re.compile(r"(?<=[^\x00-\x7f])[和与跟及](?=[^\x00-\x7f])")
