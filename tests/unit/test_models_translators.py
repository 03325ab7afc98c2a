"""Translators: padding and company change nothing, 50 pairs can be learnt by heart, and training can be resumed."""

from __future__ import annotations

import numpy as np
import pytest

from embedbook.models import (
    CheckpointError,
    EncodedPairs,
    TranslationTraining,
    encode_pairs,
    fit_translator,
    masked_cross_entropy,
    recurrent_translator,
    transformer_translator,
    translate_ids,
    translation_loss,
)
from embedbook.models.translation_batches import batches
from embedbook.text import Vocabulary, pad

SIZES = (30, 25)
WORDS = ("cat", "dog", "bird", "fish", "mouse", "sees", "hears", "likes", "the", "a", "red", "old", "big", "and", "not")


def small(kind: str, **options):
    build = {"recurrent": recurrent_translator, "transformer": transformer_translator}[kind]
    sizes = {"recurrent": {"hidden": 16}, "transformer": {"inner": 16, "heads": 2}}[kind]
    return build(*SIZES, 8, **{**sizes, **options})


def some_pairs(n: int, seed: int = 0, sizes: tuple[int, int] = SIZES) -> EncodedPairs:
    rng = np.random.default_rng(seed)
    sides = [tuple(tuple(rng.integers(2, size, rng.integers(2, 8)).tolist()) for _ in range(n)) for size in sizes]
    return EncodedPairs(*sides)


@pytest.fixture(params=["recurrent", "transformer"])
def kind(request) -> str:
    return request.param


# --- The model --------------------------------------------------------------------------------------------------------


def test_padding_and_company_change_no_score(kind) -> None:
    model = small(kind, initial_scale=1.0)
    pairs = some_pairs(6)
    before = [(model.boundary, *ids) for ids in pairs.target]
    together = np.asarray(model((pad(pairs.source, length=20), pad(before, length=15)), training=False))
    for row, (source, ids) in enumerate(zip(pairs.source, before, strict=True)):
        alone = np.asarray(model((pad([source]), pad([ids])), training=False))
        np.testing.assert_allclose(together[row, : len(ids)], alone[0], rtol=1e-4, atol=1e-5)


def test_step_by_step_gives_the_scores_of_all_places_at_once(kind) -> None:
    model = small(kind, initial_scale=1.0)
    source, ids = pad([(3, 4, 5), (6, 7)]), pad([(model.boundary, 4, 5), (model.boundary, 7, 3)])
    at_once = np.asarray(model((source, ids), training=False))
    memory = model.encode(source, training=False)
    state = model.first_state(memory)
    for place in range(ids.shape[1]):
        logits, state = model.step(ids[:, place], state, memory)
        np.testing.assert_allclose(np.asarray(logits), at_once[:, place], rtol=1e-4, atol=1e-5)


def test_attention_looks_at_words_and_never_at_padding(kind) -> None:
    model = small(kind, initial_scale=1.0)
    source = pad([(3, 4, 5, 6), (6, 7)])
    weights = np.asarray(model.attend(pad([(model.boundary, 4), (model.boundary, 7)]), model.encode(source)))
    assert weights.shape == (2, 2, 4)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    assert (weights[1, :, 2:] == 0).all()
    assert (weights[0] > 0).all()


def test_a_tied_output_reads_the_words_of_the_target(kind) -> None:
    def of_target(tied: bool) -> int:
        weights = small(kind, tied=tied).trainable_weights
        return sum(1 for weight in weights if tuple(weight.shape) == (SIZES[1] + 1, 8))

    assert (of_target(True), of_target(False)) == (1, 2)


def test_static_vectors_stay_and_others_move(kind) -> None:
    matrices = {
        "source_matrix": np.random.default_rng(0).normal(size=(SIZES[0], 8)),
        "target_matrix": np.random.default_rng(1).normal(size=(SIZES[1] + 1, 8)),
    }
    pairs = some_pairs(8)
    for trainable in (True, False):
        model = small(kind, trainable=trainable, **matrices)
        fit_translator(model, pairs, pairs, training=TranslationTraining(epochs=1))
        moved = [
            not np.allclose(np.asarray(layer.table), matrices[name])
            for layer, name in ((model.source_words, "source_matrix"), (model.target_words, "target_matrix"))
        ]
        assert moved == [trainable, trainable]


def test_label_smoothing_is_the_mean_with_a_uniform_target() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 3, 7)).astype("float32")
    truth = np.array([[1, 2, 3], [4, 0, 0]])
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    target = 0.8 * np.eye(7)[truth] + 0.2 / 7
    expected = -(target * logs).sum(-1)[truth > 0].mean()
    assert float(masked_cross_entropy(0.2)(truth, logits)) == pytest.approx(expected, rel=1e-5)
    plain = -logs[np.arange(2)[:, None], np.arange(3), truth][truth > 0].mean()
    assert float(masked_cross_entropy()(truth, logits)) == pytest.approx(plain, rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source_matrix": np.zeros((30, 9))}, "source_words: the matrix has the shape .30, 9.*30 × 8"),
        ({"target_matrix": np.zeros((25, 8))}, "special ids included"),
        ({"target_matrix": np.full((26, 8), np.nan)}, "not finite"),
    ],
)
def test_matrices_of_the_wrong_shape_are_refused(options, message, kind) -> None:
    with pytest.raises(ValueError, match=message):
        small(kind, **options)


def test_sizes_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="source_size must be a whole number, 3 or more"):
        recurrent_translator(2, 25)
    with pytest.raises(ValueError, match="hidden must be an even number"):
        recurrent_translator(30, 25, hidden=7)
    with pytest.raises(ValueError, match="multiple of heads"):
        transformer_translator(30, 25, 10, heads=4)
    with pytest.raises(ValueError, match="label_smoothing"):
        masked_cross_entropy(1.0)


# --- Batches ----------------------------------------------------------------------------------------------------------


def test_batches_hold_every_pair_once_within_the_limit() -> None:
    pairs = some_pairs(100)
    dealt = batches(pairs, 25, tokens=40, rng=np.random.default_rng(0))
    assert len(dealt) > 3
    rows = [tuple(filter(None, row)) for batch in dealt for row in batch.source.tolist()]
    assert sorted(rows) == sorted(pairs.source)
    for batch in dealt:
        assert max(batch.source.size, batch.before.size) <= 40
        np.testing.assert_array_equal(batch.before[:, 0], 25)
        np.testing.assert_array_equal(
            batch.before[:, 1:][batch.after[:, 1:] > 0], batch.after[:, :-1][batch.after[:, 1:] > 0]
        )
        assert all(row[row > 0][-1] == 25 for row in batch.after)
    again = batches(pairs, 25, tokens=40, rng=np.random.default_rng(0))
    assert all((one.source == other.source).all() for one, other in zip(dealt, again, strict=True))


def test_lengths_can_be_rounded_up() -> None:
    for batch in batches(some_pairs(20), 25, tokens=64, multiple=8):
        assert {array.shape[1] % 8 for array in batch} == {0}


def test_uneven_or_empty_sides_are_refused() -> None:
    vocabulary = Vocabulary(("a",), (1,))
    with pytest.raises(ValueError, match="2 sentences and 1 translations"):
        encode_pairs([["a"], ["a"]], [["a"]], (vocabulary, vocabulary))
    with pytest.raises(ValueError, match="source side holds empty sentences in rows 1"):
        encode_pairs([["a"], []], [["a"], ["a"]], (vocabulary, vocabulary))
    with pytest.raises(ValueError, match="source side holds no sentence"):
        EncodedPairs((), ())


# --- Translating ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beam", [1, 4])
def test_padding_and_company_change_no_translation(kind, beam) -> None:
    model = small(kind, initial_scale=1.0)
    sources = some_pairs(12, seed=3).source
    together = translate_ids(model, sources, beam=beam, max_tokens=8)
    alone = [translate_ids(model, [source], beam=beam, max_tokens=8)[0] for source in sources]
    # In many batches they are translated by compiled graphs, in one they are not.
    in_twos = translate_ids(model, sources, beam=beam, max_tokens=8, batch_size=2)
    assert together == alone == in_twos
    assert len({tuple(each) for each in together}) > 1


def test_greedy_search_takes_the_likeliest_word_each_time(kind) -> None:
    model = small(kind, initial_scale=1.0)
    source = pad([(3, 4, 5)])
    memory = model.encode(source, training=False)
    state, last, written = model.first_state(memory), np.array([model.boundary], dtype=np.int32), []
    while len(written) < 7:
        logits, state = model.step(last, state, memory)
        scores = np.array(logits[0])
        scores[:2] = -np.inf
        last = scores.argmax(keepdims=True).astype(np.int32)
        if last[0] == model.boundary:
            break
        written.append(int(last[0]))
    assert translate_ids(model, [(3, 4, 5)], beam=1, max_tokens=7) == [written]


def test_a_wide_beam_finds_the_best_of_all_short_translations() -> None:
    model = recurrent_translator(6, 4, 8, hidden=4, initial_scale=2.0, seed=3)
    source = pad([(3, 4, 5)])

    def value(ids: tuple[int, ...], penalty: float) -> float:
        logits = np.asarray(model((source, pad([(model.boundary, *ids)])), training=False))[0]
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return sum(logs[place, word] for place, word in enumerate((*ids, model.boundary))) / (len(ids) + 1) ** penalty

    every = [(), *((a,) for a in (2, 3)), *((a, b) for a in (2, 3) for b in (2, 3))]
    for penalty in (0.0, 1.0):
        best = max(every, key=lambda ids: value(ids, penalty))
        assert translate_ids(model, [(3, 4, 5)], beam=30, length_penalty=penalty, max_tokens=2) == [list(best)]


def test_padding_and_unknown_words_are_never_written(kind) -> None:
    model = small(kind, initial_scale=3.0)
    written = {word for ids in translate_ids(model, some_pairs(20).source, max_tokens=6) for word in ids}
    assert written
    assert not written & {Vocabulary.PADDING, Vocabulary.OOV, model.boundary}


@pytest.mark.parametrize(
    ("sources", "options", "message"),
    [
        ([(3, 30)], {}, "sentence 0 .* outside 1 to 29"),
        ([(3,), ()], {}, "sentence 1 is empty"),
        ([(3,)], {"beam": 0}, "beam must be"),
        ([(3,)], {"length_penalty": -1.0}, "length_penalty must be 0 or more"),
    ],
)
def test_what_cannot_be_translated_is_refused(sources, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        translate_ids(small("recurrent"), sources, **options)


# --- Training ---------------------------------------------------------------------------------------------------------


def fifty_pairs() -> tuple[list[list[str]], list[list[str]]]:
    rng = np.random.default_rng(5)
    targets: list[list[str]] = []
    while len(targets) < 50:
        tokens = rng.choice(WORDS, rng.integers(3, 8)).tolist()
        if tokens not in targets:
            targets.append(tokens)
    # The other language spells words backwards and puts them the other way round.
    return [[word[::-1] for word in tokens[::-1]] for tokens in targets], targets


def test_fifty_pairs_are_learnt_by_heart(kind) -> None:
    from embedbook.evaluation import score_translations

    sources, targets = fifty_pairs()
    vocabularies = Vocabulary.fit(sources), Vocabulary.fit(targets)
    pairs = encode_pairs(sources, targets, vocabularies)
    sizes = tuple(map(len, vocabularies))
    if kind == "recurrent":
        model = recurrent_translator(*sizes, 32, hidden=64, initial_scale=0.3, dropout=0.0)
    else:
        model = transformer_translator(*sizes, 32, inner=64, initial_scale=0.2, dropout=0.0)
    training = TranslationTraining(
        epochs=160, batch_tokens=150, learning_rate=4e-3, patience=30, label_smoothing=0.0, decay=0.95
    )
    fit_translator(model, pairs, pairs, training=training)
    written = [" ".join(vocabularies[1].decode(ids)) for ids in translate_ids(model, pairs.source)]
    assert score_translations(written, [" ".join(tokens) for tokens in targets]).bleu >= 95


def test_training_is_repeatable_and_seeds_count() -> None:
    pairs, dev = some_pairs(30), some_pairs(10, seed=1)
    training = TranslationTraining(epochs=2, batch_tokens=60)
    weights = []
    for seed in (1, 1, 2):
        model = small("recurrent", seed=seed)
        fit_translator(model, pairs, dev, training=training)
        weights.append(np.concatenate([weight.ravel() for weight in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.allclose(weights[0], weights[2])


def test_a_training_killed_after_any_epoch_ends_with_the_same_weights(kind, tmp_path) -> None:
    pairs, dev = some_pairs(30), some_pairs(10, seed=1)
    # One with a learning rate that its length decides, one with a rate that its history decides.
    training = TranslationTraining(epochs=4, batch_tokens=60, patience=5, anneal=kind == "recurrent")
    whole = small(kind, seed=1)
    expected = fit_translator(whole, pairs, dev, training=training)

    class KilledError(Exception):
        pass

    file = tmp_path / "checkpoint.npz"

    def kill(history) -> None:
        raise KilledError

    for _ in range(3):  # each comes one epoch further than the last
        with pytest.raises(KilledError):
            fit_translator(small(kind, seed=1), pairs, dev, training=training, checkpoint=file, after_epoch=kill)
    model = small(kind, seed=1)
    history = fit_translator(model, pairs, dev, training=training, checkpoint=file)
    assert (history.train_loss, history.dev_loss) == (expected.train_loss, expected.dev_loss)
    for one, other in zip(model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_damaged_or_foreign_checkpoint_is_one_clear_error(tmp_path) -> None:
    pairs = some_pairs(10)
    file = tmp_path / "checkpoint.npz"
    training = TranslationTraining(epochs=1)
    fit_translator(small("recurrent"), pairs, pairs, training=training, checkpoint=file)
    good = file.read_bytes()
    with pytest.raises(CheckpointError, match=r"checkpoint\.npz: belongs to another training"):
        fit_translator(small("recurrent", seed=7), pairs, pairs, training=training, checkpoint=file)
    for broken in (good[: len(good) // 2], b"", b"not a checkpoint", good[:200] + b"\0" * 64 + good[264:]):
        file.write_bytes(broken)
        with pytest.raises(CheckpointError, match=r"checkpoint\.npz: is damaged .* Remove it"):
            fit_translator(small("recurrent"), pairs, pairs, training=training, checkpoint=file)
    assert [each.name for each in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_the_best_epoch_counts_and_patience_ends_training() -> None:
    pairs, dev = some_pairs(40), some_pairs(20, seed=1)
    model = small("recurrent", dropout=0.0)
    history = fit_translator(
        model, pairs, dev, training=TranslationTraining(epochs=60, batch_tokens=60, learning_rate=2e-2, patience=3)
    )
    assert history.epochs < 60  # random pairs have nothing to teach for long
    assert history.epochs == history.best_epoch + 3
    assert history.best_loss == min(history.dev_loss)
    assert translation_loss(model, dev) == pytest.approx(history.best_loss, rel=1e-5)


def test_an_annealed_learning_rate_falls_by_equal_steps() -> None:
    pairs = some_pairs(8)
    model = small("recurrent")
    rates: list[float] = []
    training = TranslationTraining(epochs=4, batch_tokens=60, learning_rate=0.08, anneal=True, patience=4)
    fit_translator(
        model,
        pairs,
        some_pairs(8, seed=1),
        training=training,
        after_epoch=lambda history: rates.append(float(model.optimizer.learning_rate)),
    )
    assert rates == pytest.approx([0.08, 0.06, 0.04, 0.02])


def test_few_pairs_are_passed_over_several_times_an_epoch() -> None:
    pairs = some_pairs(8)

    def steps(**options) -> int:
        model = small("recurrent")
        fit_translator(model, pairs, pairs, training=TranslationTraining(epochs=1, batch_tokens=40, **options))
        return int(model.optimizer.iterations)

    once = steps()
    assert once > 1
    assert steps(epoch_updates=once) == once
    assert steps(epoch_updates=once + 1) == 2 * once


def test_ids_out_of_range_and_bad_settings_are_refused() -> None:
    pairs = some_pairs(5)
    with pytest.raises(ValueError, match="train: the source of pair 0 holds ids outside 1 to 29"):
        fit_translator(small("recurrent"), EncodedPairs(((30,),), ((2,),)), pairs)
    for options, message in (
        ({"epochs": 0}, "epochs"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"decay": 1.5}, "decay"),
        ({"label_smoothing": 1.0}, "label_smoothing"),
    ):
        with pytest.raises(ValueError, match=message):
            TranslationTraining(**options)
