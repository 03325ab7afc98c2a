"""Loads sentences and their translations: TED talks, Multi30k, the release of Qi et al. (2018), or a reader's files.

Where real ones are not to be had, an invented language stands for each of them.
"""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from embedbook.datasets.archives import read_members
from embedbook.datasets.catalogue import Entry, require_kind
from embedbook.datasets.errors import DataError
from embedbook.datasets.invented_languages import invented_pairs
from embedbook.datasets.modes import real_files
from embedbook.datasets.parallel import ParallelTexts
from embedbook.datasets.readers import decode_text

__all__ = ["list_parallel", "load_parallel", "read_parallel"]

_TED = {"ted-gl-en": "gl", "ted-az-en": "az", "ted-be-en": "be"}
_MULTI30K = ("en", "de", "fr", "cs")
_QI_PAIRS = tuple((source, "en") for source in ("az", "be", "gl", "pt", "ru", "tr")) + tuple(
    (source, "pt") for source in ("es", "fr", "he", "it", "ru")
)
_PARTS = ("train", "dev", "test")
# The TED texts are split as "don 't" and "I 'm"; joined again, the book's tokens come out as everywhere: "do n't".
_PARTED_APOSTROPHE = re.compile(r"(?<=\w) '(?=\w)")
_PACKED_LINES = 256 * 2**20  # bytes that a packed file of lines may hold; the largest real one has 40 MB


class _Sides(NamedTuple):
    source: list[str]
    target: list[str]


def list_parallel() -> list[str]:
    """Return the names that `load_parallel` takes."""
    return [name for name, *_ in _names()]


def load_parallel(name: str, *, mode: Literal["auto", "real", "sample"] | None = None) -> ParallelTexts:
    """Load sentences with their translations, divided into "train", "dev" and "test" as their authors did.

    Parameters
    ----------
    name : str
        DATASET-SOURCE-TARGET:

        - "ted-gl-en", "ted-az-en", "ted-be-en": TED talks. Not the very lines of the paper;
        - "multi30k-de-en" and all other pairs of de, fr, cs and en: captions of pictures ("dev" is called "val" by
          the authors, "test" is that of 2016);
        - "qi2018-pt-en" and the other pairs that Qi et al. (2018) released, 131 MB.
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. The sample is the same for all names: Tarvian, a language invented for
        this book, with its English (see `invented_pairs`).

    Returns
    -------
    ParallelTexts
        HTML escapes such as ``&apos;`` are resolved, and in the talks "don 't" is joined to "don't"; apart from that
        the sentences are as the files have them.

    Raises
    ------
    DataError
        If the name or a language is unknown, or the files are missing or damaged; the message says what to do.

    References
    ----------
    Qi et al. (2018), section 2; Elliott et al. (2016).
    """
    known = {each: (dataset, pair) for each, dataset, pair in _names()}
    if name not in known:
        raise DataError(_unknown(name, list(known)))
    dataset, languages = known[name]
    entry = require_kind(dataset, "parallel texts", f"There are: {', '.join(known)}.")
    files = real_files(dataset, mode)
    if files is None:
        return invented_pairs()
    if dataset == "multi30k":
        parts = _multi30k(files, languages)
    else:
        talks = _release(next(iter(files.values())), languages) if dataset == "qi2018" else _ted(files, languages)
        parts = {part: _Sides(*map(_joined_apostrophes, sides)) for part, sides in talks.items()}
    return _joined(name, entry, languages, parts)


def read_parallel(
    source: Path | str,
    target: Path | str,
    languages: tuple[str, str],
    *,
    encoding: str = "utf-8",
    name: str | None = None,
    title: str | None = None,
    citation: str = "the reader's own texts",
    licence: str = "the reader's own",
) -> ParallelTexts:
    """Read two files of sentences, one a line; line i of one file is the translation of line i of the other.

    Parameters
    ----------
    source, target : path
        The two files; a name that ends in ".gz" is unpacked.
    languages : tuple of two str
        Codes of their languages.
    encoding : str
        Their encoding.
    name, title, citation, licence : str
        What a reader of the book is shown.

    Returns
    -------
    ParallelTexts

    Raises
    ------
    DataError
        If a file cannot be read, the two have different numbers of lines, or a line is empty; the message names file
        and line.
    """
    sides = _pair(Path(source), Path(target), encoding)
    name = Path(source).name if name is None else name
    return ParallelTexts(
        name=name,
        title=name if title is None else title,
        source=tuple(sides.source),
        target=tuple(sides.target),
        languages=languages,
        origin="real",
        citation=citation,
        licence=licence,
    )


def _names() -> Iterator[tuple[str, str, tuple[str, str]]]:
    for dataset, language in _TED.items():
        yield dataset, dataset, (language, "en")
    for source in _MULTI30K:
        for target in _MULTI30K:
            if source != target:
                yield f"multi30k-{source}-{target}", "multi30k", (source, target)
    for source, target in _QI_PAIRS:
        yield f"qi2018-{source}-{target}", "qi2018", (source, target)


def _unknown(name: str, known: list[str]) -> str:
    dataset = str(name).split("-")[0]
    pairs = [each.removeprefix(f"{dataset}-") for each in known if each.startswith(f"{dataset}-")]
    if pairs:
        return (
            f"{name!r}: {dataset} has no such pair of languages. Its pairs are {', '.join(pairs)} "
            f"(gl is Galician, az Azerbaijani, be Belarusian, cs Czech, he Hebrew); write {dataset}-{pairs[0]}."
        )
    return f"no parallel texts are called {name!r}. There are: {', '.join(known)}."


def _joined(name: str, entry: Entry, languages: tuple[str, str], parts: Mapping[str, _Sides]) -> ParallelTexts:
    borders = np.cumsum([0, *(len(sides.source) for sides in parts.values())])
    return ParallelTexts(
        name=name,
        title=f"{entry.title}; {languages[0]} to {languages[1]}",
        source=tuple(sentence for sides in parts.values() for sentence in sides.source),
        target=tuple(sentence for sides in parts.values() for sentence in sides.target),
        languages=languages,
        origin="real",
        citation=entry.citation,
        licence=entry.licence,
        homepage=entry.homepage,
        official_split={
            part: np.arange(first, last) for part, first, last in zip(parts, borders, borders[1:], strict=False)
        },
    )


def _ted(files: Mapping[str, Path], languages: tuple[str, str]) -> dict[str, _Sides]:
    source, target = languages
    stem = f"en-{source}"
    return {part: _pair(files[f"{part}.{stem}.{source}.txt"], files[f"{part}.{stem}.{target}.txt"]) for part in _PARTS}


def _multi30k(files: Mapping[str, Path], languages: tuple[str, str]) -> dict[str, _Sides]:
    source, target = languages
    stems = {"train": "train", "dev": "val", "test": "test_2016_flickr"}
    return {part: _pair(files[f"{stem}.{source}.gz"], files[f"{stem}.{target}.gz"]) for part, stem in stems.items()}


def _release(archive: Path, languages: tuple[str, str]) -> dict[str, _Sides]:
    """Read one pair out of the authors' archive: datasets/SOURCE_to_TARGET/LANGUAGE.PART."""
    source, target = languages
    wanted = re.compile(rf"datasets/{source}_to_{target}/({source}|{target})\.({'|'.join(_PARTS)})")
    found = {}
    for path, content in read_members(archive, lambda path: bool(wanted.fullmatch(path)), member_bytes=_PACKED_LINES):
        match = wanted.fullmatch(path)
        assert match is not None  # only such members are read
        place = f"{archive}, {path}"
        found[match[2], match[1]] = place, _lines(decode_text(content, place))
    missing = [f"{language}.{part}" for part in _PARTS for language in languages if (part, language) not in found]
    if missing:
        raise DataError(f"{archive}: holds no {missing[0]} of {source}_to_{target}. Fetch it again.")
    return {part: _checked_pair(found[part, source], found[part, target]) for part in _PARTS}


def _pair(source: Path, target: Path, encoding: str = "utf-8") -> _Sides:
    return _checked_pair(
        (str(source), _lines(_packed_text(source, encoding))), (str(target), _lines(_packed_text(target, encoding)))
    )


def _checked_pair(source: tuple[str, list[str]], target: tuple[str, list[str]]) -> _Sides:
    (source_name, source_lines), (target_name, target_lines) = source, target
    if len(source_lines) != len(target_lines):
        raise DataError(
            f"{source_name} has {len(source_lines):,} lines and {target_name} {len(target_lines):,}; line i of one "
            "must be the translation of line i of the other. Give files of the same length."
        )
    for file, lines in (source, target):
        if not lines:
            raise DataError(f"{file}: is empty; give a file with one sentence a line")
        for number, line in enumerate(lines, start=1):
            if not line:
                raise DataError(f"{file}, line {number}: is empty; remove the line here and in the other file")
    return _Sides(source_lines, target_lines)


def _packed_text(file: Path, encoding: str) -> str:
    try:
        if file.name.endswith(".gz"):
            with gzip.open(file) as packed:
                content = packed.read(_PACKED_LINES + 1)
        else:
            content = file.read_bytes()
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{file}: cannot be read ({reason}). Give the path of a text file.") from error
    if len(content) > _PACKED_LINES:
        raise DataError(f"{file}: holds more than {_PACKED_LINES:,} bytes, too much for sentences; it was not read")
    return decode_text(content, str(file), encoding)


def _joined_apostrophes(sentences: list[str]) -> list[str]:
    return [_PARTED_APOSTROPHE.sub("'", sentence) for sentence in sentences]


def _lines(text: str) -> list[str]:
    # Only "\n" ends a line: other separators of Unicode occur inside sentences.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [html.unescape(line).strip() for line in lines]
