"""Find the words nearest to other words: many searches in one matrix product, and analogies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from embedbook.vectors.errors import VectorsError

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["Neighbour", "analogy", "nearest", "neighbours"]

Neighbour = tuple[str, float]
"""A word and its cosine similarity to what was searched for."""

_SCORES_AT_ONCE = 2**22  # 16 MB of similarities stay in the processor's reach
_QUERIES_AT_ONCE = 1024


@overload
def neighbours(vectors: KeyedVectors, words: str, top: int = 10) -> list[Neighbour]: ...
@overload
def neighbours(vectors: KeyedVectors, words: Sequence[str], top: int = 10) -> list[list[Neighbour]]: ...
def neighbours(
    vectors: KeyedVectors, words: str | Sequence[str], top: int = 10
) -> list[Neighbour] | list[list[Neighbour]]:
    """Find the words whose vectors point most nearly the same way (cosine similarity).

    Gives what gensim's ``most_similar`` gives word by word, but compares many words with all vectors in one product.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        The vectors. The lengths of all of them are computed once and kept in ``vectors.norms``.
    words : str or sequence of str
        One word or many.
    top : int
        How many neighbours each gets.

    Returns
    -------
    list of (word, similarity), or a list of such lists if `words` is a sequence
        The nearest first; a word is not its own neighbour. Among equally near words the one that comes first in
        `vectors` is first.

    Raises
    ------
    VectorsError
        If a word is not in `vectors`, or `top` is not a whole number from 1 on.
    """
    listed = [words] if isinstance(words, str) else list(words)
    if not listed:
        return []
    rows = _rows_of(vectors, listed)
    found = nearest(vectors, vectors.vectors[rows], top, exclude=[[row] for row in rows])
    return found[0] if isinstance(words, str) else found


def analogy(vectors: KeyedVectors, a: str, b: str, c: str, top: int = 10) -> list[Neighbour]:
    """Complete "a is to b as c is to ...": the words nearest to b - a + c, all three scaled to length 1 (3CosAdd).

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        The vectors.
    a, b, c : str
        The three given words; none of them is among the answers.
    top : int
        How many answers to give.

    Returns
    -------
    list of (word, similarity)
        The nearest first.

    Raises
    ------
    VectorsError
        If a word is not in `vectors`, or `top` is not a whole number from 1 on.

    References
    ----------
    Mikolov, Yih & Zweig 2013, *Linguistic Regularities in Continuous Space Word Representations*, section 4. The name
    3CosAdd and the comparison with other rules: Levy & Goldberg 2014, *Linguistic Regularities in Sparse and Explicit
    Word Representations*, section 6.

    Examples
    --------
    >>> analogy(vectors, "man", "king", "woman")[0][0]  # doctest: +SKIP
    'queen'
    """
    rows = _rows_of(vectors, [a, b, c])
    unit = vectors.vectors[rows] / _norms(vectors)[rows, np.newaxis]
    return nearest(vectors, (unit[1] - unit[0] + unit[2])[np.newaxis], top, exclude=[rows])[0]


def nearest(
    vectors: KeyedVectors,
    queries: NDArray[np.float32],
    top: int = 10,
    exclude: Sequence[Sequence[int]] | None = None,
) -> list[list[Neighbour]]:
    """Find the words nearest to any vectors.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        The vectors to search.
    queries : float32 array, shape (queries, dimensions)
        The vectors to search for; their length does not matter.
    top : int
        How many words to find for each.
    exclude : sequence of sequences of int, optional
        For each query the rows of `vectors` that must not be found.

    Returns
    -------
    list of lists of (word, similarity)
        For each query its nearest words, the nearest first; fewer than `top` if there are no more.

    Raises
    ------
    VectorsError
        If `top` is not a whole number from 1 on, or the shapes do not go together.
    """
    if isinstance(top, bool) or not isinstance(top, (int, np.integer)) or top < 1:
        raise VectorsError(f"top must be a whole number from 1 on, not {top!r}")
    queries = np.asarray(queries, dtype=np.float32)
    if queries.ndim != 2 or queries.shape[1] != vectors.vector_size:
        raise VectorsError(
            f"queries of shape {queries.shape} do not go with vectors of {vectors.vector_size} dimensions"
        )
    banned = [sorted(set(rows)) for rows in exclude] if exclude is not None else [[] for _ in queries]
    if len(banned) != len(queries):
        raise VectorsError(f"exclude has {len(banned)} entries for {len(queries)} queries; give one each")
    lengths = np.linalg.norm(queries, axis=1, keepdims=True)
    unit = (queries / np.where(lengths == 0, np.float32(1), lengths)).astype(np.float32, copy=False)
    found: list[list[Neighbour]] = []
    for begin in range(0, len(unit), _QUERIES_AT_ONCE):
        end = begin + _QUERIES_AT_ONCE
        most = max(map(len, banned[begin:end]), default=0)
        scores, rows = _largest(vectors.vectors, _norms(vectors), unit[begin:end], int(top) + most)
        for query_scores, query_rows, out in zip(scores.tolist(), rows.tolist(), banned[begin:end], strict=True):
            pairs = zip(query_rows, query_scores, strict=True)
            kept = [(vectors.index_to_key[row], score) for row, score in pairs if row >= 0 and row not in out]
            found.append(kept[: int(top)])
    return found


def _largest(
    vectors: NDArray[np.float32], norms: NDArray[np.float32], queries: NDArray[np.float32], count: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return the `count` largest similarities of each query and their rows, in order; row -1 where there are no more.

    The vectors are gone through in blocks. What is no larger than a query's `count`-th largest so far is passed over at
    once, and that is nearly everything, so that little is left to sort.
    """
    count = min(count, len(vectors))
    block = max(count, _SCORES_AT_ONCE // len(queries), 256)
    best = np.full((len(queries), count), -np.inf, dtype=np.float32)
    rows = np.full((len(queries), count), -1, dtype=np.intp)
    for begin in range(0, len(vectors), block):
        part = vectors[begin : begin + block]
        scores = queries @ part.T
        scores /= norms[begin : begin + block]
        flat = np.flatnonzero(scores > best[:, -1:])  # many times as fast as np.nonzero on a table
        if not len(flat):
            continue
        queries_hit, columns = np.divmod(flat, scores.shape[1])
        bounds = np.searchsorted(queries_hit, np.arange(len(queries) + 1))
        for query in np.flatnonzero(np.diff(bounds)).tolist():
            hits = columns[bounds[query] : bounds[query + 1]]
            candidates = scores[query, hits]
            if len(candidates) > 4 * count:
                threshold = np.partition(candidates, -count)[-count]
                hits = hits[candidates >= threshold]
                candidates = scores[query, hits]
            all_scores = np.concatenate([best[query], candidates])
            order = np.argsort(-all_scores, kind="stable")[:count]  # stable: of equals the earlier row stays first
            best[query] = all_scores[order]
            rows[query] = np.concatenate([rows[query], begin + hits])[order]
    return best, rows


def _norms(vectors: KeyedVectors) -> NDArray[np.float32]:
    """Return the length of each vector, with 1 for vectors of zeros, which are as far from anything as can be."""
    vectors.fill_norms()
    norms: NDArray[np.float32] = vectors.norms
    return norms if norms.all() else np.where(norms == 0, np.float32(1), norms)


def _rows_of(vectors: KeyedVectors, words: Sequence[str]) -> list[int]:
    missing = [word for word in words if word not in vectors.key_to_index]
    if missing:
        shown = ", ".join(repr(word) for word in missing[:5]) + (", …" if len(missing) > 5 else "")
        lower = missing[0].lower() if isinstance(missing[0], str) else None
        hint = f"; {lower!r} is" if lower in vectors.key_to_index else ""
        raise VectorsError(f"not in the vectors: {shown}{hint}")
    return [vectors.key_to_index[word] for word in words]
