"""Train word2vec and GloVe on equal terms: one text, one vocabulary, one window, one number of dimensions."""

from __future__ import annotations

import hashlib
import platform
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from gensim.models import KeyedVectors

    from embedbook.glove import EncodedCorpus

from embedbook.whole_files import replaced_when_whole

__all__ = ["METHODS", "Space", "SpaceSpec", "append_scores", "provenance", "train_space"]

METHODS = ("word2vec", "glove")

# Libraries whose version can change a vector.
_LIBRARIES = ("gensim", "numba", "numpy")


@dataclass(frozen=True)
class SpaceSpec:
    """How to train one space of word vectors; what both methods share comes first.

    Parameters
    ----------
    method : {"word2vec", "glove"}
        Skip-gram with negative sampling by gensim, or GloVe by `embedbook.glove`.
    dimensions : int
        Length of a vector, d.
    window : int
        Words to each side that count as context. word2vec draws a width from 1 to `window` for each word; GloVe
        counts a word at distance k with weight 1/k. Both so prefer near words.
    min_count, max_words : int
        The vocabulary: words that occur at least so often, and at most so many of them, the most frequent first.
    epochs : int
        Passes over the text (word2vec) or over the co-occurrence cells (GloVe).
    seed : int
        Decides all that is random.
    negative, sample : int, float
        word2vec only: negative samples for each pair, and the threshold of subsampling (Mikolov et al. 2013,
        "Distributed Representations", sections 2.2 and 2.3).
    x_max, alpha, learning_rate : float
        GloVe only (Pennington et al. 2014, equation 9 and section 4.2).

    Raises
    ------
    ValueError
        If a value is out of range; the message names it.
    """

    method: str
    dimensions: int = 100
    window: int = 10
    min_count: int = 10
    max_words: int = 200_000
    epochs: int = 5
    seed: int = 1
    negative: int = 5
    sample: float = 1e-4
    x_max: float = 20.0
    alpha: float = 0.75
    learning_rate: float = 0.05

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"unknown method {self.method!r}; the methods are {' and '.join(METHODS)}")
        for name, least in (
            ("dimensions", 1),
            ("window", 1),
            ("min_count", 1),
            ("max_words", 1),
            ("epochs", 1),
            ("seed", 0),
            ("negative", 1),
        ):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, not {getattr(self, name)!r}")
        for name in ("sample", "x_max", "alpha", "learning_rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)!r}")


@dataclass(frozen=True)
class Space:
    """A trained space and what training it took.

    Parameters
    ----------
    spec : SpaceSpec
        How it was trained.
    vectors : gensim.models.KeyedVectors
        The vectors, the most frequent words first, with the attribute "count".
    tokens : int
        Tokens of the text that are in the vocabulary.
    seconds : float
        Time of training, without reading the text.
    """

    spec: SpaceSpec
    vectors: KeyedVectors
    tokens: int
    seconds: float


def train_space(spec: SpaceSpec, text: Path, *, threads: int = 1, progress: bool = False) -> Space:
    """Train one space on a text file.

    Parameters
    ----------
    spec : SpaceSpec
        How to train.
    text : pathlib.Path
        Tokens with a space between them, a paragraph a line, as `embedbook.datasets.write_text` writes it.
    threads : int
        For GloVe, whose result does not depend on it. word2vec always runs in one thread: with more, gensim's
        vectors differ from run to run.
    progress : bool
        Show progress bars on standard error.

    Returns
    -------
    Space

    Raises
    ------
    ValueError
        If no word is frequent enough.
    OSError
        If the text cannot be read.

    References
    ----------
    Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality", section 2;
    Pennington, Socher & Manning 2014.
    """
    from embedbook.glove import read_corpus

    corpus = read_corpus(text, max_words=spec.max_words, min_count=spec.min_count, progress=progress)
    started = time.perf_counter()
    trained = _word2vec(spec, text, corpus) if spec.method == "word2vec" else _glove(spec, corpus, threads, progress)
    return Space(spec, trained, int(sum(corpus.counts)), time.perf_counter() - started)


def _word2vec(spec: SpaceSpec, text: Path, corpus: EncodedCorpus) -> KeyedVectors:
    from gensim.models import Word2Vec

    model = Word2Vec(
        sg=1,
        vector_size=spec.dimensions,
        window=spec.window,
        negative=spec.negative,
        sample=spec.sample,
        epochs=spec.epochs,
        seed=spec.seed,
        workers=1,
        min_count=1,  # the counts given below are cut already, so that both methods have the same words
    )
    counts = dict(zip(corpus.words, map(int, corpus.counts), strict=True))
    model.build_vocab_from_freq(counts, corpus_count=sum(1 for _ in text.open(encoding="utf-8")))
    model.train(
        corpus_file=str(text),
        total_words=int(sum(corpus.counts)),
        total_examples=model.corpus_count,
        epochs=spec.epochs,
    )
    return model.wv


def _glove(spec: SpaceSpec, corpus: EncodedCorpus, threads: int, progress: bool) -> KeyedVectors:
    from embedbook.glove import count_cooccurrences, train

    table = count_cooccurrences(corpus, window=spec.window, threads=threads, progress=progress)
    model = train(
        table,
        dimensions=spec.dimensions,
        epochs=spec.epochs,
        x_max=spec.x_max,
        alpha=spec.alpha,
        learning_rate=spec.learning_rate,
        seed=spec.seed,
        threads=threads,
        progress=progress,
    )
    return model.to_keyed_vectors()


def provenance(space: Space, *, corpus: str, text: Path) -> dict[str, Any]:
    """Say where a space comes from, for the tables in `data/results/`.

    Parameters
    ----------
    space : Space
        The space.
    corpus : str
        Name of the text in the registry.
    text : pathlib.Path
        The file it was trained on.

    Returns
    -------
    dict
        The specification, corpus with sha256 and tokens, words, seconds, date, versions, machine.
    """
    with text.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _sha256(file)
    return {
        **asdict(space.spec),
        "corpus": corpus,
        "text_sha256": digest,
        "tokens": space.tokens,
        "words": len(space.vectors),
        "seconds": round(space.seconds),
        "date": datetime.now(timezone.utc).date().isoformat(),
        **{library: version(library) for library in _LIBRARIES},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def append_scores(file: Path, record: dict[str, Any], vectors: KeyedVectors) -> pd.DataFrame:
    """Score vectors on word pairs and analogies, and append the rows to a table of results.

    Parameters
    ----------
    file : pathlib.Path
        A CSV table; it is made if it is missing, and replaced only when the new one is complete.
    record : dict
        What each row says of the vectors, from :func:`provenance`.
    vectors : gensim.models.KeyedVectors
        The vectors, the most frequent words first.

    Returns
    -------
    pandas.DataFrame
        The rows that were appended: `record`, and the columns of `embedbook.evaluation.evaluate_vectors`.

    Raises
    ------
    ValueError
        If no word of the tests has a vector, or the table in `file` has other columns.
    """
    import pandas as pd

    from embedbook.evaluation import evaluate_vectors

    rows = evaluate_vectors(vectors).assign(**record)[
        [*record, "set", "metric", "value", "low", "high", "covered", "total"]
    ]
    table = rows
    if file.exists():
        before = pd.read_csv(file)
        if list(before.columns) != list(rows.columns):
            raise ValueError(
                f"{file} has other columns than the rows to append; give another file or move this one away"
            )
        table = pd.concat([before, rows], ignore_index=True)
    with replaced_when_whole(file) as temporary:
        table.round(4).to_csv(temporary, index=False, lineterminator="\n")
    return rows


def _sha256(file: Any) -> str:
    total = hashlib.sha256()
    while block := file.read(1 << 20):
        total.update(block)
    return total.hexdigest()
