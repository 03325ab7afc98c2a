"""The four spaces of the explorer: one taught by verdicts, three by the company that words keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedbook.site.explorer.words import shared_words, spelling

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

    from embedbook.datasets import LabelledTexts

__all__ = ["SPACES", "SpaceTitle", "load_spaces", "train_sentiment"]

_FEWEST = 10  # occurrences in the labelled reviews; a rarer word has learnt next to nothing of them


@dataclass(frozen=True)
class SpaceTitle:
    """How the explorer presents a space.

    Parameters
    ----------
    key : str
        Its name in files and in links.
    arm : str
        The arm of `embedbook.plots.ARMS` whose colour and marker it has.
    title : str
        Its name on the page.
    teacher : str
        What it learnt from, in a few words.
    source : str
        Where the vectors come from, and their licence, for the datasheet.
    """

    key: str
    arm: str
    title: str
    teacher: str
    source: str


#: The spaces in the order of the page.
SPACES = (
    SpaceTitle(
        "sentiment",
        "learned",
        "Sentiment",
        "An Embedding layer, trained to tell praise from blame in 25,000 film reviews",
        "trained for this book on the training part of IMDB (Maas et al. 2011), as in chapter 5; CC BY 4.0",
    ),
    SpaceTitle(
        "word2vec",
        "word2vec",
        "word2vec",
        "word2vec as published: 100 billion words of Google News",
        "Google News vectors (Mikolov et al. 2013), a subset of 8,000 words; Apache 2.0",
    ),
    SpaceTitle(
        "glove",
        "glove",
        "GloVe",
        "GloVe as published: 6 billion words of Wikipedia and news",
        "GloVe 6B, 50 dimensions (Pennington et al. 2014); public domain (PDDL)",
    ),
    SpaceTitle(
        "wikipedia",
        "wiki",
        "Wikipedia",
        "word2vec, trained for this book on 49 million words of Wikipedia",
        "trained for this book on English Wikipedia of 2015 (`embedbook.experiments.OWN_SPACES`); CC BY 4.0",
    ),
)


def load_spaces(most: int) -> tuple[tuple[str, ...], Mapping[str, NDArray[np.float32]]]:
    """Load or train the four spaces on their shared words; this needs the real data.

    Parameters
    ----------
    most : int
        How many words to take, at most.

    Returns
    -------
    words : tuple of str
        The shared words, the most frequent in the labelled reviews first.
    spaces : mapping of str to float32 array, shape (words, dimensions)
        The full vectors of these words, by the keys of `SPACES`.

    Raises
    ------
    ValueError
        If the Wikipedia space was not trained on this machine yet; the message holds the command.
    embedbook.datasets.DataError
        If data are not to be had.
    """
    from embedbook.datasets import load_labelled
    from embedbook.experiments.named_spaces import load_space
    from embedbook.vectors import load_pretrained

    tables = {
        "word2vec": load_pretrained("word2vec", mode="real"),
        "glove": load_pretrained("glove", mode="real"),
        "wikipedia": load_space("wiki"),
    }
    sentiment, counts = train_sentiment(load_labelled("imdb", mode="real"))
    words = shared_words(counts, [table.key_to_index for table in tables.values()], most=most)
    spaces = {"sentiment": np.stack([sentiment[word] for word in words])}
    for key, table in tables.items():
        spaces[key] = table[[spelling(word, table.key_to_index) for word in words]]
    return words, spaces


def train_sentiment(
    reviews: LabelledTexts, *, seed: int = 0, fewest: int = _FEWEST
) -> tuple[KeyedVectors, dict[str, int]]:
    """Train a table of word vectors for sentiment, as chapter 5 does, but with every word that occurs often enough.

    Parameters
    ----------
    reviews : LabelledTexts
        The reviews; of those with an official split, the training part.
    seed : int
        Decides all that is random.
    fewest : int
        Leave out words that occur less often.

    Returns
    -------
    vectors : gensim.models.KeyedVectors
        50 dimensions.
    counts : dict of str to int
        How often each of the words occurs in what was read.

    Raises
    ------
    ValueError
        If no word occurs often enough.
    """
    from embedbook import models, text
    from embedbook.vectors import keyed_vectors

    split = reviews.official_split
    rows = split["train"] if split else np.arange(len(reviews))
    tokens = [text.tokenize(reviews.texts[row][:1_200])[:150] for row in rows]
    labels = reviews.labels[rows]
    vocabulary = text.Vocabulary.fit(tokens, min_count=fewest)
    x = text.pad([vocabulary.encode(review) for review in tokens])
    dev, rest = np.split(np.random.default_rng(seed).permutation(len(x)), [len(x) // 10])
    model = models.mean_classifier(len(vocabulary), dimensions=50, seed=seed)
    how = models.Training(epochs=6, batch_size=256, learning_rate=0.005, seed=seed)
    models.fit_classifier(model, x[rest], labels[rest], validation=(x[dev], labels[dev]), training=how)
    table = model.get_layer("embedding").get_weights()[0][2:]  # without the rows of padding and OOV
    counts = dict(zip(vocabulary.words, map(int, vocabulary.counts), strict=True))
    return keyed_vectors(vocabulary.words, table), counts
