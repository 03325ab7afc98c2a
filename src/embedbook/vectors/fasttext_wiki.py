"""fastText's Wikipedia vectors, those of Qi et al. (2018), by language; read from their text format."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from embedbook.vectors.errors import VectorsError
from embedbook.vectors.keyed import load

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["FASTTEXT_LANGUAGES", "load_fasttext_wiki"]

_ADDRESS = "https://dl.fbaipublicfiles.com/fasttext/vectors-wiki/wiki.{language}.vec"
_FOLDER = "fasttext-wiki"

# SHA-256 of the files, as torchtext checks them: torchtext/experimental/vectors.py of github.com/pytorch/text. Their
# sizes, which the registry of data sets would want, are not published.
_SHA256 = {
    "az": "93ebe624677a1bfbb57de001d373e111ef9191cd3186f42cad5d52886b8c6467",
    "be": "3b36ba86f5b76c40dabe1c7fc3214338d53ce7347c28bb2fba92b6acc098c6ad",
    "cs": "0eba2ac0852b1057909d4e8e5e3fa75470f9cb9408b364433ac4747eb2b568a9",
    "de": "3020c26e32238ba95a933926763b5c693bf7793bf0c722055cecda1e0283578c",
    "en": "ba5420ac217fb34f15f58ded0d911a4370dfb1f3341fa7511a49ae74c87de282",
    "es": "cf2e9a1976055a18ad358fb0331bc5f9b2e8541d6d4903b562a63b60f3ae392e",
    "fr": "bc68b0703375da9e81c3c11d0c28f3f8375dd944c209e697c4075e579455ac2a",
    "gl": "b4b6233b0c650f9d665e5c8aa372f8745d1a40868f93ecf87f026c60b2bb0f9e",
    "he": "5d861a705bf541671c0cee731c1b71f6a65d8defd3df2978a7f83e8b0580903b",
    "it": "5a9d111edd3f199e7379373ba18f4e5317c6c6c5053a9d6d0a56f32298d3bde4",
    "pt": "bffbfcafb9f004f13f1be12fa0201c5011324b14a52c2996ae2b97f268819e0c",
    "ru": "9567b90e037c459eb4be4c2a47a04fffbfd5b0d01b84baf86b16535f0dc3728e",
    "tr": "4cf567dbb73053bb7b08370e89ec6a7c5626e397e71de99637e70c68ba4c71d9",
}

#: Codes of the languages that `load_fasttext_wiki` takes.
FASTTEXT_LANGUAGES = tuple(_SHA256)


def load_fasttext_wiki(language: str, *, words: int | None = 200_000) -> KeyedVectors:
    """Load the vectors that fastText learnt from the Wikipedia of a language, 300 dimensions.

    The file, 0.3 to 7 GB, is taken from ``fasttext-wiki/`` in the mirror (`EMBEDBOOK_MIRROR`) or the cache, or else
    fetched into the cache. Its checksum is looked at before it is read.

    Parameters
    ----------
    language : str
        One of `FASTTEXT_LANGUAGES`.
    words : int, optional
        Only so many words, the most frequent; None for all.

    Returns
    -------
    gensim.models.KeyedVectors

    Raises
    ------
    VectorsError
        If the language is unknown, or the file is not the right one or cannot be fetched.

    References
    ----------
    Bojanowski et al. (2017), "Enriching Word Vectors with Subword Information"; licence of the vectors: CC BY-SA 3.0.
    """
    if language not in _SHA256:
        raise VectorsError(
            f"there are no fastText vectors of the language {language!r} here; there are {', '.join(_SHA256)}"
        )
    return load(_file(language), top=words)


def _file(language: str) -> Path:
    from embedbook.datasets import cache_folder, mirror_folder

    name = f"wiki.{language}.vec"
    for folder in (mirror_folder(), cache_folder()):
        file = None if folder is None else folder / _FOLDER / name
        if file is not None and file.is_file():
            state = file.stat()
            if _sha256(file, state.st_size, state.st_mtime_ns) != _SHA256[language]:
                raise VectorsError(f"{file}: is not fastText's file (its SHA-256 is another). Remove or replace it.")
            return file
    return _fetched(language, cache_folder() / _FOLDER, name)


def _fetched(language: str, folder: Path, name: str) -> Path:
    from embedbook.datasets._pooch import pooch

    address = _ADDRESS.format(language=language)
    try:
        return Path(pooch.retrieve(address, f"sha256:{_SHA256[language]}", fname=name, path=folder))
    except (OSError, ValueError) as error:  # requests' errors are OSErrors; a wrong checksum is a ValueError
        raise VectorsError(
            f"{name}: could not be fetched from {address} ({error}). Put it into {folder} by other means, or into the "
            f"folder {_FOLDER} of EMBEDBOOK_MIRROR."
        ) from error


@lru_cache(maxsize=32)  # several gigabytes take a while, and a grid asks for them often
def _sha256(file: Path, size: int, changed: int) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        for piece in iter(lambda: content.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()
