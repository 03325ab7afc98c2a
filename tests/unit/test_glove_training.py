"""Training: against plain NumPy, repeatable, resumable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedbook.glove import (
    CheckpointError,
    Cooccurrences,
    GloveModel,
    TrainingDivergedError,
    count_cooccurrences,
    initial_parameters,
    read_corpus,
    train,
    visiting_order,
)
from embedbook.glove.reference import Parameters, loss, ones_like, train_epoch


def random_table(words: int, cells: int, *, symmetric: bool = True, seed: int = 0) -> Cooccurrences:
    random = np.random.default_rng(seed)
    pairs = np.unique(random.integers(0, words, (cells, 2)), axis=0)
    if symmetric:
        pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    counts = random.lognormal(1.0, 2.0, len(pairs))  # some above x_max, some below 1
    return Cooccurrences(
        pairs[:, 0], pairs[:, 1], counts, tuple(f"w{i}" for i in range(words)), symmetric, np.arange(words)
    )


@pytest.fixture(scope="module")
def table() -> Cooccurrences:
    return random_table(600, 20_000)


def parameters_of(model: GloveModel) -> Parameters:
    return Parameters(model.word_vectors, model.context_vectors, model.word_biases, model.context_biases)


def all_cells(table: Cooccurrences) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    full = table.to_scipy().tocoo()
    return full.row, full.col, full.data


def reference_run(table: Cooccurrences, *, epochs: int, dimensions: int, seed: int, dtype: str, **options: float):  # type: ignore[no-untyped-def]
    """The same run in NumPy, in double precision."""
    words, contexts = initial_parameters(len(table.words), dimensions, seed=seed)
    parameters = Parameters(words[:, :-1].copy(), contexts[:, :-1].copy(), words[:, -1].copy(), contexts[:, -1].copy())
    squares = ones_like(parameters)
    counts = table.to_scipy()
    losses = []
    for epoch in range(1, epochs + 1):
        rows, columns = visiting_order(table, epoch=epoch, dimensions=dimensions, seed=seed, dtype=dtype)
        visited = np.asarray(counts[rows, columns]).ravel()
        losses.append(train_epoch(parameters, squares, rows, columns, visited, **options))
    return parameters, losses


def same(first: GloveModel, second: GloveModel) -> bool:
    return first.losses == second.losses and all(
        np.array_equal(a, b) for a, b in zip(parameters_of(first), parameters_of(second), strict=True)
    )


# --- Against the definition ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(("words", "dimensions"), [(5, 1), (70, 6), (200, 13)])
def test_compiled_epochs_equal_plain_numpy(words: int, dimensions: int, symmetric: bool) -> None:
    table = random_table(words, 1500, symmetric=symmetric)
    options = {"x_max": 20.0, "alpha": 0.6, "learning_rate": 0.1}
    expected, losses = reference_run(table, epochs=2, dimensions=dimensions, seed=3, dtype="float64", **options)
    model = train(table, dimensions=dimensions, epochs=2, seed=3, dtype="float64", threads=2, **options)
    for found, wanted in zip(parameters_of(model), expected, strict=True):
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10)
    np.testing.assert_allclose(model.losses, losses, rtol=1e-10)


def test_single_precision_stays_close_to_plain_numpy() -> None:
    table = random_table(200, 1500)
    expected, losses = reference_run(table, epochs=2, dimensions=20, seed=0, dtype="float32")
    model = train(table, dimensions=20, epochs=2, seed=0)
    for found, wanted in zip(parameters_of(model), expected, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-5)
    np.testing.assert_allclose(model.losses, losses, rtol=1e-5)


def test_clipping_follows_the_reference() -> None:
    table = random_table(40, 300)
    expected, losses = reference_run(table, epochs=2, dimensions=3, seed=0, dtype="float64", clip=0.2)
    model = train(table, dimensions=3, epochs=2, dtype="float64", clip=0.2)
    np.testing.assert_allclose(model.word_vectors, expected.W, rtol=0, atol=1e-10)
    assert losses != reference_run(table, epochs=2, dimensions=3, seed=0, dtype="float64")[1], "the clip must bite"


@settings(max_examples=40, deadline=None)
@given(words=st.integers(1, 300), cells=st.integers(1, 2000), symmetric=st.booleans(), epoch=st.integers(1, 9))
def test_an_epoch_visits_every_cell_once(words: int, cells: int, symmetric: bool, epoch: int) -> None:
    table = random_table(words, cells, symmetric=symmetric)
    rows, columns = visiting_order(table, epoch=epoch)
    visited = sorted(zip(rows.tolist(), columns.tolist(), strict=True))
    whole = table.to_scipy().tocoo()
    assert visited == sorted(zip(whole.row.tolist(), whole.col.tolist(), strict=True))


def test_the_order_of_cells_is_random_and_changes_with_epoch_and_seed(table: Cooccurrences) -> None:
    orders = [visiting_order(table, epoch=epoch, seed=seed).rows for epoch, seed in ((1, 0), (2, 0), (1, 1))]
    assert not np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])
    assert abs(np.corrcoef(orders[0], np.arange(len(orders[0])))[0, 1]) < 0.1


def test_cells_of_one_block_are_shuffled() -> None:
    table = random_table(30, 5000)  # all pairs of few words: one group, one block
    rows = visiting_order(table, epoch=1).rows
    assert np.mean(rows[1:] == rows[:-1]) < 0.12, "in the order of rows almost every neighbour would be equal"
    assert np.mean(np.diff(rows) > 0) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_objective_equals_equation_8(symmetric: bool, dtype: str) -> None:
    table = random_table(50, 400, symmetric=symmetric)
    model = train(table, dimensions=7, epochs=1, x_max=30, alpha=0.5, dtype=dtype)  # type: ignore[arg-type]
    doubles = Parameters(*(array.astype(np.float64) for array in parameters_of(model)))
    expected = loss(doubles, *all_cells(table), x_max=30, alpha=0.5)
    assert model.objective(table) == pytest.approx(expected, rel=1e-12)


def test_training_lowers_loss_and_objective(table: Cooccurrences) -> None:
    short, long = train(table, dimensions=20, epochs=2), train(table, dimensions=20, epochs=20)
    assert list(long.losses) == sorted(long.losses, reverse=True)
    assert long.losses[:2] == short.losses
    assert long.objective(table) < 0.5 * short.objective(table)


def test_initial_parameters_are_small_and_come_from_the_seed() -> None:
    words, contexts = initial_parameters(1000, 10, seed=4)
    assert words.shape == contexts.shape == (1000, 11)
    assert np.abs(words).max() <= 0.05
    assert np.abs(words.mean()) < 0.001
    assert not np.array_equal(words, contexts)
    np.testing.assert_array_equal(words, initial_parameters(1000, 10, seed=4)[0])


# --- Repeatable, with any number of threads --------------------------------------------------------------------------


def test_a_seed_gives_the_same_vectors_with_any_number_of_threads(table: Cooccurrences) -> None:
    first = train(table, dimensions=30, epochs=3, seed=5, threads=1)
    for threads in (1, 2, 7, None):
        assert same(first, train(table, dimensions=30, epochs=3, seed=5, threads=threads))
    assert not same(first, train(table, dimensions=30, epochs=3, seed=6))


@pytest.mark.parametrize("symmetric", [True, False])
def test_cells_kept_on_disk_change_nothing(tmp_path: Path, symmetric: bool) -> None:
    table = random_table(500, 8000, symmetric=symmetric)
    plain = train(table, dimensions=8, epochs=2)
    for limit in (1, 10_000):
        assert same(plain, train(table, dimensions=8, epochs=2, memory_limit=limit, spill_folder=tmp_path))
    assert not list(tmp_path.iterdir())


# --- Stopped and taken up again --------------------------------------------------------------------------------------


class StoppedError(Exception):
    """Stands for anything that ends a run."""


def stop_after(last: int):  # type: ignore[no-untyped-def]
    def on_epoch(epoch: int, loss: float) -> None:
        if epoch == last:
            raise StoppedError

    return on_epoch


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_taken_up_again_equals_one_without_interruption(
    table: Cooccurrences, tmp_path: Path, threads: int, dtype: str
) -> None:
    options: dict = {"dimensions": 12, "seed": 2, "dtype": dtype, "threads": threads}
    whole = train(table, epochs=6, **options)
    path = tmp_path / "run.npz"
    for last in (2, 3):
        with pytest.raises(StoppedError):
            train(table, epochs=6, checkpoint=path, on_epoch=stop_after(last), **options)
    resumed = train(table, epochs=6, checkpoint=path, **options)
    assert same(whole, resumed)
    assert same(resumed, train(table, epochs=6, checkpoint=path, **options)), "a finished run is just read"
    assert same(train(table, epochs=8, **options), train(table, epochs=8, checkpoint=path, **options))
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


def test_a_checkpoint_of_another_run_is_refused(table: Cooccurrences, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    options: dict = {"dimensions": 4, "epochs": 2, "checkpoint": path}
    train(table, **options)
    before = path.read_bytes()
    for change, message in (
        ({"dimensions": 5}, "dimensions is 4 there and 5 here"),
        ({"learning_rate": 0.1}, "learning_rate is 0.05 there and 0.1 here"),
        ({"x_max": 10.0}, "x_max"),
        ({"seed": 1}, "seed"),
        ({"dtype": "float64"}, "dtype"),
        ({"epochs": 1}, "2 epochs behind it"),
    ):
        with pytest.raises(CheckpointError, match=message):
            train(table, **options | change)
    counts = table.counts.copy()
    counts[7] *= 1.001
    changed = Cooccurrences(table.rows, table.columns, counts, table.words)
    with pytest.raises(CheckpointError, match="cells is"):
        train(changed, **options)
    renamed = Cooccurrences(table.rows, table.columns, table.counts, (*table.words[:-1], "new"))
    with pytest.raises(CheckpointError, match="vocabulary is"):
        train(renamed, **options)
    assert path.read_bytes() == before


def test_a_damaged_checkpoint_is_refused_and_kept(table: Cooccurrences, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    train(table, dimensions=4, epochs=1, checkpoint=path)
    cut = path.read_bytes()[:-300]
    for content in (cut, b"", b"not a checkpoint"):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"run\.npz cannot be taken up.*delete it"):
            train(table, dimensions=4, epochs=1, checkpoint=path)
        assert path.read_bytes() == content
    with pytest.raises(ValueError, match="folder of checkpoint"):
        train(table, dimensions=4, epochs=1, checkpoint=tmp_path / "nowhere" / "run.npz")


def test_a_checkpoint_is_never_half_written(
    table: Cooccurrences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.npz"
    train(table, dimensions=4, epochs=1, checkpoint=path)
    before = path.read_bytes()

    def fail(file, **arrays) -> None:  # type: ignore[no-untyped-def]
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="No space left"):
        train(table, dimensions=4, epochs=2, checkpoint=path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


# --- Guards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimensions": 0}, "dimensions must be a whole number of at least 1, not 0"),
        ({"dimensions": 2.0}, "dimensions"),
        ({"epochs": 0}, "epochs"),
        ({"seed": -1}, "seed"),
        ({"x_max": 0}, "x_max must be a finite number above 0"),
        ({"alpha": float("nan")}, "alpha"),
        ({"learning_rate": -0.05}, "learning_rate"),
        ({"clip": 0}, "clip"),
        ({"threads": 0}, "threads"),
        ({"dtype": "float16"}, "dtype"),
        ({"memory_limit": 0}, "memory_limit"),
    ],
)
def test_bad_arguments_are_named(table: Cooccurrences, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(table, **{"dimensions": 2, "epochs": 1} | options)


def test_an_empty_table_is_refused() -> None:
    empty = Cooccurrences(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), ("a", "b"))
    with pytest.raises(ValueError, match="table is empty"):
        train(empty)


def test_divergence_is_an_error_that_keeps_the_last_sound_epoch(table: Cooccurrences, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    with pytest.raises(TrainingDivergedError, match=r"epoch 1 is (nan|inf).*lower learning_rate, which is 1e\+30"):
        train(table, dimensions=4, epochs=3, learning_rate=1e30, checkpoint=path)
    assert not path.exists()


def test_progress_goes_to_stderr_and_only_on_request(table: Cooccurrences, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[int, float]] = []
    model = train(table, dimensions=2, epochs=2, on_epoch=lambda epoch, loss: seen.append((epoch, loss)))
    assert capsys.readouterr() == ("", "")
    assert seen == list(enumerate(model.losses, 1))
    train(table, dimensions=2, epochs=2, progress=True)
    assert f"loss={model.losses[-1]:.5f}" in capsys.readouterr().err


# --- What comes out --------------------------------------------------------------------------------------------------


def test_words_of_one_topic_end_up_together() -> None:
    random = np.random.default_rng(0)
    topics = [[f"{name}{i}" for i in range(12)] for name in ("kitchen", "sport")]
    # Now and then a word of the other topic: GloVe learns nothing from pairs that never meet.
    text = [
        " ".join(random.choice(topics[0] + topics[1], size=12, p=np.repeat([mine, 1 - mine], 12) / 12).tolist())
        for mine in [0.95, 0.05] * 300
    ]
    table = count_cooccurrences(read_corpus(text), window=5)
    vectors = train(table, dimensions=8, epochs=50, x_max=10, seed=1).to_keyed_vectors()
    for topic in topics:
        for word in topic:
            neighbours = [other for other, _ in vectors.most_similar(word, topn=11)]
            assert set(neighbours) == set(topic) - {word}


def test_gensim_gets_the_sum_or_either_part_with_counts(table: Cooccurrences) -> None:
    model = train(table, dimensions=5, epochs=1)
    vectors = model.to_keyed_vectors()
    assert vectors.index_to_key == list(table.words)
    np.testing.assert_array_equal(vectors.vectors, model.word_vectors + model.context_vectors)
    assert vectors.get_vecattr("w9", "count") == 9
    np.testing.assert_array_equal(model.to_keyed_vectors("word")["w3"], model.word_vectors[3])
    np.testing.assert_array_equal(model.to_keyed_vectors("context")["w3"], model.context_vectors[3])
    with pytest.raises(ValueError, match='"sum", "word" or "context"'):
        model.to_keyed_vectors("mean")  # type: ignore[arg-type]


def test_a_model_survives_saving(table: Cooccurrences, tmp_path: Path) -> None:
    model = train(table, dimensions=5, epochs=2, seed=9)
    path = tmp_path / "model.npz"
    model.save(path)
    again = GloveModel.load(path)
    assert same(model, again)
    assert (again.words, dict(again.settings)) == (model.words, dict(model.settings))
    assert again.settings["seed"] == 9
    assert again.objective(table) == model.objective(table)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"model\.npz is not a GloVe model"):
        GloveModel.load(path)
    table.save(path)
    with pytest.raises(ValueError, match="holds a co-occurrence table, not a GloVe model"):
        GloveModel.load(path)


def test_a_model_that_does_not_fit_together_is_refused(table: Cooccurrences) -> None:
    model = train(table, dimensions=2, epochs=1)
    with pytest.raises(ValueError, match="one vector and one bias for each of 600 words"):
        GloveModel(model.words, model.word_vectors[:5], *parameters_of(model)[1:])


def test_the_objective_needs_the_same_vocabulary(table: Cooccurrences) -> None:
    with pytest.raises(ValueError, match="different vocabularies"):
        train(table, dimensions=2, epochs=1).objective(random_table(5, 10))
