"""The grids whose tables the book stores, by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from embedbook.experiments.arms import Arm
from embedbook.experiments.classification import Settings, model_for
from embedbook.experiments.grid import Grid
from embedbook.experiments.labelled_runs import LabelledSpec, run_labelled

__all__ = ["find_grid", "list_grids"]

_SEEDS = range(5)
_KIM = ("mr", "cr", "trec", "mpqa", "subj", "sst2", "sst1")  # the cheapest first
# Half of all phrases are neutral, but a fifth of the sentences: of five classes the phrases are drawn in proportion.
# Without neutral ones the shares are nearly alike. An epoch of phrases holds many times as many updates as one of
# sentences, so networks fit them in a few: patience. What goes for five classes was chosen on development texts, with a
# seed that no reported number uses.
_PHRASES: dict[str, tuple[bool | Literal["in proportion"], int]] = {"sst2": (True, 1), "sst1": ("in proportion", 2)}

_LEARNED = Arm("learned")
_ARMS = (
    Arm("bag"),
    Arm("random"),
    _LEARNED,
    Arm("static", ("word2vec",)),
    Arm("nonstatic", ("word2vec",)),
    Arm("static", ("glove",)),
    Arm("nonstatic", ("glove",)),
    Arm("multichannel", ("word2vec",)),
    Arm("nonstatic", ("word2vec", "glove")),
    Arm("static", ("wiki+imdb",)),
    Arm("nonstatic", ("wiki+imdb",)),
)
_CURVE_ARMS = (
    Arm("bag"),
    _LEARNED,
    *(
        Arm(kind, (space,))
        for space in ("word2vec", "glove", "wiki+imdb", "imdb", "wiki")
        for kind in ("static", "nonstatic")
    ),
)
# Networks take the most time by far to read whole reviews: only those that the questions of chapter 11 need.
_LONG_TEXT_ARMS = tuple(arm for arm in _CURVE_ARMS if arm.kind != "nonstatic" or arm.spaces == ("wiki+imdb",))
_SIZES: dict[str, tuple[int | None, ...]] = {
    "mr": (50, 100, 200, 500, 1000, 2000, 5000, None),
    "trec": (50, 100, 200, 500, 1000, 2000, None),
    "sst2": (50, 100, 200, 500, 1000, 2000, 5000, None),
    "imdb": (50, 100, 200, 500, 1000, 2000, 5000, None),
}


def list_grids() -> list[str]:
    """Return the names of all grids."""
    return list(_GRIDS)


def find_grid(name: str) -> Grid:
    """Return a grid by its name.

    Parameters
    ----------
    name : str
        One of `list_grids()`.

    Returns
    -------
    Grid

    Raises
    ------
    ValueError
        If there is none of this name; the message suggests the nearest.
    """
    if name not in _GRIDS:
        near = difflib.get_close_matches(name, _GRIDS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"there is no grid {name!r}; {hint}there are {', '.join(_GRIDS)}")
    return _GRIDS[name]()


def _kim2014() -> Grid:
    settings = Settings.for_model("cnn")
    specs = []
    for dataset in _KIM:
        phrases, patience = _PHRASES.get(dataset, (False, settings.patience))
        trained = replace(settings, patience=patience)
        specs += [
            LabelledSpec(dataset, arm, model="cnn", phrases=phrases, seed=seed, settings=trained)
            for seed in _SEEDS
            for arm in _ARMS
        ]
    return Grid("kim2014", "Kim (2014), table 2, with variance: seven sets, eleven arms", tuple(specs), run_labelled)


def _coverage() -> Grid:
    specs = [
        LabelledSpec(
            dataset, Arm(kind, (space,)), model="cnn", words=words, seed=seed, settings=Settings.for_model("cnn")
        )
        for dataset in ("mr", "trec")
        for seed in _SEEDS
        for space in ("word2vec", "wiki+imdb")
        for words in (2000, 4000, 8000)
        for kind in ("static", "nonstatic")
    ]
    return Grid(
        "coverage",
        "how much of the vocabulary must have a vector: 2,000, 4,000 and 8,000 words",
        tuple(specs),
        run_labelled,
    )


def _learning_curves() -> Grid:
    specs = [
        LabelledSpec(dataset, arm, model=model_for(arm, "mean"), size=size, seed=seed)
        for dataset, sizes in _SIZES.items()
        for seed in _SEEDS
        for size in sizes
        for arm in (_LONG_TEXT_ARMS if dataset == "imdb" else _CURVE_ARMS)
    ]
    return Grid(
        "learning-curves",
        "accuracy by number of labelled texts: four sets, up to twelve arms",
        tuple(specs),
        run_labelled,
    )


def _frozen_dropout() -> Grid:
    # The same vectors fitted exactly are part of the learning curves.
    specs = [
        LabelledSpec(dataset, Arm("static", (space,)), model="mean", size=size, seed=seed)
        for dataset in _SIZES
        for seed in _SEEDS
        for size in (200, 2000)
        for space in ("word2vec", "wiki+imdb", "imdb", "wiki")
    ]
    return Grid(
        "frozen-dropout",
        "frozen vectors trained as the networks are: under a layer with dropout",
        tuple(specs),
        run_labelled,
    )


def _features() -> Grid:
    # Naming the grids need not wait for scikit-learn.
    from embedbook.experiments.features import feature_specs, run_features

    return Grid(
        "features",
        "averaged vectors as features of four other algorithms, and one-hot beside them",
        feature_specs(),
        run_features,
    )


def _qi2018() -> Grid:
    # Naming the grids need not wait for what they need to run.
    from embedbook.experiments.translation_contrasts import write_qi2018_tables
    from embedbook.experiments.translation_grid import qi2018_specs
    from embedbook.experiments.translation_runs import run_translation

    return Grid(
        "qi2018",
        "Qi et al. (2018): when and why pretrained vectors help translation",
        qi2018_specs(),
        run_translation,
        write_qi2018_tables,
    )


_GRIDS: dict[str, Callable[[], Grid]] = {
    "kim2014": _kim2014,
    "coverage": _coverage,
    "learning-curves": _learning_curves,
    "frozen-dropout": _frozen_dropout,
    "features": _features,
    "qi2018": _qi2018,
}
