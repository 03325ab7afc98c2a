"""Train a translator: batches of like length, early stopping on development loss, checkpoints to go on from."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from embedbook.models.optimizers import Adam
from embedbook.models.translation_batches import Batch, EncodedPairs, batches
from embedbook.models.translation_checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from embedbook.models.translators import Translator, as_graph, masked_cross_entropy

__all__ = ["TranslationHistory", "TranslationTraining", "fit_translator", "translation_loss"]

_DEV_TOKENS = 1024  # of a batch of development data; bounds memory and changes no result


@dataclass(frozen=True)
class TranslationTraining:
    """How to train a translator.

    Parameters
    ----------
    epochs : int
        At most so many epochs.
    epoch_updates : int
        Updates between two looks at the development data, at least: an epoch is as many passes over the pairs as that
        takes. With few pairs one pass is no time to learn anything in, let alone to lose patience.
    batch_tokens : int
        Tokens a step, padding included, on the longer side.
    learning_rate : float
        Of Adam.
    anneal : bool
        Lower the learning rate from epoch to epoch by equal steps, so that it would be 0 after the last.
    decay : float
        Without `anneal`: multiply the learning rate by this after each epoch that is not the best so far; 1 leaves it.
    patience : int
        Stop after so many epochs in a row without a lower loss on development data.
    label_smoothing : float
        See `masked_cross_entropy`; development loss is without it.
    clip_norm : float
        Gradients that are longer, all weights together, are shortened to this.
    seed : int
        Decides the batches and their order.

    Raises
    ------
    ValueError
        If a value is out of range; the message names it.
    """

    epochs: int = 30
    epoch_updates: int = 1
    batch_tokens: int = 1024
    learning_rate: float = 2e-3
    anneal: bool = False
    decay: float = 0.5
    patience: int = 3
    label_smoothing: float = 0.1
    clip_norm: float = 5.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (
            ("epochs", 1),
            ("epoch_updates", 1),
            ("batch_tokens", 1),
            ("patience", 1),
            ("seed", 0),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
                raise ValueError(f"{name} must be a whole number, {least} or more, not {value!r}")
        for name in ("learning_rate", "clip_norm"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be a positive number, not {getattr(self, name)!r}")
        if not 0 < self.decay <= 1:
            raise ValueError(f"decay must be above 0 and at most 1, not {self.decay!r}")
        masked_cross_entropy(self.label_smoothing)


@dataclass(frozen=True)
class TranslationHistory:
    """What happened in training, one entry an epoch.

    Parameters
    ----------
    train_loss : tuple of float
        Mean over the epoch's words, with label smoothing, while the weights were changing and dropout was on.
    dev_loss : tuple of float
        Mean cross-entropy of the development words after the epoch, nats a word.
    seconds : tuple of float
        Time of each epoch, its development data included.
    best_epoch : int
        The epoch, counted from 1, whose weights the translator was left with.
    """

    train_loss: tuple[float, ...] = ()
    dev_loss: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()
    best_epoch: int = 0

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return len(self.dev_loss)

    @property
    def best_loss(self) -> float:
        """Development loss of the best epoch."""
        return self.dev_loss[self.best_epoch - 1] if self.dev_loss else math.inf


def fit_translator(
    model: Translator,
    train: EncodedPairs,
    dev: EncodedPairs,
    *,
    training: TranslationTraining | None = None,
    checkpoint: Path | None = None,
    after_epoch: Callable[[TranslationHistory], None] | None = None,
) -> TranslationHistory:
    """Train a translator in place and leave it with the weights of its best epoch.

    Parameters
    ----------
    model : Translator
        From `recurrent_translator` or `transformer_translator`, not trained yet.
    train, dev : EncodedPairs
        Pairs to learn from, and pairs that decide when to stop.
    training : TranslationTraining, optional
        How to train.
    checkpoint : pathlib.Path, optional
        Written after each epoch. If it is there already, training goes on from it, and ends with the same weights as
        one that was never interrupted. The caller removes it when it is no longer wanted.
    after_epoch : callable, optional
        Told the history so far after each epoch.

    Returns
    -------
    TranslationHistory

    Raises
    ------
    ValueError
        If ids are out of the translator's range.
    CheckpointError
        If the checkpoint is damaged, or belongs to another training.
    FloatingPointError
        If the loss stops being a finite number.
    """
    training = TranslationTraining() if training is None else training
    for name, pairs in (("train", train), ("dev", dev)):
        _check_ids(name, model, pairs)
    multiple = 1 if keras.backend.backend() == "tensorflow" else 8
    dev_batches = batches(dev, model.boundary, tokens=_DEV_TOKENS, multiple=multiple)
    model.compile(
        optimizer=Adam(training.learning_rate, global_clipnorm=training.clip_norm),
        loss=masked_cross_entropy(training.label_smoothing),
        # The merged gradient has as many rows as the batch has distinct words; XLA would want to know that beforehand.
        jit_compile=keras.backend.backend() == "jax",
    )
    _build(model)
    logits = _logits_of(model)
    purpose = _purpose(model, train, dev, training)
    history, best = TranslationHistory(), [np.copy(weight) for weight in model.get_weights()]
    if checkpoint is not None and checkpoint.exists():
        restored = read_checkpoint(checkpoint, purpose)
        restored.restore(model)
        best = restored.best
        history = TranslationHistory(**restored.history)
    while history.epochs < training.epochs and history.epochs - history.best_epoch < training.patience:
        started = time.perf_counter()
        if training.anneal:
            model.optimizer.learning_rate = training.learning_rate * (1 - history.epochs / training.epochs)
        # Each epoch has random numbers of its own, so that one that is begun anew deals the same batches.
        rng = np.random.default_rng([training.seed, history.epochs])
        dealt: list[Batch] = []
        while len(dealt) < training.epoch_updates or not dealt:
            dealt += batches(train, model.boundary, tokens=training.batch_tokens, rng=rng, multiple=multiple)
        train_loss = _train_one_epoch(model, dealt)
        dev_loss = _loss(logits, dev_batches)
        if not (math.isfinite(train_loss) and math.isfinite(dev_loss)):
            raise FloatingPointError(
                f"in epoch {history.epochs + 1} the loss is {train_loss} in training and {dev_loss} on development "
                f"data; lower learning_rate ({training.learning_rate}) or look at the initial vectors"
            )
        better = dev_loss < history.best_loss
        history = TranslationHistory(
            (*history.train_loss, train_loss),
            (*history.dev_loss, dev_loss),
            (*history.seconds, time.perf_counter() - started),
            history.epochs + 1 if better else history.best_epoch,
        )
        if better:
            best = [np.copy(weight) for weight in model.get_weights()]
        elif not training.anneal:
            model.optimizer.learning_rate = float(model.optimizer.learning_rate) * training.decay
        if checkpoint is not None:
            write_checkpoint(checkpoint, Checkpoint.of(model, best, asdict(history), purpose))
        if after_epoch is not None:
            after_epoch(history)
    model.set_weights(best)
    return history


def translation_loss(model: Translator, pairs: EncodedPairs) -> float:
    """Return the mean cross-entropy of the words of translations, nats a word, the end of each included.

    Parameters
    ----------
    model : Translator
        The translator.
    pairs : EncodedPairs
        Sentences and translations.

    Returns
    -------
    float
    """
    _check_ids("pairs", model, pairs)
    return _loss(_logits_of(model), batches(pairs, model.boundary, tokens=_DEV_TOKENS))


def _build(model: Translator) -> None:
    model.optimizer.build(model.trainable_variables)
    if keras.backend.backend() != "tensorflow":
        return
    # TensorFlow compiles a step for the shape of the first batch, and one for all shapes when it meets a second shape;
    # their results differ in the last digit. A training that goes on from a checkpoint has other first batches than one
    # that was never interrupted, and would end with other weights. So both steps are compiled here, from fixed batches.
    before = Checkpoint.of(model, [], {}, "")
    for n, s, t in ((1, 2, 3), (2, 3, 4)):
        model.train_on_batch((np.ones((n, s), np.int32), np.ones((n, t), np.int32)), np.ones((n, t), np.int32))
    before.restore(model)


def _train_one_epoch(model: Translator, dealt: Sequence[Batch]) -> float:
    total, words = 0.0, 0
    for batch in dealt:
        # Asked for alone, the loss would be Keras' running mean; reset, it is that of the batch.
        model.reset_metrics()
        loss = model.train_on_batch((batch.source, batch.before), batch.after)
        count = int(np.count_nonzero(batch.after))
        total, words = total + float(np.asarray(loss)) * count, words + count
    return total / words


def _logits_of(model: Translator) -> Callable[..., Any]:
    return as_graph(lambda source, before: model((source, before), training=False), matrices_of_ids=2)


def _loss(logits: Callable[..., Any], dealt: Sequence[Batch]) -> float:
    total, words = 0.0, 0
    loss = masked_cross_entropy()
    for batch in dealt:
        count = int(np.count_nonzero(batch.after))
        total += float(keras.ops.convert_to_numpy(loss(batch.after, logits(batch.source, batch.before)))) * count
        words += count
    return total / words


def _purpose(model: Translator, train: EncodedPairs, dev: EncodedPairs, training: TranslationTraining) -> str:
    """Return a digest of all that a training depends on, taken before its first step."""
    # A training may be prolonged, unless its learning rates depend on its length.
    shared = training if training.anneal else replace(training, epochs=1)
    digest = hashlib.sha256(repr(asdict(shared)).encode())
    for pairs in (train, dev):
        digest.update(repr((pairs.source, pairs.target)).encode())
    for variable in model.variables:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable.value)).tobytes())
    return digest.hexdigest()


def _check_ids(name: str, model: Translator, pairs: EncodedPairs) -> None:
    for side, size in (("source", model.source_size), ("target", model.target_size)):
        for row, ids in enumerate(getattr(pairs, side)):
            if min(ids) < 1 or max(ids) >= size:
                raise ValueError(
                    f"{name}: the {side} of pair {row} holds ids outside 1 to {size - 1}; encode it with the "
                    "vocabulary that the translator was made for"
                )
