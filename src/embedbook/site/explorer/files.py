"""The explorer's files: an index with the words, and one packed file for each space."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedbook.site.explorer import quantising
from embedbook.site.explorer.spaces import SPACES, SpaceTitle
from embedbook.whole_files import replaced_when_whole

__all__ = ["INDEX", "MOST_BYTES", "Explorer", "StoredSpace", "read", "write"]

#: The file that names the others.
INDEX = "index.json"

#: What the packed spaces may weigh together.
MOST_BYTES = 1_500_000


@dataclass(frozen=True)
class StoredSpace:
    """A space as a browser sees it.

    Parameters
    ----------
    title : SpaceTitle
        How the explorer presents it.
    codes : int8 array, shape (words, dimensions)
        Its vectors in whole numbers; their cosines stand for those of the full vectors.
    places : uint16 array, shape (words, 2)
        The words' places on its map.
    largest_error : float
        The largest difference, over all pairs of words, between a cosine here and that of the full vectors.
    """

    title: SpaceTitle
    codes: NDArray[np.int8]
    places: NDArray[np.uint16]
    largest_error: float


@dataclass(frozen=True)
class Explorer:
    """All that the explorer knows.

    Parameters
    ----------
    words : tuple of str
        The words, the most frequent first.
    spaces : tuple of StoredSpace
        The spaces, in the order of the page.
    """

    words: tuple[str, ...]
    spaces: tuple[StoredSpace, ...]

    def neighbours(self, word: str, top: int) -> dict[str, list[str]]:
        """Find the nearest words in each space.

        Parameters
        ----------
        word : str
            One of `words`.
        top : int
            How many neighbours.

        Returns
        -------
        dict of str to list of str
            By the keys of the spaces, the nearest first.

        Raises
        ------
        ValueError
            If the word is not among `words`.
        """
        row = self.words.index(word)
        found = {}
        for space in self.spaces:
            near = quantising.cosines(space.codes[row : row + 1], space.codes)[0]
            near[row] = -np.inf
            found[space.title.key] = [self.words[other] for other in np.argsort(-near, kind="stable")[:top]]
        return found


def write(
    folder: Path,
    words: Sequence[str],
    spaces: Mapping[str, NDArray[np.floating]],
    *,
    draw: Callable[[NDArray[np.floating]], NDArray[np.uint16]],
    say: Callable[[str], object] = lambda line: None,
) -> None:
    """Quantise the spaces and write the explorer's files.

    The index comes last, so that it never names what is not there.

    Parameters
    ----------
    folder : pathlib.Path
        Where to; made if it is missing, and files of the same names are replaced.
    words : sequence of str
        The words.
    spaces : mapping of str to array of float, shape (words, dimensions)
        The full vectors, by the keys of `SPACES`.
    draw : callable
        Makes a map of vectors, as `embedbook.site.explorer.maps.draw_map` does.
    say : callable, optional
        Told in one line what was measured of each space.

    Raises
    ------
    ValueError
        If a space is missing or has another number of words, or all files together weigh more than `MOST_BYTES`;
        nothing is written then.
    """
    missing = [title.key for title in SPACES if title.key not in spaces]
    if missing:
        raise ValueError(f"there is no space {', '.join(missing)}; the explorer shows {len(SPACES)}")
    packed, entries = {}, []
    for title in SPACES:
        vectors = spaces[title.key]
        if len(vectors) != len(words):
            raise ValueError(f"the space {title.key} has {len(vectors):,} vectors for {len(words):,} words")
        codes = quantising.quantise(quantising.turn(vectors))
        error = quantising.largest_error(vectors, codes)
        data = quantising.pack(codes, draw(vectors))
        packed[f"{title.key}.bin"] = data
        entries.append(_entry(title, codes, data, error))
        say(
            f"{title.key}: {codes.shape[1]} dimensions, largest error {error:.4f}, "
            f"{len(data):,} bytes, {len(data) / len(words):.0f} a word"
        )
    weight = sum(map(len, packed.values()))
    if weight > MOST_BYTES:
        raise ValueError(f"{len(words):,} words weigh {weight:,} bytes, more than {MOST_BYTES:,}; take fewer words")
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in packed.items():
        _replace(folder / name, data)
    index = {"tolerance": quantising.TOLERANCE, "spaces": entries, "words": " ".join(words)}
    _replace(folder / INDEX, (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode())


def read(folder: Path) -> Explorer:
    """Read the explorer's files.

    Parameters
    ----------
    folder : pathlib.Path
        Where they lie.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a file is missing or damaged; the message names it and the command that writes it.
    """
    remedy = "write the files again with `python -m embedbook.site.explorer`"
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        words = tuple(index["words"].split(" "))
        entries = {entry["key"]: entry for entry in index["spaces"]}
        stored = []
        for title in SPACES:
            entry = entries[title.key]
            data = (folder / entry["file"]).read_bytes()
            if hashlib.sha256(data).hexdigest() != entry["sha256"]:
                raise ValueError(f"{folder / entry['file']} is not the file that {INDEX} names; {remedy}")
            codes, places = quantising.unpack(data, len(words))
            stored.append(StoredSpace(title, codes, places, float(entry["largest_error"])))
    except (OSError, KeyError, json.JSONDecodeError) as error:
        raise ValueError(f"the explorer's files in {folder} cannot be read ({error}); {remedy}") from error
    return Explorer(words, tuple(stored))


def _entry(title: SpaceTitle, codes: NDArray[np.int8], data: bytes, error: float) -> dict[str, Any]:
    return {
        "key": title.key,
        "title": title.title,
        "teacher": title.teacher,
        "source": title.source,
        "file": f"{title.key}.bin",
        "dimensions": codes.shape[1],
        "largest_error": round(error, 4),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _replace(file: Path, data: bytes) -> None:
    with replaced_when_whole(file) as temporary:
        temporary.write_bytes(data)
