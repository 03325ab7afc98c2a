"""Pretrained spaces by the short names that arms use: ready-made ones, those trained for this book, and any file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["OWN_SPACES", "OwnSpace", "load_space", "own_folder", "space_checksum"]


@dataclass(frozen=True)
class OwnSpace:
    """A space that this book trained itself, too large to lie in its repository.

    Parameters
    ----------
    title : str
        What it is.
    arguments : str
        What `embedbook vectors train` was given, without ``--to``; the same arguments give the same vectors.
    """

    title: str
    arguments: str


#: The book's own spaces, by the names that arms use.
OWN_SPACES = {
    "wiki+imdb": OwnSpace(
        "skip-gram on Wikipedia and IMDB together, 300 d",
        "word2vec enwiki-2015 imdb --dimensions 300 --window 5 --epochs 3",
    ),
    "wiki": OwnSpace("skip-gram on Wikipedia, 100 d", "word2vec enwiki-2015 --dimensions 100 --window 10 --epochs 3"),
    "imdb": OwnSpace("skip-gram on IMDB, 100 d", "word2vec imdb --dimensions 100 --window 10 --epochs 3"),
    # For translation: one number of dimensions for all languages. The less text, the more epochs.
    "wiki+imdb-128": OwnSpace(
        "skip-gram on Wikipedia and IMDB together, 128 d",
        "word2vec enwiki-2015 imdb --dimensions 128 --window 5 --epochs 3",
    ),
    "gl": OwnSpace(
        "skip-gram on technical and legal Galician, 128 d",
        "word2vec galician-ctg --dimensions 128 --window 5 --min-count 3 --epochs 20",
    ),
    **{
        language: OwnSpace(
            f"skip-gram on the {language} half of TED talks that is not used as parallel text, 128 d",
            f"word2vec unpaired-ted-{language}-en --dimensions 128 --window 5 --min-count 2 --epochs 100",
        )
        for language in ("az", "be")
    },
    **{
        language: OwnSpace(
            f"skip-gram on the {language} half of Multi30k that is not used as parallel text, 128 d",
            f"word2vec unpaired-multi30k-{language}-en --dimensions 128 --window 5 --min-count 2 --epochs 50",
        )
        for language in ("de", "fr", "cs")
    },
}

_READY_MADE = ("word2vec", "glove")
_FASTTEXT = "fasttext-"  # with the code of a language after it


def own_folder(name: str) -> Path:
    """Return where the store of a space of this book lies on this machine, or would lie.

    Parameters
    ----------
    name : str
        A key of `OWN_SPACES`.

    Returns
    -------
    pathlib.Path
        A folder in the cache of the data sets.
    """
    from embedbook.datasets import cache_folder

    return cache_folder() / "spaces" / name


@lru_cache(maxsize=4)  # a worker uses the same few for many runs
def load_space(name: str, words: int | None = None) -> KeyedVectors:
    """Load a pretrained space.

    Parameters
    ----------
    name : str
        "word2vec" (Google News, 8,000 words) or "glove" (GloVe 6B, 17,972 words), one of `OWN_SPACES`, "fasttext-gl"
        and so on (see `embedbook.vectors.load_fasttext_wiki`), or a path of vectors in any format that
        `embedbook.vectors.load` reads.
    words : int, optional
        Only so many words, the first ones.

    Returns
    -------
    gensim.models.KeyedVectors

    Raises
    ------
    ValueError
        If no space has this name and no file lies there, or a space of this book was not trained on this machine yet.
    embedbook.vectors.VectorsError, embedbook.datasets.DataError
        If files are damaged, or not to be had.
    """
    from embedbook import vectors

    if name.startswith(_FASTTEXT):
        return vectors.load_fasttext_wiki(name.removeprefix(_FASTTEXT), words=words or 200_000)
    space = vectors.load_pretrained(name) if name in _READY_MADE else vectors.load(_place(name))  # type: ignore[arg-type]
    return space if words is None else vectors.keyed_vectors(space.index_to_key[:words], space.vectors[:words])


@lru_cache(maxsize=16)
def space_checksum(name: str) -> str:
    """Return the first twelve characters of the SHA-256 of a space's words and numbers.

    Parameters
    ----------
    name : str
        As for `load_space`.

    Returns
    -------
    str
    """
    space = load_space(name)
    digest = hashlib.sha256("\n".join(space.index_to_key).encode())
    digest.update(space.vectors.tobytes())
    return digest.hexdigest()[:12]


def _place(name: str) -> Path:
    if name not in OWN_SPACES:
        path = Path(name)
        if not path.exists():
            raise ValueError(
                f"there is no pretrained space {name!r} and no file of this name; there are "
                f"{', '.join([*_READY_MADE, *OWN_SPACES])}"
            )
        return path
    folder = own_folder(name)
    if not folder.is_dir():
        raise ValueError(
            f"the space {name!r} was not trained on this machine yet; train it with "
            f"`embedbook vectors train {OWN_SPACES[name].arguments} --to {folder}`"
        )
    return folder
