"""The envelope's lock: how WeCom signs and encrypts what it posts, and how we sign and encrypt what we answer.

AES-256-CBC, the first half of the key as IV, PKCS#7 to blocks of 32 bytes. The plaintext is 16 random bytes, the
length of the message in bytes as a big-endian uint32, the message, and the receive id (the corp id of a self-built
app). The signature is the sha1 of token, timestamp, nonce and ciphertext, sorted. Both are the vendor's choice.

Whatever is wrong with a request, the answer is one and the same `Forged`: a sender without the keys learns nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

WINDOW = timedelta(minutes=15)  # a resend comes within seconds; the rest is for clocks that are off
_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_AES_BLOCK = 16
_PADDED_TO = 32
_HEAD = struct.Struct(">16xI")  # random bytes, then the length of the message


class Forged(Exception):
    """Not from WeCom, or not as WeCom sent it. Without arguments on purpose: there is nothing to tell."""


class BadKey(ValueError):
    """The EncodingAESKey of the settings is not one. The text names the rule, never the key."""


@dataclass(frozen=True)
class Query:
    """What stands beside an encrypted body in the URL, decoded once: `msg_signature`, `timestamp`, `nonce`."""

    signature: str
    timestamp: str
    nonce: str


class Cipher:
    """Opens and closes the envelopes of one app.

    Raises:
        BadKey: `aes_key` is not 43 characters of A-Z, a-z, 0-9, + and /.
    """

    __slots__ = ("_cipher", "_receive_id", "_token")

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        if not _KEY.fullmatch(aes_key):
            raise BadKey("an EncodingAESKey has exactly 43 characters of A-Z, a-z, 0-9, + and /")
        # The last character carries two bits too many. Real keys have them set, so the decoder must not be strict.
        key = base64.b64decode(aes_key + "=")
        self._cipher = BlockCipher(algorithms.AES256(key), modes.CBC(key[:_AES_BLOCK]))
        self._token = _bytes(token)
        self._receive_id = _bytes(receive_id)

    def sign(self, timestamp: str, nonce: str, ciphertext: str) -> str:
        """The signature over one ciphertext (base64): 40 lower-case hexadecimal digits."""
        # UTF-8 sorts as code points do, which is the order that WeCom means.
        parts = sorted([self._token, _bytes(timestamp), _bytes(nonce), _bytes(ciphertext)])
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def verify(self, signature: str, timestamp: str, nonce: str, ciphertext: str) -> None:
        """Nothing, if the signature is right; takes as long for a nearly right one as for a wrong one.

        Raises:
            Forged: it is not.
        """
        if not hmac.compare_digest(_bytes(self.sign(timestamp, nonce, ciphertext)), _bytes(signature)):
            raise Forged

    def open_(self, query: Query, ciphertext: str, now: datetime, window: timedelta = WINDOW) -> bytes:
        """The message of a signed, fresh and encrypted request.

        `ciphertext` is base64: the `<Encrypt>` of a POST, the `echostr` of a GET.

        Raises:
            Forged: wrong signature, more than `window` before or after `now`, or it does not decrypt.
        """
        self.verify(query.signature, query.timestamp, query.nonce, ciphertext)
        if not fresh(query.timestamp, now, window):
            raise Forged
        return self.decrypt(ciphertext)

    def decrypt(self, ciphertext: str) -> bytes:
        """The message of a ciphertext (base64). Says nothing about who sent it: see `open_`.

        Raises:
            Forged: not base64, no whole blocks, bad padding, a length beyond the end, or another receive id.
        """
        try:
            sealed = binascii.a2b_base64(_bytes(ciphertext), strict_mode=True)
        except binascii.Error:
            raise Forged from None
        if not sealed or len(sealed) % _AES_BLOCK:
            raise Forged
        decryptor = self._cipher.decryptor()
        return self._message(decryptor.update(sealed) + decryptor.finalize())

    def _message(self, padded: bytes) -> bytes:
        # Every check is made before any is told, so that the time taken does not say which one failed.
        pad = padded[-1]
        well_padded = hmac.compare_digest(padded[-pad:], bytes([pad]) * pad) & (1 <= pad <= _PADDED_TO)
        body = padded[: len(padded) - pad]
        long_enough = len(body) >= _HEAD.size
        (length,) = _HEAD.unpack(body[: _HEAD.size].ljust(_HEAD.size, b"\0"))
        message, receive_id = body[_HEAD.size :][:length], body[_HEAD.size + length :]
        inside = len(message) == length
        ours = hmac.compare_digest(receive_id, self._receive_id)
        if not (well_padded & long_enough & inside & ours):
            raise Forged
        return message

    def encrypt(self, message: bytes, *, random: Callable[[int], bytes] = secrets.token_bytes) -> str:
        """The ciphertext (base64) of a message. `random` gives as many random bytes as it is asked for."""
        body = random(_AES_BLOCK) + struct.pack(">I", len(message)) + message + self._receive_id
        pad = _PADDED_TO - len(body) % _PADDED_TO
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(body + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode("ascii")


def fresh(timestamp: str, now: datetime, window: timedelta = WINDOW) -> bool:
    """Whether a timestamp (unix seconds, as text) is at most `window` before or after `now`."""
    if not _SECONDS.fullmatch(timestamp):
        return False
    return abs(now.timestamp() - int(timestamp)) <= window.total_seconds()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a URL may hold anything; nothing of it may raise
