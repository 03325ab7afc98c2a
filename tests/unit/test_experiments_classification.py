"""Every arm reads the same words, is trained until it has converged, and is judged once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedbook.experiments import (
    Arm,
    LabelledSpec,
    Part,
    Parts,
    Settings,
    bag_of_words,
    in_proportion,
    load_space,
    parts_of,
    run_labelled,
    take,
    train_arm,
)
from embedbook.experiments.classification import model_for
from embedbook.text import Vocabulary
from embedbook.vectors import keyed_vectors

GOOD = ["good", "fine", "great", "lovely", "superb", "nice"]
BAD = ["bad", "poor", "awful", "dull", "weak", "dire"]
SMALL = Settings(
    dimensions=8,
    initial_scales=(0.5,),
    learning_rate=0.01,
    word_dropout=0.0,
    dropout=0.0,
    patience_updates=40,
    updates=400,
)
ARMS = [Arm("bag"), Arm("random"), Arm("learned"), *(Arm(k, ("toy",)) for k in ("static", "nonstatic", "multichannel"))]


def texts(n: int, words: int, seed: int) -> Part:
    """Half of them good, half of them bad, by the first `words` words of each list."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    tokens = [["the", "film", "was", str(rng.choice((BAD, GOOD)[label][:words]))] for label in labels]
    return Part(tokens, labels)


@pytest.fixture(scope="module")
def parts() -> Parts:
    return Parts(texts(40, 3, 0), texts(20, 3, 1), texts(20, 3, 2), 2)


@pytest.fixture(scope="module")
def unseen() -> Parts:
    """The test texts speak of other words than the training texts."""
    test = Part([["the", "film", "was", word] for word in GOOD[3:] + BAD[3:]], np.repeat([1, 0], 3))
    return Parts(texts(40, 3, 0), texts(20, 3, 1), test, 2)


@pytest.fixture(scope="module")
def spaces() -> dict:
    rng = np.random.default_rng(5)
    rows = rng.normal(scale=0.1, size=(len(GOOD) + len(BAD) + 2, 6))
    rows[: len(GOOD), 0] += 1
    rows[len(GOOD) : len(GOOD) + len(BAD), 0] -= 1
    return {"toy": keyed_vectors([*GOOD, *BAD, "the", "film"], rows.astype("float32"))}


# --- Arms -------------------------------------------------------------------------------------------------------------


def test_arms_have_the_names_of_the_tables() -> None:
    assert [arm.name for arm in ARMS] == [
        "one-hot", "random", "learned", "toy static", "toy fine-tuned", "toy multichannel",
    ]  # fmt: skip
    assert Arm("nonstatic", ("word2vec", "glove")).name == "word2vec+glove fine-tuned"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("frozen",), "unknown kind of arm 'frozen'"),
        (("static",), "needs the name of at least one pretrained space"),
        (("learned", ("glove",)), "uses no pretrained space"),
    ],
)
def test_arms_that_make_no_sense_are_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        Arm(*arguments)


# --- Training ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["mean", "cnn"])
@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.name)
def test_every_arm_learns_what_is_easy(arm, model, parts, spaces) -> None:
    outcome = train_arm(arm, parts, spaces, model=model, settings=SMALL, seed=1)
    assert outcome.test["accuracy"] >= 0.9
    assert outcome.predictions.shape == (20,)
    assert (outcome.coverage is not None) == arm.pretrained
    assert outcome.parameters > 0


@pytest.mark.parametrize("model", ["mean", "linear"])
def test_pretrained_vectors_carry_over_to_words_that_training_lacks(model, unseen, spaces) -> None:
    known = train_arm(Arm("static", ("toy",)), unseen, spaces, model=model, settings=SMALL, seed=1)
    assert known.test["accuracy"] == 1
    for arm in (Arm("bag"), Arm("learned")):
        assert train_arm(arm, unseen, spaces, settings=SMALL, seed=1).test["accuracy"] == 0.5


@pytest.mark.parametrize("model", ["mean", "cnn"])
@pytest.mark.parametrize("kind", ["nonstatic", "multichannel"])
def test_training_moves_the_words_it_reads_and_test_texts_read_the_others_too(kind, model, unseen, spaces) -> None:
    outcome = train_arm(Arm(kind, ("toy",)), unseen, spaces, model=model, settings=SMALL, seed=1)
    assert outcome.dev["loss"] == pytest.approx(min(outcome.curves["dev_loss"]), rel=1e-5)
    assert outcome.test["accuracy"] == 1
    dimensions = spaces["toy"].vector_size
    words = len({word for part in (unseen.train, unseen.test) for text in part.tokens for word in text})
    assert outcome.parameters >= dimensions * words  # those that only test texts have are counted


def test_what_all_texts_have_in_common_does_not_hide_what_differs(parts, spaces) -> None:
    """The mean of many vectors is mostly the same for all texts; dropout makes noise of it, an exact fit does not."""
    toy = spaces["toy"]
    shifted = {"toy": keyed_vectors(toy.index_to_key, toy.vectors + 50.0)}
    arm = Arm("static", ("toy",))
    exact = train_arm(arm, parts, shifted, model=model_for(arm, "mean"))
    noisy = train_arm(arm, parts, shifted, model="mean", settings=replace(SMALL, dropout=0.5), seed=1)
    assert exact.test["loss"] < 0.1 < noisy.test["loss"]
    assert model_for(arm, "cnn") == "cnn"
    assert model_for(Arm("nonstatic", ("toy",)), "mean") == model_for(Arm("learned"), "mean") == "mean"


def test_coverage_counts_the_words_of_the_training_texts(parts, spaces) -> None:
    outcome = train_arm(Arm("static", ("toy",)), parts, spaces, model="linear")
    assert outcome.coverage.by_token == pytest.approx(3 / 4)  # "was" has no vector
    assert outcome.coverage.by_type == pytest.approx(8 / 9)


def test_the_same_seed_gives_the_same_and_another_another(parts, spaces) -> None:
    losses = [train_arm(Arm("learned"), parts, {}, settings=SMALL, seed=seed).test["loss"] for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


def test_all_initial_matrices_have_the_same_scale(parts, spaces) -> None:
    # A space multiplied by a thousand is the same space.
    large = {"toy": keyed_vectors(spaces["toy"].index_to_key, 1000 * spaces["toy"].vectors)}
    arm = Arm("nonstatic", ("toy",))
    outcomes = [train_arm(arm, parts, given, settings=SMALL, seed=1) for given in (spaces, large)]
    assert outcomes[0].test["loss"] == pytest.approx(outcomes[1].test["loss"], rel=1e-3)


def test_the_initial_scale_with_the_lower_development_loss_is_kept(parts, spaces) -> None:
    arm = Arm("static", ("toy",))
    settings = [replace(SMALL, updates=30, initial_scales=scales) for scales in ((0.01,), (1.0,), (0.01, 1.0))]
    small, large, both = (train_arm(arm, parts, spaces, settings=each, seed=1) for each in settings)
    assert large.dev["loss"] < small.dev["loss"]
    assert both.initial_scale == 1.0
    assert both.dev == large.dev


def test_patience_counts_updates_where_an_epoch_has_few(parts) -> None:
    # Development texts that contradict the training texts: no epoch is better than the first ones.
    few = Part(parts.train.tokens[:4], parts.train.labels[:4])
    contrary = Parts(few, Part(parts.dev.tokens, 1 - parts.dev.labels), parts.test, 2)
    epochs = [
        train_arm(Arm("learned"), contrary, {}, settings=replace(SMALL, patience_updates=updates)).epochs
        for updates in (1, 60)
    ]
    assert epochs[0] < 10
    assert epochs[1] == epochs[0] - 3 + 60 / SMALL.epoch_updates
    outcome = train_arm(Arm("learned"), parts, {}, settings=SMALL)
    assert len(outcome.curves["dev_loss"]) == outcome.epochs


def test_a_text_without_a_known_word_is_judged_too(spaces) -> None:
    train = texts(10, 3, 0)
    odd = Part([["zzz"], []], np.array([0, 1]))
    for arm in ARMS:
        outcome = train_arm(arm, Parts(train, texts(10, 3, 1), odd, 2), spaces, settings=replace(SMALL, updates=20))
        assert np.isfinite(outcome.test["loss"])


def test_a_class_that_training_lacks_is_no_error() -> None:
    test = Part([["good"], ["odd"]], np.array([1, 2]))
    outcome = train_arm(Arm("bag"), Parts(texts(10, 3, 0), texts(10, 3, 1), test, 3), {})
    assert outcome.test["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("arm", "options", "message"),
    [
        (Arm("learned"), {"model": "transformer"}, "unknown model 'transformer'"),
        (Arm("learned"), {"model": "linear"}, "goes with the kinds bag and static"),
        (Arm("static", ("glove",)), {}, "needs the pretrained space 'glove', which is not given"),
    ],
)
def test_what_does_not_go_together_is_named(arm, options, message, parts) -> None:
    with pytest.raises(ValueError, match=message):
        train_arm(arm, parts, {}, **options)


def test_an_empty_part_is_named(parts) -> None:
    with pytest.raises(ValueError, match="dev holds 0 texts"):
        train_arm(Arm("bag"), replace(parts, dev=Part([], np.array([], dtype=int))), {})


@pytest.mark.parametrize(
    "options", [{"dimensions": 0}, {"initial_scales": (0,)}, {"initial_scales": ()}, {"updates": 0}]
)
def test_settings_out_of_range_are_named(options) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        Settings(**options)


def test_a_bag_of_words_is_the_sum_of_one_hot_vectors() -> None:
    vocabulary = Vocabulary.fit([["a", "b", "a"]])
    bags = bag_of_words([["a", "a", "b"], ["c"], []], vocabulary, binary=False)
    assert bags.toarray().tolist() == [[2, 1], [0, 0], [0, 0]]
    assert bag_of_words([["a", "a", "b"]], vocabulary).toarray().tolist() == [[1, 1]]


# --- Runs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sample(monkeypatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")


def test_choices_keep_the_shares_of_the_classes_and_grow_from_each_other() -> None:
    labels = np.repeat([0, 1, 2], [100, 60, 40])
    chosen = [take(labels, size, np.random.default_rng(3)) for size in (20, 50, 200, 500)]
    assert [np.bincount(labels[rows]).tolist() for rows in chosen[:2]] == [[10, 6, 4], [25, 15, 10]]
    assert chosen[1][:20].tolist() == chosen[0].tolist()
    assert sorted(chosen[2]) == sorted(chosen[3]) == list(range(200))


def test_phrases_are_drawn_with_the_sentences_shares_and_whole_sentences_first() -> None:
    sentences = Part([["s", str(n)] for n in range(10)], np.repeat([0, 1, 2], [5, 2, 3]))
    others = Part([["p", str(n)] for n in range(190)], np.repeat([0, 1, 2], [35, 148, 7]))
    phrases = Part([*others.tokens, *sentences.tokens], np.concatenate([others.labels, sentences.labels]))
    drawn, again, other = (in_proportion(phrases, sentences, np.random.default_rng(seed)) for seed in (0, 0, 1))
    # Of the last class there are ten phrases, three tenths of the sentences; so there can be 33 in all.
    assert np.bincount(drawn.labels).tolist() == [17, 7, 10]
    assert [tokens for tokens in drawn.tokens if tokens[0] == "s"] == sentences.tokens
    label_of = {tuple(tokens): label for tokens, label in zip(phrases.tokens, phrases.labels, strict=True)}
    assert [label_of[tuple(tokens)] for tokens in drawn.tokens] == drawn.labels.tolist()
    assert drawn.tokens == again.tokens != other.tokens


def test_a_class_without_phrases_cannot_be_drawn_in_proportion() -> None:
    sentences = Part([["a"], ["b"]], np.array([0, 4]))
    with pytest.raises(ValueError, match="no phrase has the class 4, which sentences have"):
        in_proportion(Part([["a"]], np.array([0])), sentences, np.random.default_rng(0))


@pytest.mark.usefixtures("mirror")
def test_runs_on_phrases_test_on_sentences_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "real")
    sentences, every, drawn = (
        parts_of(LabelledSpec("sst1", Arm("bag"), phrases=phrases)) for phrases in (False, True, "in proportion")
    )
    assert len(sentences.train.labels) < len(drawn.train.labels) < len(every.train.labels)
    assert sentences.test.tokens == every.test.tokens == drawn.test.tokens
    shares = [np.bincount(parts.train.labels) / len(parts.train.labels) for parts in (sentences, every, drawn)]
    assert np.abs(shares[2] - shares[0]).max() < 1e-4 < 0.3 < np.abs(shares[1] - shares[0]).max()


@pytest.mark.usefixtures("sample")
def test_no_text_is_in_two_parts_and_seeds_differ() -> None:
    spec = LabelledSpec("mr", Arm("bag"), size=100)
    parts = parts_of(spec)
    sets = [{" ".join(tokens) for tokens in part.tokens} for part in (parts.train, parts.dev, parts.test)]
    assert not sets[0] & sets[1] and not sets[0] & sets[2] and not sets[1] & sets[2]
    assert [len(part.labels) for part in (parts.train, parts.dev, parts.test)] == [100, 25, 204]
    assert abs(parts.train.labels.mean() - 0.5) < 0.02
    larger = parts_of(replace(spec, size=200))
    assert larger.train.tokens[:100] == parts.train.tokens
    assert larger.test.tokens == parts.test.tokens
    assert parts_of(replace(spec, seed=1)).test.tokens != parts.test.tokens


@pytest.mark.usefixtures("sample")
def test_more_texts_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"mr has 1,632 training texts, fewer than the size 5,000"):
        parts_of(LabelledSpec("mr", Arm("bag"), size=5000))


@pytest.mark.usefixtures("sample")
def test_a_run_says_what_it_was_made_from() -> None:
    result = run_labelled(LabelledSpec("mr", Arm("static", ("glove",)), model="linear", size=200, words=2000))
    assert result.origin["data_sha256"] == "sample"
    assert len(result.origin["spaces_sha256"]) == 12
    assert "keras" in result.origin["versions"]
    assert result.metrics["n_train"] == 200
    assert 0.5 < result.metrics["coverage_tokens"] < 1
    assert result.seconds > 0


# --- Spaces by name ---------------------------------------------------------------------------------------------------


def test_a_space_can_be_any_file_of_vectors(tmp_path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("good 1 0\nbad 0 1\nfilm 1 1\n", encoding="utf-8")
    assert load_space(str(file)).index_to_key == ["good", "bad", "film"]
    assert load_space(str(file), 2).index_to_key == ["good", "bad"]


def test_a_space_that_is_not_there_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match="no pretrained space 'fasttext' and no file of this name"):
        load_space("fasttext")
    with pytest.raises(ValueError, match=r"`embedbook vectors train word2vec imdb .* --to .*spaces.imdb`"):
        load_space("imdb")
