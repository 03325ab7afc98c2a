"""Averages of word vectors are what their formulas say, learn from training texts only, and serve any learner."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer

from embedbook.experiments.features import FeatureSpec, feature_parts, feature_specs, run_features, transformer_of
from embedbook.experiments.grid import Grid, Results, run_grid
from embedbook.experiments.learners import LEARNERS, FeatureScore, Learner, fit_and_score
from embedbook.experiments.parts import Part, Parts
from embedbook.experiments.tables import cost_table, result_table
from embedbook.experiments.text_features import VectorFeatures, one_hot_features, vector_features
from embedbook.vectors import VectorsError, keyed_vectors

RNG = np.random.default_rng(7)
WORDS = ["good", "bad", "the", "film", "London"]
VECTORS = keyed_vectors(WORDS, RNG.normal(size=(5, 3)))
TRAIN = [["the", "good", "film"], ["the", "bad", "bad", "film"], ["the", "unheard"], ["the", "good", "good"]]


def vector(word: str) -> np.ndarray:
    return VECTORS[word].astype(float)


def unit_length(rows: np.ndarray) -> np.ndarray:
    return rows / np.sqrt((rows**2).sum(axis=1).mean())


# --- The mean --------------------------------------------------------------------------------------------------------


def test_the_mean_is_over_known_words_and_scaled_by_the_training_texts() -> None:
    features = VectorFeatures(VECTORS).fit(TRAIN)
    expected = np.array(
        [
            (vector("the") + vector("good") + vector("film")) / 3,
            (vector("the") + 2 * vector("bad") + vector("film")) / 4,
            vector("the"),
            (vector("the") + 2 * vector("good")) / 3,
        ]
    )
    assert features.transform(TRAIN) == pytest.approx(unit_length(expected), abs=1e-6)
    assert features.transform(TRAIN).dtype == np.float32
    assert (features.transform(TRAIN) ** 2).sum(axis=1).mean() == pytest.approx(1)
    assert features.scale_ == pytest.approx(np.sqrt((expected**2).sum(axis=1).mean()))


def test_the_size_of_the_vectors_does_not_matter() -> None:
    doubled = keyed_vectors(WORDS, 1000 * VECTORS.vectors)
    assert VectorFeatures(doubled).fit_transform(TRAIN) == pytest.approx(
        VectorFeatures(VECTORS).fit_transform(TRAIN), abs=1e-6
    )


def test_a_text_without_a_known_word_is_zeros_and_is_counted() -> None:
    features = VectorFeatures(VECTORS).fit(TRAIN)
    texts = [["unheard"], [], ["good"], ["unheard", "bad"]]
    assert np.flatnonzero((features.transform(texts) == 0).all(axis=1)).tolist() == [0, 1]
    assert features.count_unknown(texts) == 2
    assert features.count_unknown(TRAIN) == 0
    assert features.transform([["unheard"]]).tolist() == [[0, 0, 0]]
    assert features.transform([[]]).tolist() == [[0, 0, 0]]
    assert features.transform([]).shape == (0, 3)


def test_words_are_found_in_other_cases_unless_that_is_switched_off() -> None:
    texts = [["london"], ["good"]]
    assert VectorFeatures(VECTORS).fit(TRAIN).count_unknown(texts) == 0
    assert VectorFeatures(VECTORS, case="exact").fit(TRAIN).count_unknown(texts) == 1


# --- The weights -----------------------------------------------------------------------------------------------------


def test_tfidf_weights_are_those_of_scikit_learn() -> None:
    features = VectorFeatures(VECTORS, "tfidf").fit(TRAIN)
    reference = TfidfVectorizer(analyzer=lambda tokens: tokens).fit(TRAIN)
    for word, column in reference.vocabulary_.items():
        assert features.weight_of(word) == pytest.approx(reference.idf_[column])
    # A word that no training text has is the rarest of all.
    assert features.weight_of("new") > max(reference.idf_)
    the, bad, film = (features.weight_of(word) for word in ("the", "bad", "film"))
    expected = (the * vector("the") + 2 * bad * vector("bad") + film * vector("film")) / (the + 2 * bad + film)
    assert features.transform([TRAIN[1]])[0] * features.scale_ == pytest.approx(expected, rel=1e-5)


def test_sif_is_the_published_algorithm() -> None:
    features = VectorFeatures(VECTORS, "sif", a=0.01).fit(TRAIN)
    share = {"the": 4 / 12, "good": 3 / 12, "bad": 2 / 12, "film": 2 / 12}
    rows = []
    for text in TRAIN:
        known = [word for word in text if word in share]
        rows.append(sum(0.01 / (0.01 + share[word]) * vector(word) for word in known) / len(known))
    sentences = np.array(rows)
    common = np.linalg.svd(sentences)[2][0]
    expected = sentences - np.outer(sentences @ common, common)
    assert features.common_ is not None
    assert abs(features.common_ @ common) == pytest.approx(1)
    assert features.transform(TRAIN) == pytest.approx(unit_length(expected), abs=1e-5)
    assert features.transform(TRAIN) @ features.common_ == pytest.approx(0, abs=1e-5)
    assert features.weight_of("new") == 1


@pytest.mark.parametrize("weighting", ["mean", "tfidf", "sif"])
def test_only_training_texts_are_learned_from(weighting: str) -> None:
    features = VectorFeatures(VECTORS, weighting).fit(TRAIN)
    alone = features.transform([["bad", "film"]])
    among = features.transform([["the", "the"], ["bad", "film"], ["London"], *[["film"]] * 50])
    assert alone[0] == pytest.approx(among[1])
    assert features.transform([["bad", "film"]]) == pytest.approx(alone)


def test_sif_of_one_text_leaves_nothing() -> None:
    # The direction that all texts share is then the text itself.
    assert VectorFeatures(VECTORS, "sif").fit_transform([["good"]]) == pytest.approx(0, abs=1e-6)


# --- Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "texts", "message"),
    [
        ({"weighting": "median"}, TRAIN, "weighting must be one of mean, tfidf, sif, not 'median'"),
        ({"weighting": "sif", "a": 0}, TRAIN, "a must be above 0"),
        ({"weighting": "sif", "a": float("nan")}, TRAIN, "a must be above 0"),
        ({}, [], "there is no token to fit to"),
        ({}, [[], []], "there is no token to fit to"),
    ],
)
def test_what_cannot_be_fitted_is_refused(options: dict, texts: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VectorFeatures(VECTORS, **options).fit(texts)


def test_vectors_of_another_language_are_refused() -> None:
    with pytest.raises(VectorsError, match="no word of the vocabulary is in the vectors"):
        VectorFeatures(VECTORS).fit([["gut"], ["schlecht"]])


def test_unknown_options_of_the_other_features_are_refused() -> None:
    with pytest.raises(ValueError, match="give at least one set of vectors"):
        vector_features([])
    with pytest.raises(ValueError, match="weighting must be one of binary, tfidf, not 'sif'"):
        one_hot_features("sif")


# --- Side by side, and one-hot ---------------------------------------------------------------------------------------


def test_two_spaces_side_by_side_weigh_the_same() -> None:
    other = keyed_vectors(WORDS, 100 * RNG.normal(size=(5, 2)))
    features = vector_features([VECTORS, other], "mean").fit_transform(TRAIN)
    assert features.shape == (4, 5)
    lengths = (features**2).sum(axis=0)
    assert lengths[:3].sum() == pytest.approx(lengths[3:].sum())


def test_one_hot_has_a_column_for_each_training_word() -> None:
    binary = one_hot_features().fit(TRAIN)
    assert binary.transform([["bad", "bad", "new"]]).toarray().sum() == 1
    assert binary.transform(TRAIN).shape == (4, 5)
    assert one_hot_features(max_words=2).fit_transform(TRAIN).shape == (4, 2)
    tfidf = one_hot_features("tfidf").fit_transform(TRAIN).toarray()
    assert np.linalg.norm(tfidf, axis=1) == pytest.approx(1)


def test_the_transformer_is_one_of_scikit_learn() -> None:
    copy = clone(VectorFeatures(VECTORS, "sif", a=0.5))
    assert (copy.weighting, copy.a) == ("sif", 0.5)
    assert not hasattr(copy, "scale_")


# --- Learners --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def toy() -> tuple[Parts, KeyedVectors]:
    """Texts of eight words each: three of their class's twenty words, five of sixty that say nothing."""
    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(100)]
    table = rng.normal(size=(100, 10))
    table[:20, 0] += 2
    table[20:40, 0] -= 2

    def part(size: int) -> Part:
        labels = rng.permutation(np.arange(size) % 2)
        telling = [rng.integers(0, 20, 3) + 20 * (1 - label) for label in labels]
        return Part([[words[i] for i in (*own, *rng.integers(40, 100, 5))] for own in telling], labels)

    return Parts(part(150), part(60), part(200), 2), keyed_vectors(words, table)


@pytest.mark.parametrize("name", list(LEARNERS))
def test_every_learner_learns_from_vectors_and_from_one_hot_columns(toy: tuple[Parts, KeyedVectors], name: str) -> None:
    parts, vectors = toy
    for transformer in (VectorFeatures(vectors, "mean"), one_hot_features("binary")):
        score = fit_and_score(parts, transformer, LEARNERS[name], seed=0)
        assert score.accuracy > 0.7
        assert score.macro_f1 == pytest.approx(score.accuracy, abs=0.05)
        assert dict(score.setting) in [dict(setting) for setting in LEARNERS[name].settings]
        assert min(score.seconds_features, score.seconds_train, score.seconds_predict) >= 0
        assert min(score.model_bytes, score.feature_bytes, score.matrix_bytes) > 0
        assert score.unknown == 0
        assert score.dimensions in (10, 100)


def test_the_same_seed_gives_the_same_score(toy: tuple[Parts, KeyedVectors]) -> None:
    parts, vectors = toy
    for learner in LEARNERS.values():
        first, second = (
            dataclasses.replace(
                fit_and_score(parts, VectorFeatures(vectors, "sif"), learner, seed=3),
                seconds_features=0,
                seconds_train=0,
                seconds_predict=0,
            )
            for _ in range(2)
        )
        assert first == second


def test_the_setting_is_chosen_on_development_texts(toy: tuple[Parts, KeyedVectors]) -> None:
    parts, vectors = toy

    class Constant:
        def __init__(self, label: int) -> None:
            self.label = label

        def fit(self, x: np.ndarray, y: np.ndarray) -> None:
            assert len(x) == len(parts.train.labels)

        def predict(self, x: np.ndarray) -> np.ndarray:
            return np.full(len(x), self.label)

    learner = Learner("constant", tuple({"label": label} for label in (0, 1)), lambda s, *_: _Pickled(Constant(**s)))
    ones = Part(parts.dev.tokens, np.ones(len(parts.dev.labels), dtype=int))
    chosen = fit_and_score(dataclasses.replace(parts, dev=ones), VectorFeatures(vectors), learner)
    assert (chosen.setting, chosen.dev_accuracy, chosen.accuracy) == ({"label": 1}, 1.0, 0.5)
    assert isinstance(chosen, FeatureScore)
    # Of equally good settings the first is kept.
    assert fit_and_score(parts, VectorFeatures(vectors), learner).setting == {"label": 0}


class _Pickled:
    """A classifier made in a test, which pickle cannot find by its name."""

    def __init__(self, inner: object) -> None:
        self.fit, self.predict = inner.fit, inner.predict  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[type, tuple]:
        return (object, ())


def test_texts_without_known_words_are_counted(toy: tuple[Parts, KeyedVectors]) -> None:
    parts, vectors = toy
    test = Part([["new"], [], *parts.test.tokens[2:]], parts.test.labels)
    score = fit_and_score(dataclasses.replace(parts, test=test), VectorFeatures(vectors), LEARNERS["logistic"])
    assert score.unknown == 2


def test_a_part_without_texts_is_refused(toy: tuple[Parts, KeyedVectors]) -> None:
    parts, vectors = toy
    nothing = Part([], np.zeros(0, dtype=int))
    with pytest.raises(ValueError, match="dev holds 0 texts and 0 labels"):
        fit_and_score(dataclasses.replace(parts, dev=nothing), VectorFeatures(vectors), LEARNERS["svm"])


# --- Runs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    for cached in ("features._split", "named_spaces.load_space", "named_spaces.space_checksum"):
        module, _, name = cached.partition(".")
        getattr(importlib.import_module(f"embedbook.experiments.{module}"), name).cache_clear()


def test_the_grid_has_each_learner_with_each_kind_of_features() -> None:
    specs = feature_specs()
    assert len({spec.key for spec in specs}) == len(specs)
    assert {spec.seed for spec in specs} == set(range(5))
    for learner in LEARNERS:
        kinds = {(spec.features, spec.weighting) for spec in specs if spec.learner == learner}
        assert {("one-hot", "binary"), ("one-hot", "tfidf"), ("glove", "sif"), ("word2vec+glove", "mean")} <= kinds


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learner": "oracle"}, "no learner 'oracle'; there are logistic, svm, neighbours, boosting"),
        ({"learner": "svm"}, "one-hot has the weightings binary, tfidf, not 'mean'"),
        ({"learner": "svm", "spaces": ("glove",), "weighting": "binary"}, "glove has the weightings mean, tfidf, sif"),
        ({"learner": "svm", "weighting": "binary", "size": 0}, "size must be 1 or more"),
    ],
)
def test_a_run_that_makes_no_sense_is_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FeatureSpec("mr", **options)


def test_parts_have_no_text_in_common_and_smaller_choices_lie_in_larger_ones(sample: None) -> None:
    whole, some, fewer = (feature_parts("mr", size=size, seed=1) for size in (None, 200, 50))
    texts = [[" ".join(tokens) for tokens in part.tokens] for part in (whole.train, whole.dev, whole.test)]
    assert [len(part) for part in texts] == [1632, 204, 204]
    assert not set(texts[0]) & set(texts[1]) | set(texts[0]) & set(texts[2]) | set(texts[1]) & set(texts[2])
    for part in (some, fewer):
        assert part.test.tokens == whole.test.tokens
    assert [len(part.dev.labels) for part in (some, fewer)] == [50, 20]
    assert [" ".join(tokens) for tokens in some.train.tokens][:50] == [
        " ".join(tokens) for tokens in fewer.train.tokens
    ]
    assert np.bincount(some.train.labels).tolist() == [100, 100]
    assert feature_parts("mr", seed=2).test.tokens != whole.test.tokens
    with pytest.raises(ValueError, match=r"mr has 1,632 training texts, fewer than the size 2,000"):
        feature_parts("mr", size=2000)


def test_a_run_gives_the_same_result_twice_and_says_what_it_cost(sample: None) -> None:
    spec = FeatureSpec("mr", "logistic", ("word2vec", "glove"), "sif", 200, 1)
    first, second = run_features(spec), run_features(spec)
    assert (first.metrics, first.origin) == (second.metrics, second.origin)
    assert first.metrics["test_accuracy"] > 0.55
    assert (first.metrics["n_train"], first.metrics["n_dev"], first.metrics["n_test"]) == (200, 50, 204)
    assert first.metrics["dimensions"] == 100
    assert first.origin["data_sha256"] == "sample"
    assert len(first.origin["spaces_sha256"].split("+")) == 2
    assert set(first.times) == {"seconds_features", "seconds_train", "seconds_predict"}
    assert first.seconds > 0
    assert spec.row() == {
        "dataset": "mr",
        "arm": "word2vec+glove",
        "weighting": "sif",
        "learner": "logistic",
        "size": 200,
        "seed": 1,
    }


def test_the_table_of_results_has_no_times_and_that_of_costs_has(sample: None, tmp_path: Path) -> None:
    spec = FeatureSpec("mr", "svm", ("glove",), "mean", 50)
    grid = Grid("small", "one run", (spec,), run_features)
    results = Results(tmp_path)
    assert run_grid(grid, results=results) == 1
    table, costs = result_table(grid, results=results), cost_table(grid, results=results)
    assert table.loc[0, ["dataset", "arm", "weighting", "learner"]].tolist() == ["mr", "glove", "mean", "svm"]
    assert not [column for column in table.columns if "seconds" in column]
    assert {"seconds", "seconds_features", "seconds_train", "seconds_predict"} <= set(costs.columns)


def test_trees_get_the_commonest_words_alone(sample: None) -> None:
    tokens = feature_parts("mr").train.tokens
    trees, lines = (transformer_of((), "binary", LEARNERS[name]).fit(tokens) for name in ("boosting", "svm"))
    assert len(trees.vocabulary_) == 1000
    assert len(lines.vocabulary_) == len({word for text in tokens for word in text}) > 3000
    assert {"the", "good"} <= set(trees.vocabulary_)
