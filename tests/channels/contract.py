"""What every channel must do. A channel's own test module subclasses `ChannelContract` and says how its people see.

`Phone` is the other end of the channel: what one address was shown, and how it makes an event arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pytest

from bot.channels.base import Channel, ChannelError, Incoming
from bot.channels.fit import fit
from bot.messages import Rendered, RenderedButton


@dataclass(frozen=True)
class Shown:
    """One message as the person sees it: labels with what a tap on them sends."""

    text: str
    buttons: tuple[tuple[str, str], ...]
    file: tuple[str, bytes] | None
    edited: bool


class Phone(Protocol):
    """The other end."""

    @property
    def address(self) -> str: ...

    @property
    def neighbour(self) -> str:
        """The address of somebody else who can be written to."""

    async def shows(self) -> Sequence[Shown]:
        """Everything the channel was asked to show to this address, oldest first."""

    async def says(self, text: str, event_id: str) -> None: ...

    async def taps(self, token: str, event_id: str) -> None: ...

    async def sends(self, name: str, content: bytes, event_id: str) -> None: ...

    def heard(self) -> Sequence[Incoming]:
        """The events that reached `on_incoming`, in their order; an event told twice is there once or twice with
        the same id: telling repeats apart is the inbox's business."""


BUTTONS = ((RenderedButton("记录", "NONCE.0"), RenderedButton("Back", "NONCE.1")),)


class ChannelContract:
    """The tests. They need the fixtures `channel` and `phone`.

    `edits_again`: a message can be edited any number of times. Where it cannot, a new one takes its place.
    `takes_back_theirs`: also what people wrote can be taken back.
    """

    edits_again = True
    takes_back_theirs = True

    async def test_it_says_what_it_is(self, channel: Channel) -> None:
        assert channel.kind.isidentifier()
        assert channel.kind == channel.kind.lower()
        assert len(channel.kind) <= 20

    @pytest.mark.parametrize(
        "text", ["早上好，李敏！", "<b>&amp;</b> _*[]()~`", "{{7*7}} %s", "龑😀\n\n第二段", "=1+1", "@all"]
    )
    async def test_a_text_is_shown_as_it_is(self, channel: Channel, phone: Phone, text: str) -> None:
        receipt = await channel.send(phone.address, Rendered(text))
        assert [shown.text for shown in await phone.shows()] == [text]
        assert 0 < len(receipt) <= 200

    async def test_buttons_come_back_as_their_token(self, channel: Channel, phone: Phone) -> None:
        (message,) = fit(Rendered("Q", BUTTONS), channel.can)
        await channel.send(phone.address, message)
        (shown,) = await phone.shows()
        if channel.can.buttons is None or channel.can.buttons >= len(BUTTONS[0]):
            assert shown.buttons == (("记录", "NONCE.0"), ("Back", "NONCE.1"))
        await phone.taps("NONCE.1", "e1")
        (event,) = phone.heard()
        assert (event.token, event.text, event.file) == ("NONCE.1", None, None)
        assert (event.channel, event.address) == (channel.kind, phone.address)

    async def test_a_typed_text_arrives_as_typed(self, channel: Channel, phone: Phone) -> None:
        await phone.says("／记录　张明", "e1")
        (event,) = phone.heard()
        assert (event.text, event.token, event.file) == ("／记录　张明", None, None)
        assert event.event_id

    async def test_a_repeat_is_known_by_its_event_id(self, channel: Channel, phone: Phone) -> None:
        await phone.says("今日", "e1")
        await phone.says("今日", "e1")
        await phone.says("今日", "e2")
        ids = [event.event_id for event in phone.heard()]
        assert len(ids) >= 2
        assert len(set(ids)) == 2
        assert all(len(event_id) <= 200 for event_id in ids)

    async def test_an_edit_replaces_and_adds_nothing(self, channel: Channel, phone: Phone) -> None:
        if not channel.can.edit:
            pytest.skip("this channel cannot edit")
        first = await channel.send(phone.address, Rendered("one", BUTTONS))
        await channel.send(phone.address, Rendered("two"))
        receipt = await channel.send(phone.address, Rendered("one, settled"), replaces=first)
        shown = await phone.shows()
        assert [(each.text, each.edited) for each in shown] == [("one, settled", True), ("two", False)]
        assert shown[0].buttons == ()
        assert receipt == first  # so that it can be edited again
        last = await channel.send(phone.address, Rendered("one, again"), replaces=receipt)
        texts = ["one, again", "two"] if self.edits_again else ["two", "one, again"]
        assert [each.text for each in await phone.shows()] == texts
        assert (last == first) == self.edits_again

    async def test_what_cannot_be_edited_is_refused_for_good(self, channel: Channel, phone: Phone) -> None:
        if not channel.can.edit:
            pytest.skip("this channel cannot edit")
        with pytest.raises(ChannelError) as caught:
            await channel.send(phone.address, Rendered("x"), replaces="987654321")
        assert caught.value.permanent

    async def test_what_is_taken_back_is_gone_and_nothing_else(self, channel: Channel, phone: Phone) -> None:
        if channel.can.remove is None:
            pytest.skip("this channel takes nothing back")
        receipts = [await channel.send(phone.address, Rendered(text)) for text in ("one", "two", "three")]
        await phone.says("mine", "e1")
        (event,) = phone.heard()
        assert (event.receipt is not None) == self.takes_back_theirs
        theirs = [event.receipt] if event.receipt is not None else []
        taken = [receipts[0], *theirs, receipts[2]]
        assert all(len(receipt) <= 200 for receipt in taken)
        await channel.remove(phone.address, taken)
        assert [shown.text for shown in await phone.shows()] == ["two"]
        await channel.remove(phone.address, taken)  # once more is no harm

    async def test_a_file_arrives_whole(self, channel: Channel, phone: Phone) -> None:
        if not channel.can.send_files:
            pytest.skip("this channel sends no files")
        content = bytes(range(256)) * 40
        await channel.send(phone.address, Rendered("here", (), ("工作手册.docx", "application/x", content)))
        assert [shown.file for shown in await phone.shows()] == [("工作手册.docx", content)]

    async def test_a_file_that_somebody_sends_can_be_fetched(self, channel: Channel, phone: Phone) -> None:
        if not channel.can.receive_files:
            pytest.skip("this channel takes no files")
        await phone.sends("名册.xlsx", b"PK\x03\x04", "e1")
        (event,) = phone.heard()
        assert event.file is not None
        assert event.file.name == "名册.xlsx"
        assert await channel.fetch(event.file) == b"PK\x03\x04"

    async def test_what_is_too_long_goes_in_parts_that_are_not(self, channel: Channel, phone: Phone) -> None:
        text = "\n\n".join(f"第{number}段：" + "张明" * 200 for number in range(40))
        for part in fit(Rendered(text, BUTTONS), channel.can):
            await channel.send(phone.address, part)
        shown = await phone.shows()
        assert "".join(each.text for each in shown).replace("\n", "") == text.replace("\n", "")
        assert all(each.buttons == () for each in shown[:-1])

    async def test_chats_are_apart(self, channel: Channel, phone: Phone) -> None:
        await channel.send(phone.address, Rendered("yours"))
        await channel.send(phone.neighbour, Rendered("not yours"))
        assert [shown.text for shown in await phone.shows()] == ["yours"]
