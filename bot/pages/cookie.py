"""The cookie of a session: nothing in it but a random token, out of reach of scripts and of other sites."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from casework.logins import ABSOLUTE

NAME, STATE = "fpc", "fpc_state"
HOME = "/page/"


def token_of(request: Request) -> str:
    return request.cookies.get(NAME, "")


def put(response: Response, name: str, value: str, request: Request, seconds: float) -> None:
    """`Secure` wherever the request came by TLS, also to a proxy in front of us."""
    by_tls = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    response.set_cookie(
        name, value, max_age=int(seconds), path="/", secure=by_tls, httponly=True, samesite="lax"
    )


def log_in(response: Response, token: str, request: Request) -> None:
    put(response, NAME, token, request, ABSOLUTE.total_seconds())


def log_out(response: Response) -> None:
    response.delete_cookie(NAME, path="/", httponly=True, samesite="lax")
