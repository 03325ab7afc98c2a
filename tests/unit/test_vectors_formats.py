"""All formats of vectors: told apart by content, and damaged at random."""

from __future__ import annotations

import gzip
import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vectors_support import (
    MATRIX,
    TEXT,
    WORDS,
    binary,
    r_file,
    r_table,
    write,
    zipped,
)

from embedbook.vectors import VectorsError, describe, load
from embedbook.vectors.keyed import keyed_vectors

# --- Random damage ---------------------------------------------------------------------------------------------------


def npz(matrix: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, matrix)
    return buffer.getvalue()


SAMPLES: dict[str, bytes] = {
    "glove": TEXT,
    "word2vec": b"4 3\n" + TEXT,
    "word2vec-binary": binary(WORDS, MATRIX),
    "gz": gzip.compress(TEXT, mtime=0),
    "zip": zipped({"vectors.txt": TEXT}),
    "rda": r_file(r_table(WORDS, MATRIX.astype(np.float64).tolist())),
    "npz": npz(MATRIX),
    "kv": pickle.dumps(keyed_vectors(WORDS, MATRIX), protocol=4),
}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(SAMPLES)), data=st.data())
@pytest.mark.filterwarnings("ignore::embedbook.vectors.VectorsWarning")
def test_random_damage_gives_vectors_or_one_clear_error(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "remove", "insert"])):
            case "change":
                content[place] = data.draw(st.integers(0, 255))
            case "remove":
                del content[place]
            case _:
                content.insert(place, data.draw(st.integers(0, 255)))
    write(tmp_path, ("\n".join(WORDS) + "\n").encode(), "vectors.vocab.txt")
    path = write(tmp_path, bytes(content), "vectors.kv" if kind == "kv" else "vectors")
    try:
        vectors = load(path)
    except VectorsError as error:
        assert str(path) in str(error)
    else:
        assert vectors.vectors.shape == (len(vectors.index_to_key), vectors.vector_size)
        assert np.isfinite(vectors.vectors).all()


# --- Telling formats apart -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (TEXT, "glove"),
        (b"4 3\n" + TEXT, "word2vec"),
        (b"  4  3 \n" + TEXT, "word2vec"),
        (binary(WORDS, MATRIX), "word2vec-binary"),
        (b"BZh91 1 2\nPK 3 4\n", "glove"),
        (gzip.compress(binary(WORDS, MATRIX), mtime=0), "word2vec-binary"),
    ],
)
def test_the_format_is_told_from_the_content(tmp_path: Path, content: bytes, found: str) -> None:
    assert describe(write(tmp_path, content, "vectors.dat")).format == found


def test_a_damaged_first_line_of_text_is_not_taken_for_binary(tmp_path: Path) -> None:
    path = write(tmp_path, b"2 3\nthe 0.1 x 0.3\nof 0.4 0.5 0.6\n", "vectors.txt")
    with pytest.raises(VectorsError, match="line 2: number 2 is b'x'"):
        load(path)


def test_a_description_counts_when_asked_to_check(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT, "vectors.txt")
    quick, checked = describe(path), describe(path, check=True)
    assert (quick.count, quick.dimensions, quick.first_words) == (None, 3, tuple(WORDS))
    assert (checked.count, checked.checked, checked.first_words) == (4, True, tuple(WORDS))
    with pytest.raises(VectorsError, match="line 5"):
        describe(write(tmp_path, TEXT + b"bad 1 2\n", "bad.txt"), check=True)
