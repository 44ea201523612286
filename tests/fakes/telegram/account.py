"""The methods about the bot itself: how it gets its updates, its commands, its name."""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import urlsplit

from tests.fakes.telegram.errors import (
    OTHER_POLL,
    POLL_ENDED_BY_WEBHOOK,
    WEBHOOK_IS_ACTIVE,
    ApiError,
    Json,
    bad,
)
from tests.fakes.telegram.given import Given
from tests.fakes.telegram.webhook import MOST_CONNECTIONS
from tests.fakes.telegram.world import World

SECRET = re.compile(r"[A-Za-z0-9_-]*")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"([a-z]{2})?")
SCOPES = {
    "default": (), "all_private_chats": (), "all_group_chats": (), "all_chat_administrators": (),
    "chat": ("chat_id",), "chat_administrators": ("chat_id",), "chat_member": ("chat_id", "user_id"),
}  # fmt: skip
LONGEST_POLL = 50
LONGEST_ABOUT = {"name": 64, "description": 512, "short_description": 120}
HOSTED_PORTS = (None, 443, 80, 88, 8443)


def get_me(world: World, given: Given) -> Json:
    return world.bot.json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


# --- updates ----------------------------------------------------------------------------------------------------


class Polls:
    """Long polls. There is only ever one: a newer one ends it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._newest = 0

    async def get_updates(self, given: Given) -> list[Json]:
        world = self._world
        if world.webhook.url:
            raise ApiError(409, WEBHOOK_IS_ACTIVE)
        self._newest += 1
        mine, offset = self._newest, given.number("offset")
        limit = min(max(given.number("limit", 100), 1), 100)
        patience = min(max(given.number("timeout"), 0), LONGEST_POLL)
        if "allowed_updates" in given.values:
            world.updates.ask_for(_kinds(given))
        world.bell.ring()  # an older poll notices that it is not the newest
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        taken = world.updates.take(offset, limit)
        while not taken and loop.time() < until and not world.closing:
            await world.bell.wait(until - loop.time())
            self._must_be_newest(mine)
            taken = world.updates.take(max(offset, 0), limit)
        return taken

    def _must_be_newest(self, mine: int) -> None:
        if self._world.webhook.url:
            raise ApiError(409, POLL_ENDED_BY_WEBHOOK)
        if mine != self._newest:
            raise ApiError(409, OTHER_POLL)


def _kinds(given: Given) -> list[str]:
    kinds = given.nested("allowed_updates") or []
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else []


def set_webhook(world: World, given: Given) -> bool:
    url, secret = given.text("url"), given.text("secret_token")
    if not url:
        return delete_webhook(world, given)
    _check_address(url)
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    if given.flag("drop_pending_updates"):
        world.updates.drop_all()
    if "allowed_updates" in given.values:
        world.updates.ask_for(_kinds(given))
    connections = min(max(given.number("max_connections", MOST_CONNECTIONS), 1), 100)
    world.webhook.point_to(url, secret, connections)
    world.bell.ring()
    return True


def _check_address(url: str) -> None:
    """As strict as the hosted server, but for this machine's own ports: tests listen there, without TLS."""
    address = urlsplit(url)
    if address.hostname in ("127.0.0.1", "localhost"):
        return
    if not address.hostname:
        raise bad("invalid webhook URL specified")
    if address.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if address.port not in HOSTED_PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def delete_webhook(world: World, given: Given) -> bool:
    if given.flag("drop_pending_updates"):
        world.updates.drop_all()
    world.webhook.point_to("", "", MOST_CONNECTIONS)
    world.bell.ring()
    return True


def get_webhook_info(world: World, given: Given) -> Json:
    return world.webhook.json(len(world.updates.waiting()), world.updates.allowed)


# --- commands and texts -----------------------------------------------------------------------------------------


def set_my_commands(world: World, given: Given) -> bool:
    place = _place(given)
    commands = given.nested("commands")
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    if len(commands) > world.limits.commands:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    world.commands[place] = [_command(command) for command in commands]
    world.changed()
    return True


def _command(command: object) -> Json:
    if not isinstance(command, dict):
        raise bad("can't parse BotCommand: expected an Object")
    name = str(command.get("command", "")).strip().removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not name:
        raise bad("command must be non-empty")
    if len(name) > 32:
        raise bad("command length must not exceed 32")
    if not description:
        raise bad("command description must be non-empty")
    if len(description) > 256:
        raise bad("command description length must not exceed 256")
    if not COMMAND.fullmatch(name):
        raise bad("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def get_my_commands(world: World, given: Given) -> list[Json]:
    return world.commands.get(_place(given), [])


def delete_my_commands(world: World, given: Given) -> bool:
    world.commands.pop(_place(given), None)
    world.changed()
    return True


def _place(given: Given) -> tuple[str, str]:
    """The scope, as one canonical line, and the language."""
    scope = given.nested("scope") or {"type": "default"}
    if not isinstance(scope, dict):
        raise bad("can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = scope.get("type")
    if kind not in SCOPES:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    for name in SCOPES[kind]:
        if not scope.get(name):
            raise bad(f"can't parse BotCommandScope: Can't find field \"{name}\"")
    named = {name: str(scope[name]) for name in SCOPES[kind]}
    return json.dumps({"type": kind, **named}, sort_keys=True), _language(given)


def _language(given: Given) -> str:
    language = given.text("language_code")
    if not LANGUAGE.fullmatch(language):
        raise bad("invalid language code specified")
    return language


def set_about(world: World, given: Given, what: str) -> bool:
    """setMyName, setMyDescription and setMyShortDescription. An empty text takes it back."""
    text = given.text(what)
    if len(text) > LONGEST_ABOUT[what]:
        raise bad(f"{what.replace('_', ' ')} is too long")
    world.texts_about[what, _language(given)] = text
    return True


def get_about(world: World, given: Given, what: str) -> Json:
    default = world.bot.name if what == "name" else ""
    of_all = world.texts_about.get((what, "")) or default
    return {what: world.texts_about.get((what, _language(given))) or of_all}
