"""The process that reads files for `service.formats.process`, within bounds that the kernel holds.

    python -m service.formats.child TIMEOUT_S MEMORY_MB

A request on standard input is a line of JSON (`kind`, `size`, `max_chars`) and so many bytes; a reply on
standard output a line with its size and so many bytes of JSON, `{"extracts"}` or `{"error", "kind"}`, the
error null where memory is at its bound. It ends with its parent.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

from service.errors import ArticleRejected, Refusal

_ORPHAN_POLL_S = 0.5
_REFUSED_EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.system")


def read(kind: str, data: bytes, max_chars: int) -> dict[str, object]:
    """The reply to one request."""
    try:
        reader = import_module(f"service.formats.{kind}")
    except ImportError as error:
        return _refused(f"nothing is installed that reads it: {error}".splitlines()[0])
    try:
        extracts = reader.read(data)
    except ArticleRejected as error:
        return _refused(str(error), error.kind)
    except MemoryError:
        return _refused(None, "over_bounds")
    except RecursionError:
        return _refused("it is nested too deeply")
    except Exception as error:  # whatever a parser trips over is the file's fault, and only this file's
        return _refused(f"it is broken: {type(error).__name__}: {error}"[:300])
    if any(len(str(extract.fields.get("text"))) > max_chars for extract in extracts):
        return _refused(f"its text is longer than {max_chars / 1e6:g} million characters", "too_large")
    return {"extracts": [[extract.fields, extract.warnings] for extract in extracts]}


def _refused(reason: str | None, kind: Refusal = "unreadable") -> dict[str, object]:
    return {"error": reason, "kind": kind}


def main() -> None:
    timeout_s, memory_mb = float(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and ends this process by ending
    _restrict(memory_mb)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints is not part of a reply
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    while header := sys.stdin.buffer.readline():
        request: dict[str, Any] = json.loads(header)
        data = sys.stdin.buffer.read(request["size"])
        with suppress(ImportError):  # told in the reply
            import_module(f"service.formats.{request['kind']}")  # not in the time that a file may take
        # Nobody handles the signal: the kernel ends the process, whatever loop it is in.
        signal.setitimer(signal.ITIMER_REAL, timeout_s)
        reply = read(request["kind"], data, request["max_chars"])
        signal.setitimer(signal.ITIMER_REAL, 0)
        encoded = json.dumps(reply).encode()
        replies.write(b"%d\n" % len(encoded) + encoded)
        replies.flush()


def _restrict(memory_mb: int) -> None:
    limits = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":  # elsewhere it is refused, or counts what is shared
        limits[resource.RLIMIT_AS] = memory_mb * 1_000_000
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))

    def refuse(event: str, _: object) -> None:
        if event in _REFUSED_EVENTS:
            raise PermissionError(f"a reader of files has no use for {event}")

    sys.addaudithook(refuse)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_ORPHAN_POLL_S)
    os._exit(1)


if __name__ == "__main__":
    main()
