"""Translation runs: specifications, first vectors, results that can be repeated, resumed and compared."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny_translation
from tiny_translation import tiny_grid, tiny_spec, use_tiny_pairs

from embedbook.experiments import (
    PROBES,
    QI2018_SEEDS,
    Contrast,
    Results,
    TranslationSettings,
    TranslationSpec,
    contrast_table,
    find_grid,
    initial_vectors,
    learn_dictionary,
    phrase_table,
    qi2018_cell,
    qi2018_contrasts,
    random_vectors,
    read_translation_table,
    read_translations,
    result_table,
    run_grid,
    run_translation,
    translation_contrasts,
    translations_file,
    write_qi2018_tables,
)
from embedbook.experiments.translation_attention import attention_file
from embedbook.experiments.translation_data import parts_of_translation
from embedbook.text import Vocabulary
from embedbook.vectors import VectorsError, keyed_vectors


@pytest.fixture
def tiny(monkeypatch, tmp_path) -> Path:
    monkeypatch.setenv("EMBEDBOOK_CACHE", str(tmp_path / "cache"))
    use_tiny_pairs(monkeypatch.setattr)
    return tmp_path


# --- Specifications ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pairs": ()}, "at least one pair"),
        ({"pairs": "ted-gl-en"}, "must be a tuple of names"),
        ({"source": "pretrained"}, "unknown source 'pretrained'; there are std"),
        ({"source": "pre"}, r"needs 1 source_spaces, not 0"),
        ({"source_spaces": ("gl",)}, r"needs 0 source_spaces, not 1"),
        ({"target": "pre"}, "need a target_space"),
        ({"target_space": "en"}, "use no target_space"),
        ({"target": "aligned"}, "the source is aligned"),
        ({"share": 0.0}, "share must be above 0"),
        ({"model": "lstm"}, "unknown model 'lstm'"),
        ({"halved": ("other",)}, "not all among the pairs"),
    ],
)
def test_specifications_that_make_no_sense_are_refused(fields, message) -> None:
    with pytest.raises(ValueError, match=message):
        TranslationSpec(**{"pairs": ("ted-gl-en",), **fields})


def test_the_grid_names_every_run_once_and_its_contrasts_differ_in_one_thing() -> None:
    grid = find_grid("qi2018")
    assert {spec.seed for spec in grid.specs} == {0, 1, 2}
    assert grid.specs[0].pairs == ("ted-gl-en",)
    for contrast in qi2018_contrasts():
        one, other = contrast.baseline, contrast.system
        assert {one, other} <= set(grid.specs)
        assert one != other
        same = ("pairs", "halved", "share", "model", "seed", "settings")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
    questions = {contrast.question for contrast in qi2018_contrasts()}
    assert questions == {"scale", "rate", "Q1", "Q2", "Q3", "Q4", "Q5", "model"}


def test_pretrained_sources_are_never_trained_on_the_pairs_they_translate() -> None:
    for spec in find_grid("qi2018").specs:
        for pair, space in zip(spec.pairs, spec.source_spaces, strict=False):
            assert space == "gl" or pair in spec.halved


# --- First vectors ----------------------------------------------------------------------------------------------------

VOCABULARY = Vocabulary(("a", "b", "c", "d"), (9, 5, 2, 1))


def test_pretrained_vectors_come_at_the_scale_of_random_ones() -> None:
    rng = np.random.default_rng(0)
    space = keyed_vectors(["a", "b", "d", "z"], rng.normal(size=(4, 50)).astype("float32") * 7)
    drawn = initial_vectors(VOCABULARY, None, 50, scale=0.3, seed=1, extra=1)
    assert drawn.matrix.shape == (7, 50)
    assert drawn.coverage is None
    assert drawn.matrix[1:].std() == pytest.approx(0.3, rel=0.1)
    started = initial_vectors(VOCABULARY, space, 50, scale=0.3, seed=1, extra=1)
    assert started.coverage.by_type == 0.75
    assert started.coverage.by_token == pytest.approx(15 / 17)
    assert started.matrix[[2, 3, 5]].std() == pytest.approx(0.3, rel=1e-3)
    factor = started.matrix[2] / space["a"]
    np.testing.assert_allclose(factor, factor[0], rtol=1e-4)
    np.testing.assert_array_equal(started.matrix[0], 0)
    np.testing.assert_array_equal(started.matrix[[1, 4, 6]], drawn.matrix[[1, 4, 6]])  # no vector: as drawn
    larger = random_vectors(5, 3, scale=2.0, seed=4)
    np.testing.assert_allclose(larger, 2 * random_vectors(5, 3, scale=1.0, seed=4), rtol=1e-6)


def test_shuffled_vectors_are_the_same_vectors_of_other_words() -> None:
    words = [f"w{i}" for i in range(30)]
    space = keyed_vectors(words, np.random.default_rng(0).normal(size=(30, 5)).astype("float32"))
    vocabulary = Vocabulary(tuple(words), (1,) * 30)
    right, wrong = (initial_vectors(vocabulary, space, 5, scale=1, seed=1, shuffled=s).matrix for s in (False, True))
    assert (right[2:] == wrong[2:]).all(axis=1).mean() < 0.3
    np.testing.assert_allclose(np.sort(right[2:], axis=0), np.sort(wrong[2:], axis=0), rtol=1e-5)


def test_each_language_reads_its_own_space() -> None:
    vocabulary = Vocabulary(("gl:a", "az:a", "az:b"), (3, 2, 1))
    one, other = (
        keyed_vectors(["a"], np.full((1, 4), value, dtype="float32")) for value in ([1, 2, 3, 4], [4, 3, 2, 1])
    )
    matrix = initial_vectors(vocabulary, {"gl": one, "az": other}, 4, scale=1.0, seed=0).matrix
    np.testing.assert_allclose(matrix[2] / matrix[2, 0], [1, 2, 3, 4], rtol=1e-5)
    np.testing.assert_allclose(matrix[3] / matrix[3, 3], [4, 3, 2, 1], rtol=1e-5)


def test_vectors_of_the_wrong_language_or_dimension_are_refused() -> None:
    space = keyed_vectors(["кот", "дом"], np.eye(2, 8, dtype="float32"))
    with pytest.raises(VectorsError, match="know none of the 4 words; are they of another language"):
        initial_vectors(VOCABULARY, space, 8, scale=1.0, seed=0)
    with pytest.raises(ValueError, match="have 8 dimensions, but the translator 16"):
        initial_vectors(VOCABULARY, space, 16, scale=1.0, seed=0)


def test_a_dictionary_is_learnt_from_pairs() -> None:
    source, target = tiny_translation.sentences(200, seed=3)
    entries = learn_dictionary([s.split() for s in source], [t.split() for t in target])
    assert set(entries) == {(word[::-1], word) for word in tiny_translation.WORDS}
    assert learn_dictionary([["a"]], [["b"]]) == []


# --- Runs -------------------------------------------------------------------------------------------------------------


def test_parts_are_halved_shared_and_tagged(tiny) -> None:
    whole = parts_of_translation(tiny_spec())
    (train,) = whole.train.values()
    half = parts_of_translation(tiny_spec(halved=(tiny_translation.PAIR,)))
    assert half.train[tiny_translation.PAIR].source == train.source[: len(train.source) // 2]
    shares = [parts_of_translation(tiny_spec(share=share)).train[tiny_translation.PAIR].source for share in (0.25, 0.5)]
    assert (len(shares[0]), len(shares[1])) == (30, 60)
    assert {tuple(each) for each in shares[0]} <= {tuple(each) for each in shares[1]}
    both = parts_of_translation(tiny_spec(pairs=tiny_translation.PAIRS))
    assert {word[:3] for word in both.vocabularies[0].words} == {"xx:", "yy:"}
    assert all(":" not in word for word in both.vocabularies[1].words)
    assert len(both.together("train").source) == 240


def test_a_run_gives_scores_reasons_and_translations(tiny) -> None:
    spec = tiny_spec()
    result = run_translation(spec)
    metrics = result.metrics
    assert metrics["bleu"] > 20  # an easy language
    assert {"chrf", "dev_bleu", "dev_loss", "repetition", "length_ratio", "f_10_100", "words_10_100"} <= set(metrics)
    assert metrics["n_train"] == 120
    assert "tok:none" in result.origin["bleu_signature"]
    assert result.times["seconds_train"] > 0
    assert len(result.curves["dev_loss"]) == metrics["epochs"]
    dev, test = read_translations(spec)
    assert (dev.part, test.part) == ("dev", "test")
    assert len(test.translation) == len(test.reference) == metrics["n_test"]
    again = run_translation(spec)
    assert again.metrics == pytest.approx(metrics, nan_ok=True)
    assert again.origin == result.origin
    assert not list((tiny / "cache" / "experiments" / "checkpoints").iterdir())


def test_several_languages_share_one_translator_and_have_scores_of_their_own(tiny) -> None:
    result = run_translation(tiny_spec(pairs=tiny_translation.PAIRS))
    each = [result.metrics[f"bleu_{pair}"] for pair in tiny_translation.PAIRS]
    assert result.metrics["bleu"] == pytest.approx(np.mean(each))


@pytest.mark.parametrize("source", ["pre", "shuffled", "aligned", "aligned-pairs"])
def test_pretrained_sources_are_used_and_turned(tiny, source) -> None:
    spec = tiny_spec(source=source, target="pre", **tiny_translation.spaces(tiny))
    result = run_translation(spec)
    assert result.metrics["coverage_source_types"] > 0.9
    assert result.origin["spaces_sha256"].count("+") == 1
    if source.startswith("aligned"):
        # The target's space is the source's, turned: undone, entries of a dictionary have a cosine of 1.
        expected = 1.0 if source == "aligned-pairs" else result.metrics["alignment_similarity"]
        assert result.metrics["alignment_similarity"] == pytest.approx(expected, abs=1e-3)
        assert result.metrics["alignment_entries"] >= 8


def test_two_runs_are_compared_sentence_by_sentence(tiny) -> None:
    better = tiny_spec()
    worse = tiny_spec(share=0.05)
    results = Results(tiny / "results")
    contrast = Contrast("Q2", worse, better)
    assert contrast_table([contrast], results=results).empty
    for spec in (worse, better):
        results.keep(spec, run_translation(spec))
    table = contrast_table([contrast], results=results, samples=100)
    assert table.metric.tolist() == ["BLEU", "chrF"]
    assert (table.difference > 5).all()
    assert (table.p_value < 0.05).all()
    assert table.system_score[0] == pytest.approx(results[better].metrics["bleu"])
    phrases = phrase_table(worse, better, count=5)
    assert (phrases.system[:5] > phrases.baseline[:5]).all()
    file = translations_file(better)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ValueError, match="is damaged"):
        contrast_table([contrast], results=results)
    file.unlink()
    with pytest.raises(ValueError, match="are not on this machine"):
        contrast_table([contrast], results=results)
    # A test that was made elsewhere stands for translations that are not here, but for no other test.
    pd.testing.assert_frame_equal(contrast_table([contrast], results=results, stored=table), table)
    other = replace(contrast, question="Q1")
    with pytest.raises(ValueError, match="are not on this machine"):
        contrast_table([other], results=results, stored=table)


def test_tables_are_written_though_translations_made_elsewhere_are_missing(tiny, monkeypatch) -> None:
    """A new run cannot be tested against one of which only the result was taken over; the message says what to do."""
    old, new, other = (tiny_spec(share=share) for share in (0.05, 1.0, 0.5))
    contrasts = (Contrast("Q2", old, new), Contrast("Q2", other, new))
    monkeypatch.setattr(translation_contrasts, "qi2018_contrasts", lambda: contrasts)
    monkeypatch.setattr(translation_contrasts, "language_similarity", lambda pair: {"entries": 1.0})
    results = Results(tiny / "results")
    for spec in (old, new, other):
        results.keep(spec, run_translation(spec))
    write_qi2018_tables(tiny, results=results)
    before = pd.read_csv(tiny / "qi2018-contrasts.csv")
    assert len(before) == 4
    translations_file(old).unlink()
    write_qi2018_tables(tiny, results=results)  # its test stands in the table
    pd.testing.assert_frame_equal(pd.read_csv(tiny / "qi2018-contrasts.csv"), before)
    (tiny / "qi2018-contrasts.csv").unlink()
    with pytest.raises(ValueError, match=rf"1 contrasts are not tested.*--again {old.digest}$"):
        write_qi2018_tables(tiny, results=results)
    assert len(pd.read_csv(tiny / "qi2018-contrasts.csv")) == 2
    results.forget(old)
    assert old not in results
    assert new in results


def test_attention_is_kept_for_a_sentence_of_the_language(tiny, monkeypatch) -> None:
    monkeypatch.setitem(PROBES, "xx", "tac eht")
    spec = tiny_spec()
    run_translation(spec)
    table = pd.read_csv(attention_file(spec))
    assert table.columns.tolist() == ["target_place", "target", "source_place", "source", "weight"]
    assert table[table.target_place == 0].source.tolist() == ["tac", "eht"]
    assert table.target.iloc[-1] == "(end)"
    assert table.groupby("target_place").weight.sum().to_numpy() == pytest.approx(1.0, abs=1e-3)
    other = tiny_spec(pairs=tiny_translation.PAIRS[1:], settings=replace(tiny_translation.SETTINGS, epochs=1))
    run_translation(other)
    assert not attention_file(other).exists()


# --- Tables -----------------------------------------------------------------------------------------------------------


def scores(cell: TranslationSpec, *values: float) -> list[dict]:
    """Rows of a table of runs, one for each seed."""
    return [{"run": replace(cell, seed=seed).digest, "bleu": value} for seed, value in enumerate(values)]


def test_a_table_is_asked_by_cell(tmp_path) -> None:
    std, pre = qi2018_cell(("ted-gl-en",)), qi2018_cell(("ted-gl-en",), "pre", "pre")
    half = replace(std, share=0.5)
    runs = pd.DataFrame([*scores(std, 10.0, 11.0, 12.0), *scores(pre, 12.0, 13.5, 13.5), *scores(half, 5.0, 6.0)])
    tests = [
        {
            "baseline": replace(std, seed=seed).digest,
            "system": replace(pre, seed=seed).digest,
            "pair": "ted-gl-en",
            "metric": metric,
            "p_value": seed / 100,
        }
        for seed in QI2018_SEEDS
        for metric in ("BLEU", "chrF")
    ]
    runs.to_csv(tmp_path / "qi2018.csv", index=False)
    with pytest.raises(
        FileNotFoundError, match=r"qi2018-contrasts\.csv is not there; `embedbook experiment run qi2018`"
    ):
        read_translation_table(tmp_path)
    pd.DataFrame(tests).to_csv(tmp_path / "qi2018-contrasts.csv", index=False)
    table = read_translation_table(tmp_path)
    assert table.has(std, pre)
    assert not table.has(std, half)  # one of its seeds is missing
    assert table.values(pre) == [12.0, 13.5, 13.5]
    assert table.interval(std).mean == 11.0
    assert table.gain(pre, std).mean == pytest.approx(2.0)
    assert table.bootstrap(pre, std) == [0.0, 0.01, 0.02]
    assert table.bootstrap(std, pre) == []
    assert table.shown(pre, std)
    assert not table.shown(pre, std, level=0.01)  # one seed of three has p = 0.02
    assert not table.shown(std, pre)  # it was not tested
    with pytest.raises(KeyError):
        table.values(half)
    # With several languages there is a score for each beside the mean.
    group = qi2018_cell(("ted-gl-en", "ted-az-en"))
    more = pd.DataFrame([{**row, "bleu_ted-az-en": row["bleu"] - 2} for row in scores(group, 9.0, 9.5, 10.0)])
    several = replace(table, runs=pd.concat([table.runs, more]))
    assert several.interval(group, pair="ted-az-en").mean == pytest.approx(7.5)
    assert several.gain(std, group, pair="ted-az-en").mean == pytest.approx(3.5)


@pytest.mark.parametrize("model", ["recurrent", "transformer"])
def test_both_sides_of_a_contrast_share_settings_and_slow_halves_the_rate_alone(model) -> None:
    std, pre = (qi2018_cell(("ted-gl-en",), *start, model=model) for start in (("std", "std"), ("pre", "pre")))
    slow = qi2018_cell(("ted-gl-en",), model=model, slow=True)
    assert std.settings == pre.settings
    assert slow.settings == replace(std.settings, learning_rate=std.settings.learning_rate / 2)


def test_a_damaged_checkpoint_is_one_clear_error(tiny) -> None:
    spec = tiny_spec()
    file = tiny / "cache" / "experiments" / "checkpoints" / f"{spec.digest}.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half a checkpoint")
    with pytest.raises(ValueError, match=r"npz: is damaged and cannot be gone on from"):
        run_translation(spec)


def test_a_killed_grid_goes_on_from_the_last_epoch_and_ends_with_the_same_table(tmp_path) -> None:
    """Killed five times at random; then results and translations are those of a run through."""
    script = [sys.executable, str(Path(tiny_translation.__file__))]
    tables = []
    for folder, kills in ((tmp_path / "whole", 0), (tmp_path / "killed", 5)):
        folder.mkdir()
        chance = random.Random(7)
        for _ in range(kills):
            process = subprocess.Popen([*script, str(folder)])
            # Not before something can be lost: after the next epoch is written down, or the next run.
            diary = folder / "diary.txt"
            before = diary.stat().st_size if diary.exists() else 0
            while process.poll() is None and (not diary.exists() or diary.stat().st_size == before):
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
        assert subprocess.run([*script, str(folder)], timeout=280, check=False).returncode == 0
        tables.append((folder / "tiny.csv").read_bytes())
    assert tables[0] == tables[1]
    assert len(pd.read_csv(tmp_path / "whole" / "tiny.csv")) == len(tiny_grid().specs)


def test_the_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="hidden must be 1 or more"):
        TranslationSettings(hidden=0)
    with pytest.raises(ValueError, match="std_scale must be above 0"):
        TranslationSettings(std_scale=0.0)
    assert tiny_spec().key != replace(tiny_spec(), seed=5).key


def test_a_grid_of_translations_is_a_grid_like_any_other(tiny) -> None:
    results = Results(tiny / "results")
    grid = tiny_grid()
    assert run_grid(grid, results=results, limit=1) == 1
    table = result_table(grid, results=results)
    assert {"pairs", "source", "target", "seed", "bleu", "translations_sha256"} <= set(table.columns)
