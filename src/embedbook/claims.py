"""The claims that the book puts to the test, and the check that shows a verdict in the page.

A claim is something that is said about embeddings in prose. A chapter measures it and calls :func:`check`, which
shows the verdict where it was reached, and stops the run if the measurement no longer supports what the page says.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

__all__ = ["CLAIMS", "ClaimError", "ClaimResult", "Verdict", "check"]


class Verdict(Enum):
    """What the book says of a claim after measuring it."""

    HOLDS = "holds"
    IN_PART = "holds in part"
    FAILS = "does not hold"


class ClaimError(AssertionError):
    """The measurement does not support the verdict that the page states."""


#: Each claim's wording, by its identifier.
CLAIMS: Mapping[str, str] = MappingProxyType(
    {
        "one-hot-to-dense": "An embedding maps one-hot categories to real vectors of far fewer dimensions "
        "(50,000 → 100), which feed further layers.",
        "lookup-is-matmul": "An Embedding lookup equals one-hot × weight matrix: the same output and the "
        "same gradient.",
        "any-category": "Embeddings are for categorical data in general; words are only the commonest case.",
        "task-decides": "A layer learns whatever its task needs: trained for sentiment, it orders words by sentiment.",
        "pets-are-nice": "Trained for sentiment, “cat” and “dog” may come out alike only because people speak well "
        "of both.",
        "side-effect": "Trained for a task, a layer picks up some general knowledge of language, but is not "
        "optimised for it.",
        "context-predicts": "word2vec learns which words fit a context: “milk” is likely after “The cat was drinking”.",
        "company-it-keeps": "Words with similar meanings get similar word2vec and GloVe vectors (“cat” is near “dog”).",
        "supervised-or-not": "The layer is supervised and tied to the label; word2vec and GloVe are unsupervised and "
        "tied to the corpus they read.",
        "features-anywhere": "Pretrained vectors serve as features of any network, and of other algorithms.",
        "small-data": "Pretrained vectors help most where labelled data are few.",
        "own-data-wins": "With enough data, embeddings learned for the task catch up or win.",
        "qi-when-why": "What Qi et al. (2018) found about when and why pretrained embeddings help translation, "
        "and what they did not claim.",
        "cnn-analogy": "An embedding layer is to word2vec what a CNN's layers are to a network pretrained on ImageNet.",
        "the-paper": "The layer's method comes from Bengio et al. (2003) and Collobert and Weston (2008, 2011); its "
        "dropout from Gal and Ghahramani (2016).",
    }
)


@dataclass(frozen=True)
class ClaimResult:
    """A claim with its verdict, as shown in the page.

    Parameters
    ----------
    claim : str
        Identifier, a key of :data:`CLAIMS`.
    verdict : Verdict
        What the page says.
    evidence : str
        The measured numbers, in one sentence.
    """

    claim: str
    verdict: Verdict
    evidence: str

    def __repr__(self) -> str:
        return f"Claim {self.claim}: {self.verdict.value}\nevidence: {self.evidence}"

    def _repr_html_(self) -> str:
        kind = self.verdict.name.lower().replace("_", "-")
        # The evidence stands in an element of its own: the tests of the notebooks compare the verdict, which must be
        # the same on real and on sample data, and leave out the numbers, which are not.
        return (
            f'<div class="claim claim--{kind}" data-claim="{html.escape(self.claim)}" data-verdict="{kind}">'
            f'<p class="claim__title"><span class="claim__verdict">{self.verdict.value}</span> '
            f"{html.escape(CLAIMS[self.claim])}</p>"
            f'<p class="claim__evidence">{html.escape(self.evidence)}</p></div>'
        )


def check(claim: str, holds: bool, evidence: str, *, verdict: Verdict = Verdict.HOLDS) -> ClaimResult:
    """Show the verdict on a claim, and stop the run if the measurement does not support it.

    Parameters
    ----------
    claim : str
        Identifier, a key of :data:`CLAIMS`.
    holds : bool
        Whether the measurement supports `verdict`, computed in the cell.
    evidence : str
        The measured numbers, in one sentence.
    verdict : Verdict
        What the book says of the claim. A claim that turned out false is checked with `Verdict.FAILS`, and `holds`
        then says that it is indeed false: negative results are results.

    Returns
    -------
    ClaimResult
        As the last expression of a cell it is shown.

    Raises
    ------
    ClaimError
        If `holds` is false: the page would say what its numbers do not.
    ValueError
        If the claim is unknown or the evidence is empty.
    """
    if claim not in CLAIMS:
        raise ValueError(f"unknown claim {claim!r}; the claims are {', '.join(CLAIMS)}")
    if not evidence.strip():
        raise ValueError(f"claim {claim!r} needs its evidence: the measured numbers, in one sentence")
    if not holds:
        raise ClaimError(f"claim {claim!r} is said to be “{verdict.value}”, but the measurement disagrees: {evidence}")
    return ClaimResult(claim, verdict, evidence)
