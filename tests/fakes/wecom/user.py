"""One person in the WeCom client: what they do, and what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.fakes.wecom.delivery import Courier, Delivery
from tests.fakes.wecom.state import Button, LoginCode, Member, Message, SentFile, State, buttons_of
from tests.fakes.wecom.xml import Xml

# Seconds for what a person waits for: long, for a busy machine, and over as soon as it is there.
PATIENCE = 60.0
Wanted = Callable[[Message], bool] | str | None


class Nothing(AssertionError):
    """What a person looked for is not there."""


class User:
    """A member's phone. Every act is one callback; it returns when WeCom has given up or got its 200."""

    def __init__(self, state: State, courier: Courier, member: Member, media_url: str) -> None:
        self.state, self.courier, self.member, self._media_url = state, courier, member, media_url
        self.userid, self.name = member.userid, member.name

    # --- seeing ----------------------------------------------------------------------------------------------------

    @property
    def timeline(self) -> list[Message]:
        """The whole chat, one's own messages included."""
        return self.member.timeline

    @property
    def chat(self) -> list[Message]:
        """What the app wrote, as it stands now."""
        return [message for message in self.member.timeline if not message.mine]

    @property
    def last(self) -> Message:
        if not self.chat:
            raise Nothing(f"{self.name} has no message")
        return self.chat[-1]

    async def hears(self, wanted: Wanted = None, timeout: float = PATIENCE) -> Message:  # noqa: ASYNC109
        """The first message nobody has heard yet that fits; waits for it. A text fits where it occurs."""
        message = await self._wait(lambda one: not one.heard and _fits(one, wanted), timeout, "heard")
        message.heard = True
        return message

    async def sees(self, wanted: Wanted = None, timeout: float = PATIENCE) -> Message:  # noqa: ASYNC109
        """The latest message that fits, heard or not: cards may have changed since."""
        return await self._wait(lambda one: _fits(one, wanted), timeout, "saw", latest=True)

    async def _wait(
        self, fits: Callable[[Message], bool], seconds: float, verb: str, latest: bool = False
    ) -> Message:
        def found() -> list[Message]:
            chat = reversed(self.chat) if latest else self.chat
            return [message for message in chat if fits(message)]

        try:
            async with asyncio.timeout(seconds), self.state.changed:
                return (await self.state.changed.wait_for(found))[0]
        except TimeoutError:
            raise Nothing(self._report(verb)) from None

    def _report(self, verb: str) -> str:
        shown = "\n".join(f"  {one.kind}: {one.title} {one.text} {one.labels}" for one in self.chat[-5:])
        told = [[attempt.status or attempt.problem for attempt in one.attempts] for one in self._deliveries()]
        return f"{self.name} {verb} nothing that fits. Callbacks: {told}. Problems: {self.state.problems}\n{shown}"

    def _deliveries(self) -> list[Delivery]:
        return [one for one in self.courier.deliveries if f"[{self.userid}]" in one.plain][-3:]

    # --- saying ----------------------------------------------------------------------------------------------------

    async def says(self, text: str) -> Delivery:
        self._keep(Message("text", text))
        return await self._message("text", {"Content": text})

    async def sends_voice(self, content: bytes) -> Delivery:
        """AMR, never transcribed."""
        return await self._medium("voice", "voice.amr", content, {"Format": "amr"})

    async def sends_image(self, content: bytes, name: str = "image.png") -> Delivery:
        return await self._medium("image", name, content, {})

    async def sends_video(self, content: bytes) -> Delivery:
        thumb = self.state.keep_media("image", "thumb.png", b"\x89PNG thumb")
        return await self._medium("video", "video.mp4", content, {"ThumbMediaId": thumb})

    async def sends_file(self, name: str, content: bytes) -> Delivery:
        """As a message of type file. The official list of callbacks has none for this app: do not lean on it."""
        return await self._medium("file", name, content, {"FileName": name})

    async def sends_location(
        self, latitude: float = 39.9, longitude: float = 116.4, label: str = "河边村委会"
    ) -> Delivery:
        self._keep(Message("location", label))
        place: dict[str, Xml] = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16}
        return await self._message("location", {**place, "Label": label, "AppType": "wxwork"})

    async def sends_link(self, title: str, url: str) -> Delivery:
        self._keep(Message("link", url, title))
        return await self._message("link", {"Title": title, "Description": "", "Url": url, "PicUrl": ""})

    def _keep(self, message: Message) -> None:
        message.mine, message.sent_at = True, self.state.now()
        self.member.timeline.append(message)

    async def _medium(self, kind: str, name: str, content: bytes, more: Mapping[str, Xml]) -> Delivery:
        media_id = self.state.keep_media(kind, name, content)
        self._keep(Message(kind, file=SentFile(name, content, media_id)))
        picture: dict[str, Xml] = {"PicUrl": f"{self._media_url}{media_id}"} if kind == "image" else {}
        return await self._message(kind, {**picture, "MediaId": media_id, **more})

    async def _message(self, kind: str, fields: Mapping[str, Xml]) -> Delivery:
        number = 7_000_000_000_000_000_000 + next(self.state.numbers)
        ends: dict[str, Xml] = {"MsgId": number, "AgentID": self.state.agent_id}
        await self.state.tell()
        return await self.courier.deliver(self.member, {"MsgType": kind, **fields, **ends})

    # --- coming and going ------------------------------------------------------------------------------------------

    async def enters(self) -> Delivery:
        """Open the app's chat. Reported only while the app has `isreportenter` on."""
        if self.state.agent.get("isreportenter") != 1:
            return Delivery("<xml/>")
        return await self._event("enter_agent")

    async def reports_location(self, latitude: float = 39.9, longitude: float = 116.4) -> Delivery:
        """The client's own report; only while `report_location_flag` is on."""
        if self.state.agent.get("report_location_flag") != 1:
            return Delivery("<xml/>")
        place: dict[str, Xml] = {"Latitude": latitude, "Longitude": longitude, "Precision": 50}
        return await self._event("LOCATION", key=None, more={**place, "AppType": "wxwork"})

    async def joins(self) -> Delivery:
        self.member.visible = True
        return await self._event("subscribe", key=None)

    async def leaves(self) -> Delivery:
        """Out of the app's visible range: messages no longer arrive."""
        self.member.visible = False
        return await self._event("unsubscribe", key=None)

    async def clicks_menu(self, entry: str) -> Delivery:
        """An entry of the menu by its key or its name."""
        for button in self._menu_entries():
            if entry in (button.get("key"), button.get("name")):
                view = button["type"] == "view"
                kind = button["type"]
                return await self._event(kind, key=button["url"] if view else button.get("key", ""))
        raise Nothing(f"the menu has no {entry!r}: {[one['name'] for one in self._menu_entries()]}")

    def _menu_entries(self) -> list[dict[str, Any]]:
        """A top button with children is none."""
        return [entry for top in self.state.menu for entry in top.get("sub_button") or [top]]

    def login_code(self, scope: str = "snsapi_base") -> str:
        """What the login page sends back for this person."""
        code = self.state.unique("code")
        self.state.login_codes[code] = LoginCode(self.userid, scope, self.state.now())
        return code

    async def event(self, kind: str, key: str | None = "", more: Mapping[str, Xml] | None = None) -> Delivery:
        """Any other event."""
        return await self._event(kind, key, more)

    async def _event(
        self,
        kind: str,
        key: str | None = "",
        more: Mapping[str, Xml] | None = None,
        on: Message | None = None,
    ) -> Delivery:
        fields: dict[str, Xml] = {"MsgType": "event", "Event": kind}
        if key is not None:
            fields["EventKey"] = key
        fields |= {"AgentID": self.state.agent_id, **(more or {})}
        return await self.courier.deliver(self.member, fields, on)

    # --- cards -----------------------------------------------------------------------------------------------------

    async def taps(
        self, label: str, on: Message | None = None, *, choosing: str | None = None, anyway: bool = False
    ) -> Delivery:
        """Tap the button (or entry of the action menu) whose label begins so, on the given or the latest such card.

        `choosing` sets the card's drop-down first. `anyway` taps what is no longer there: another device, or a
        finger that was quicker than the update.
        """
        card, button = self._button(label, on, anyway)
        if button.url:
            raise Nothing(f"{button.label!r} opens {button.url}: it calls nothing back")
        selection = card.card.get("button_selection")
        selected: dict[str, list[str]] = {}
        if selection:
            selected[selection["question_key"]] = [_option(selection, choosing)]
        return await self._click(card, button, selected)

    async def votes(
        self, options: Sequence[str], on: Message | None = None, *, anyway: bool = False
    ) -> Delivery:
        """Tick these options, by id or by words, and submit."""
        card = self._card("vote_interaction", on, anyway)
        box = _had(card, anyway)["checkbox"]
        if box.get("disable") and not anyway:
            raise Nothing("the choice is frozen")
        if len(options) > 1 and box.get("mode", 0) == 0:
            raise Nothing("only one option can be ticked")
        chosen = {box["question_key"]: [_option(box, one) for one in options]}
        return await self._submit(card, chosen, anyway)

    async def selects(
        self, choices: Mapping[str, str], on: Message | None = None, *, anyway: bool = False
    ) -> Delivery:
        """Set drop-downs by question key, and submit; the others stay as they were preselected."""
        card = self._card("multiple_interaction", on, anyway)
        selects = {one["question_key"]: one for one in _had(card, anyway)["select_list"]}
        for key in choices:
            if key not in selects or (selects[key].get("disable") and not anyway):
                raise Nothing(f"{key!r} cannot be chosen among {list(selects)}")
        answers = {key: [_option(one, choices.get(key))] for key, one in selects.items()}
        return await self._submit(card, answers, anyway)

    def opens(self, label: str, on: Message | None = None) -> str:
        """Where a button that opens a page, or a jump, leads."""
        for message in [on] if on else reversed(self.chat):
            jumps = [
                (str(one.get("title", "")), str(one.get("url", "")))
                for one in message.card.get("jump_list", ())
            ]
            for text, url in [(one.label, one.url) for one in message.buttons] + jumps:
                if url and text.startswith(label):
                    return url
        raise Nothing(f"nothing called {label!r} opens a page")

    async def _submit(self, card: Message, answers: Mapping[str, Sequence[str]], anyway: bool) -> Delivery:
        key = _had(card, anyway)["submit_button"]["key"]
        return await self._click(card, Button("", key), answers)

    async def _click(self, card: Message, button: Button, selected: Mapping[str, Sequence[str]]) -> Delivery:
        sent = self.state.sent[card.msgid]
        more: dict[str, Xml] = {
            "TaskId": card.task_id,
            "CardType": card.card["card_type"],
            "ResponseCode": self.state.new_card_code(sent),
        }
        items = [{"QuestionKey": key, "OptionIds": {"OptionId": list(ids)}} for key, ids in selected.items()]
        if items and not button.menu:
            more["SelectedItems"] = {"SelectedItem": items}
        kind = "template_card_menu_event" if button.menu else "template_card_event"
        return await self._event(kind, button.key, more, on=card)

    def _button(self, label: str, on: Message | None, anyway: bool) -> tuple[Message, Button]:
        for message in [on] if on else reversed(self.chat):
            there = message.buttons
            if anyway:
                there += tuple(one for card in [message.card, *message.earlier] for one in buttons_of(card))
            # Whole labels first: one may be how another begins.
            for button in sorted(there, key=lambda one: one.label != label):
                if button.label.startswith(label):
                    return message, button
        raise Nothing(f"{self.name} sees no button {label!r}: {self._report('saw')}")

    def _card(self, kind: str, on: Message | None, anyway: bool) -> Message:
        for message in [on] if on else reversed(self.chat):
            if message.card.get("card_type") == kind and (anyway or message.buttons):
                return message
        raise Nothing(f"{self.name} has no {kind} that can be answered")


def _had(message: Message, anyway: bool) -> dict[str, Any]:
    """The card as it is, or `anyway` as it first was."""
    return message.earlier[0] if anyway and message.earlier else message.card


def _fits(message: Message, wanted: Wanted) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return wanted in f"{message.title}\n{message.text}"
    return wanted(message)


def _option(question: Mapping[str, Any], wanted: str | None) -> str:
    """An option's id by id or words; without a wish the preselected one, which else is the first."""
    options = question["option_list"]
    if wanted is None:
        return str(question.get("selected_id") or options[0]["id"])
    for option in options:
        if wanted in (option["id"], option["text"]):
            return str(option["id"])
    raise Nothing(f"no option {wanted!r} among {[option['text'] for option in options]}")
