"""What a trained arm is worth: its scores, its predictions and its costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from embedbook.text import Coverage

__all__ = ["Outcome", "metrics_of"]


@dataclass(frozen=True)
class Outcome:
    """What a trained arm is worth.

    Parameters
    ----------
    dev, test : dict
        "accuracy", "macro_f1" (the mean of the classes' F1) and "loss" (mean cross-entropy, nats a text).
    predictions : numpy.ndarray of int, shape (n test texts,)
        The class that each test text was given.
    curves : dict of str to tuple of float
        "train_loss", "train_accuracy", "dev_loss", "dev_accuracy", one number an epoch; empty for linear models.
    epochs : int
        Epochs trained; 0 for linear models.
    initial_scale : float
        The one of the initial scales that was kept; NaN for linear models.
    seconds : float
        Time of training, from all initial scales, without reading and judging.
    coverage : Coverage or None
        Which share of the training texts' words has a pretrained vector; None for arms without.
    parameters : int
        Numbers that training decided.
    """

    dev: dict[str, float]
    test: dict[str, float]
    predictions: np.ndarray
    curves: dict[str, tuple[float, ...]] = field(default_factory=dict)
    epochs: int = 0
    initial_scale: float = math.nan
    seconds: float = 0.0
    coverage: Coverage | None = None
    parameters: int = 0


def metrics_of(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return accuracy, macro-F1 and mean cross-entropy of predicted probabilities.

    Parameters
    ----------
    probabilities : numpy.ndarray of float, shape (n texts, n classes)
        Rows sum to 1.
    labels : numpy.ndarray of int, shape (n texts,)
        The true classes.

    Returns
    -------
    dict of str to float
        "accuracy"; "macro_f1", the mean of F1 over the classes that occur in `labels` or were predicted; "loss", nats
        a text, with probabilities no lower than 1e-7.
    """
    from sklearn.metrics import f1_score

    predicted = probabilities.argmax(axis=1)
    of_truth = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1)
    return {
        "accuracy": float((predicted == labels).mean()),
        "macro_f1": float(f1_score(labels, predicted, average="macro", zero_division=0)),
        "loss": float(-np.log(of_truth).mean()),
    }
