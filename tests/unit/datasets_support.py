"""What the tests of `embedbook.datasets` share: a file server that misbehaves on request, and small registries."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from embedbook.datasets import Entry, FileEntry, TransferSettings

# As patient as the real settings, without their waiting.
QUICK = TransferSettings(pause=0.0, connect_timeout=2.0, read_timeout=2.0)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class FileServer:
    """Serves one file on localhost; each request takes the next step of `plan`, and then all is well."""

    content: bytes
    plan: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    encodings: list[str | None] = field(default_factory=list)
    sent: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/folder/file.txt"

    @property
    def requests(self) -> int:
        return len(self.ranges)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: FileServer

    def do_GET(self) -> None:
        server = self.owner
        asked = self.headers.get("Range")
        server.ranges.append(asked)
        server.encodings.append(self.headers.get("Accept-Encoding"))
        step = server.plan.pop(0) if server.plan else ""
        first = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if step.isdecimal():
            self._answer(int(step), b"no")
        elif first and step == "another range":
            self._answer(206, server.content[1:], **{"Content-Range": self._range(1)})
        elif first and step not in ("ignore the range", "cut from the start"):
            self._answer(206, server.content[first:], step, **{"Content-Range": self._range(first)})
        elif step == "compressed":
            self._answer(200, gzip.compress(server.content), **{"Content-Encoding": "gzip"})
        elif step == "longer":
            self._answer(200, server.content + b"more")
        elif step == "endless":
            self._answer(200, server.content * 50, "endless")
        else:
            self._answer(200, server.content, step)

    def _range(self, first: int) -> str:
        return f"bytes {first}-{len(self.owner.content) - 1}/{len(self.owner.content)}"

    def _answer(self, status: int, body: bytes, step: str = "", **headers: str) -> None:
        if step == "slow":
            time.sleep(1.0)
        self.send_response(status)
        if step not in ("endless", "left open"):
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if step.startswith("cut"):
            body = body[: len(body) // 2]
        if step.startswith("cut") or step == "endless":
            self.close_connection = True
        if step == "stall":
            self._write(body[:1000])
            time.sleep(1.0)
            return
        for start in range(0, len(body), 10_000):
            self._write(body[start : start + 10_000])
        if step == "left open":
            time.sleep(1.0)
            self.close_connection = True

    def _write(self, piece: bytes) -> None:
        try:
            self.wfile.write(piece)
            self.wfile.flush()
        except OSError:  # the other side has had enough
            return
        self.owner.sent += len(piece)

    def log_message(self, *arguments: object) -> None:
        """Keep standard error free for what the tests look at."""


@contextmanager
def serving(content: bytes, *plan: str) -> Iterator[FileServer]:
    owner = FileServer(content, list(plan))
    handler = type("Handler", (_Handler,), {"owner": owner})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        owner.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield owner
        finally:
            server.shutdown()
            thread.join()


def closed_address() -> str:
    """Return an address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/file.txt"


def file_entry(path: str, content: bytes, url: str | None, records: int | None = None) -> FileEntry:
    return FileEntry(path=path, url=url, sha256=sha256(content), size=len(content), records=records)


def entry(
    name: str,
    *files: FileEntry,
    kind: str = "labelled texts",
    encoding: str = "latin-1",
    more_packings: Sequence[tuple[FileEntry, ...]] = (),
) -> Entry:
    return Entry(
        name=name,
        title=f"The set {name}",
        kind=kind,
        licence="CC0",
        citation="Somebody & others (2000)",
        homepage="https://example.org/?a=1&b=2",
        encoding=encoding,
        packings=(files, *more_packings),
    )


def use_registry(monkeypatch: pytest.MonkeyPatch, *entries: Entry) -> None:
    """Put these entries in the place of the book's registry. Unlike those of a file, their addresses may be http."""
    known = {one.name: one for one in entries}
    monkeypatch.setattr("embedbook.datasets.catalogue.registry", lambda: known)
    monkeypatch.setattr("embedbook.datasets.registry", lambda: known)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what this process remembers about hosts, announcements and intact files, as a new process would."""
    monkeypatch.setattr("embedbook.datasets.modes._unreachable", set())
    monkeypatch.setattr("embedbook.datasets.modes._announced", set())
    monkeypatch.setattr("embedbook.datasets.store._intact", set())


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Give the test an empty cache, no mirror and no mode, and return the cache."""
    cache = folder / "cache"
    monkeypatch.setenv("EMBEDBOOK_CACHE", str(cache))
    monkeypatch.delenv("EMBEDBOOK_MIRROR", raising=False)
    monkeypatch.delenv("EMBEDBOOK_DATA", raising=False)
    forget(monkeypatch)
    return cache
