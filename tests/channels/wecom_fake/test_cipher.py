from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.wecom.cipher import BadCipher, Cipher, sign, split
from tests.fakes.wecom.xml import texts

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))[
    "vectors"
]


def of(*kinds: str) -> list[Any]:
    return [
        pytest.param(one["inputs"], one["expected"], id=one["id"]) for one in VECTORS if one["kind"] in kinds
    ]


def signed(given: dict[str, str], encrypted: str) -> str:
    return sign(given["token"], given["timestamp"], given["nonce"], encrypted)


@pytest.mark.parametrize(("given", "expected"), of("verify_url"))
def test_echo(given: dict[str, str], expected: dict[str, str]) -> None:
    assert signed(given, given["echostr"]) == given["msg_signature"]
    cipher = Cipher(given["encoding_aes_key"], given["receive_id"])
    assert cipher.decrypt(given["echostr"]) == expected["response_body"]


@pytest.mark.parametrize(("given", "expected"), of("decrypt_message"))
def test_decrypt(given: dict[str, str], expected: dict[str, Any]) -> None:
    assert texts(given["post_body"])["Encrypt"] == given["encrypt"]
    assert signed(given, given["encrypt"]) == given["msg_signature"]
    plain = Cipher(given["encoding_aes_key"], given["receive_id"]).decrypt(given["encrypt"])
    assert plain == expected["message"]
    assert expected["fields"].items() <= texts(plain).items()


@pytest.mark.parametrize(("given", "expected"), of("encrypt_message"))
def test_encrypt(given: dict[str, str], expected: dict[str, Any]) -> None:
    cipher = Cipher(given["encoding_aes_key"], given["receive_id"])
    encrypted = cipher.encrypt(given["message"], bytes.fromhex(given["random16_hex"]))
    assert encrypted == expected["encrypt"]
    assert signed(given, encrypted) == expected["msg_signature"]


@pytest.mark.parametrize(("given", "expected"), of("signature"))
def test_signature(given: dict[str, str], expected: dict[str, str]) -> None:
    assert signed(given, given["encrypt"]) == expected["signature"]


@pytest.mark.parametrize(("given", "expected"), of("decrypt_raw"))
def test_decrypt_raw(given: dict[str, str], expected: dict[str, str]) -> None:
    message, receive_id = split(Cipher(given["encoding_aes_key"], "").open(given["encrypt"]))
    assert (message.decode(), receive_id.decode()) == (expected["message"], expected["receive_id"])


@pytest.mark.parametrize(("given", "expected"), of("reject"))
def test_reject(given: dict[str, str], expected: dict[str, str]) -> None:
    if expected["reason"] == "bad_signature":
        sealed = given.get("encrypt", given.get("echostr", ""))
        assert signed(given, sealed) != given["msg_signature"]
        return
    with pytest.raises(BadCipher, match=expected["reason"]):
        Cipher(given["encoding_aes_key"], given.get("receive_id", "")).decrypt(given.get("encrypt", ""))


def test_every_random_start_gives_another_text() -> None:
    cipher = Cipher("x" * 42 + "w", "ww")
    first, second = cipher.encrypt("今日"), cipher.encrypt("今日")
    assert first != second
    assert cipher.decrypt(first) == cipher.decrypt(second) == "今日"
