"""What is measured. Each function is a job for `worker`: it prepares, times its rounds, and returns facts to check."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from worker import Watch

# Libraries are imported inside the jobs: a job that measures a cold start must import only what it needs.

_TOP = 10


def count_pairs(watch: Watch, *, text: str, window: int, min_count: int, threads: int, rounds: int) -> dict[str, Any]:
    """Count the co-occurrences of a text whose words are ids already."""
    import numpy as np

    from embedbook.glove import count_cooccurrences, read_corpus

    count_cooccurrences(read_corpus(["a b a", "b a"]), window=2, threads=threads)  # compile, or load what is compiled
    corpus = read_corpus(text, min_count=min_count)
    watch.prepared()
    table = None
    for _ in range(rounds):
        table = None  # two tables at a time would count as memory of one
        with watch.round():
            table = count_cooccurrences(corpus, window=window, threads=threads)
    watch.finished()
    assert table is not None
    diagonal = table.counts[table.rows == table.columns].sum()  # every other cell stands for two
    lengths, times = np.unique(np.diff(corpus.offsets), return_counts=True)
    pairs = sum(
        times * np.maximum(lengths - distance, 0) / distance for distance in range(1, window + 1)
    )  # of each distance a document of n tokens has n - distance, and each weighs 1 / distance
    return {
        "cells": table.nonzero,
        "sum": 2 * float(table.counts.sum()) - float(diagonal),
        "sum_by_hand": 2 * float(pairs.sum()),
        "sha256": _sha256(table.rows, table.columns, table.counts),
    }


def train_epoch(
    watch: Watch, *, text: str, window: int, min_count: int, dimensions: int, threads: int, rounds: int
) -> dict[str, Any]:
    """Train GloVe for some epochs and time each but the first, whose time includes arranging the cells."""
    from embedbook.glove import count_cooccurrences, read_corpus, train

    train(count_cooccurrences(read_corpus(["a b a", "b a"])), dimensions=dimensions, epochs=1, threads=threads)
    table = count_cooccurrences(read_corpus(text, min_count=min_count), window=window, threads=threads)
    watch.prepared()
    ends: list[float] = []
    model = train(
        table,
        dimensions=dimensions,
        epochs=rounds + 1,
        seed=1,
        threads=threads,
        on_epoch=lambda epoch, loss: ends.append(time.perf_counter()),
    )
    watch.finished()
    for begin, end in itertools.pairwise(ends):
        watch.add(end - begin)
    return {"cells": table.nonzero, "losses": list(model.losses), "sha256": _sha256(model.to_keyed_vectors().vectors)}


def write_vectors(watch: Watch, *, path: str, count: int, dimensions: int, seed: int) -> dict[str, Any]:
    """Write random vectors in GloVe's format: a word and its numbers, with a space between them, a word a line."""
    import numpy as np

    random = np.random.default_rng(seed)
    line = "word%d" + " %.5f" * dimensions + "\n"
    with Path(path).open("w", encoding="utf-8", newline="\n") as file:
        for number in range(count):
            file.write(line % (number, *random.normal(scale=0.4, size=dimensions).tolist()))
    return {"bytes": Path(path).stat().st_size}


def text_to_store(watch: Watch, *, text: str, store: str, rounds: int) -> dict[str, Any]:
    """Convert vectors from text to the book's store."""
    from embedbook.vectors import convert, open_store

    watch.prepared()
    for _ in range(rounds):
        with watch.round():
            convert(text, store, target_format="store")
    watch.finished()
    written = open_store(store)
    return {"words": _words_sha256(written.words), "vectors": _sha256(written.vectors)}


def gensim_reads_text(watch: Watch, *, text: str, saved: str, rounds: int) -> dict[str, Any]:
    """Read the same text with gensim, and save it the way gensim does."""
    from gensim.models import KeyedVectors

    watch.prepared()
    for _ in range(rounds):
        vectors = None
        with watch.round():
            vectors = KeyedVectors.load_word2vec_format(text, binary=False, no_header=True)
    watch.finished()
    assert vectors is not None
    vectors.save(saved)
    return {"words": _words_sha256(vectors.index_to_key), "vectors": _sha256(vectors.vectors)}


def cold_store(watch: Watch, *, store: str, word: str) -> dict[str, Any]:
    """From the start of the process to the neighbours of a word, by way of the book's store."""
    import gensim.models  # noqa: F401 - `load` imports it anyway; here, so that "opening" has no import in it

    from embedbook.vectors import load, neighbours

    begin = time.perf_counter()
    found = neighbours(load(store), word, _TOP)
    watch.add(time.perf_counter() - begin, "opening")
    watch.since_start("process")
    watch.finished()
    return {"found": found}


def cold_gensim(watch: Watch, *, saved: str, word: str) -> dict[str, Any]:
    """From the start of the process to the neighbours of a word, by way of gensim's own file, memory-mapped."""
    from gensim.models import KeyedVectors

    begin = time.perf_counter()
    found = KeyedVectors.load(saved, mmap="r").most_similar(word, topn=_TOP)
    watch.add(time.perf_counter() - begin, "opening")
    watch.since_start("process")
    watch.finished()
    return {"found": found}


def query_by_query(watch: Watch, *, store: str, words: str, library: str) -> dict[str, Any]:
    """Search for the neighbours of many words, one call a word."""
    from embedbook.vectors import load, neighbours

    vectors = load(store)
    queries = _listed(words)
    watch.prepared()
    found, seconds = [], []
    for word in queries:
        begin = time.perf_counter()
        near = vectors.most_similar(word, topn=_TOP) if library == "gensim" else neighbours(vectors, word, _TOP)
        seconds.append(time.perf_counter() - begin)
        found.append(near)
    watch.finished()
    watch.add(seconds[0], "first")
    for late in seconds[-10:]:  # one alone would say more about the moment than about the query
        watch.add(late, "last")
    watch.add(sum(seconds), "all")
    return {"found": found}


def queries_at_once(watch: Watch, *, store: str, words: str, rounds: int) -> dict[str, Any]:
    """Search for the neighbours of many words in one call."""
    from embedbook.vectors import load, neighbours

    vectors = load(store)
    queries = _listed(words)
    neighbours(vectors, queries[0], _TOP)  # the numbers are now in memory, as they are after gensim's first call
    watch.prepared()
    for _ in range(rounds):
        with watch.round():
            found = neighbours(vectors, queries, _TOP)
    watch.finished()
    return {"found": found}


def matrix_of_vocabulary(watch: Watch, *, store: str, words: str, rounds: int) -> dict[str, Any]:
    """Make an embedding matrix, and make it once more by a plain loop over the words."""
    import numpy as np

    from embedbook.text import Vocabulary
    from embedbook.vectors import embedding_matrix, load

    vectors = load(store)
    vocabulary = Vocabulary.fit([_listed(words)])
    vectors.vectors.sum()  # reads the numbers from the disk before either is timed
    watch.prepared()
    for _ in range(rounds):
        with watch.round():
            made = embedding_matrix(vocabulary, vectors)
    watch.finished()
    for _ in range(rounds):
        with watch.round("loop"):
            matrix = np.zeros((len(vocabulary), vectors.vector_size), dtype=np.float32)
            for word in vocabulary.words:
                if word in vectors:
                    matrix[vocabulary.id_of(word)] = vectors[word]
    return {
        "shape": made.matrix.shape,
        "by_type": made.coverage.by_type,
        "matrix": _sha256(made.matrix),
        "matrix_of_loop": _sha256(matrix),
    }


def _listed(words: str) -> list[str]:
    listed: list[str] = json.loads(Path(words).read_text(encoding="utf-8"))
    return listed


def _sha256(*arrays: np.ndarray) -> str:
    import numpy as np

    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _words_sha256(words: list[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
