"""Judge the translations of a run: scores, repetition, and which words come out right by how often they were seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from embedbook.experiments.translation_data import TranslationParts
from embedbook.experiments.translation_files import Translated
from embedbook.experiments.translation_specs import TranslationSpec

__all__ = ["judge_translations"]


def judge_translations(
    spec: TranslationSpec, translated: Sequence[Translated], parts: TranslationParts
) -> tuple[dict[str, float], dict[str, str]]:
    """Say how good the translations of a run are, and why.

    Parameters
    ----------
    spec : TranslationSpec
        The run.
    translated : sequence of Translated
        Its translations of the development and the test part.
    parts : TranslationParts
        Its sentences.

    Returns
    -------
    metrics : dict of str to float
        See `run_translation`.
    signatures : dict of str to str
        How sacrebleu computed "bleu" and "chrf".
    """
    from embedbook.evaluation import score_translations

    found: dict[str, float] = {}
    signatures: dict[str, str] = {}
    means: dict[str, list[float]] = {}
    for each in translated:
        scores = score_translations(each.translation, each.reference)
        signatures = {"bleu_signature": scores.bleu_signature, "chrf_signature": scores.chrf_signature}
        of_pair = {"bleu": scores.bleu, "chrf": scores.chrf}
        if each.part == "test":
            of_pair |= _repetition(each)
        prefix = "" if each.part == "test" else "dev_"
        for name, value in of_pair.items():
            means.setdefault(prefix + name, []).append(value)
            if len(spec.pairs) > 1:
                found[f"{prefix}{name}_{each.pair}"] = value
    return {**{name: float(np.mean(values)) for name, values in means.items()}, **found, **_why(translated, parts)}, (
        signatures
    )


def _repetition(each: Translated) -> dict[str, float]:
    from embedbook.evaluation import repetition_rate

    written, expected = ([line.split() for line in lines] for lines in (each.translation, each.reference))
    return {
        "repetition": repetition_rate(written),
        "repetition_reference": repetition_rate(expected),
        "length_ratio": sum(map(len, written)) / sum(map(len, expected)),
    }


def _why(translated: Sequence[Translated], parts: TranslationParts) -> dict[str, float]:
    """Return the F-measure of the test words by how often they occur in the training pairs."""
    from embedbook.evaluation import word_scores

    counts = Counter(word for tokens in parts.together("train").target for word in tokens)
    tests = [each for each in translated if each.part == "test"]
    written, expected = (
        [line.split() for each in tests for line in getattr(each, name)] for name in ("translation", "reference")
    )
    scores = word_scores(written, expected, counts)
    named = {"_".join(map(str, (score.band[0], score.band[1] or "up"))): score for score in scores}
    return {
        **{f"f_{name}": score.f_measure for name, score in named.items()},
        **{f"words_{name}": float(score.n_reference) for name, score in named.items()},
    }
