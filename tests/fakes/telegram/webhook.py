"""Where updates are posted to, as setWebhook left it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.telegram.errors import Json

MOST_CONNECTIONS = 40


@dataclass
class Webhook:
    """An empty address means that the bot polls."""

    url: str = ""
    secret: str = ""
    max_connections: int = MOST_CONNECTIONS
    generation: int = 0  # of a changed address everything begins anew
    last_error_date: int = 0
    last_error: str = ""

    def point_to(self, url: str, secret: str, max_connections: int) -> None:
        if (url, secret, max_connections) != (self.url, self.secret, self.max_connections):
            self.url, self.secret, self.max_connections = url, secret, max_connections
            self.generation += 1
            self.last_error_date, self.last_error = 0, ""

    def failed(self, what: str, now: float) -> None:
        self.last_error, self.last_error_date = what, int(now)

    def json(self, pending: int, allowed: tuple[str, ...]) -> Json:
        about: Json = {"url": self.url, "has_custom_certificate": False, "pending_update_count": pending}
        if self.url:
            about |= {"max_connections": self.max_connections, "ip_address": "127.0.0.1"}
        if self.last_error_date:
            about |= {"last_error_date": self.last_error_date, "last_error_message": self.last_error}
        if allowed:
            about["allowed_updates"] = list(allowed)
        return about
