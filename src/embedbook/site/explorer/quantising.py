"""Word vectors in so few bytes that a web page can hold them, with every similarity kept within a given error.

A space is turned so that its first dimensions vary most, and each vector of length 1 is rounded to whole multiples of
one step. Turning changes no cosine; so the cosine of two rows of whole numbers stands for that of the two words, and
neither the turn nor the step is needed to compute it. What is stored is one dimension after the other: the numbers of
a dimension are spread alike, which is what Deflate's Huffman codes need to spend fewer bits on the narrow ones.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["STEP", "TOLERANCE", "cosines", "largest_error", "pack", "quantise", "turn", "unpack"]

#: How far the similarity of any two words may be from that of the full vectors.
TOLERANCE = 0.02

#: The step of rounding: the smallest with which 5,000 words in four spaces stay below 1.5 MB.
STEP = 0.0115

# A hair below the tolerance, because a browser and gensim also round; what is mended goes a little further.
_AIM = TOLERANCE - 1e-4
_MENDED = TOLERANCE - 1e-3
_ROUNDS = 50
_CHOICE = 5
_ROWS = 1024
_MAP_BYTES = 2  # for each of two coordinates


def turn(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scale vectors to length 1 and turn them so that the first dimensions vary most.

    Parameters
    ----------
    vectors : array of float, shape (words, dimensions)
        The vectors.

    Returns
    -------
    float64 array, shape (words, dimensions)
        The same cosines; each column's entry of largest size is positive.

    Raises
    ------
    ValueError
        If a vector is zero or not finite, for it has no direction.
    """
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ValueError("a vector is zero or not finite, so it has no direction; leave its word out")
    unit = vectors / lengths
    _, _, axes = np.linalg.svd(unit, full_matrices=False)
    turned = unit @ axes.T
    largest = turned[np.abs(turned).argmax(axis=0), np.arange(turned.shape[1])]
    return np.asarray(turned * np.sign(largest), dtype=np.float64)


def quantise(turned: NDArray[np.floating], step: float = STEP) -> NDArray[np.int8]:
    """Round vectors of length 1 to whole multiples of a step, so that no similarity is off by more than `TOLERANCE`.

    Most pairs of words are far inside the tolerance after plain rounding. For the few outside, single numbers that lie
    near the middle between two multiples are rounded the other way, those first that help most and harm least.

    Parameters
    ----------
    turned : array of float, shape (words, dimensions)
        From :func:`turn`.
    step : float
        The step, from 1/127 on, so that every number fits into a byte.

    Returns
    -------
    int8 array, shape (words, dimensions)

    Raises
    ------
    ValueError
        If the step is too small for bytes, or too large to keep within the tolerance.
    """
    if not 1 / 127 <= step < 1:
        raise ValueError(f"the step must be from 1/127 to below 1, not {step!r}")
    exact = turned / step
    codes = np.rint(exact)
    changed = np.arange(len(codes))
    random = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        outside = _pairs_outside(turned, codes, changed)
        if not len(outside):
            return codes.astype(np.int8)
        for word, other in outside:
            _mend(exact, codes, word, other, random)
        changed = np.unique(outside[:, 0])
    raise ValueError(f"the step {step!r} cannot keep all similarities within {TOLERANCE}; take a smaller one")


def cosines(rows: NDArray[np.number], others: NDArray[np.number]) -> NDArray[np.float32]:
    """Compute the cosine of each row with each of the others.

    Parameters
    ----------
    rows, others : arrays, shapes (n, dimensions) and (m, dimensions)
        Vectors of any length but 0.

    Returns
    -------
    float32 array, shape (n, m)
    """
    left, right = (table.astype(np.float32) for table in (rows, others))
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    return np.asarray(left @ right.T, dtype=np.float32)


def largest_error(vectors: NDArray[np.floating], codes: NDArray[np.int8]) -> float:
    """Measure how far the similarity of any two words is from that of their full vectors.

    Parameters
    ----------
    vectors : array of float, shape (words, dimensions)
        The full vectors, turned or not.
    codes : int8 array, shape (words, dimensions)
        The same words, from :func:`quantise`.

    Returns
    -------
    float
        The largest difference over all pairs of words.
    """
    blocks = range(0, len(codes), _ROWS)
    differences = (
        np.abs(cosines(codes[at : at + _ROWS], codes) - cosines(vectors[at : at + _ROWS], vectors)).max()
        for at in blocks
    )
    return float(max(differences))


def pack(codes: NDArray[np.int8], places: NDArray[np.uint16]) -> bytes:
    """Write one space as bytes: its vectors, dimension by dimension, then its map, deflated.

    Parameters
    ----------
    codes : int8 array, shape (words, dimensions)
        From :func:`quantise`.
    places : uint16 array, shape (words, 2)
        The words' places on the map.

    Returns
    -------
    bytes
        A raw Deflate stream, which browsers unpack by themselves.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_HUFFMAN_ONLY)
    plain = np.ascontiguousarray(codes.T).tobytes() + np.ascontiguousarray(places.T.astype("<u2")).tobytes()
    return packer.compress(plain) + packer.flush()


def unpack(data: bytes, words: int) -> tuple[NDArray[np.int8], NDArray[np.uint16]]:
    """Read what :func:`pack` wrote.

    Parameters
    ----------
    data : bytes
        The deflated space.
    words : int
        How many words it holds.

    Returns
    -------
    codes : int8 array, shape (words, dimensions)
    places : uint16 array, shape (words, 2)

    Raises
    ------
    ValueError
        If the bytes are damaged or hold another number of words.
    """
    try:
        plain = zlib.decompress(data, -15)
    except zlib.error as error:
        raise ValueError(f"the packed space is damaged: {error}") from error
    vectors = len(plain) - words * 2 * _MAP_BYTES
    if words < 1 or vectors < words or vectors % words:
        raise ValueError(f"the packed space does not hold {words:,} words")
    codes = np.frombuffer(plain[:vectors], dtype=np.int8).reshape(-1, words).T
    places = np.frombuffer(plain[vectors:], dtype="<u2").reshape(2, words).T
    return np.ascontiguousarray(codes), np.ascontiguousarray(places).astype(np.uint16)


def _pairs_outside(
    vectors: NDArray[np.floating], codes: NDArray[np.floating], rows: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Find the pairs of one of these words and any other whose similarity is off by too much."""
    found = []
    for at in range(0, len(rows), _ROWS):
        here = rows[at : at + _ROWS]
        off = np.abs(cosines(codes[here], codes) - cosines(vectors[here], vectors)) > _AIM
        word, other = np.nonzero(off)
        found.append(np.stack([here[word], other], axis=1))
    return np.concatenate(found)


def _mend(
    exact: NDArray[np.floating],
    codes: NDArray[np.floating],
    word: int,
    other: int,
    random: np.random.Generator,
) -> None:
    """Round numbers of one word the other way until its similarity to another is near enough."""

    def unit(vector: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)

    wanted, there = unit(exact[word]) @ unit(exact[other]), unit(codes[other])
    for _ in range(exact.shape[1]):
        here = unit(codes[word])
        error = here @ there - wanted
        if abs(error) <= _MENDED:
            return
        way = np.where(exact[word] > codes[word], 1, -1)
        help_each = -np.sign(error) * way * (there - (here @ there) * here)  # the slope of the cosine
        harm_each = (codes[word] + way - exact[word]) ** 2  # 1/4 in the middle between two multiples, 1 on one
        # One of the best, by lot: two pairs of one word could else undo each other for ever.
        chosen = random.choice(np.argsort(-help_each / harm_each)[:_CHOICE])
        codes[word, chosen] += way[chosen]
