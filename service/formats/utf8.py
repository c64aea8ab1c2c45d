"""Bytes → text, for what has to be UTF-8."""

from __future__ import annotations

from service.errors import ArticleRejected

BINARY = "it is a binary file, not text"


def decode(data: bytes) -> str:
    """UTF-8 as text, without a byte order mark. Raises ArticleRejected for anything else."""
    if b"\0" in data:
        encoding = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else None
        reason = f"it is {encoding}, not UTF-8" if encoding else BINARY
        raise ArticleRejected(reason, "unreadable")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleRejected(
            f"it is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}", "unreadable"
        ) from None
