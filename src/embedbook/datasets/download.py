"""Fetches one file: goes on after a cut connection, checks what came, and leaves the whole file or none."""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import filelock
import requests
from tqdm import tqdm
from urllib3.exceptions import HTTPError

from embedbook.datasets._pooch import pooch
from embedbook.datasets.errors import DownloadError, NetworkError

__all__ = ["WITHOUT_NETWORK", "ResumingDownloader", "TransferSettings", "download_file"]

_CHUNK = 1 << 16
# The server is busy or broken for now; any other refusal will be the same the next time.
_PASSING_REFUSALS = frozenset({408, 425, 429, 500, 502, 503, 504})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR})
WITHOUT_NETWORK = (
    "Check the network, or set EMBEDBOOK_MIRROR to a folder that holds the files, "
    "or go on without them: EMBEDBOOK_DATA=sample."
)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TransferSettings:
    """How patient a download is, and whether it shows itself.

    Parameters
    ----------
    attempts : int
        Tries in a row that may bring no new byte before it gives up.
    connect_attempts : int
        The same, for tries that do not reach the server at all.
    pause : float
        Seconds before the second try; doubled before each further one.
    connect_timeout, read_timeout : float
        Seconds to wait for a connection, and for the next bytes.
    progress : bool, optional
        Show a progress bar on standard error; by default only if that is a terminal.
    """

    attempts: int = 4
    connect_attempts: int = 3
    pause: float = 1.0
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    progress: bool | None = None

    @property
    def shows_progress(self) -> bool:
        """Whether a progress bar is shown here and now."""
        return sys.stderr.isatty() if self.progress is None else self.progress


class _InterruptedTransferError(Exception):
    """A transfer that may succeed if tried again."""

    def __init__(self, reason: str, *, reached: bool = True) -> None:
        super().__init__(reason)
        self.reached = reached


class ResumingDownloader:
    """A downloader for `pooch` that goes on where a cut connection stopped.

    What has come lies in a file of its own until it is complete, so that a later process can go on too.

    Parameters
    ----------
    size : int
        Bytes of the whole file; the transfer stops when more come.
    part : Path
        Where the bytes are collected, on the same disk as the final file.
    name : str
        What messages and the progress bar call the file.
    settings : TransferSettings
        Patience and progress.

    Attributes
    ----------
    resumed : bool
        Whether the result was put together from more than one answer of the server.
    sha256 : str or None
        Checksum of what came, once it is complete.
    """

    def __init__(self, size: int, part: Path, name: str, settings: TransferSettings) -> None:
        self.size = size
        self.part = part
        self.name = name
        self.settings = settings
        self.resumed = False
        self.sha256: str | None = None

    def __call__(self, url: str, output_file: str | os.PathLike[str], pooch_object: Any = None) -> None:
        """Fetch `url` into `output_file`.

        Parameters
        ----------
        url : str
            The address.
        output_file : path
            Replaced when, and only when, all bytes have come.
        pooch_object
            Given by pooch; not used.

        Raises
        ------
        NetworkError
            If the host cannot be reached, or breaks off each time.
        DownloadError
            If the server refuses, or what it sends has another size.
        """
        with tqdm(
            total=self.size, desc=self.name, unit="B", unit_scale=True, disable=not self.settings.shows_progress
        ) as bar:
            self._collect(url, bar)
        self.sha256 = pooch.file_hash(str(self.part))
        self.part.replace(output_file)

    def _collect(self, url: str, bar: tqdm) -> None:
        failures = 0
        most = held = self._held()
        self.resumed = held > 0
        while held < self.size:
            try:
                self._transfer(url, held, bar)
            except _InterruptedTransferError as error:
                held = self._held()
                if held >= self.size:
                    break
                # Measured against the most ever held: a server that starts over each time makes no headway.
                failures = 1 if held > most else failures + 1
                most = max(most, held)
                self._give_up_or_wait(url, failures, error, held)
            held = self._held()

    def _transfer(self, url: str, held: int, bar: tqdm) -> None:
        with self._ask(url, held) as response:
            if response.status_code == requests.codes.partial_content:
                self._check_range(response, held)
                self.resumed = self.resumed or held > 0
            else:
                # A server that ignores the range sends the file from its first byte.
                held = 0
                self.resumed = False
                self._check_length(response, url)
            bar.reset()
            bar.update(held)
            with self.part.open("ab" if held else "wb") as out:
                for chunk in self._chunks(response):
                    held += len(chunk)
                    if held > self.size:
                        break
                    out.write(chunk)
                    bar.update(len(chunk))
        if held > self.size:
            self._drop()
            raise DownloadError(self._wrong_size(url, f"more than {self.size:,} bytes"))
        if held < self.size:
            raise _InterruptedTransferError(f"the connection ended after {held:,} of {self.size:,} bytes")

    def _ask(self, url: str, held: int) -> requests.Response:
        # Without "identity" a server may compress, and a range would count compressed bytes.
        headers = {"Accept-Encoding": "identity"}
        if held:
            headers["Range"] = f"bytes={held}-"
        timeouts = (self.settings.connect_timeout, self.settings.read_timeout)
        try:
            response = requests.get(url, headers=headers, stream=True, timeout=timeouts)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _InterruptedTransferError(_reason(error), reached=False) from error
        except requests.RequestException as error:
            raise DownloadError(f"{self.name}: {url} cannot be fetched: {error}") from error
        if response.status_code in (requests.codes.ok, requests.codes.partial_content):
            return response
        response.close()
        answer = f"{response.status_code} {response.reason}".strip()
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            self._drop()
            raise _InterruptedTransferError(f"the server answered {answer}")
        if response.status_code in _PASSING_REFUSALS:
            raise _InterruptedTransferError(f"the server answered {answer}")
        raise DownloadError(
            f"{self.name}: the server answered {answer} to {url}. The file may have moved: "
            f"see whether a newer version of this book knows its new place. {WITHOUT_NETWORK}"
        )

    def _check_range(self, response: requests.Response, held: int) -> None:
        given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        fits = given is not None and int(given[1]) == held and given[2] in ("*", str(self.size))
        if not fits or _is_encoded(response):
            self._drop()
            raise _InterruptedTransferError("the server sent another part of the file than was asked for")

    def _check_length(self, response: requests.Response, url: str) -> None:
        length = response.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) != self.size and not _is_encoded(response):
            raise DownloadError(self._wrong_size(url, f"{int(length):,} bytes"))

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        try:
            # read1 hands over what has come; read would lose the last piece before a cut.
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                yield chunk
        except (HTTPError, OSError) as error:
            raise _InterruptedTransferError(_reason(error)) from error

    def _give_up_or_wait(self, url: str, failures: int, error: _InterruptedTransferError, held: int) -> None:
        allowed = self.settings.attempts if error.reached else self.settings.connect_attempts
        if failures < allowed:
            _logger.info("%s: %s; trying again", self.name, error)
            time.sleep(self.settings.pause * 2 ** (failures - 1))
            return
        host = urlsplit(url).netloc
        what = f"{host} broke off" if error.reached else f"{host} could not be reached"
        kept = f" The {held:,} bytes that came are kept, and the next try goes on from there." if held else ""
        raise NetworkError(f"{self.name}: {what}: {error}.{kept} {WITHOUT_NETWORK}", host) from error

    def _wrong_size(self, url: str, came: str) -> str:
        return (
            f"{self.name}: {url} sends {came} where the registry says {self.size:,}; nothing of it was kept. "
            "Is there a log-in page between this machine and the network? Else see whether a newer version of "
            f"this book knows the file. {WITHOUT_NETWORK}"
        )

    def _held(self) -> int:
        # More than the whole file is as good as complete: the checksum will refuse it, and all is fetched anew.
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def _drop(self) -> None:
        self.part.unlink(missing_ok=True)


def download_file(
    url: str,
    destination: Path,
    *,
    sha256: str,
    size: int,
    partial_folder: Path | None = None,
    settings: TransferSettings | None = None,
) -> Path:
    """Fetch a file, unless it is there already; afterwards it is there whole, or not at all.

    Two processes that want the same file do not collide: the second waits for the first and uses its result.

    Parameters
    ----------
    url : str
        Where it comes from.
    destination : Path
        Its final name. What lies there with another checksum is replaced.
    sha256 : str
        Its checksum, in hexadecimal digits.
    size : int
        Its bytes.
    partial_folder : Path, optional
        Where a download that was cut waits to be continued, on the same disk; by default `.partial` beside the file.
    settings : TransferSettings, optional
        Patience and progress.

    Returns
    -------
    Path
        `destination`.

    Raises
    ------
    NetworkError
        If the host cannot be reached, or breaks off each time.
    DownloadError
        If the server refuses, sends something else, or the file cannot be stored; the message says what to do.
    """
    partial = destination.parent / ".partial" if partial_folder is None else partial_folder
    part = partial / f"{sha256}.part"
    settings = TransferSettings() if settings is None else settings
    try:
        partial.mkdir(parents=True, exist_ok=True)
        with _only_one(partial / f"{sha256}.lock", destination.name, settings):
            _retrieve(url, destination, sha256, size, part, settings)
    except OSError as error:
        raise _storage_error(error, destination, size, part) from error
    return destination


def _retrieve(url: str, destination: Path, sha256: str, size: int, part: Path, settings: TransferSettings) -> None:
    # A second round, if pieces from different answers did not fit together: then all from one.
    for last_round in (False, True):
        downloader = ResumingDownloader(size, part, destination.name, settings)
        try:
            with _quiet_pooch():
                pooch.retrieve(
                    url,
                    known_hash=f"sha256:{sha256}",
                    fname=destination.name,
                    path=destination.parent,
                    downloader=downloader,
                )
            return
        except DownloadError:
            raise
        except ValueError as error:
            # pooch's word for a wrong checksum. It has removed what came.
            if downloader.resumed and not last_round:
                continue
            raise DownloadError(
                f"{destination.name}: what came from {url} is not the file that the registry describes: its sha256 is "
                f"{downloader.sha256}, expected {sha256}. Nothing was kept. Try again later; if it stays so, see "
                f"whether a newer version of this book knows the file. {WITHOUT_NETWORK}"
            ) from error


@contextmanager
def _only_one(lock_file: Path, name: str, settings: TransferSettings) -> Iterator[None]:
    lock = filelock.FileLock(lock_file)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        _logger.info("%s: another process is fetching it; waiting", name)
        if settings.shows_progress:
            tqdm.write(f"{name}: another process is fetching it; waiting", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    # pooch reports each download on standard error, which would end in a notebook's stored output. A filter, because
    # pooch's logger belongs to no manager, and such a logger may answer from its cache after a change of level.
    logger = pooch.get_logger()
    logger.addFilter(_is_warning)
    try:
        yield
    finally:
        logger.removeFilter(_is_warning)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _storage_error(error: OSError, destination: Path, size: int, part: Path) -> DownloadError:
    why = error.strerror or str(error)
    if error.errno in _NO_ROOM:
        # Half a file helps nobody on a full disk.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        return DownloadError(
            f"{destination.name}: the disk is full ({why}); nothing was kept. Free {size:,} bytes for {destination}, "
            "or set EMBEDBOOK_CACHE to a folder on another disk."
        )
    if error.errno in _NOT_WRITABLE:
        return DownloadError(
            f"{destination.name}: {destination.parent} cannot be written ({why}). Make the folder writable, "
            "or set EMBEDBOOK_CACHE to one that is."
        )
    return DownloadError(
        f"{destination.name}: {destination} cannot be written: {error}. "
        "Look at that folder, or set EMBEDBOOK_CACHE to another one."
    )


def _is_encoded(response: requests.Response) -> bool:
    return response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity")


def _reason(error: Exception) -> str:
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "no answer in time"
    inner = getattr(error.args[0], "reason", None) if error.args else None
    # urllib3 puts the connection object before the sentence that a reader needs.
    return re.sub(r"^\w+\(.*?\): ", "", str(inner or error))
