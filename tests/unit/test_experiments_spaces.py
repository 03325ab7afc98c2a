"""word2vec and GloVe are trained on equal terms, and their records say how."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embedbook import vectors
from embedbook.cli import main
from embedbook.experiments import METHODS, SpaceSpec, append_scores, provenance, train_space


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two topics that never share a sentence."""
    random = np.random.default_rng(0)
    sea, town = ["cat", "dog", "horse", "car", "automobile"], ["king", "queen", "man", "woman", "tiger"]
    lines = [" ".join(random.choice(topic, size=12)) for _ in range(400) for topic in (sea, town)]
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n".join([*lines, "rare"]) + "\n", encoding="utf-8")
    return path


def spec(method: str, **changes: object) -> SpaceSpec:
    settings = {"dimensions": 8, "window": 3, "min_count": 2, "epochs": 5, "sample": 1.0, **changes}
    return SpaceSpec(method, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
def test_a_space_tells_the_topics_apart_and_is_repeatable(method, text) -> None:
    first, second = (train_space(spec(method, epochs=30), text) for _ in range(2))
    assert np.array_equal(first.vectors.vectors, second.vectors.vectors)
    assert first.vectors.similarity("cat", "dog") > first.vectors.similarity("cat", "king") + 0.3
    assert first.tokens == 400 * 2 * 12


def test_both_methods_have_the_same_words(text) -> None:
    words = [set(train_space(spec(method), text).vectors.index_to_key) for method in METHODS]
    assert words[0] == words[1]
    assert "rare" not in words[0]


def test_another_seed_gives_other_vectors(text) -> None:
    one, two = (train_space(spec("glove", seed=seed), text).vectors.vectors for seed in (1, 2))
    assert not np.allclose(one, two)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "fasttext"}, "unknown method 'fasttext'.*word2vec and glove"),
        ({"method": "glove", "window": 0}, "window must be 1 or more"),
        ({"method": "glove", "x_max": 0.0}, "x_max must be above 0"),
    ],
)
def test_a_bad_specification_is_refused(changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        SpaceSpec(**changes)


def test_a_text_without_frequent_words_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"min_count|occurs"):
        train_space(spec("word2vec", min_count=10**6), text)


def test_scores_are_appended_with_their_provenance(text, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    table = tmp_path / "vectors.csv"
    for method in METHODS:
        space = train_space(spec(method), text)
        append_scores(table, provenance(space, corpus="toy", text=text), space.vectors)
    rows = pd.read_csv(table)
    assert list(rows["method"].unique()) == list(METHODS)
    assert set(rows["corpus"]) == {"toy"}
    assert rows["text_sha256"].str.len().eq(64).all()
    assert {"value", "low", "high", "covered", "total", "seconds", "numpy", "gensim"} <= set(rows.columns)


def test_a_table_of_something_else_is_not_touched(text, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    table = tmp_path / "other.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    space = train_space(spec("glove"), text)
    with pytest.raises(ValueError, match="other columns"):
        append_scores(table, provenance(space, corpus="toy", text=text), space.vectors)
    assert table.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_the_command_writes_a_store(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    arguments = ["--dimensions", "10", "--epochs", "2", "--min-count", "3", "--keep", "100", "--half"]
    assert main(["vectors", "train", "glove", "imdb", "--to", str(tmp_path / "small"), *arguments]) == 0
    assert "100 words × 10" in capsys.readouterr().out
    assert vectors.load(tmp_path / "small").vectors.shape == (100, 10)


def test_the_command_reads_several_texts_as_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    scores = tmp_path / "scores.csv"
    for texts in (["imdb"], ["imdb", "imdb"]):
        arguments = [*texts, "--to", str(tmp_path / "space"), "--dimensions", "5", "--min-count", "2", "--epochs", "1"]
        assert main(["vectors", "train", "glove", *arguments, "--scores", str(scores)]) == 0
    rows = pd.read_csv(scores).drop_duplicates("corpus").set_index("corpus")
    once, twice = rows.index
    assert twice == f"{once}+{once}"
    assert rows.words[twice] > rows.words[once]  # words that occur once in the text occur twice in both
    assert rows.tokens[twice] > 2 * rows.tokens[once]


def test_the_command_refuses_an_unknown_method(tmp_path, capsys) -> None:
    assert main(["vectors", "train", "word3vec", "imdb", "--to", str(tmp_path / "x")]) == 2
    assert "unknown method 'word3vec'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
