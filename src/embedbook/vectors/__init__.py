"""Pretrained word vectors: read, convert, memory-map, trim, search; embedding matrices; alignment of spaces.

The container everywhere is gensim's `KeyedVectors`. Files of all common formats are read by `load`; none of them can
make it run code, and what is damaged is an error or is repaired with a `VectorsWarning`, never a wrong vector.
"""

from __future__ import annotations

from embedbook.vectors.alignment import Alignment, align
from embedbook.vectors.converting import Conversion, convert, save, trim
from embedbook.vectors.description import Description, describe
from embedbook.vectors.errors import VectorsError, VectorsWarning
from embedbook.vectors.fasttext_wiki import FASTTEXT_LANGUAGES, load_fasttext_wiki
from embedbook.vectors.formats import FORMATS, Format
from embedbook.vectors.keyed import keyed_vectors, load, normalise
from embedbook.vectors.matrices import EmbeddingMatrix, embedding_matrix
from embedbook.vectors.named import list_named, load_named, load_pretrained
from embedbook.vectors.searching import analogy, nearest, neighbours
from embedbook.vectors.store import Meta, Store, open_store, verify_store
from embedbook.vectors.subwords import character_ngrams, guess_vectors

__all__ = [
    "FASTTEXT_LANGUAGES",
    "FORMATS",
    "Alignment",
    "Conversion",
    "Description",
    "EmbeddingMatrix",
    "Format",
    "Meta",
    "Store",
    "VectorsError",
    "VectorsWarning",
    "align",
    "analogy",
    "character_ngrams",
    "convert",
    "describe",
    "embedding_matrix",
    "guess_vectors",
    "keyed_vectors",
    "list_named",
    "load",
    "load_fasttext_wiki",
    "load_named",
    "load_pretrained",
    "nearest",
    "neighbours",
    "normalise",
    "open_store",
    "save",
    "trim",
    "verify_store",
]
