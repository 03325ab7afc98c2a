"""Measures of what vectors and models are worth, and of how sure the measure is."""

from __future__ import annotations

from embedbook.evaluation.intervals import Interval, PairedDifference, mean_interval, paired_difference
from embedbook.evaluation.intrinsic import (
    AnalogyScore,
    SectionScore,
    SimilarityScore,
    analogy_score,
    evaluate_vectors,
    similarity_score,
)

__all__ = [
    "AnalogyScore",
    "Interval",
    "PairedDifference",
    "SectionScore",
    "SimilarityScore",
    "analogy_score",
    "evaluate_vectors",
    "mean_interval",
    "paired_difference",
    "similarity_score",
]
