"""The translations that runs made: kept beside the results, for tests that compare two runs sentence by sentence."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from embedbook.experiments.translation_specs import TranslationSpec
from embedbook.whole_files import replaced_when_whole

__all__ = ["Translated", "experiment_folder", "keep_translations", "read_translations", "translations_file"]


class Translated(NamedTuple):
    """Sentences of one part, with what the translator made of them; tokens parted by a space."""

    pair: str
    part: str
    source: list[str]
    reference: list[str]
    translation: list[str]


def translations_file(spec: TranslationSpec) -> Path:
    """Return where the translations of a run are kept on this machine.

    Parameters
    ----------
    spec : TranslationSpec
        The run.

    Returns
    -------
    pathlib.Path
        Lines of JSON, packed with gzip. It holds sentences of the data set, so it is never given away.
    """
    return experiment_folder() / "translations" / f"{spec.digest}.jsonl.gz"


def read_translations(spec: TranslationSpec) -> list[Translated]:
    """Read the translations that a run made.

    Parameters
    ----------
    spec : TranslationSpec
        The run.

    Returns
    -------
    list of Translated
        For each part, "dev" and "test", and each pair of languages.

    Raises
    ------
    ValueError
        If this machine has none, or the file is damaged.
    """
    file = translations_file(spec)
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        grouped: dict[tuple[str, str], list[list[str]]] = {}
        for row in rows:
            grouped.setdefault((row["pair"], row["part"]), []).append([row[name] for name in Translated._fields[2:]])
    except FileNotFoundError:
        raise ValueError(
            f"the translations of the run {spec.digest} are not on this machine ({file}); run it again, after removing "
            "its result"
        ) from None
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file}: is damaged ({error}); remove it and run {spec.digest} again") from error
    return [Translated(*key, *(list(column) for column in zip(*rows, strict=True))) for key, rows in grouped.items()]


def keep_translations(spec: TranslationSpec, translated: Sequence[Translated]) -> str:
    """Write the translations of a run; the file is there when it is complete, or not at all.

    Parameters
    ----------
    spec : TranslationSpec
        The run.
    translated : sequence of Translated
        Its translations.

    Returns
    -------
    str
        The first twelve characters of the SHA-256 of what was written, before it was packed.
    """
    names = Translated._fields[2:]
    lines = [
        json.dumps({"pair": each.pair, "part": each.part, **dict(zip(names, row, strict=True))}, ensure_ascii=False)
        for each in translated
        for row in zip(each.source, each.reference, each.translation, strict=True)
    ]
    content = ("\n".join(lines) + "\n").encode()
    file = translations_file(spec)
    file.parent.mkdir(parents=True, exist_ok=True)
    with replaced_when_whole(file) as temporary:
        temporary.write_bytes(gzip.compress(content, mtime=0))
    return hashlib.sha256(content).hexdigest()[:12]


def experiment_folder() -> Path:
    """Return the folder of the cache where experiments keep what they made."""
    from embedbook.datasets import cache_folder

    return cache_folder() / "experiments"
