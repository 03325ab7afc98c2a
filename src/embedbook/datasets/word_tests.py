"""Tests of word vectors: pairs of words whose likeness people have judged, and analogy questions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from embedbook.datasets.catalogue import Entry, find_entry
from embedbook.datasets.errors import DataError
from embedbook.datasets.modes import real_files
from embedbook.datasets.readers import read_text

__all__ = ["AnalogySection", "WordPairs", "load_analogies", "load_similarity"]


class _Set(NamedTuple):
    file: str
    title: str
    citation: str
    # gensim's wheel carries genuine copies of two sets; they are what there is without a network.
    in_gensim: str | None = None


_SIMILARITY = {
    "ws353": _Set(
        "EN-WS-353-ALL.txt",
        "WordSim-353",
        "Finkelstein et al. (2002). Placing Search in Context: The Concept Revisited. ACM TOIS 20(1), 116-131.",
        "wordsim353.tsv",
    ),
    "ws353-similarity": _Set(
        "EN-WS-353-SIM.txt",
        "WordSim-353, similarity",
        "Agirre et al. (2009). A Study on Similarity and Relatedness Using Distributional and WordNet-based "
        "Approaches. NAACL 2009, 19-27.",
    ),
    "simlex999": _Set(
        "EN-SIMLEX-999.txt",
        "SimLex-999",
        "Hill, Reichart and Korhonen (2015). SimLex-999: Evaluating Semantic Models with (Genuine) Similarity "
        "Estimation. Computational Linguistics 41(4), 665-695.",
        "simlex999.txt",
    ),
    "men": _Set(
        "EN-MEN-TR-3k.txt",
        "MEN",
        "Bruni, Tran and Baroni (2014). Multimodal Distributional Semantics. JAIR 49, 1-47.",
    ),
    "rw": _Set(
        "EN-RW-STANFORD.txt",
        "Rare Words",
        "Luong, Socher and Manning (2013). Better Word Representations with Recursive Neural Networks for Morphology. "
        "CoNLL 2013, 104-113.",
    ),
    "mc30": _Set(
        "EN-MC-30.txt",
        "MC-30",
        "Miller and Charles (1991). Contextual Correlates of Semantic Similarity. Language and Cognitive Processes "
        "6(1), 1-28.",
    ),
    "mturk771": _Set(
        "EN-MTurk-771.txt",
        "MTurk-771",
        "Halawi, Dror, Gabrilovich and Koren (2012). Large-Scale Learning of Word Relatedness with Constraints. "
        "KDD 2012, 1406-1414.",
    ),
    "simverb3500": _Set(
        "EN-SimVerb-3500.txt",
        "SimVerb-3500",
        "Gerz et al. (2016). SimVerb-3500: A Large-Scale Evaluation Set of Verb Similarity. EMNLP 2016, 2173-2182.",
    ),
    "yp130": _Set(
        "EN-YP-130.txt",
        "YP-130",
        "Yang and Powers (2006). Verb Similarity on the Taxonomy of WordNet. GWC 2006, 121-128.",
    ),
    "verb143": _Set(
        "EN-VERB-143.txt",
        "VERB-143",
        "Baker, Reichart and Korhonen (2014). An Unsupervised Model for Instance Level Subcategorization Acquisition. "
        "EMNLP 2014, 278-289.",
    ),
}
_MIKOLOV = "Mikolov et al. (2013). Efficient Estimation of Word Representations in Vector Space. arXiv:1301.3781."
_ANALOGIES = {
    "words": _Set("questions-words.txt", "Google analogies, words", _MIKOLOV, "questions-words.txt"),
    "phrases": _Set("questions-phrases.txt", "Google analogies, phrases", _MIKOLOV),
}


@dataclass(frozen=True, eq=False, repr=False)
class WordPairs:
    """Pairs of words, with how alike people found the two words of each.

    Parameters
    ----------
    name : str
        Short name, such as "men".
    title : str
        Title to show.
    pairs : sequence of (str, str)
        n pairs, in the case that the set has. Kept as a tuple.
    scores : array of float, shape (n,)
        The mean judgement of each pair, on the set's own scale: larger is more alike. Kept as a read-only array.
    citation : str
        Whom to cite.

    Raises
    ------
    DataError
        If there is no pair, sizes differ, a pair is not two words, or a score is not finite.
    """

    name: str
    title: str
    pairs: tuple[tuple[str, str], ...]
    scores: np.ndarray
    citation: str = ""

    def __post_init__(self) -> None:
        # The dataclass is frozen for its users; this is the one place where its fields get their final types.
        pairs = tuple((str(first), str(second)) for first, second in self.pairs)
        scores = np.array(self.scores, dtype=np.float64)
        if not pairs:
            raise DataError(f"{self.name}: holds no pairs; give at least one")
        if scores.shape != (len(pairs),):
            raise DataError(f"{self.name}: there are {len(pairs):,} pairs but scores of shape {scores.shape}")
        if not np.isfinite(scores).all():
            raise DataError(
                f"{self.name}: the scores of pairs {np.flatnonzero(~np.isfinite(scores))[:5]} are no numbers"
            )
        scores.setflags(write=False)
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return f"WordPairs({self.name!r}: {len(self):,} pairs)"


class AnalogySection(NamedTuple):
    """Analogy questions of one kind."""

    name: str
    """Such as "capital-world"."""
    questions: tuple[tuple[str, str, str, str], ...]
    """(a, b, c, d): a is to b as c is to d, where d is to be found."""

    @property
    def is_syntactic(self) -> bool:
        """Whether the questions are about grammar (the sections called gram1 to gram9), not about meaning."""
        return self.name.startswith("gram")


def load_similarity(
    name: str | None = None, *, mode: Literal["auto", "real", "sample"] | None = None
) -> list[WordPairs]:
    """Return sets of word pairs whose likeness people have judged.

    Parameters
    ----------
    name : str, optional
        "ws353", "ws353-similarity", "simlex999", "men", "rw", "mc30", "mturk771", "simverb3500", "yp130" or "verb143";
        by default all of them.
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives "ws353" and "simlex999" alone, which gensim carries, as
        they are.

    Returns
    -------
    list of WordPairs
        The set asked for, or all sets.

    Raises
    ------
    DataError
        If the name or mode is unknown, or the files are missing or damaged; the message says what to do.

    Examples
    --------
    >>> load_similarity("simlex999", mode="sample")
    [WordPairs('simlex999': 999 pairs)]
    """
    chosen = _choose(name, _SIMILARITY, "set of word pairs")
    entry = find_entry("word-similarity")
    files = real_files(entry.name, mode)
    found = []
    for key, file in _files(chosen, files, wanted=name):
        pairs, scores = _read_pairs(file)
        _check_count(entry, file, len(pairs), checked=files is not None)
        found.append(WordPairs(key, chosen[key].title, tuple(pairs), np.array(scores), chosen[key].citation))
    return found


def load_analogies(
    name: str = "words", *, mode: Literal["auto", "real", "sample"] | None = None
) -> list[AnalogySection]:
    """Return analogy questions, such as "man is to woman as king is to queen", by section.

    Parameters
    ----------
    name : {"words", "phrases"}
        "words": 19,544 questions in 14 sections. "phrases": 3,218 questions with phrases such as "Boston_Globe".
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives "words" as gensim carries them, which is all of them.

    Returns
    -------
    list of AnalogySection
        In the order of the file.

    Raises
    ------
    DataError
        If the name or mode is unknown, or the files are missing or damaged; the message says what to do.

    References
    ----------
    Mikolov et al. (2013), arXiv:1301.3781, table 1.
    """
    chosen = _choose(name, _ANALOGIES, "set of analogies")
    entry = find_entry("analogies")
    files = real_files(entry.name, mode)
    ((_, file),) = _files(chosen, files, wanted=name)
    sections = _read_sections(file)
    _check_count(entry, file, sum(len(section.questions) for section in sections), checked=files is not None)
    return sections


def _choose(name: str | None, known: dict[str, _Set], what: str) -> dict[str, _Set]:
    if name is None:
        return known
    if name not in known:
        raise DataError(f"no {what} is called {name!r}. There are: {', '.join(known)}.")
    return {name: known[name]}


def _files(chosen: dict[str, _Set], files: dict[str, Path] | None, wanted: str | None) -> list[tuple[str, Path]]:
    """Return the file of each set; of the sample, only sets that there are, unless one was asked for by its name."""
    if files is not None:
        return [(key, files[one.file]) for key, one in chosen.items()]
    from gensim.test.utils import datapath

    if wanted is not None and chosen[wanted].in_gensim is None:
        raise DataError(f"there is no sample of {wanted!r}. Use the real data: EMBEDBOOK_DATA=auto, or real.")
    return [(key, Path(datapath(one.in_gensim))) for key, one in chosen.items() if one.in_gensim is not None]


def _check_count(entry: Entry, file: Path, count: int, *, checked: bool) -> None:
    expected = next((known.records for known in entry.files if known.name == file.name), None)
    if checked and expected is not None and count != expected:
        raise DataError(
            f"{file}: {count:,} records were read where the registry says {expected:,}. Correct `records` in "
            "registry.toml."
        )


def _read_pairs(file: Path) -> tuple[list[tuple[str, str]], list[float]]:
    pairs, scores = [], []
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split()
        score = _score(fields[2]) if len(fields) == 3 else math.nan
        if not math.isfinite(score):
            raise DataError(f"{file}, line {number}: {line.strip()[:80]!r} is not two words and a number")
        pairs.append((fields[0], fields[1]))
        scores.append(score)
    if not pairs:
        raise DataError(f"{file}: holds no pairs; give a file with 'word word score' in each line")
    return pairs, scores


def _score(field: str) -> float:
    try:
        return float(field)
    except ValueError:
        return math.nan


def _read_sections(file: Path) -> list[AnalogySection]:
    names: list[str] = []
    questions: list[list[tuple[str, str, str, str]]] = []
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        fields = line.split()
        if not fields:
            continue
        if fields[0].startswith(":"):
            names.append(line.lstrip(": ").strip())
            questions.append([])
        elif len(fields) != 4:
            raise DataError(f"{file}, line {number}: {line.strip()[:80]!r} is not four words, nor ': ' and a section")
        elif not names:
            raise DataError(f"{file}, line {number}: a question before the first section; begin with ': name'")
        else:
            questions[-1].append((fields[0], fields[1], fields[2], fields[3]))
    if not any(questions):
        raise DataError(f"{file}: holds no questions; give a file with four words in each line")
    return [AnalogySection(name, tuple(asked)) for name, asked in zip(names, questions, strict=True)]
