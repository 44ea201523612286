"""Sealed columns: names, addresses and narratives are encrypted in the application, before the database sees them.

AES-256-GCM. A sealed value is `format | key id | nonce | ciphertext`; table, column and row id are authenticated
with it, so a value that was moved to another row or column does not open. Exact look-up goes through a keyed blind
index. The key file is made on first start with mode 0600; losing it loses the names, which is its purpose.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec.json import decode, encode

from locales.catalogue import N_
from locales.phrase import P, Plain, Word

_FORMAT = b"\x01"  # AES-256-GCM; another number would be another algorithm
_NONCE = 12
_HEAD = 2  # format and key id
_BODY = _HEAD + _NONCE  # where the ciphertext begins
_KNOWN = 4096  # fingerprints that are remembered


class SealBroken(Exception):
    """A sealed value does not open: wrong key, or the value was moved or changed."""


class KeyFileError(Exception):
    """The key file cannot be used; the sentence says why and what would be right."""

    def __init__(self, msgid: str, **values: Plain) -> None:
        super().__init__(msgid)
        self.phrase = P(msgid, None, **values)


@dataclass(frozen=True)
class Keyring:
    """The keys by id (1–255). `active` seals; all of them open."""

    keys: dict[int, bytes]
    active: int
    # How what is sealed now begins, and each cipher by how what it seals does.
    _head: bytes = field(init=False, repr=False, compare=False)
    _ciphers: dict[bytes, AESGCM] = field(init=False, repr=False, compare=False)
    _index: hmac.HMAC = field(init=False, repr=False, compare=False)
    # `index`, remembered: for what is asked for again and again. By the ring, so that other keys know nothing of it.
    known_index: Callable[[str, str], bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ciphers = {_FORMAT + bytes([key_id]): AESGCM(key) for key_id, key in self.keys.items()}
        object.__setattr__(self, "_ciphers", ciphers)
        object.__setattr__(self, "_head", _FORMAT + bytes([self.active]))
        # The index key hangs on the oldest key, so that adding a key does not lose what was indexed before.
        oldest = self.keys[min(self.keys)]
        index_key = hmac.digest(oldest, b"fangpingcha blind index", "sha256")
        object.__setattr__(self, "_index", hmac.new(index_key, digestmod="sha256"))
        object.__setattr__(self, "known_index", lru_cache(_KNOWN)(self.index))

    def seal(self, text: str, place: str, row: int) -> bytes:
        """`text` sealed for one place (`table.column`) of one row."""
        return self.seal_bytes(text.encode(), place, row)

    def seal_bytes(self, content: bytes, place: str, row: int) -> bytes:
        """The same for what is no text."""
        nonce = os.urandom(_NONCE)
        head = self._head
        return head + nonce + self._ciphers[head].encrypt(nonce, content, f"{place}:{row}".encode())

    def open(self, sealed: bytes, place: str, row: int) -> str:
        """The text that was sealed for this very place and row.

        Raises:
            SealBroken: it was not, or the key is missing.
        """
        return self.open_bytes(sealed, place, row).decode()

    def open_bytes(self, sealed: bytes, place: str, row: int) -> bytes:
        """The same for what is no text."""
        cipher = self._ciphers.get(sealed[:_HEAD])
        if cipher is None or len(sealed) <= _BODY:
            raise SealBroken(f"no key for {place} of row {row}")
        try:
            return cipher.decrypt(sealed[_HEAD:_BODY], sealed[_BODY:], f"{place}:{row}".encode())
        except InvalidTag:
            raise SealBroken(f"{place} of row {row} does not open") from None

    def index(self, text: str, place: str) -> bytes:
        """A keyed fingerprint for exact look-up. Equal texts of one place have equal fingerprints, others do not."""
        plain = unicodedata.normalize("NFKC", text).strip().casefold()
        keyed = self._index.copy()
        keyed.update(f"{place}:{plain}".encode())
        return keyed.digest()[:16]


class _NoKeys:
    """What stands where the keyring will be."""

    def __getattr__(self, name: str) -> Any:
        raise KeyFileError(N_("no key file was loaded"))


_ring = cast("Keyring", _NoKeys())


def install(keyring: Keyring) -> None:
    """Make `keyring` the one that every table of this process uses."""
    global _ring
    _ring = keyring


def keyring() -> Keyring:
    return _ring


def seal(text: str, place: str, row: int) -> bytes:
    return _ring.seal(text, place, row)


def unseal(sealed: bytes, place: str, row: int) -> str:
    return _ring.open(sealed, place, row)


def seal_data(data: Any, place: str, row: int) -> bytes:
    """The same for what JSON can say: also a `Struct`, as its fields."""
    return _ring.seal_bytes(encode(data), place, row)


def unseal_data(sealed: bytes, place: str, row: int) -> Any:
    return decode(_ring.open_bytes(sealed, place, row))


def seal_bytes(content: bytes, place: str, row: int) -> bytes:
    return _ring.seal_bytes(content, place, row)


def unseal_bytes(sealed: bytes, place: str, row: int) -> bytes:
    return _ring.open_bytes(sealed, place, row)


def blind_index(text: str, place: str) -> bytes:
    return _ring.index(text, place)


def known_index(text: str, place: str) -> bytes:
    """The same for what is asked for with every message."""
    return _ring.known_index(text, place)


def new_keyring() -> Keyring:
    return Keyring({1: secrets.token_bytes(32)}, active=1)


def load_keyring(path: Path) -> Keyring:
    """The keys of a key file.

    Raises:
        KeyFileError: the file is missing, unreadable or not a key file.
    """
    try:
        data = json.loads(path.read_text("ascii"))
        keys = {int(key_id): base64.b64decode(text, validate=True) for key_id, text in data["keys"].items()}
        if data["active"] not in keys or any(len(key) != 32 or not 0 < i < 256 for i, key in keys.items()):
            raise ValueError
        return Keyring(keys, data["active"])
    except FileNotFoundError:
        raise KeyFileError(
            N_("The key file {file} is missing. Put it back: without it no name can be read."),
            file=Word(str(path)),
        ) from None
    except OSError as error:
        raise KeyFileError(
            N_("The key file {file} cannot be read: {reason}."),
            file=Word(str(path)),
            reason=Word(str(error.strerror)),
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise KeyFileError(
            N_("{file} is not a key file of fangpingcha. Restore it from its backup."), file=Word(str(path))
        ) from None


def make_key_file(path: Path) -> Keyring:
    """A new key file, readable by its owner alone. An existing one is never replaced."""
    keyring = new_keyring()
    keys = {str(key_id): base64.b64encode(key).decode() for key_id, key in keyring.keys.items()}
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return load_keyring(path)
    except OSError as error:
        raise KeyFileError(
            N_("The key file {file} cannot be made: {reason}."),
            file=Word(str(path)),
            reason=Word(str(error.strerror)),
        ) from None
    with os.fdopen(handle, "w") as file:
        json.dump({"active": keyring.active, "keys": keys}, file)
        file.flush()
        os.fsync(file.fileno())  # on the disk before anything that is sealed with it
    return keyring
