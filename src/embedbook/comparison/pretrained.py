"""The pretrained vectors that take part: loaded for the words of the texts only, with what they cover."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from embedbook.comparison.errors import ComparisonError, some
from embedbook.datasets import catalogue
from embedbook.vectors import (
    VectorsError,
    keyed_vectors,
    list_named,
    load,
    load_named,
    load_pretrained,
    open_store,
)

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["ENOUGH", "HARDLY", "Space", "check_vectors", "load_spaces"]

#: Below this share of the running words vectors are not even tried, and below the second they are never recommended.
HARDLY, ENOUGH = 0.05, 0.30

# Name in results and title of the real ones, by kind.
_READY_MADE: dict[Literal["word2vec", "glove"], tuple[str, str]] = {
    "word2vec": ("word2vec", "Google News"),
    "glove": ("GloVe", "GloVe 6B"),
}
_ENDINGS = (".gz", ".zip", ".xz", ".bz2", ".txt", ".vec", ".bin", ".npy", ".npz", ".kv", ".w2v", ".glove", ".rda")
_MISSING_SHOWN = 12


@dataclass(frozen=True)
class Space:
    """Pretrained vectors of the words of a collection.

    Parameters
    ----------
    name : str
        As results call it.
    source : str
        Where the vectors come from.
    vectors : gensim.models.KeyedVectors or None
        One vector for each word of the texts that has one; None if no word has.
    dimensions : int
        Length of a vector.
    by_token, by_type : float
        Shares of the running and of the different words of the texts that have a vector; signs and numbers do not
        count.
    missing : tuple of str
        The most frequent words without a vector.
    sha256 : str
        Of the words and vectors, so that results of other vectors are not taken for theirs.
    """

    name: str
    source: str
    vectors: KeyedVectors | None
    dimensions: int
    by_token: float
    by_type: float
    missing: tuple[str, ...]
    sha256: str

    @property
    def usable(self) -> bool:
        """Whether enough words have a vector to try them."""
        return self.vectors is not None and self.by_token >= HARDLY

    @property
    def recommendable(self) -> bool:
        """Whether enough words have a vector to recommend them."""
        return self.usable and self.by_token >= ENOUGH

    @property
    def warning(self) -> str | None:
        """What a user should know of the coverage, if anything."""
        known = f"vectors {self.name} know {self.by_token:.1%} of the running words"
        if not self.usable:
            return f"{known}; are they of another language? They are left out"
        if not self.recommendable:
            return f"{known}; are they of another language? They are compared, but not recommended"
        return None


def check_vectors(given: Sequence[str]) -> list[tuple[str, str]]:
    """Name each of the vectors that were asked for, before anything is loaded.

    Parameters
    ----------
    given : sequence of str
        ``PATH`` or ``NAME=PATH``; a path is a file, a store's folder, ``archive.zip::member``, or a name that
        `embedbook.vectors.list_named` gives.

    Returns
    -------
    list of (str, str)
        Name and path.

    Raises
    ------
    ComparisonError
        If there is nothing at a path, a name is empty or used twice.
    """
    found: list[tuple[str, str]] = []
    for item in given:
        name, sign, path = item.partition("=")
        if not sign or _exists(item):
            name, path = _plain_name(item), item
        if not name.strip() or not path.strip():
            raise ComparisonError(f"--vectors {item!r} should be PATH or NAME=PATH")
        if not _exists(path):
            raise ComparisonError(
                f"--vectors {path}: there is no such file or folder, and no ready-made vectors of that name "
                f"({some(list_named())})"
            )
        found.append((name.strip(), path.strip()))
    names = [name for name, _ in found]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ComparisonError(f"two of the --vectors are called {twice[0]!r}; name them apart with NAME=PATH")
    return found


def load_spaces(named: Sequence[tuple[str, str]], tokens: Sequence[Sequence[str]]) -> list[Space]:
    """Load vectors for the words of texts.

    Parameters
    ----------
    named : sequence of (str, str)
        From `check_vectors`; if there are none, the book's ready-made word2vec and GloVe vectors (the real ones if they
        are here or can be fetched, else the small sample).
    tokens : sequence of sequences of str
        The texts.

    Returns
    -------
    list of Space

    Raises
    ------
    embedbook.vectors.VectorsError
        If a file is damaged.
    """
    counts = Counter(word for text in tokens for word in text if any(sign.isalpha() for sign in word))
    marks = {word for text in tokens for word in text} - counts.keys()
    if not named:
        return [_ready_made(kind, counts, marks) for kind in _READY_MADE]
    spaces = []
    for name, path in named:
        if Path(path).exists() or "::" in path:
            # Only the words of the texts, however large the file is.
            wanted = {form for word in (*counts, *marks) for form in _forms(word)}
            try:
                loaded = load(path, words=wanted)
            except VectorsError as error:
                if "none of the words" not in str(error):
                    raise
                loaded = None
        else:
            loaded = load_named(path)
        spaces.append(_space(name, path, loaded, counts, marks))
    return spaces


def _ready_made(kind: Literal["word2vec", "glove"], counts: Counter[str], marks: set[str]) -> Space:
    name, title = _READY_MADE[kind]
    loaded = load_pretrained(kind)
    size = f"{len(loaded):,} words × {loaded.vector_size}"
    sample = catalogue.sample_folder() / "vectors" / kind
    if sample.is_dir() and open_store(sample).words == loaded.index_to_key:
        source = f"the book's own small sample ({size}), trained on film reviews"
    else:
        source = f"{title}, a part of it ({size})"
    return _space(name, source, loaded, counts, marks)


def _space(name: str, source: str, loaded: KeyedVectors | None, counts: Counter[str], marks: set[str]) -> Space:
    words: list[str] = []
    rows: list[int] = []
    if loaded is not None:
        for word in sorted((*counts, *marks)):
            form = next((form for form in _forms(word) if form in loaded.key_to_index), None)
            if form is not None:
                words.append(word)
                rows.append(loaded.key_to_index[form])
    known = set(words)
    total, types = max(1, sum(counts.values())), max(1, len(counts))
    matrix = np.array(loaded.vectors[rows], dtype=np.float32) if loaded is not None and rows else None
    digest = hashlib.sha256("\n".join(words).encode("utf-8", "replace"))
    if matrix is not None:
        digest.update(matrix.tobytes())
    missing = (word for word, _ in counts.most_common() if word not in known)
    return Space(
        name=name,
        source=source,
        vectors=keyed_vectors(words, matrix) if matrix is not None else None,
        dimensions=0 if loaded is None else int(loaded.vector_size),
        by_token=sum(count for word, count in counts.items() if word in known) / total,
        by_type=sum(word in known for word in counts) / types,
        missing=tuple(word for _, word in zip(range(_MISSING_SHOWN), missing)),  # noqa: B905
        sha256=digest.hexdigest(),
    )


def _exists(path: str) -> bool:
    archive = path.rpartition("::")[0]
    named = any(path.casefold() == name.casefold() for name in list_named())
    return Path(path).exists() or (bool(archive) and Path(archive).exists()) or named


def _plain_name(path: str) -> str:
    if not Path(path).exists() and "::" in path:
        path = path.rpartition("::")[2]
    name = Path(path).name
    while Path(name).suffix.lower() in _ENDINGS:
        name = Path(name).stem
    return name


def _forms(word: str) -> tuple[str, ...]:
    """A word of the texts, which are in lower case, as vectors may write it."""
    return (word, word.capitalize(), word.upper())
