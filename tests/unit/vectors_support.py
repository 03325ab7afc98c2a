"""Small tables of vectors in every format, for the tests that read them."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

WORDS = ["the", "of", "Zürich", "'s"]
MATRIX = np.array([[0.5, -1.25, 3], [1e-30, 2.5, -0.0], [7, 8, 9], [0, 0, 0]], dtype=np.float32)
TEXT = b"the 0.5 -1.25 3\nof 1e-30 2.5 -0\nZ\xc3\xbcrich 7 8 9\n's 0 0 0\n"


def write(folder: Path, content: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def binary(words: list[str], matrix: np.ndarray, *, line_ends: bool = False) -> bytes:
    content = f"{len(words)} {matrix.shape[1]}\n".encode()
    for word, row in zip(words, matrix, strict=True):
        content += word.encode() + b" " + row.astype("<f4").tobytes() + (b"\n" if line_ends else b"")
    return content


def assert_is_ours(vectors: KeyedVectors) -> None:
    assert vectors.index_to_key == WORDS
    assert vectors.vectors.dtype == np.float32
    assert vectors.vectors.tobytes() == MATRIX.tobytes()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def r_integer(value: int) -> bytes:
    return struct.pack(">i", value)


def r_string(text: str) -> bytes:
    return r_integer(0x00040009) + r_integer(len(text.encode())) + text.encode()


def r_strings(texts: list[str], flags: int = 0) -> bytes:
    return r_integer(16 | flags) + r_integer(len(texts)) + b"".join(map(r_string, texts))


def r_numbers(values: list[float]) -> bytes:
    return r_integer(14) + r_integer(len(values)) + b"".join(struct.pack(">d", value) for value in values)


def r_named(name: str, value: bytes) -> bytes:
    return r_integer(0x402) + r_integer(1) + r_string(name) + value


def r_table(words: list[str], rows: list[list[float]], more_attributes: bytes = b"") -> bytes:
    columns = r_strings(words) + r_integer(19) + r_integer(len(rows)) + b"".join(map(r_numbers, rows))
    attributes = r_named("names", r_strings(["word", "vec"])) + more_attributes + r_integer(254)
    return r_integer(0x313) + r_integer(2) + columns + attributes


def r_file(value: bytes, version: int = 2) -> bytes:
    start = b"RDX%d\nX\n" % version + r_integer(version) + r_integer(0x40202) + r_integer(0x20300)
    encoding = r_integer(5) + b"UTF-8" if version == 3 else b""
    return start + encoding + r_named("data", value) + r_integer(254)
