"""What people say instead of a label, where there is much of it."""

from __future__ import annotations

NONE_SEEN = (
    "没有发现", "没发现", "未发现", "暂未发现", "目前未发现", "目前没有", "暂时没有", "未见", "未见异常", "无异常",
    "没有异常", "未发现异常", "没有发现异常", "没有风险迹象", "没有危险", "没有安全隐患", "无安全隐患",
    "没有安全风险", "无安全风险", "暂时没发现", "没有发现什么", "没发现什么", "没什么", "没啥", "没事",
    "没问题", "没有问题", "没危险", "无危险", "没有迹象", "无迹象", "没有任何迹象", "没有任何风险",
    "没有这方面的迹象", "不存在", "不存在风险", "没有没有", "没异常", "没什么异常", "没有什么异常",
    "没有发现异常情况", "未发现异常情况", "没发现异常", "都挺好", "正常", "一切正常", "都正常", "无风险", "没有风险",
    "没风险", "平安",
    "no sign", "all well", "nothing", "no concern", "no concerns", "no signs", "no sign of danger",
    "all fine", "all good",
)  # fmt: skip
FAMILY_KNOWS = (
    "知道", "知情", "知道的", "知道了", "都知道", "家里知道", "家里都知道", "家属知道", "家人知道", "早就知道",
    "they know", "they do", "the family knows",
)  # fmt: skip
FAMILY_KNOWS_NOT = (
    "不知道", "不知情", "还不知道", "家里不知道", "家属不知道", "家人不知道", "没告诉家里", "瞒着家里",
    "they don't know", "the family does not know",
)  # fmt: skip
