"""Keras models of this book: their layers, the optimizer that trains them, and how they are trained."""

from __future__ import annotations

from embedbook.models.classifiers import convolution_classifier, mean_classifier
from embedbook.models.layers import ConvolutionMax, MaskedMean
from embedbook.models.optimizers import Adam, RMSprop, merge_repeated_rows
from embedbook.models.skipgram import keep_probability, noise_distribution, skipgram_model, skipgram_pairs
from embedbook.models.training import History, Training, fit_classifier, predict_proba

__all__ = [
    "Adam",
    "ConvolutionMax",
    "History",
    "MaskedMean",
    "RMSprop",
    "Training",
    "convolution_classifier",
    "fit_classifier",
    "keep_probability",
    "mean_classifier",
    "merge_repeated_rows",
    "noise_distribution",
    "predict_proba",
    "skipgram_model",
    "skipgram_pairs",
]
