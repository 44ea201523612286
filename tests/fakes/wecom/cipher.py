"""The fake's own cipher, written from the protocol: were it the product's, both could be wrong alike."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32  # the padding's, twice that of AES
_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class BadCipher(Exception):
    """Something that cannot be decrypted; `reason` is one of the categories of the test vectors."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The lower-case signature over a ciphertext (or an echostr)."""
    parts = sorted((token, timestamp, nonce, encrypted))
    return hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()


def decode_key(aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey. Its last character carries unused bits, which Python's decoder lets pass."""
    if not _KEY.fullmatch(aes_key):
        raise BadCipher("bad_key")
    return base64.b64decode(aes_key + "=")


class Cipher:
    """Messages of one app: random16 ‖ length ‖ message ‖ receive id, padded to 32 bytes, AES-256-CBC."""

    def __init__(self, aes_key: str, receive_id: str) -> None:
        key = decode_key(aes_key)
        self._block = BlockCipher(AES(key), CBC(key[:16]))
        self.receive_id = receive_id

    def encrypt(self, message: str, random16: bytes | None = None) -> str:
        """A message as the base64 text of an Encrypt element."""
        content = message.encode()
        head = (random16 or os.urandom(16)) + struct.pack(">I", len(content))
        return self.seal(pad(head + content + self.receive_id.encode()))

    def seal(self, padded: bytes) -> str:
        """Only the block cipher: forged messages bring their own padding and length."""
        encryptor = self._block.encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str, *, check_receive_id: bool = True) -> str:
        """The message of an Encrypt element.

        Raises:
            BadCipher: it was not encrypted for this app, or not as the protocol says.
        """
        message, receive_id = split(self.open(encrypted))
        if check_receive_id and receive_id != self.receive_id.encode():
            raise BadCipher("receive_id_mismatch")
        return message.decode()

    def open(self, encrypted: str) -> bytes:
        """The bytes below the cipher, without their padding."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except ValueError:
            raise BadCipher("bad_ciphertext") from None
        if not sealed or len(sealed) % 16:
            raise BadCipher("bad_ciphertext")
        decryptor = self._block.decryptor()
        return unpad(decryptor.update(sealed) + decryptor.finalize())


def pad(content: bytes) -> bytes:
    count = BLOCK - len(content) % BLOCK
    return content + bytes([count]) * count


def unpad(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
        raise BadCipher("bad_padding")
    return padded[:-count]


def split(content: bytes) -> tuple[bytes, bytes]:
    """Message and receive id."""
    if len(content) < 20:
        raise BadCipher("bad_length")
    (length,) = struct.unpack(">I", content[16:20])
    if 20 + length > len(content):
        raise BadCipher("bad_length")
    return content[20 : 20 + length], content[20 + length :]
