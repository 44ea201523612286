"""WeCom's business errors: HTTP 200 with an errcode, and an errmsg nobody should read."""

from __future__ import annotations

from typing import Any

MESSAGES = {
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40011: "invalid video size",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40022: "invalid sub button level",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40033: "invalid charset. not UTF8",
    40035: "invalid parameter",
    40039: "invalid url size",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "secret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "code missing",
    41009: "userid missing",
    41010: "url missing",
    41011: "agentid missing",
    41016: "title missing",
    42001: "access_token expired",
    42003: "code expired",
    42014: "invalid task_id",
    42022: "code has been used",
    42027: "template_card.horizontal_content_list.keyname missing",
    42028: "template_card url missing",
    42029: "template_card media_id missing",
    42030: "template_card appid missing",
    42031: "template_card card_type missing or invalid",
    42033: "template_card main_title missing",
    42035: "template_card horizontal_content_list size out of limit",
    42036: "template_card vertical_content_list size out of limit",
    42037: "template_card option_list size out of limit",
    42038: "template_card button text missing",
    42039: "template_card button key missing or invalid",
    42040: "template_card option id missing or invalid",
    42041: "template_card option text missing",
    42042: "template_card jump_list size out of limit",
    42043: "template_card question_key missing or invalid",
    42044: "template_card card_image.url missing",
    42045: "template_card card_action missing",
    42046: "template_card submit_button key missing or invalid",
    42047: "template_card select_list size out of limit",
    42049: "template_card submit_button text missing",
    42050: "template_card horizontal_content_list userid missing",
    42051: "template_card action_menu key duplicated",
    42052: "msgid expired",
    43012: "callback url not configured",
    44001: "empty media data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45004: "description size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45022: "name size out of limit",
    45033: "api concurrent out of limit",
    45034: "url without protocol",
    46003: "no menu data",
    48002: "api forbidden",
    50001: "redirect_uri unauthorized",
    50003: "app disabled",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    60140: "invalid response_code",
    81013: "user & party & tag all invalid",
    82001: "all touser/toparty/totag empty",
}


class ApiError(Exception):
    """A call is refused with an errcode."""

    def __init__(self, errcode: int, hint: str = "") -> None:
        super().__init__(f"{errcode} {MESSAGES.get(errcode, '')} {hint}".rstrip())
        self.errcode, self.hint = errcode, hint

    def body(self) -> dict[str, Any]:
        return error_body(self.errcode, self.hint)


def error_body(errcode: int, hint: str = "") -> dict[str, Any]:
    """An answer as wordy as the real ones, so that nobody comes to lean on the words."""
    words = MESSAGES.get(errcode, "unknown error") + (f" ({hint})" if hint else "")
    more = f"https://open.work.weixin.qq.com/devtool/query?e={errcode}"
    return {"errcode": errcode, "errmsg": f"{words}, hint: [fake], from ip: 127.0.0.1, more info at {more}"}
