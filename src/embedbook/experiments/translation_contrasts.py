"""Tables beside that of translation runs: paired bootstraps, phrases that differ, and how alike languages are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embedbook.experiments.grid import Results
from embedbook.experiments.translation_attention import attention_file
from embedbook.experiments.translation_files import read_translations, translations_file
from embedbook.experiments.translation_grid import Contrast, qi2018_contrasts
from embedbook.experiments.translation_specs import TranslationSpec
from embedbook.experiments.translation_vectors import learn_dictionary
from embedbook.whole_files import replaced_when_whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["contrast_table", "language_similarity", "phrase_table", "write_qi2018_tables"]

_SAMPLES = 1000


def contrast_table(
    contrasts: Iterable[Contrast],
    *,
    results: Results | None = None,
    samples: int = _SAMPLES,
    stored: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Test each contrast by the paired bootstrap of sacrebleu, on the test part of each pair of languages.

    Parameters
    ----------
    contrasts : iterable of Contrast
        Those of which a run is missing are left out.
    results : Results, optional
        Where results are kept.
    samples : int
        Resamples of each test.
    stored : pandas.DataFrame, optional
        A table that this function made elsewhere: its rows stand for runs whose translations this machine lacks.

    Returns
    -------
    pandas.DataFrame
        Question, digests and starts of both runs, pair of languages, seed, metric, both scores, difference, p-value.

    Raises
    ------
    ValueError
        If a result is here, but its translations are neither here nor judged in `stored`.
    """
    import pandas as pd

    from embedbook.evaluation import paired_bootstrap

    results = Results() if results is None else results
    rows: list[dict[str, Any]] = []
    for contrast in contrasts:
        baseline, system = contrast.baseline, contrast.system
        if baseline not in results or system not in results:
            continue
        known = [] if stored is None else _rows_of(contrast, stored)
        if known and not all(translations_file(spec).exists() for spec in (baseline, system)):
            rows.extend(known)
            continue
        tests = [
            {each.pair: each for each in read_translations(spec) if each.part == "test"} for spec in (baseline, system)
        ]
        for pair, first in tests[0].items():
            second = tests[1][pair]
            for metric in ("BLEU", "chrF"):
                test = paired_bootstrap(
                    first.translation, second.translation, first.reference, metric=metric, samples=samples
                )
                rows.append(
                    {
                        "question": contrast.question,
                        "baseline": baseline.digest,
                        "system": system.digest,
                        "pairs": "+".join(baseline.pairs),
                        "pair": pair,
                        "model": baseline.model,
                        "share": baseline.share,
                        "baseline_starts": f"{baseline.source}/{baseline.target}",
                        "system_starts": f"{system.source}/{system.target}",
                        "seed": baseline.seed,
                        "metric": metric,
                        "baseline_score": test.baseline,
                        "system_score": test.system,
                        "difference": test.difference,
                        "p_value": test.p_value,
                        "samples": test.samples,
                    }
                )
    return pd.DataFrame(rows)


def _rows_of(contrast: Contrast, table: pd.DataFrame) -> list[dict[str, Any]]:
    same = (
        (table["question"] == contrast.question)
        & (table["baseline"] == contrast.baseline.digest)
        & (table["system"] == contrast.system.digest)
    )
    return table[same].to_dict("records")


def phrase_table(baseline: TranslationSpec, system: TranslationSpec, *, count: int = 20) -> pd.DataFrame:
    """Return the n-grams that one run gets right more often than another.

    Parameters
    ----------
    baseline, system : TranslationSpec
        Two runs whose translations are on this machine.
    count : int
        How many n-grams in favour of each.

    Returns
    -------
    pandas.DataFrame
        "phrase", "baseline" and "system" (how often each gets it right in the test part).

    Raises
    ------
    ValueError
        If translations are missing.
    """
    import pandas as pd

    from embedbook.evaluation import phrase_differences

    first, second = ([each for each in read_translations(spec) if each.part == "test"] for spec in (baseline, system))
    split = [
        [line.split() for each in tests for line in getattr(each, name)]
        for tests, name in ((first, "translation"), (second, "translation"), (first, "reference"))
    ]
    differences = phrase_differences(*split, count=count)
    return pd.DataFrame(
        [{"phrase": " ".join(each.phrase), "baseline": each.baseline, "system": each.system} for each in differences],
        columns=["phrase", "baseline", "system"],
    )


def language_similarity(pair: str) -> dict[str, float]:
    """Measure how alike two languages are, from words that translate each other.

    Parameters
    ----------
    pair : str
        A name that `embedbook.datasets.load_parallel` takes; its training pairs give the words.

    Returns
    -------
    dict of str to float
        "entries", the size of the dictionary that `learn_dictionary` finds; "spelling", the mean share of letters that
        the two words of an entry have in common, in order (0 for languages with different letters); "identical", the
        share of entries spelt alike; "length_ratio", words of the source for each word of the target.
    """
    from embedbook.datasets import load_parallel
    from embedbook.text import tokenize

    train = load_parallel(pair, mode="real").part("train")
    source, target = ([tokenize(sentence) for sentence in side] for side in (train.source, train.target))
    entries = learn_dictionary(source, target, min_count=5)
    alike = [difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() for one, other in entries]
    return {
        "entries": float(len(entries)),
        "spelling": float(np.mean(alike)),
        "identical": float(np.mean([one == other for one, other in entries])),
        "length_ratio": sum(map(len, source)) / sum(map(len, target)),
    }


def write_qi2018_tables(folder: Path, *, results: Results | None = None) -> list[Path]:
    """Write the tables that lie beside that of the runs.

    These are ``qi2018-contrasts.csv``, ``qi2018-languages.csv``, and of the grid's first contrast (random against
    pretrained vectors on the first pair of languages) ``qi2018-phrases.csv``, the phrases that differ, and
    ``qi2018-attention.csv``, what its system looks at. What needs translations that this machine lacks stays as it is.

    Tables of results hold no translations. So a contrast between a run of this machine and one whose result was taken
    over from a table can only be tested when the latter has been made again here.

    Parameters
    ----------
    folder : pathlib.Path
        Where to.
    results : Results, optional
        Where results are kept.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    ValueError
        If contrasts could not be tested for want of translations; all tables are written by then. The message says how
        to make these runs again.
    """
    import pandas as pd

    contrasts = qi2018_contrasts()
    pairs = dict.fromkeys(pair for contrast in contrasts for pair in contrast.baseline.pairs)
    file = folder / "qi2018-contrasts.csv"
    stored = pd.read_csv(file, dtype={"baseline": str, "system": str}) if file.is_file() else None
    results = Results() if results is None else results
    lacking = {contrast: _without_translations(contrast, results, stored) for contrast in contrasts}
    testable = [contrast for contrast in contrasts if not lacking[contrast]]
    tables = {
        "qi2018-contrasts": contrast_table(testable, results=results, stored=stored),
        "qi2018-languages": pd.DataFrame([{"pair": pair, **language_similarity(pair)} for pair in pairs]),
    }
    first = contrasts[0]
    if translations_file(first.baseline).exists() and translations_file(first.system).exists():
        tables["qi2018-phrases"] = phrase_table(first.baseline, first.system)
    if attention_file(first.system).exists():
        tables["qi2018-attention"] = pd.read_csv(attention_file(first.system))
    written = [_write(folder / f"{name}.csv", table) for name, table in tables.items()]
    again = sorted({digest for digests in lacking.values() for digest in digests})
    if again:
        raise ValueError(
            f"{len(contrasts) - len(testable)} contrasts are not tested, for the translations of runs that were made "
            "elsewhere are not on this machine; make these again: embedbook experiment run qi2018 "
            + " ".join(f"--again {digest}" for digest in again)
        )
    return written


def _without_translations(contrast: Contrast, results: Results, stored: pd.DataFrame | None) -> list[str]:
    """Return which of a contrast's runs lack their translations, if it should be tested and has not been elsewhere."""
    both = contrast.baseline, contrast.system
    if not all(spec in results for spec in both) or (stored is not None and _rows_of(contrast, stored)):
        return []
    return [spec.digest for spec in both if not translations_file(spec).exists()]


def _write(file: Path, table: pd.DataFrame) -> Path:
    """Write a table; one that exists is replaced only when the new one is complete."""
    with replaced_when_whole(file) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    return file
