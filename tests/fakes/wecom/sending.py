"""message/send, update_template_card and recall: who gets what, and who silently does not."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.fakes.wecom import markdown
from tests.fakes.wecom.cards import NOTICES, advice_on, check_card
from tests.fakes.wecom.errors import ApiError
from tests.fakes.wecom.limits import member_takes, within_quota
from tests.fakes.wecom.schema import MEDIA_KINDS, check_agent, check_message, read_json, shown
from tests.fakes.wecom.state import CARD_CODE_LIFE, RECALL_LIFE, Member, Message, Sent, State, words_of

MOST_USERS, MOST_PARTIES = 1000, 100


class Receivers:
    """The receivers of a request, sorted into those who get it and those who cannot."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.members: dict[str, Member] = {}
        self.bad_users: list[str] = []
        self.bad_parties: list[str] = []
        self.bad_tags: list[str] = []
        self.unlicensed: list[str] = []

    def everybody(self) -> None:
        for member in self.state.members.values():
            if member.visible:
                self._add(member)

    def user(self, userid: str) -> None:
        member = self.state.member(userid)
        if member is None or not member.visible:
            self.bad_users.append(userid.lower())
        else:
            self._add(member)

    def party(self, number: str) -> None:
        found = [one for one in self._visible() if number.isdigit() and int(number) in one.departments]
        self._group(found, number, self.bad_parties)

    def tag(self, number: str) -> None:
        found = [one for one in self._visible() if number.isdigit() and int(number) in one.tags]
        self._group(found, number, self.bad_tags)

    def _visible(self) -> list[Member]:
        return [one for one in self.state.members.values() if one.visible]

    def _group(self, found: list[Member], number: str, bad: list[str]) -> None:
        for member in found:
            self._add(member)
        if not found:
            bad.append(number)

    def _add(self, member: Member) -> None:
        key = member.userid.lower()
        if not member.licensed:
            if key not in self.unlicensed:
                self.unlicensed.append(key)
        else:
            self.members[key] = member


def receivers_of(state: State, body: dict[str, Any]) -> Receivers:
    """Who a message goes to.

    Raises:
        ApiError: 82001 if nobody is named, 81013 if nobody who is named can be reached.
    """
    found = Receivers(state)
    named = {name: body.get(name) or "" for name in ("touser", "toparty", "totag")}
    if not all(isinstance(value, str) for value in named.values()):
        raise ApiError(40035, "touser")
    if named["touser"] == "@all":
        found.everybody()
    else:
        users, parties, tags = ([one for one in value.split("|") if one] for value in named.values())
        if not users + parties + tags:
            raise ApiError(82001)
        if len(users) > MOST_USERS or len(parties) > MOST_PARTIES or len(tags) > MOST_PARTIES:
            raise ApiError(40035, "too many receivers")
        for userid in users:
            found.user(userid)
        for party in parties:
            found.party(party)
        for tag in tags:
            found.tag(tag)
    if not found.members:
        raise ApiError(81013)
    return found


def send(state: State, raw: bytes, has_callback: bool) -> dict[str, Any]:
    """POST message/send."""
    body = read_json(raw)
    check_message(state, body)
    receivers = receivers_of(state, body)
    sent = Sent(state.unique("msg"), state.now(), body)
    answer = {
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": "|".join(receivers.bad_users),
        "invalidparty": "|".join(receivers.bad_parties),
        "invalidtag": "|".join(receivers.bad_tags),
        "unlicenseduser": "|".join(receivers.unlicensed),
        "msgid": sent.msgid,
    }
    if _is_repeat(state, body, raw):
        # Accepted, yet nothing is delivered: the message id of a repeat recalls nothing.
        state.suppressed.append(body)
        return answer
    card = body.get("template_card") if body["msgtype"] == "template_card" else None
    _check_new_card(state, card, has_callback)
    within = within_quota(state, len(receivers.members))
    if not within and not state.over_quota_drops:
        raise ApiError(45009, "daily quota")
    _remember(state, body, raw)
    state.sent[sent.msgid] = sent
    if card is not None:
        state.task_ids.add(str(card.get("task_id", "")))
        state.advice += advice_on(card)
        if card["card_type"] not in NOTICES or "action_menu" in card:
            answer["response_code"] = state.new_card_code(sent)
    _deliver(state, sent, list(receivers.members.values()), within)
    return answer


def _check_new_card(state: State, card: dict[str, Any] | None, has_callback: bool) -> None:
    if card is None:
        return
    if card.get("task_id", "") in state.task_ids - {""}:
        raise ApiError(42014, "task_id was used before")
    if not has_callback and (card["card_type"] not in NOTICES or "action_menu" in card):
        raise ApiError(43012)


def _is_repeat(state: State, body: dict[str, Any], raw: bytes) -> bool:
    until = state.recent.get(hashlib.sha256(raw).digest(), 0.0)
    return body.get("enable_duplicate_check") == 1 and state.now() < until


def _remember(state: State, body: dict[str, Any], raw: bytes) -> None:
    if body.get("enable_duplicate_check") == 1:
        interval = body.get("duplicate_check_interval", 1800)
        state.recent[hashlib.sha256(raw).digest()] = state.now() + interval


def _deliver(state: State, sent: Sent, members: list[Member], within: bool) -> None:
    """Into the chats. Above a limit the message vanishes, and its sender is told nothing."""
    message = as_seen(state, sent)
    for member in members:
        if not within or not member_takes(member, state.now()):
            state.dropped.append((member.userid, sent.payload))
            continue
        member.accepted.append(state.now())
        view = message.copy()
        sent.views[member.userid.lower()] = view
        member.timeline.append(view)


def as_seen(state: State, sent: Sent) -> Message:
    """A message as a person sees it."""
    body, kind = sent.payload, sent.payload["msgtype"]
    message = Message(kind, sent_at=sent.at, msgid=sent.msgid)
    if kind == "template_card":
        message.kind, message.card = "card", body["template_card"]
        message.title, message.text = words_of(message.card)
    elif kind == "text":
        message.text, _ = shown(state, body)
    elif kind == "markdown":
        message.source = body[kind]["content"]
        message.markup = markdown.read(message.source)
        message.text = message.markup.text
    elif kind in MEDIA_KINDS:
        medium = state.live_media(body[kind]["media_id"])
        message.file = medium.file if medium else None
    elif kind == "textcard":
        message.title, message.text = body[kind]["title"], body[kind]["description"]
    else:
        message.text = "\n".join(article["title"] for article in body[kind]["articles"])
    return message


# --- afterwards ----------------------------------------------------------------------------------------------------


def update_card(state: State, raw: bytes) -> dict[str, Any]:
    """POST message/update_template_card: each response code works once."""
    body = read_json(raw)
    check_agent(state, body.get("agentid"))
    code = state.card_codes.get(str(body.get("response_code", "")))
    if code is None or code.used or state.now() - code.at >= CARD_CODE_LIFE:
        raise ApiError(60140)
    button, card = body.get("button"), body.get("template_card")
    if (button is None) == (card is None):
        raise ApiError(40035, "either button or template_card")
    original = code.sent.payload["template_card"]
    if card is not None:
        check_card(card, update=True)
        if card.get("task_id", original.get("task_id")) != original.get("task_id"):
            raise ApiError(42014, "not the task_id of this card")
    elif original["card_type"] in NOTICES or not isinstance(button, dict) or not button.get("replace_name"):
        raise ApiError(40035, "button.replace_name")
    views, bad = _views_of(state, code.sent, body)
    code.used = True
    for view in views:
        if card is not None:
            view.replace(card)
        elif button is not None:
            view.grey(str(button["replace_name"]))
    if card is not None:
        state.advice += advice_on(card)
    return {"errcode": 0, "errmsg": "ok", "invaliduser": bad}


def _views_of(state: State, sent: Sent, body: dict[str, Any]) -> tuple[list[Message], list[str]]:
    """The chats an update reaches: of the people it names, those who have the card."""
    if body.get("atall") == 1:
        return list(sent.views.values()), []
    named: dict[str, list[Any]] = {name: body.get(name) or [] for name in ("userids", "partyids", "tagids")}
    if not all(isinstance(value, list) for value in named.values()):
        raise ApiError(40035, "userids")
    if not any(named.values()):
        raise ApiError(82001)
    if len(named["userids"]) > MOST_USERS or len(named["partyids"]) > MOST_PARTIES:
        raise ApiError(40035, "too many receivers")
    found = Receivers(state)
    for userid in named["userids"]:
        found.user(str(userid))
    for party in named["partyids"]:
        found.party(str(party))
    for tag in named["tagids"]:
        found.tag(str(tag))
    if not found.members:
        raise ApiError(81013)
    views = [sent.views[key] for key in found.members if key in sent.views]
    return [view for view in views if not view.recalled], found.bad_users


def recall(state: State, raw: bytes) -> dict[str, Any]:
    """POST message/recall: for a day."""
    sent = state.sent.get(str(read_json(raw).get("msgid", "")))
    if sent is None:
        raise ApiError(40035, "msgid")
    if state.now() - sent.at >= RECALL_LIFE:
        raise ApiError(42052)
    sent.recalled = True
    for view in sent.views.values():
        view.recalled, view.edits = True, view.edits + 1
    return {"errcode": 0, "errmsg": "ok"}
