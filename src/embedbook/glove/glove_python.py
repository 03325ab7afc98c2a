"""The calls that users of glove-python know: `Corpus` and `Glove`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse

from embedbook.glove.cooccurrences import Cooccurrences
from embedbook.glove.corpus import read_corpus
from embedbook.glove.counting import count_cooccurrences
from embedbook.glove.model import GloveModel
from embedbook.glove.storage import read_archive, write_archive
from embedbook.glove.training import train

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["Corpus", "Glove"]

_CORPUS_KIND = "glove.Corpus"
_GLOVE_KIND = "glove.Glove"


class Corpus:
    """Builds a dictionary and a co-occurrence matrix from tokens.

    Parameters
    ----------
    dictionary : dict of str to int, optional
        Words and their ids, 0 to V - 1. Without it, `fit` makes one: the most frequent word has id 0 (glove-python
        numbered words as they came).

    Attributes
    ----------
    dictionary : dict of str to int
    matrix : scipy.sparse.coo_matrix, (V, V) float64, or None before `fit`
        As in glove-python the upper triangle, without a diagonal: each pair of different words once, at
        row < column, a pair at distance k adding 1/k.

    Raises
    ------
    ValueError
        If the ids of `dictionary` are not 0 to V - 1.

    Examples
    --------
    >>> corpus = Corpus()
    >>> corpus.fit([["ice", "is", "solid"], ["steam", "is", "gas"]], window=2)
    >>> corpus.matrix.shape, corpus.matrix.nnz
    ((5, 5), 6)
    """

    def __init__(self, dictionary: dict[str, int] | None = None) -> None:
        if dictionary is not None and sorted(dictionary.values()) != list(range(len(dictionary))):
            raise ValueError("the ids of the dictionary must be 0, 1, 2 … without a gap and each once")
        self.dictionary: dict[str, int] = dict(dictionary or {})
        self.dictionary_supplied = dictionary is not None
        self.matrix: scipy.sparse.coo_matrix | None = None

    def fit(
        self,
        corpus: str | Path | Iterable[Sequence[str]],
        window: int = 10,
        max_map_size: int = 1000,
        ignore_missing: bool = False,
    ) -> None:
        """Count the co-occurrences in a corpus; sets `matrix`, and `dictionary` if none was given.

        Parameters
        ----------
        corpus : iterable of token lists
            One list for each document; also whatever else `read_corpus` reads.
        window : int
            How many words to each side are context.
        max_map_size : int
            Has no effect; accepted because glove-python had it.
        ignore_missing : bool
            Whether words outside a supplied dictionary are passed over, keeping their places; otherwise they raise
            KeyError.

        Raises
        ------
        KeyError
            If a word is missing from the supplied dictionary and `ignore_missing` is false.
        ValueError
            If the corpus is empty or `window` is below 1.
        """
        vocabulary = sorted(self.dictionary, key=self.dictionary.__getitem__) if self.dictionary_supplied else None
        encoded = read_corpus(corpus, vocabulary=vocabulary, unknown="gap" if ignore_missing else "error")
        table = count_cooccurrences(encoded, window=window)
        apart = table.rows != table.columns
        self.dictionary = {word: i for i, word in enumerate(table.words)}
        self.matrix = scipy.sparse.coo_matrix(
            (table.counts[apart], (table.rows[apart], table.columns[apart])), shape=(len(table.words),) * 2
        )

    def save(self, filename: str | Path) -> None:
        """Write dictionary and matrix to one .npz file (arrays and JSON, no pickle), under exactly this name."""
        meta = {"kind": _CORPUS_KIND, "dictionary": self.dictionary, "supplied": self.dictionary_supplied}
        arrays = {}
        if self.matrix is not None:
            arrays = {"row": self.matrix.row, "col": self.matrix.col, "data": self.matrix.data}
        write_archive(filename, meta, arrays)

    @classmethod
    def load(cls, filename: str | Path) -> Corpus:
        """Read what `save` wrote. Files of glove-python itself are pickles, and are not read."""
        meta, arrays = read_archive(filename, _CORPUS_KIND)
        corpus = cls(meta["dictionary"])
        corpus.dictionary_supplied = bool(meta["supplied"])
        if arrays:
            corpus.matrix = scipy.sparse.coo_matrix(
                (arrays["data"], (arrays["row"], arrays["col"])), shape=(len(corpus.dictionary),) * 2
            )
        return corpus


class Glove:
    """Trains word vectors on a co-occurrence matrix.

    The calls are glove-python's; the method is that of `train`, so words and contexts have vectors of their own (there
    they shared one), and `word_vectors` is their sum.

    Parameters
    ----------
    no_components : int
        Dimensions of a vector.
    learning_rate : float
        The initial learning rate.
    alpha, max_count : float
        The weighting function (count / max_count) ** alpha, at most 1.
    max_loss : float
        Largest absolute value of a cell's weighted error.
    random_state : int, RandomState or Generator, optional
        An int, or a generator in a known state, makes the result repeatable, with any number of threads.

    Attributes
    ----------
    word_vectors : np.ndarray, (V, no_components) float32, or None before `fit`
    word_biases : np.ndarray, (V,) float32, or None before `fit`
        The sum of a word's two biases.
    dictionary : dict of str to int, or None before `add_dictionary`
    inverse_dictionary : dict of int to str, or None before `add_dictionary`
    losses : tuple of float
        The mean loss of each epoch.

    Examples
    --------
    >>> glove = Glove(no_components=50, random_state=1)                  # doctest: +SKIP
    >>> glove.fit(corpus.matrix, epochs=20, no_threads=2, verbose=True)  # doctest: +SKIP
    >>> glove.add_dictionary(corpus.dictionary)                          # doctest: +SKIP
    >>> glove.most_similar("cat", number=10)                             # doctest: +SKIP
    """

    def __init__(
        self,
        no_components: int = 30,
        learning_rate: float = 0.05,
        alpha: float = 0.75,
        max_count: float = 100,
        max_loss: float = 10.0,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
    ) -> None:
        self.no_components = no_components
        self.learning_rate = float(learning_rate)
        self.alpha = float(alpha)
        self.max_count = float(max_count)
        self.max_loss = float(max_loss)
        self.random_state = random_state
        self.word_vectors: np.ndarray | None = None
        self.word_biases: np.ndarray | None = None
        self.dictionary: dict[str, int] | None = None
        self.inverse_dictionary: dict[int, str] | None = None
        self.losses: tuple[float, ...] = ()

    def fit(self, matrix: Any, epochs: int = 5, no_threads: int = 2, verbose: bool = False) -> None:
        """Train from the beginning.

        Parameters
        ----------
        matrix : scipy sparse matrix, (V, V)
            `Corpus.matrix`, or any matrix of counts. An upper triangle stands for both halves; a matrix with cells
            below the diagonal is taken as it is.
        epochs, no_threads : int
            Passes over the cells, and threads.
        verbose : bool
            Show a progress bar.

        Raises
        ------
        ValueError
            If the matrix is not square, is empty or holds an impossible count, or an argument makes no sense.
        """
        if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
            raise ValueError(f"the co-occurrence matrix must be square, not {' × '.join(map(str, matrix.shape))}")
        table = Cooccurrences.from_scipy(matrix, [str(i) for i in range(matrix.shape[0])])
        model = train(
            table,
            dimensions=self.no_components,
            epochs=epochs,
            x_max=self.max_count,
            alpha=self.alpha,
            learning_rate=self.learning_rate,
            clip=self.max_loss,
            seed=_seed(self.random_state),
            threads=no_threads,
            progress=verbose,
        )
        self.word_vectors = model.vectors
        self.word_biases = model.word_biases + model.context_biases
        self.losses = model.losses

    def add_dictionary(self, dictionary: dict[str, int]) -> None:
        """Name the rows of `word_vectors`, so that words can be asked for.

        Raises
        ------
        ValueError
            If the model was not fitted, or an id is not a row of `word_vectors`.
        """
        vectors = self._fitted()
        wrong = next((word for word, i in dictionary.items() if not 0 <= i < len(vectors)), None)
        if wrong is not None:
            raise ValueError(
                f"the dictionary gives {wrong!r} the id {dictionary[wrong]}, and there are {len(vectors)} vectors: "
                "pass the dictionary of the corpus that the model was fitted on"
            )
        self.dictionary = dictionary
        self.inverse_dictionary = {i: word for word, i in dictionary.items()}

    def most_similar(self, word: str, number: int = 5) -> list[tuple[str, float]]:
        """Return the `number` words with the highest cosine similarity (glove-python returned one fewer).

        Raises
        ------
        KeyError
            If the word is not in the dictionary.
        ValueError
            If the model was not fitted, or has no dictionary.
        """
        vectors = self._fitted()
        if self.dictionary is None or self.inverse_dictionary is None:
            raise ValueError("no dictionary was supplied: call add_dictionary(corpus.dictionary) first")
        if word not in self.dictionary:
            raise KeyError(f"{word!r} is not in the dictionary")
        own = self.dictionary[word]
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        similarity = unit @ unit[own]
        order = [i for i in np.argsort(-similarity).tolist() if i != own and i in self.inverse_dictionary]
        return [(self.inverse_dictionary[i], float(similarity[i])) for i in order[:number]]

    def to_keyed_vectors(self) -> KeyedVectors:
        """Return the named vectors as gensim `KeyedVectors`."""
        vectors = self._fitted()
        if self.inverse_dictionary is None or self.word_biases is None:
            raise ValueError("no dictionary was supplied: call add_dictionary(corpus.dictionary) first")
        rows = sorted(self.inverse_dictionary)
        named = vectors[rows]
        nothing = np.zeros_like(named)
        words = tuple(self.inverse_dictionary[i] for i in rows)
        return GloveModel(words, named, nothing, self.word_biases[rows], nothing[:, 0]).to_keyed_vectors()

    def save(self, filename: str | Path) -> None:
        """Write the model to one .npz file (arrays and JSON, no pickle), under exactly this name."""
        vectors = self._fitted()
        settings = {
            name: getattr(self, name) for name in ("no_components", "learning_rate", "alpha", "max_count", "max_loss")
        }
        meta = {"kind": _GLOVE_KIND, "settings": settings, "dictionary": self.dictionary, "losses": self.losses}
        write_archive(filename, meta, {"word_vectors": vectors, "word_biases": np.asarray(self.word_biases)})

    @classmethod
    def load(cls, filename: str | Path) -> Glove:
        """Read what `save` wrote. Files of glove-python itself are pickles, and are not read."""
        meta, arrays = read_archive(filename, _GLOVE_KIND)
        glove = cls(**meta["settings"])
        glove.word_vectors, glove.word_biases = arrays["word_vectors"], arrays["word_biases"]
        glove.losses = tuple(meta["losses"])
        if meta["dictionary"] is not None:
            glove.add_dictionary(meta["dictionary"])
        return glove

    def _fitted(self) -> np.ndarray:
        if self.word_vectors is None:
            raise ValueError("the model was not fitted: call fit(corpus.matrix) first")
        return self.word_vectors


def _seed(random_state: int | np.random.RandomState | np.random.Generator | None) -> int:
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    return int(np.random.default_rng(random_state).integers(2**31))
