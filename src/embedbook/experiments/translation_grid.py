"""The grid behind the translation chapter: the questions of Qi et al. (2018), and the contrasts that answer them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from embedbook.experiments.translation_specs import Start, TranslationSettings, TranslationSpec, TranslatorName

__all__ = ["QI2018_SEEDS", "Contrast", "qi2018_cell", "qi2018_contrasts", "qi2018_specs"]

#: The seeds of every cell.
QI2018_SEEDS = range(3)
_TARGET_SPACE = "wiki+imdb-128"
_SPACES = {
    "ted-gl-en": "gl",
    "ted-az-en": "az",
    "ted-be-en": "be",
    "multi30k-de-en": "de",
    "multi30k-fr-en": "fr",
    "multi30k-cs-en": "cs",
}
_GL, _AZ, _BE, _DE, _FR, _CS = _SPACES
# Galician has a text of its own; for the others the vectors are trained on the half that is no parallel text.
_OWN_TEXT = (_GL,)
_TED = (_GL, _AZ, _BE)
_CAPTIONS = (_DE, _FR, _CS)
_RECURRENT = TranslationSettings()
#: What development data prefer. The Transformer multiplies word vectors by √d; pretrained ones do better small.
_SETTINGS: dict[TranslatorName, TranslationSettings] = {
    "recurrent": _RECURRENT,
    "transformer": replace(_RECURRENT, learning_rate=2e-3, epochs=24, pre_scale=0.1),
}

_Starts = tuple[Start, Start]
_STD: _Starts = ("std", "std")
_PRE: _Starts = ("pre", "pre")


@dataclass(frozen=True)
class Contrast:
    """Two runs that differ in one thing, with one seed.

    Parameters
    ----------
    question : str
        Which question it helps to answer: "scale", "rate", "Q1" to "Q5", "model".
    baseline, system : TranslationSpec
        The two runs.
    """

    question: str
    baseline: TranslationSpec
    system: TranslationSpec


def qi2018_cell(
    pairs: tuple[str, ...],
    source: Start = "std",
    target: Start = "std",
    *,
    share: float = 1.0,
    model: TranslatorName = "recurrent",
    whole: bool = False,
    slow: bool = False,
    seed: int = 0,
) -> TranslationSpec:
    """Return a run of the grid, or one like them, with the spaces that it needs.

    Parameters
    ----------
    pairs, source, target, share, model, seed
        See `TranslationSpec`.
    whole : bool
        Take pairs that are else halved as a whole; then no text is left to train their source's vectors on.
    slow : bool
        Train at half the learning rate that development data prefer.

    Returns
    -------
    TranslationSpec
    """
    source_needs, aligned = source not in ("std", "std-scaled"), source.startswith("aligned")
    target_needs = target not in ("std", "std-scaled")
    settings = _SETTINGS[model]
    if slow:
        settings = replace(settings, learning_rate=settings.learning_rate / 2)
    return TranslationSpec(
        pairs,
        source,
        target,
        source_spaces=tuple(_SPACES[pair] for pair in pairs) if source_needs else (),
        target_space=_TARGET_SPACE if target_needs or aligned else "",
        halved=() if whole else tuple(pair for pair in pairs if pair not in _OWN_TEXT),
        share=share,
        model=model,
        seed=seed,
        settings=settings,
    )


def _pairs_of_runs() -> Iterator[tuple[str, TranslationSpec, TranslationSpec]]:
    """Give question, baseline and system with seed 0, the cheap and decisive ones first."""

    def against(
        question: str, pairs: tuple[str, ...], baseline: _Starts, *systems: _Starts, **same: object
    ) -> Iterator[tuple[str, TranslationSpec, TranslationSpec]]:
        for system in systems:
            yield question, qi2018_cell(pairs, *baseline, **same), qi2018_cell(pairs, *system, **same)  # type: ignore[arg-type]

    yield from against("Q1", (_GL,), _STD, _PRE)
    yield from against("scale", (_GL,), _STD, ("std-scaled", "std-scaled"), ("shuffled", "shuffled"))
    yield from against("rate", (_GL,), _STD, _PRE, slow=True)
    yield from against("Q1", (_GL,), _STD, ("pre", "std"), ("std", "pre"))
    yield from against("Q4", (_GL,), _PRE, ("aligned", "pre"), ("aligned-pairs", "pre"))
    for share in (0.5, 0.25, 0.125):
        yield from against("Q2", (_GL,), _STD, _PRE, share=share)
    for share in (0.125, 0.25, 0.5, 1.0):
        yield from against("Q2", (_DE,), _STD, _PRE, share=share)
    for pair in (_FR, _CS):
        yield from against("Q3", (pair,), _STD, _PRE, share=0.5)
    for pair in (_AZ, _BE):
        yield from against("Q1", (pair,), _STD, ("pre", "std"), ("std", "pre"), _PRE)
    yield from against("Q4", (_DE,), _PRE, ("aligned-pairs", "pre"))
    for pair in (_FR, _CS):
        yield from against("Q5", (pair,), _STD, _PRE, share=0.25)
    yield from against("Q5", _TED, _STD, _PRE, ("aligned-pairs", "pre"))
    yield from against("Q5", _CAPTIONS, _STD, _PRE, ("aligned-pairs", "pre"), share=0.25)
    # A step of the Transformer takes twice as long as one of the recurrent translator, so one language has to do.
    yield from against("model", (_GL,), _STD, _PRE, model="transformer")
    # With all pairs of Multi30k no German text is left to train vectors on; the English side has them.
    yield from against("Q2", (_DE,), _STD, ("std", "pre"), whole=True)


def qi2018_contrasts() -> tuple[Contrast, ...]:
    """Return the contrasts of the grid, those of one pair of runs together, a contrast for each seed."""
    return tuple(
        Contrast(question, replace(baseline, seed=seed), replace(system, seed=seed))
        for question, baseline, system in _pairs_of_runs()
        for seed in QI2018_SEEDS
    )


def qi2018_specs() -> tuple[TranslationSpec, ...]:
    """Return the runs of the grid, each once, the cheap and decisive ones first."""
    runs = dict.fromkeys(spec for contrast in qi2018_contrasts() for spec in (contrast.baseline, contrast.system))
    return tuple(runs)
