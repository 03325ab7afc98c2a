"""Keras models of this book: their layers, the optimizer that trains them, and how they are trained."""

from __future__ import annotations

from embedbook.models.beam_search import translate_ids
from embedbook.models.categories import Categories
from embedbook.models.classifiers import convolution_classifier, mean_classifier
from embedbook.models.layers import ConvolutionMax, MaskedMean
from embedbook.models.masked_transformer import (
    MaskedTransformer,
    context_vectors,
    fit_masked_transformer,
    masked_transformer,
)
from embedbook.models.optimizers import Adam, RMSprop, merge_repeated_rows
from embedbook.models.recurrent_translator import RecurrentTranslator, recurrent_translator
from embedbook.models.seeds import child_seeds
from embedbook.models.skipgram import keep_probability, noise_distribution, skipgram_model, skipgram_pairs
from embedbook.models.tabular import (
    TableArrays,
    fit_table_classifier,
    table_classifier,
    table_probabilities,
)
from embedbook.models.training import History, Training, fit_classifier, predict_proba
from embedbook.models.transformer_translator import TransformerTranslator, transformer_translator
from embedbook.models.translation_batches import EncodedPairs, encode_pairs
from embedbook.models.translation_checkpoints import CheckpointError
from embedbook.models.translation_training import (
    TranslationHistory,
    TranslationTraining,
    fit_translator,
    translation_loss,
)
from embedbook.models.translators import Translator, boundary_id, masked_cross_entropy

__all__ = [
    "Adam",
    "Categories",
    "CheckpointError",
    "ConvolutionMax",
    "EncodedPairs",
    "History",
    "MaskedMean",
    "MaskedTransformer",
    "RMSprop",
    "RecurrentTranslator",
    "TableArrays",
    "Training",
    "TransformerTranslator",
    "TranslationHistory",
    "TranslationTraining",
    "Translator",
    "boundary_id",
    "child_seeds",
    "context_vectors",
    "convolution_classifier",
    "encode_pairs",
    "fit_classifier",
    "fit_masked_transformer",
    "fit_table_classifier",
    "fit_translator",
    "keep_probability",
    "masked_cross_entropy",
    "masked_transformer",
    "mean_classifier",
    "merge_repeated_rows",
    "noise_distribution",
    "predict_proba",
    "recurrent_translator",
    "skipgram_model",
    "skipgram_pairs",
    "table_classifier",
    "table_probabilities",
    "transformer_translator",
    "translate_ids",
    "translation_loss",
]
