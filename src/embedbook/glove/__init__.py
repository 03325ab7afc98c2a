"""GloVe: count co-occurrences and train word vectors on them, compiled with numba.

From a text file to vectors::

    corpus = read_corpus("text.txt", min_count=5)
    table = count_cooccurrences(corpus, window=10)
    model = train(table, dimensions=100, epochs=25, seed=1, progress=True)
    vectors = model.to_keyed_vectors()

`reference` has the same method in plain NumPy. `Corpus` and `Glove` take the calls of the package glove-python.
"""

from __future__ import annotations

from embedbook.glove import reference
from embedbook.glove.checkpoints import CheckpointError
from embedbook.glove.cooccurrences import Cooccurrences
from embedbook.glove.corpus import EncodedCorpus, read_corpus
from embedbook.glove.counting import count_cooccurrences
from embedbook.glove.glove_python import Corpus, Glove
from embedbook.glove.model import GloveModel
from embedbook.glove.storage import StorageError
from embedbook.glove.training import TrainingDivergedError, initial_parameters, train, visiting_order

__all__ = [
    "CheckpointError",
    "Cooccurrences",
    "Corpus",
    "EncodedCorpus",
    "Glove",
    "GloveModel",
    "StorageError",
    "TrainingDivergedError",
    "count_cooccurrences",
    "initial_parameters",
    "read_corpus",
    "reference",
    "train",
    "visiting_order",
]
