"""Texts as rows of numbers for any algorithm: averages of word vectors, or a column for each word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import make_union

from embedbook.experiments.words import count_words
from embedbook.text import Vocabulary
from embedbook.vectors import VectorsError, embedding_matrix

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["OneHotWeighting", "VectorFeatures", "Weighting", "one_hot_features", "vector_features"]

Weighting = Literal["mean", "tfidf", "sif"]
OneHotWeighting = Literal["binary", "tfidf"]
Tokens = Sequence[Sequence[str]]


class VectorFeatures(TransformerMixin, BaseEstimator):
    """A text's feature vector: the weighted mean of its words' vectors.

    A transformer of scikit-learn: what it learns (how rare a word is, the direction that all texts share, the scale) it
    learns from the texts given to `fit`, and from no others. A text without any known word becomes zeros.

    Parameters
    ----------
    vectors : gensim.models.KeyedVectors
        Word vectors, d dimensions.
    weighting : {"mean", "tfidf", "sif"}
        What weight a word has in the mean over the known words of a text:

        - "mean": 1;
        - "tfidf": ``ln((1 + n) / (1 + df)) + 1``, where df of the n texts given to `fit` have the word, and the weights
          of a text are divided by their sum;
        - "sif": ``a / (a + p)``, where p is the word's share of all tokens given to `fit`; then the direction of the
          first singular vector of those texts is taken out of each text.
    a : float
        The constant of "sif".
    case : {"any", "exact"}
        "any" tries a word that has no vector also in lower case, with a capital, and in capitals.

    Attributes
    ----------
    scale_ : float
        All features are divided by it, so that the mean squared length of the texts given to `fit` is 1. Two spaces
        side by side then weigh the same, and one setting of a learner means the same in each.
    common_ : float array, shape (d,), or None
        The direction that "sif" takes out.

    Raises
    ------
    ValueError
        In `fit`, if an option is unknown or no text is given.
    VectorsError
        In `fit`, if no text has any known word.

    References
    ----------
    Arora, Liang and Ma (2017), "A simple but tough-to-beat baseline for sentence embeddings", ICLR, algorithm 1. (There
    the sum is divided by the number of all words, here by that of the known ones.)

    Examples
    --------
    >>> from embedbook.vectors import keyed_vectors
    >>> pairs = keyed_vectors(["good", "bad"], np.array([[3.0, 4.0], [-3.0, -4.0]]))
    >>> VectorFeatures(pairs).fit_transform([["good", "film"], ["bad"], ["film"]]).round(2).tolist()
    [[0.73, 0.98], [-0.73, -0.98], [0.0, 0.0]]
    """

    def __init__(
        self,
        vectors: KeyedVectors,
        weighting: Weighting = "mean",
        *,
        a: float = 1e-3,
        case: Literal["any", "exact"] = "any",
    ) -> None:
        self.vectors = vectors
        self.weighting = weighting
        self.a = a
        self.case = case

    def fit(self, tokens: Tokens, labels: ArrayLike | None = None) -> VectorFeatures:
        """Learn the weights from training texts.

        Parameters
        ----------
        tokens : sequence of sequence of str
            n texts, each as its tokens.
        labels : ignored
            There because scikit-learn's pipelines give them.

        Returns
        -------
        VectorFeatures
            Itself.
        """
        if self.weighting not in get_args(Weighting):
            raise ValueError(f"weighting must be one of {', '.join(get_args(Weighting))}, not {self.weighting!r}")
        if not self.a > 0:
            raise ValueError(f"a must be above 0, such as 1e-3, not {self.a!r}")
        tokens = list(tokens)
        if not any(tokens):
            raise ValueError("there is no token to fit to; give at least one text with a word")
        embedding_matrix(Vocabulary.fit(tokens), self.vectors, case=self.case)  # an error if it knows no word at all
        self.texts_ = len(tokens)
        self.documents_ = Counter(word for text in tokens for word in set(text))
        self.occurrences_ = Counter(word for text in tokens for word in text)
        self.tokens_ = sum(self.occurrences_.values())
        self.common_: NDArray[np.float64] | None = None
        self.scale_ = 1.0
        raw = self._means(tokens)
        if self.weighting == "sif":
            # The first right singular vector, from the d × d matrix: exact, and the texts may be many.
            self.common_ = np.linalg.eigh(raw.T @ raw)[1][:, -1]
            raw = self._without_common(raw)
        length = float(np.sqrt((raw**2).sum(axis=1).mean()))
        # One text, of which "sif" takes all there is, leaves nothing to scale.
        self.scale_ = length if length > 1e-12 else 1.0
        return self

    def transform(self, tokens: Tokens) -> NDArray[np.float32]:
        """Return the features of texts.

        Parameters
        ----------
        tokens : sequence of sequence of str
            n texts, each as its tokens.

        Returns
        -------
        float32 array, shape (n, d)
        """
        features = self._without_common(self._means(list(tokens))) / self.scale_
        return features.astype(np.float32)

    def count_unknown(self, tokens: Tokens) -> int:
        """Return how many of the texts have no known word, so that their features are zeros."""
        _, _, known = self._lookup(list(tokens))
        return sum(not any(word in known for word in text) for text in tokens)

    def weight_of(self, word: str) -> float:
        """Return the weight of a word, before the weights of a text are divided by their number or sum."""
        if self.weighting == "tfidf":
            return float(np.log((1 + self.texts_) / (1 + self.documents_[word])) + 1)
        if self.weighting == "sif":
            return self.a / (self.a + self.occurrences_[word] / self.tokens_)
        return 1.0

    def _means(self, tokens: list[Sequence[str]]) -> NDArray[np.float64]:
        words, table, known = self._lookup(tokens)
        counts = count_words(tokens, known)
        weighted = counts.multiply(np.array([self.weight_of(word) for word in words])).tocsr()
        divisor = np.asarray((weighted if self.weighting == "tfidf" else counts).sum(axis=1), dtype=np.float64).ravel()
        return (weighted @ table) / np.maximum(divisor, 1e-12)[:, None]

    def _lookup(self, tokens: list[Sequence[str]]) -> tuple[list[str], NDArray[np.float64], dict[str, int]]:
        """Return the known words of the texts, their vectors, and each one's number."""
        nothing = np.zeros((0, self.vectors.vector_size))
        if not any(tokens):
            return [], nothing, {}
        vocabulary = Vocabulary.fit(tokens)
        try:
            matrix = embedding_matrix(vocabulary, self.vectors, case=self.case)
        except VectorsError:  # new texts may well hold nothing but unknown words
            return [], nothing, {}
        ids = np.flatnonzero(matrix.found)
        words = [vocabulary.word_of(int(number)) for number in ids]
        return words, matrix.matrix[ids].astype(np.float64), {word: column for column, word in enumerate(words)}

    def _without_common(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        return features if self.common_ is None else features - np.outer(features @ self.common_, self.common_)


def vector_features(spaces: Sequence[KeyedVectors], weighting: Weighting = "mean") -> Any:
    """Return a transformer that averages the vectors of one space, or of several side by side.

    Parameters
    ----------
    spaces : sequence of gensim.models.KeyedVectors
        At least one.
    weighting : {"mean", "tfidf", "sif"}
        See `VectorFeatures`; each space has its own.

    Returns
    -------
    scikit-learn transformer
        Takes texts as lists of tokens; gives n × (sum of the spaces' dimensions).
    """
    if not spaces:
        raise ValueError("give at least one set of vectors")
    parts = [VectorFeatures(vectors, weighting) for vectors in spaces]
    return parts[0] if len(parts) == 1 else make_union(*parts)


def one_hot_features(weighting: OneHotWeighting = "binary", *, max_words: int | None = None) -> Any:
    """Return a transformer that gives a column to each word of the training texts.

    Parameters
    ----------
    weighting : {"binary", "tfidf"}
        What a column holds: whether the text has the word, or its tf-idf (in texts of length 1).
    max_words : int, optional
        Only so many columns, for the commonest words.

    Returns
    -------
    scikit-learn transformer
        Takes texts as lists of tokens; gives a sparse matrix, n × words.
    """
    if weighting not in get_args(OneHotWeighting):
        raise ValueError(f"weighting must be one of {', '.join(get_args(OneHotWeighting))}, not {weighting!r}")
    if weighting == "tfidf":
        return TfidfVectorizer(analyzer=_as_it_is, max_features=max_words, dtype=np.float32)
    return CountVectorizer(analyzer=_as_it_is, binary=True, max_features=max_words, dtype=np.float32)


def _as_it_is(tokens: Iterable[str]) -> Iterable[str]:
    """Stand in for scikit-learn's own tokeniser: the texts come as tokens."""
    return tokens
