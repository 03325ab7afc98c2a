"""Train one translator, translate the test sentences, and say how good they are and why."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from embedbook.experiments.named_spaces import load_space, space_checksum
from embedbook.experiments.runs import Meter, Result, versions
from embedbook.experiments.translation_attention import keep_attention
from embedbook.experiments.translation_data import TranslationParts, TranslationTexts, parts_of_translation
from embedbook.experiments.translation_files import Translated, experiment_folder, keep_translations
from embedbook.experiments.translation_judging import judge_translations
from embedbook.experiments.translation_specs import TranslationSpec
from embedbook.experiments.translation_vectors import InitialVectors, initial_vectors, learn_dictionary
from embedbook.text import Vocabulary

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

    from embedbook.models import Translator

__all__ = ["build_translator", "run_translation"]

_LIBRARIES = ("tensorflow", "keras", "numpy", "gensim", "sacrebleu")


def run_translation(spec: TranslationSpec) -> Result:
    """Train a translator, translate, and judge.

    A run that is killed goes on from its last epoch when it is started again. The translations are kept beside the
    results (see `read_translations`), and so is what the translator looks at in one sentence (see `keep_attention`).

    Parameters
    ----------
    spec : TranslationSpec
        The run.

    Returns
    -------
    Result
        Its metrics are

        - "bleu" and "chrf" on the test part, "dev_bleu", "dev_chrf" and "dev_loss" (nats a word);
        - what explains them: "f_LOW_HIGH" (F-measure of the words that occur from LOW to below HIGH times in the
          training pairs) and "words_LOW_HIGH" (how many the references have), "repetition" and
          "repetition_reference" (share of repeated bigrams), "length_ratio";
        - numbers of pairs, ids, epochs and parameters;
        - coverage of the pretrained vectors, and with aligned ones the entries of the dictionary and their mean cosine.

        With several pairs, scores are means over them, and "bleu_PAIR" and so on those of each.

    Raises
    ------
    embedbook.datasets.DataError
        If texts are not to be had.
    ValueError
        If spaces are unknown, not trained yet, or do not fit.
    embedbook.models.CheckpointError
        If there is a damaged checkpoint.
    """
    from embedbook.models import TranslationTraining, encode_pairs, fit_translator

    settings = spec.settings
    with Meter() as meter:
        parts = parts_of_translation(spec)
        model, facts = build_translator(spec, parts)
        train, dev = (encode_pairs(*parts.together(name), parts.vocabularies) for name in ("train", "dev"))
        checkpoint = experiment_folder() / "checkpoints" / f"{spec.digest}.npz"
        history = fit_translator(
            model,
            train,
            dev,
            training=TranslationTraining(
                epochs=settings.epochs,
                epoch_updates=settings.epoch_updates,
                batch_tokens=settings.batch_tokens,
                learning_rate=settings.learning_rate,
                anneal=settings.anneal,
                patience=settings.patience,
                label_smoothing=settings.label_smoothing,
                clip_norm=settings.clip_norm,
                seed=spec.seed,
            ),
            checkpoint=checkpoint,
        )
        translated = [
            _translate(spec, model, parts.vocabularies, pair, part, texts)
            for part, whole in (("dev", parts.dev_whole), ("test", parts.test))
            for pair, texts in whole.items()
        ]
        judged, signatures = judge_translations(spec, translated, parts)
        digest = keep_translations(spec, translated)
        keep_attention(spec, model, parts.vocabularies)
    checkpoint.unlink(missing_ok=True)
    if "keras" in sys.modules:
        # Keras keeps something of every model for the life of the process.
        sys.modules["keras"].utils.clear_session()
    metrics = {
        **judged,
        "dev_loss": history.best_loss,
        "epochs": history.epochs,
        "best_epoch": history.best_epoch,
        "parameters": int(sum(np.prod(weight.shape) for weight in model.trainable_weights)),
        "n_train": len(train),
        "n_dev": len(dev),
        "n_test": sum(len(texts.source) for texts in parts.test.values()),
        "dropped_too_long": parts.dropped[0],
        "dropped_unequal": parts.dropped[1],
        "source_ids": len(parts.vocabularies[0]),
        "target_ids": len(parts.vocabularies[1]),
        **facts,
    }
    origin = {
        "data_sha256": _checksum(spec),
        "spaces_sha256": "+".join(space_checksum(name) for name in (*spec.source_spaces, spec.target_space) if name),
        "translations_sha256": digest,
        **signatures,
        **versions(*_LIBRARIES),
    }
    cost = meter.cost()
    # A run that went on from a checkpoint took longer than its last part.
    spent = {"seconds_train": float(sum(history.seconds))}
    cost["seconds"] = max(cost["seconds"], spent["seconds_train"])
    curves = {"train_loss": history.train_loss, "dev_loss": history.dev_loss}
    return Result(metrics=metrics, curves=curves, origin=origin, times=spent, **cost)


def build_translator(spec: TranslationSpec, parts: TranslationParts) -> tuple[Translator, dict[str, float]]:
    """Build the translator of a run, its word vectors where the run says that they begin.

    Parameters
    ----------
    spec : TranslationSpec
        The run.
    parts : TranslationParts
        Its sentences.

    Returns
    -------
    translator : embedbook.models.Translator
    facts : dict of str to float
        Coverage of the vectors by type and token, NaN for random ones, and how well spaces were aligned.
    """
    from embedbook import models

    settings = spec.settings
    source_seed, target_seed, model_seed = models.child_seeds(spec.seed, 3)
    target_space = load_space(spec.target_space) if spec.target_space else None
    spaces, facts = _source_spaces(spec, parts, target_space)
    source_scale, target_scale = (
        settings.std_scale if start == "std" else settings.pre_scale for start in (spec.source, spec.target)
    )
    source = initial_vectors(
        parts.vocabularies[0],
        spaces,
        settings.dimensions,
        scale=source_scale,
        seed=source_seed,
        shuffled=spec.source == "shuffled",
    )
    target = initial_vectors(
        parts.vocabularies[1],
        target_space if spec.target in ("pre", "shuffled") else None,
        settings.dimensions,
        scale=target_scale,
        seed=target_seed,
        extra=1,  # the boundary
        shuffled=spec.target == "shuffled",
    )
    shared: dict[str, Any] = {
        "source_matrix": source.matrix,
        "target_matrix": target.matrix,
        "tied": settings.tied,
        "dropout": settings.dropout,
        "seed": model_seed,
    }
    sizes = (len(parts.vocabularies[0]), len(parts.vocabularies[1]), settings.dimensions)
    if spec.model == "recurrent":
        model: Translator = models.recurrent_translator(*sizes, hidden=settings.hidden, **shared)
    else:
        model = models.transformer_translator(*sizes, **shared)
    return model, {**_coverage("source", source), **_coverage("target", target), **facts}


def _source_spaces(
    spec: TranslationSpec, parts: TranslationParts, target_space: KeyedVectors | None
) -> tuple[dict[str, KeyedVectors] | KeyedVectors | None, dict[str, float]]:
    """Return the pretrained spaces of the sources, turned if the run asks for it, and how well they fit then."""
    if not spec.source_spaces:
        return None, {}
    from embedbook.vectors import align

    spaces, entries, similarities = {}, 0, []
    for pair, language, name in zip(spec.pairs, spec.languages, spec.source_spaces, strict=True):
        space = load_space(name)
        if spec.source.startswith("aligned"):
            assert target_space is not None  # the specification saw to it
            words: Sequence[Any]
            if spec.source == "aligned":
                words = [word for word in space.index_to_key if word in target_space.key_to_index]
            else:
                texts = parts.train[pair]
                tag = f"{language}:" if len(spec.pairs) > 1 else ""
                plain = [[token.removeprefix(tag) for token in tokens] for tokens in texts.source]
                words = learn_dictionary(plain, texts.target)
            alignment = align(space, target_space, words=words)
            space = alignment.apply(space)
            entries += len(alignment.pairs)
            similarities.append(alignment.similarity)
        spaces[language] = space
    facts = {}
    if similarities:
        facts = {"alignment_entries": float(entries), "alignment_similarity": float(np.mean(similarities))}
    return (spaces if len(spec.pairs) > 1 else next(iter(spaces.values()))), facts


def _coverage(side: str, vectors: InitialVectors) -> dict[str, float]:
    by_type, by_token = vectors.coverage if vectors.coverage is not None else (float("nan"), float("nan"))
    return {f"coverage_{side}_types": by_type, f"coverage_{side}_tokens": by_token}


def _translate(
    spec: TranslationSpec,
    model: Translator,
    vocabularies: tuple[Vocabulary, Vocabulary],
    pair: str,
    part: str,
    texts: TranslationTexts,
) -> Translated:
    from embedbook.models import translate_ids

    ids = translate_ids(
        model,
        [vocabularies[0].encode(tokens) for tokens in texts.source],
        beam=spec.settings.beam,
        length_penalty=spec.settings.length_penalty,
    )
    return Translated(
        pair,
        part,
        [" ".join(tokens) for tokens in texts.source],
        [" ".join(tokens) for tokens in texts.target],
        [" ".join(vocabularies[1].decode(each)) for each in ids],
    )


def _checksum(spec: TranslationSpec) -> str:
    """Return the first twelve characters of the checksums of the files that the pairs were read from."""
    from embedbook.datasets import chosen_files, find_entry, registry

    def names(pair: str) -> Mapping[str, str]:
        entry = find_entry(pair if pair in registry() else pair.split("-")[0])
        chosen = chosen_files(entry)
        # Of a set with many languages only the files of this pair count.
        wanted = [file for file in chosen if {*file.name.split(".")} & {*pair.split("-")[-2:]}] or chosen
        return {file.path: file.sha256 for file in wanted}

    together = {path: digest for pair in spec.pairs for path, digest in names(pair).items()}
    return hashlib.sha256(json.dumps(together, sort_keys=True).encode()).hexdigest()[:12]
