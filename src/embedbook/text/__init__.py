"""Turn texts into arrays of word ids: tokens, a vocabulary, padding."""

from __future__ import annotations

from embedbook.text.arrays import encode_texts, pad
from embedbook.text.tokens import tokenize
from embedbook.text.vocabulary import Coverage, Vocabulary

__all__ = ["Coverage", "Vocabulary", "encode_texts", "pad", "tokenize"]
