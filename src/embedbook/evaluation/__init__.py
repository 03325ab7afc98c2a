"""Measures of what vectors and models are worth, and of how sure the measure is."""

from __future__ import annotations

from embedbook.evaluation.axes import Axis, LexiconAgreement, drift_axis, lexicon_agreement, mean_axis, output_axis
from embedbook.evaluation.choice import Choice, choose_simplest
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
from embedbook.evaluation.translation_scores import (
    BootstrapTest,
    TranslationScores,
    paired_bootstrap,
    score_translations,
)
from embedbook.evaluation.translation_words import (
    FREQUENCY_BANDS,
    PhraseDifference,
    WordScore,
    phrase_differences,
    repetition_rate,
    word_scores,
)
from embedbook.evaluation.word_groups import word_categories, word_families

__all__ = [
    "FREQUENCY_BANDS",
    "AnalogyScore",
    "Axis",
    "BootstrapTest",
    "Choice",
    "Crossing",
    "Interval",
    "LexiconAgreement",
    "NeighbourOverlap",
    "PairedDifference",
    "PhraseDifference",
    "ProbeScore",
    "RotationFit",
    "SectionScore",
    "SimilarityScore",
    "TranslationScores",
    "WordScore",
    "analogy_score",
    "choose_simplest",
    "cosine_agreement",
    "crossing_point",
    "drift_axis",
    "evaluate_vectors",
    "lexicon_agreement",
    "mean_axis",
    "mean_interval",
    "neighbour_overlap",
    "output_axis",
    "paired_bootstrap",
    "paired_difference",
    "phrase_differences",
    "probe",
    "probe_difference",
    "repetition_rate",
    "rotation_fit",
    "score_translations",
    "similarity_score",
    "word_categories",
    "word_families",
    "word_scores",
]
