"""What a trained translator looks at while it translates a sentence that was written for this book."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embedbook.experiments.translation_files import experiment_folder
from embedbook.experiments.translation_specs import TranslationSpec
from embedbook.text import Vocabulary, tokenize
from embedbook.whole_files import replaced_when_whole

if TYPE_CHECKING:
    from embedbook.models import Translator

__all__ = ["PROBES", "attention_file", "keep_attention"]

#: By language, a sentence of everyday words whose order English changes: "we live in a small world and need new ideas".
PROBES = {"gl": "Vivimos nun mundo pequeno e necesitamos ideas novas."}

_COLUMNS = ("target_place", "target", "source_place", "source", "weight")


def attention_file(spec: TranslationSpec) -> Path:
    """Return where the attention of a run is kept on this machine.

    Parameters
    ----------
    spec : TranslationSpec
        The run.

    Returns
    -------
    pathlib.Path
        A CSV table, one row for each word of the translation and each of the sentence; there only if `PROBES` has a
        sentence in the run's language.
    """
    return experiment_folder() / "attention" / f"{spec.digest}.csv"


def keep_attention(
    spec: TranslationSpec, model: Translator, vocabularies: tuple[Vocabulary, Vocabulary]
) -> Path | None:
    """Translate the sentence of the run's language and write down what each word of the translation looked at.

    Parameters
    ----------
    spec : TranslationSpec
        The run.
    model : embedbook.models.Translator
        Its trained translator.
    vocabularies : tuple of two Vocabulary
        Of the source and of the target.

    Returns
    -------
    pathlib.Path or None
        None for a run with several languages, or without a sentence in its language.
    """
    from embedbook.models import translate_ids

    if len(spec.languages) > 1 or spec.languages[0] not in PROBES:
        return None
    source = tokenize(PROBES[spec.languages[0]])
    ids = vocabularies[0].encode(source)
    (translated,) = translate_ids(model, [ids], beam=spec.settings.beam, length_penalty=spec.settings.length_penalty)
    before = np.array([[model.boundary, *translated]], dtype=np.int32)
    memory = model.encode(np.array([ids], dtype=np.int32), training=False)
    weights = np.asarray(model.attend(before, memory))[0]
    target = [*vocabularies[1].decode(translated), "(end)"]
    file = attention_file(spec)
    file.parent.mkdir(parents=True, exist_ok=True)
    with replaced_when_whole(file) as temporary, temporary.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines, lineterminator="\n")
        rows.writerow(_COLUMNS)
        for t, word in enumerate(target):
            rows.writerows((t, word, s, token, f"{weights[t, s]:.4f}") for s, token in enumerate(source))
    return file
