"""Result lines: written while a body is read, sent when all of it has been, so that a client need not read
while it sends."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping

from fastapi.responses import StreamingResponse

NDJSON = "application/x-ndjson"
_SPOOLED_BYTES = 1_000_000
_READ_BYTES = 64 * 1024


class ResultLines:
    """Lines of JSON, in memory while they are few. A failure within the context closes them."""

    def __init__(self) -> None:
        self._kept = tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES)  # noqa: SIM115

    def __enter__(self) -> ResultLines:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._kept.close()

    def write(self, line: Mapping[str, object]) -> None:
        self._kept.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def response(self) -> StreamingResponse:
        """A response with the lines so far; sending it closes them."""
        return StreamingResponse(self._read_back(), media_type=NDJSON)

    def _read_back(self) -> Iterator[bytes]:
        with self._kept:
            self._kept.seek(0)
            while chunk := self._kept.read(_READ_BYTES):
                yield chunk
