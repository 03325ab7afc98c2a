"""Real or sample data: what `EMBEDBOOK_DATA` asks for, and what there is."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from embedbook.datasets.catalogue import find_entry
from embedbook.datasets.download import WITHOUT_NETWORK, TransferSettings
from embedbook.datasets.errors import DataModeError, DownloadError, NetworkError
from embedbook.datasets.store import fetch, missing_files

__all__ = ["DataMode", "data_mode", "real_files"]

DataMode = Literal["auto", "real", "sample"]

# Hosts that this process asked in vain, and data sets whose sample it has announced: a chapter without a network shall
# wait once and say so once, not at every cell that loads data.
_unreachable: set[str] = set()
_announced: set[str] = set()

_logger = logging.getLogger(__name__)


def data_mode(mode: str | None = None) -> DataMode:
    """Return which data are asked for.

    Parameters
    ----------
    mode : {"auto", "real", "sample"}, optional
        By default what the environment variable `EMBEDBOOK_DATA` says, else "auto".

    Returns
    -------
    str
        "auto": real data if mirror, cache or network has them, else the sample.
        "real": real data or an error. "sample": the sample.

    Raises
    ------
    DataModeError
        If it is anything else.
    """
    asked = mode if mode is not None else os.environ.get("EMBEDBOOK_DATA") or "auto"
    if asked in get_args(DataMode):
        return cast(DataMode, asked)
    origin = "mode" if mode is not None else "EMBEDBOOK_DATA"
    raise DataModeError(f"{origin}={asked!r} is not a data mode. Give one of: {', '.join(get_args(DataMode))}.")


def real_files(name: str, mode: str | None = None) -> dict[str, Path] | None:
    """Return the files of a data set, or None where the sample shall be used.

    In mode "auto" the sample's use is said once per process and data set: on standard error in a terminal or script,
    but not in a notebook, where the data badge says it and stored outputs must not depend on the network.
    The logger `embedbook.datasets.modes` gets it at level INFO everywhere.

    Parameters
    ----------
    name : str
        A data set of the registry.
    mode : {"auto", "real", "sample"}, optional
        See `data_mode`.

    Returns
    -------
    dict of str to Path, or None
        File name to checked file; None for the sample.

    Raises
    ------
    DataModeError
        If `mode` is unknown.
    UnknownDatasetError
        If there is no such data set.
    ChecksumError
        If a file of it is here, but is not the right one.
    DownloadError
        In mode "real", if the files are not here and cannot be fetched.
    """
    chosen = data_mode(mode)
    entry = find_entry(name)
    if chosen == "real":
        return fetch(name)
    if chosen == "sample":
        return None
    try:
        return _fetch_once(name, [urlsplit(file.url).netloc for file in missing_files(entry) if file.url])
    except DownloadError as error:
        _announce(name, error)
        return None


def _fetch_once(name: str, hosts: list[str]) -> dict[str, Path]:
    for host in hosts:
        if host in _unreachable:
            raise NetworkError(f"{host} could not be reached before and is not asked again. {WITHOUT_NETWORK}", host)
    try:
        return fetch(name, settings=TransferSettings(connect_attempts=1))
    except NetworkError as error:
        _unreachable.add(error.host)
        raise


def _announce(name: str, reason: DownloadError) -> None:
    if name in _announced:
        return
    _announced.add(name)
    message = f"{name}: using the book's small sample instead of the real data. {reason}"
    _logger.info(message)
    heard = _logger.isEnabledFor(logging.INFO) and _logger.hasHandlers()
    in_notebook = type(sys.stderr).__module__.startswith("ipykernel")
    if not heard and not in_notebook:
        sys.stderr.write(f"embedbook: {message}\n")
