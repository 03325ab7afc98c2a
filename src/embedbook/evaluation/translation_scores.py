"""BLEU and chrF of translations, with their signatures, and the paired bootstrap between two systems, by sacrebleu."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["BootstrapTest", "TranslationScores", "paired_bootstrap", "score_translations"]


@dataclass(frozen=True)
class TranslationScores:
    """How near translations come to their references.

    Parameters
    ----------
    bleu, chrf : float
        From 0 to 100; higher is better.
    bleu_signature, chrf_signature : str
        How sacrebleu computed them, so that others can do the same.
    """

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str


@dataclass(frozen=True)
class BootstrapTest:
    """Two systems on the same sentences.

    Parameters
    ----------
    baseline, system : float
        The score of each.
    p_value : float
        Share of resamples in which the difference moves by more than what was found: small if the difference is
        unlikely to come from the choice of sentences.
    samples : int
        Number of resamples.
    metric : str
        "BLEU" or "chrF".
    """

    baseline: float
    system: float
    p_value: float
    samples: int
    metric: str

    @property
    def difference(self) -> float:
        """How much the system is better than the baseline."""
        return self.system - self.baseline


def score_translations(translations: Sequence[str], references: Sequence[str]) -> TranslationScores:
    """Compute BLEU and chrF of a whole test set.

    Parameters
    ----------
    translations, references : sequence of str
        n translations and n references, tokens parted by a space. They are compared token by token as they are (the
        signature says "tok:none"), so both must be tokenised in the same way.

    Returns
    -------
    TranslationScores

    Raises
    ------
    ValueError
        If there is no sentence, or the numbers differ.

    References
    ----------
    Papineni et al. (2002); Popović (2015); Post (2018), "A Call for Clarity in Reporting BLEU Scores".
    """
    _check(translations, references)
    bleu, chrf = _metrics()
    refs = [list(references)]
    return TranslationScores(
        bleu=float(bleu.corpus_score(list(translations), refs).score),
        chrf=float(chrf.corpus_score(list(translations), refs).score),
        bleu_signature=str(bleu.get_signature()),
        chrf_signature=str(chrf.get_signature()),
    )


def paired_bootstrap(
    baseline: Sequence[str],
    system: Sequence[str],
    references: Sequence[str],
    *,
    metric: str = "BLEU",
    samples: int = 1000,
    seed: int = 12345,
) -> BootstrapTest:
    """Ask whether one system is better than another on the same sentences.

    Parameters
    ----------
    baseline, system : sequence of str
        n translations of each.
    references : sequence of str
        n references.
    metric : {"BLEU", "chrF"}
        What to compare.
    samples : int
        Number of resamples.
    seed : int
        Decides which sentences are drawn.

    Returns
    -------
    BootstrapTest

    Raises
    ------
    ValueError
        If the numbers of sentences differ or the metric is unknown.

    References
    ----------
    Koehn (2004), "Statistical Significance Tests for Machine Translation Evaluation"; as sacrebleu computes it.
    """
    from sacrebleu.significance import PairedTest

    _check(baseline, references)
    _check(system, references)
    known = dict(zip(("BLEU", "chrF"), _metrics([list(references)]), strict=True))
    if metric not in known:
        raise ValueError(f"unknown metric {metric!r}; there are {', '.join(known)}")
    before = os.environ.get("SACREBLEU_SEED")
    os.environ["SACREBLEU_SEED"] = str(seed)  # the only way in which sacrebleu takes it
    try:
        test = PairedTest(
            [("baseline", list(baseline)), ("system", list(system))],
            {metric: known[metric]},
            references=None,  # the metric has them already
            test_type="bs",
            n_samples=samples,
        )
        _, scores = test()
    finally:
        if before is None:
            del os.environ["SACREBLEU_SEED"]
        else:
            os.environ["SACREBLEU_SEED"] = before
    # sacrebleu files the scores under names such as "chrF2"; apart from "System" there is one.
    found: list[Any] = next(list(values) for name, values in scores.items() if name != "System")
    first, second = found
    return BootstrapTest(float(first.score), float(second.score), float(second.p_value), samples, metric)


def _metrics(references: list[list[str]] | None = None) -> tuple[Any, Any]:
    from sacrebleu.metrics import BLEU, CHRF

    # "force" keeps sacrebleu from warning that the text is tokenised: it is meant to be.
    return BLEU(tokenize="none", force=True, references=references), CHRF(references=references)


def _check(translations: Sequence[str], references: Sequence[str]) -> None:
    if isinstance(translations, str) or isinstance(references, str):
        raise ValueError("give sequences of sentences, not one string")
    if not len(references) or len(translations) != len(references):
        raise ValueError(
            f"there are {len(translations):,} translations and {len(references):,} references; give one each, and at "
            "least one"
        )
