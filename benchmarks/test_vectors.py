"""Pretrained vectors: opening them, searching them, and making embedding matrices, beside gensim doing the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Sizes, Vectors
from measuring import Key, Measure, Session

_COLD_STARTS = 5
_READING = "gensim: read text"
_COLD_GENSIM = "gensim: start of process to first neighbours, from its own file"
_OPEN_GENSIM = "gensim: open its own file to first neighbours"
_FIRST, _THOUSANDTH, _ALL = "first neighbour query", "last of the queries one by one", "queries one by one"
_TOLERANCE = 1e-5  # of a cosine similarity in float32


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_gensim_reads_text(measure: Measure, session: Session, vectors: Vectors) -> None:
    """The yardstick; the book's reader must give the very same numbers."""
    (facts,) = measure(
        Key(_READING, vectors.parameter),
        "gensim_reads_text",
        text=vectors.text,
        saved=str(vectors.folder / "gensim.kv"),
        rounds=1,
    )
    assert session.agrees(Key("content", vectors.parameter), facts)


def test_text_to_store(measure: Measure, session: Session, vectors: Vectors) -> None:
    (facts,) = measure(
        Key("vectors: text to store", vectors.parameter),
        "text_to_store",
        text=vectors.text,
        store=str(vectors.folder / "store"),
        rounds=3,
        yardstick=Key(_READING, vectors.parameter),
    )
    assert session.agrees(Key("content", vectors.parameter), facts), "the store holds other vectors than gensim reads"


@pytest.mark.parametrize(
    ("stage", "name"), [("process", _COLD_GENSIM), ("opening", _OPEN_GENSIM)], ids=["process", "opening"]
)
def test_cold_gensim(measure: Measure, session: Session, vectors: Vectors, stage: str, name: str) -> None:
    """The second yardstick: gensim at its fastest, its own file mapped into memory."""
    facts = measure(
        Key(name, vectors.parameter),
        "cold_gensim",
        stage=stage,
        processes=_COLD_STARTS,
        saved=vectors.saved_by_gensim(),
        word=_word(vectors),
    )
    assert_same_neighbours(session, vectors, "cold", [fact["found"] for fact in facts])


@pytest.mark.parametrize(
    ("stage", "name", "yardstick"),
    [
        ("process", "vectors: start of process to first neighbours, from the store", _COLD_GENSIM),
        ("opening", "vectors: open the store to first neighbours", _OPEN_GENSIM),
    ],
    ids=["process", "opening"],
)
def test_cold_store(
    measure: Measure, session: Session, vectors: Vectors, stage: str, name: str, yardstick: str
) -> None:
    facts = measure(
        Key(name, vectors.parameter),
        "cold_store",
        stage=stage,
        processes=_COLD_STARTS,
        store=vectors.store(),
        word=_word(vectors),
        yardstick=Key(yardstick, vectors.parameter),
    )
    assert_same_neighbours(session, vectors, "cold", [fact["found"] for fact in facts])


# --- Searching -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["first", "last", "all"])
@pytest.mark.parametrize("library", ["gensim", "vectors"])
def test_queries_one_by_one(
    measure: Measure, session: Session, vectors: Vectors, queries: str, sizes: Sizes, library: str, stage: str
) -> None:
    name = {"first": _FIRST, "last": _THOUSANDTH, "all": _ALL}[stage]
    parameter = _query_parameter(vectors, sizes)
    (facts,) = measure(
        Key(f"{library}: {name}", parameter),
        "query_by_query",
        stage=stage,
        store=vectors.store(),
        words=queries,
        library=library,
        yardstick=Key(f"gensim: {name}", parameter) if library != "gensim" else None,
    )
    assert_same_neighbours(session, vectors, "queries", facts["found"])


def test_queries_at_once(measure: Measure, session: Session, vectors: Vectors, queries: str, sizes: Sizes) -> None:
    parameter = _query_parameter(vectors, sizes)
    (facts,) = measure(
        Key("vectors: all queries in one call", parameter),
        "queries_at_once",
        store=vectors.store(),
        words=queries,
        rounds=3,
        yardstick=Key(f"gensim: {_ALL}", parameter),
    )
    assert_same_neighbours(session, vectors, "queries", facts["found"])


# --- Embedding matrices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["loop", "work"])
def test_embedding_matrix(
    measure: Measure, vectors: Vectors, sizes: Sizes, tmp_path_factory: pytest.TempPathFactory, stage: str
) -> None:
    """For a vocabulary of which one word in twenty has no vector; the yardstick is a plain loop over the words."""
    known = sizes.vocabulary - sizes.vocabulary // 20
    step = vectors.count // known
    wanted = [f"word{step * i}" for i in range(known)] + [f"unknown{i}" for i in range(sizes.vocabulary - known)]
    parameter = f"{sizes.vocabulary:,} words of {vectors.parameter}"
    loop = Key("gensim: embedding matrix by a loop", parameter)
    (facts,) = measure(
        loop if stage == "loop" else Key("vectors: embedding matrix", parameter),
        "matrix_of_vocabulary",
        stage=stage,
        store=vectors.store(),
        words=_written(wanted, vectors.folder / "vocabulary.json"),
        rounds=5,
        yardstick=None if stage == "loop" else loop,
    )
    assert facts["shape"] == [sizes.vocabulary + 2, sizes.vectors[1]]
    assert facts["by_type"] == pytest.approx(known / sizes.vocabulary)
    assert facts["matrix"] == facts["matrix_of_loop"]


# --- What they share -------------------------------------------------------------------------------------------------


@pytest.fixture
def queries(vectors: Vectors, sizes: Sizes) -> str:
    """A file with the words to search for, spread evenly over the vectors."""
    step = vectors.count // sizes.queries
    return _written([f"word{step * i}" for i in range(sizes.queries)], vectors.folder / "queries.json")


def assert_same_neighbours(session: Session, vectors: Vectors, name: str, found: list[list[list[Any]]]) -> None:
    """Assert that all who searched the same words found the same; nearly equal similarities may change places."""
    first = session.facts.setdefault(Key(name, vectors.parameter), {"found": found})["found"]
    ours, theirs = (np.array([[near[1] for near in one] for one in each]) for each in (found, first))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=_TOLERANCE)
    for one, other, similarities in zip(found, first, theirs, strict=True):
        moved = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a[0] != b[0]]
        for i in moved:
            beside = np.delete(similarities, i)
            tied = i == len(similarities) - 1 or np.abs(beside - similarities[i]).min() < _TOLERANCE
            assert tied, f"{one[i]} where others find {other[i]}"


def _word(vectors: Vectors) -> str:
    return f"word{vectors.count // 2}"


def _query_parameter(vectors: Vectors, sizes: Sizes) -> str:
    return f"{sizes.queries:,} words in {vectors.parameter}"


def _written(words: list[str], path: Path) -> str:
    path.write_text(json.dumps(words), encoding="utf-8")
    return str(path)
