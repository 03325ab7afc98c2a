"""Measures of what vectors and models are worth, and of how sure the measure is."""

from __future__ import annotations

from embedbook.evaluation.axes import Axis, LexiconAgreement, drift_axis, lexicon_agreement, mean_axis, output_axis
from embedbook.evaluation.crossing import Crossing, crossing_point
from embedbook.evaluation.intervals import Interval, PairedDifference, mean_interval, paired_difference
from embedbook.evaluation.intrinsic import (
    AnalogyScore,
    SectionScore,
    SimilarityScore,
    analogy_score,
    evaluate_vectors,
    similarity_score,
)
from embedbook.evaluation.overlap import (
    NeighbourOverlap,
    RotationFit,
    cosine_agreement,
    neighbour_overlap,
    rotation_fit,
)
from embedbook.evaluation.probes import ProbeScore, probe, probe_difference
from embedbook.evaluation.word_groups import word_categories, word_families

__all__ = [
    "AnalogyScore",
    "Axis",
    "Crossing",
    "Interval",
    "LexiconAgreement",
    "NeighbourOverlap",
    "PairedDifference",
    "ProbeScore",
    "RotationFit",
    "SectionScore",
    "SimilarityScore",
    "analogy_score",
    "cosine_agreement",
    "crossing_point",
    "drift_axis",
    "evaluate_vectors",
    "lexicon_agreement",
    "mean_axis",
    "mean_interval",
    "neighbour_overlap",
    "output_axis",
    "paired_difference",
    "probe",
    "probe_difference",
    "rotation_fit",
    "similarity_score",
    "word_categories",
    "word_families",
]
