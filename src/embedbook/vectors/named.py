"""The pretrained vectors that the registry of data sets names, put together from the files that hold them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.array_format import read_table
from embedbook.vectors.errors import VectorsError
from embedbook.vectors.keyed import keyed_vectors, load

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["list_named", "load_named", "load_pretrained"]

_FILM_WORDS_SHA256 = "bb0f0b882558488d8eb71b66f75637c67e0cf75bfca1f51b6bd150d584a6c42a"


def load_named(name: str) -> KeyedVectors:
    """Load vectors by their name in the registry, fetching them if need be.

    ``glove-6B-50d-subset`` unites three genuine parts of GloVe 6B, 17,972 words: the first 10,000 words of the
    original, in its order, then the words of a news and of a film-review vocabulary, sorted by code point. A word that
    is in several parts must have the same vector in each. (The third part comes without its list of words, which is
    made anew from MR, so MR is fetched too.) ``word2vec-googlenews-8000`` is 8,000 words of Google News.

    Parameters
    ----------
    name : str
        One of `list_named()`; capitals do not matter.

    Returns
    -------
    gensim.models.KeyedVectors

    Raises
    ------
    VectorsError
        If no vectors have this name, or the files contradict each other.
    embedbook.datasets.DataError
        If the files are not here and cannot be fetched.
    """
    from embedbook import datasets  # what downloads need takes a while to import, and few loads need it

    build = _BUILDERS.get(name.casefold())
    if build is None:
        raise VectorsError(f"there are no vectors named {name!r}; there are {', '.join(list_named())}")
    entry = next(known for known in datasets.registry() if known.casefold() == name.casefold())
    return build(datasets.fetch(entry))


def list_named() -> list[str]:
    """Return the names that `load_named` takes."""
    from embedbook import datasets

    return [name for name in datasets.registry() if name.casefold() in _BUILDERS]


def load_pretrained(
    kind: Literal["word2vec", "glove"], *, mode: Literal["auto", "real", "sample"] | None = None
) -> KeyedVectors:
    """Load ready-made vectors of one kind: the real ones, or the small ones that come with the book.

    Real are Google News (8,000 words × 300 dimensions, with capitals) and GloVe 6B (17,972 words × 50, in lower case);
    see `load_named`. The sample was trained for this book and lies in ``data/sample/vectors``.

    Parameters
    ----------
    kind : {"word2vec", "glove"}
        Which method made the vectors.
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says; "auto" takes the sample where the real files are not here and cannot be
        fetched.

    Returns
    -------
    gensim.models.KeyedVectors
        float32, words × dimensions.

    Raises
    ------
    VectorsError
        If `kind` is unknown, or the files are damaged, or the sample is needed and is not there.
    embedbook.datasets.DataError
        If the mode is unknown, or real files are asked for and cannot be had.

    Examples
    --------
    >>> len(load_pretrained("word2vec", mode="real"))  # doctest: +SKIP
    8000
    """
    from embedbook.datasets import catalogue
    from embedbook.datasets.modes import real_files

    needed = _NEEDED.get(kind)
    if needed is None:
        raise VectorsError(f"there are no ready-made vectors of the kind {kind!r}; there are {', '.join(_NEEDED)}")
    if all(real_files(name, mode) is not None for name in needed):
        return load_named(needed[0])
    sample = catalogue.sample_folder() / "vectors" / kind
    if not sample.is_dir():
        raise VectorsError(
            f"the sample has no {kind} vectors: there is no folder {sample}. Get the book again, or use the real "
            "vectors: EMBEDBOOK_DATA=real."
        )
    return load(sample)


def _google_news(files: dict[str, Path]) -> KeyedVectors:
    return load(files["demodata.rda"])


def _glove(files: dict[str, Path]) -> KeyedVectors:
    from embedbook import datasets

    first = load(files["glove.6B.50d.10k.zip"])
    news = load(files["glove.6B.50d-relativized.txt"])
    rows = dict(zip(first.index_to_key, first.vectors, strict=True))
    more = dict(zip(news.index_to_key, news.vectors, strict=True))
    films = read_table(files["glove50d.npz"]).astype(np.float32)
    film_words = _film_words(datasets.fetch("mr")["rt-polarity.all"])
    if len(film_words) != len(films):
        raise VectorsError(
            f"{files['glove50d.npz']} holds {len(films)} rows for {len(film_words)} words; fetch it again"
        )
    for word, row in zip(film_words, films, strict=True):
        if row.any():  # rows of zeros are words that GloVe lacks
            _add(more, word, row)
    for word, row in more.items():
        if word in rows:
            _add(rows, word, row)
    words = first.index_to_key + sorted(more.keys() - rows.keys())
    rows.update(more)
    return keyed_vectors(words, np.stack([rows[word] for word in words]))


def _add(rows: dict[str, NDArray[np.float32]], word: str, row: NDArray[np.float32]) -> None:
    if not np.array_equal(rows.setdefault(word, row), row):
        raise VectorsError(f"two parts of GloVe 6B differ in the vector of {word!r}; fetch them again")


def _film_words(reviews: Path) -> list[str]:
    """Return the word of each row of glove50d.npz.

    They are the words that MR has at least twice, parted at white space, in the order in which they first occur in the
    positive and then the negative reviews. The copy of MR that its makers read differs in three tokens, which are put
    where they had them. The checksum is that of the list they published as a pickle.
    """
    lines = reviews.read_bytes().decode("cp1252", "replace").split("\n")
    counts = Counter(word for label in "10" for line in lines if line.startswith(label) for word in line[2:].split())
    words = [word for word, count in counts.items() if count >= 2 and word != "*"]
    for before, word in (("wise", "*"), ("fix", "-–"), ("weighs", "…the")):
        if before in words:
            words.insert(words.index(before) + 1, word)
    words += ["<UNK>", "<PAD>"]
    if hashlib.sha256("".join(f"{word}\n" for word in words).encode()).hexdigest() != _FILM_WORDS_SHA256:
        raise VectorsError(f"{reviews} does not give the list of words of glove50d.npz; fetch it again")
    return words


_BUILDERS: dict[str, Callable[[dict[str, Path]], KeyedVectors]] = {
    "glove-6b-50d-subset": _glove,
    "word2vec-googlenews-8000": _google_news,
}

# For each kind the entries of the registry whose files make it, its own entry first.
_NEEDED = {
    "word2vec": ("word2vec-googlenews-8000",),
    "glove": ("glove-6B-50d-subset", "mr"),
}
