"""What can go wrong with data; each error says in one message what happened and what to do."""

from __future__ import annotations

__all__ = [
    "ChecksumError",
    "DataError",
    "DataModeError",
    "DownloadError",
    "NetworkError",
    "NotHereError",
    "RegistryError",
    "TextEncodingError",
    "UnknownDatasetError",
]


class DataError(ValueError):
    """Data that are missing, damaged or not what they should be; the kind of all errors of `embedbook.datasets`."""


class RegistryError(DataError):
    """An entry of `data/registry.toml` is incomplete or wrong; the message names entry and field."""


class UnknownDatasetError(DataError):
    """No data set has this name; the message suggests the nearest one."""


class DataModeError(DataError):
    """`EMBEDBOOK_DATA`, or the `mode` of a reader, is none of auto, real, sample."""


class NotHereError(DataError):
    """The files of a data set are neither in the mirror nor in the cache."""


class ChecksumError(DataError):
    """A file in the mirror or the cache is not the one that the registry describes."""


class TextEncodingError(DataError):
    """A text file holds bytes that its encoding does not allow; the message names file, line and byte."""


class DownloadError(DataError):
    """A file could not be fetched. Nothing was left at its final name."""


class NetworkError(DownloadError):
    """The host of a file could not be reached, or broke off each time.

    Parameters
    ----------
    message : str
        What happened and what to do.
    host : str
        The host, with its port if the address names one.
    """

    def __init__(self, message: str, host: str) -> None:
        super().__init__(message)
        self.host = host
