"""Running text to train word vectors on: Wikipedia, film reviews, Galician, or the sample; and writing it to a file."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from tqdm import tqdm

from embedbook.datasets.archives import read_members
from embedbook.datasets.badge import data_badge
from embedbook.datasets.catalogue import require_kind
from embedbook.datasets.errors import DataError
from embedbook.datasets.labelled_sets import sample_reviews
from embedbook.datasets.modes import real_files
from embedbook.datasets.packed_texts import on_one_line, read_texts, without_markup
from embedbook.datasets.parallel import halves
from embedbook.datasets.parallel_sets import load_parallel
from embedbook.datasets.readers import decode_text
from embedbook.text import tokenize
from embedbook.whole_files import replaced_when_whole

__all__ = ["Corpus", "WrittenText", "load_corpus", "write_text"]

_CORPORA = ("enwiki-2015", "imdb", "galician-ctg")
_UNPAIRED = "unpaired-"
_SHARD = re.compile(r"text/[A-Z]{2}/wiki_\d\d")
# Not test/: vectors trained on this corpus shall not have seen the texts that a classifier is tested on.
_REVIEW = re.compile(r"aclImdb/train/(?:pos|neg|unsup)/\d+_\d+\.txt")
_CTG = re.compile(r"SLI_CTG_POS_Lemma\.1\.1/SLI_CTG_POS_Lemma\.1\.1\.(?:train|dev|test)\.tsv")
_CTG_BYTES = 64 * 2**20  # of the largest of its files; it has 16 MB
# Characters that one worker tokenises at a time: about a tenth of a second.
_CHUNK = 200_000


@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """Running text, read anew from its files each time it is gone through; it never lies in memory as a whole.

    Iterating over it gives its sentences, as often as wanted, which is what gensim's trainers ask for. Tokenising
    takes longer than reading, so write a large corpus to a file once (`write_text`) and train from that. Shown in a
    notebook it is the data badge, which tells a reader which data the page ran on.

    Parameters
    ----------
    name : str
        Short name, such as "imdb".
    title : str
        Title to show.
    origin : {"real", "sample"}
        Public data, or the book's small sample.
    citation, licence : str
        Whom to cite, and under which terms.
    paragraphs : callable
        Gives a fresh iterator over the paragraphs, as strings, each time it is called.
    words_only : bool
        Leave out tokens without any letter or digit: punctuation.
    homepage : str
        Address that the citation links to.

    Raises
    ------
    DataError
        If `origin` is neither "real" nor "sample", or `paragraphs` cannot be called.

    Examples
    --------
    >>> corpus = Corpus("mine", "Mine", "real", "none", "CC0", lambda: iter(["A cat, a dog.", "..."]))
    >>> list(corpus.sentences())
    [['a', 'cat', 'a', 'dog']]
    """

    name: str
    title: str
    origin: Literal["real", "sample"]
    citation: str
    licence: str
    paragraphs: Callable[[], Iterator[str]]
    words_only: bool = True
    homepage: str = ""

    def __post_init__(self) -> None:
        if self.origin not in ("real", "sample"):
            raise DataError(f"{self.name}: origin {self.origin!r} is neither 'real' nor 'sample'")
        if not callable(self.paragraphs):
            raise DataError(f"{self.name}: paragraphs must be a function that gives a fresh iterator, not an iterator")

    def sentences(self) -> Iterator[list[str]]:
        """Go through the corpus from its start: a list of tokens for each paragraph that has any."""
        for paragraph in self.paragraphs():
            tokens = _tokens(paragraph, self.words_only)
            if tokens:
                yield tokens

    def __iter__(self) -> Iterator[list[str]]:
        return self.sentences()

    def __repr__(self) -> str:
        return f"Corpus({self.name!r}: {self.origin}; {self.title})"

    def _repr_html_(self) -> str:
        return data_badge(
            self.origin, self.title, [], licence=self.licence, citation=self.citation, homepage=self.homepage
        )


class WrittenText(NamedTuple):
    """How much `write_text` wrote."""

    lines: int
    """Paragraphs, one a line."""
    tokens: int
    """Words, parted by one space."""


def load_corpus(name: str, *, mode: Literal["auto", "real", "sample"] | None = None, words_only: bool = True) -> Corpus:
    """Return running text to train word vectors on.

    Parameters
    ----------
    name : {"enwiki-2015", "imdb", "galician-ctg"} or "unpaired-PAIR"
        "enwiki-2015": 22,158 articles of English Wikipedia; a paragraph is a line of an article. "imdb": 75,000 film
        reviews, those of the training part and those without a label; a paragraph is a review. (The 25,000 test
        reviews are left out, so that vectors trained on this corpus have never seen them.) What is left of markup,
        such as "<br />", is taken out. Where a data set can be had in several packings, the text is the same but the
        order of the reviews may differ. "galician-ctg": 53,267 sentences of technical and legal Galician, a sentence a
        paragraph. "unpaired-PAIR", where PAIR is a name that `load_parallel` takes: the source sentences of the second
        half of its training pairs (see `halves`), for languages without a text of their own.
    mode : {"auto", "real", "sample"}, optional
        By default what `EMBEDBOOK_DATA` says. "sample" gives the reviews written for this book, a sentence each,
        whatever `name` is. In mode "auto" text that is not here is fetched: 308 MB or 84 MB.
    words_only : bool
        Leave out tokens without any letter or digit: punctuation.

    Returns
    -------
    Corpus
        Its files are read when it is gone through, not before.

    Raises
    ------
    DataError
        If the name or mode is unknown, or the files are missing or damaged; the message says what to do.

    References
    ----------
    IMDB: Maas et al. (2011), ACL, 142-150, section 4.1.
    """
    if name.startswith(_UNPAIRED):
        return _unpaired(name, mode, words_only)
    entry = require_kind(name, "corpus", f"Corpora are: {', '.join(_CORPORA)}.")
    if name not in _CORPORA:
        raise DataError(f"there is no reader for the corpus {name!r}. There are: {', '.join(_CORPORA)}.")
    files = real_files(name, mode)
    if files is None:
        sample = sample_reviews()
        return Corpus(
            name="sample",
            title=sample.title,
            origin="sample",
            citation=sample.citation,
            licence=sample.licence,
            paragraphs=lambda: iter(sample.texts),
            words_only=words_only,
        )
    read = {"enwiki-2015": _articles, "imdb": _reviews, "galician-ctg": _ctg}[name]
    return Corpus(
        name=name,
        title=entry.title,
        origin="real",
        citation=entry.citation,
        licence=entry.licence,
        paragraphs=lambda: read(files),
        words_only=words_only,
        homepage=entry.homepage,
    )


def write_text(
    corpus: Corpus,
    path: str | os.PathLike[str],
    limit_tokens: int | None = None,
    *,
    workers: int = 1,
    progress: bool | None = None,
) -> WrittenText:
    """Write a corpus as plain text, a paragraph a line and a space between tokens, for trainers that read files.

    The file appears when it is complete, or not at all.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    path : path
        The file to write; one that exists is replaced.
    limit_tokens : int, optional
        Stop after so many tokens, if need be inside a paragraph.
    workers : int
        Processes that tokenise at the same time.
    progress : bool, optional
        Show a progress bar on standard error; by default only if that is a terminal.

    Returns
    -------
    WrittenText
        Lines and tokens of the file.

    Raises
    ------
    DataError
        If a number is not 1 or more, the folder is not there or cannot be written, or the corpus holds no token.
    """
    for argument, value in (("limit_tokens", limit_tokens), ("workers", workers)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise DataError(f"{argument} must be a whole number, 1 or more, not {value!r}")
    target = Path(path)
    shown = sys.stderr.isatty() if progress is None else progress
    lines = tokens = 0
    try:
        with (
            replaced_when_whole(target) as temporary,
            temporary.open("w", encoding="utf-8", newline="\n") as out,
            tqdm(total=limit_tokens, desc=corpus.name, unit=" tokens", unit_scale=True, disable=not shown) as bar,
            closing(_tokenised(corpus, workers)) as pieces,
        ):
            for line in pieces:
                count = line.count(" ") + 1
                if limit_tokens is not None and tokens + count > limit_tokens:
                    count = limit_tokens - tokens
                    line = " ".join(line.split(" ", count)[:count])
                out.write(line + "\n")
                lines, tokens = lines + 1, tokens + count
                bar.update(count)
                if tokens == limit_tokens:
                    break
            if not tokens:
                raise DataError(f"{corpus.name}: holds no token, so there is nothing to write")
    except OSError as error:
        raise DataError(
            f"{target}: cannot be written ({error.strerror or error}). Give a file in a folder that exists and can be "
            "written, with room for it."
        ) from error
    return WrittenText(lines, tokens)


def _tokenised(corpus: Corpus, workers: int) -> Generator[str, None, None]:
    """Give the lines of a corpus in order, tokenised in one process or several."""
    chunks = _chunks(corpus.paragraphs())
    if workers == 1:
        for chunk in chunks:
            yield from _lines(chunk, corpus.words_only)
        return
    from joblib import Parallel, delayed

    stopped = False
    wanted = itertools.takewhile(lambda _: not stopped, chunks)
    # Only so many chunks are handed out at a time, so the corpus is never in memory as a whole.
    parallel = Parallel(n_jobs=workers, return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)
    results = parallel(delayed(_lines)(chunk, corpus.words_only) for chunk in wanted)
    try:
        for lines in results:
            yield from lines
    finally:
        # Whoever stops early lets the workers finish the few chunks that they have: called off, their executor may trip
        # over work that is gone, and write that to standard error.
        stopped = True
        for _ in results:
            pass


def _chunks(paragraphs: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for paragraph in paragraphs:
        chunk.append(paragraph)
        size += len(paragraph)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _lines(paragraphs: list[str], words_only: bool) -> list[str]:
    lines = (" ".join(_tokens(paragraph, words_only)) for paragraph in paragraphs)
    return [line for line in lines if line]


def _tokens(paragraph: str, words_only: bool) -> list[str]:
    tokens = tokenize(paragraph)
    if not words_only:
        return tokens
    return [token for token in tokens if token.isalnum() or any(map(str.isalnum, token))]


def _articles(files: dict[str, Path]) -> Iterator[str]:
    """Give the lines of Wikipedia's articles, each of which stands between <doc ...> and </doc>."""
    for _, text in read_texts(files, _SHARD):
        for line in text.split("\n"):
            if line.startswith(("<doc id=", "</doc>")):
                continue
            line = without_markup(line)
            if line:
                yield line


def _reviews(files: dict[str, Path]) -> Iterator[str]:
    for _, text in read_texts(files, _REVIEW):
        review = on_one_line(text)
        if review:
            yield review


def _ctg(files: dict[str, Path]) -> Iterator[str]:
    """Give the sentences of tables of word, tag and lemma, an empty line after each sentence."""
    for file in files.values():
        for member, content in read_members(file, lambda path: bool(_CTG.fullmatch(path)), member_bytes=_CTG_BYTES):
            words: list[str] = []
            for line in [*decode_text(content, f"{file}, {member}").split("\n"), ""]:
                word = line.partition("\t")[0].strip()
                if word:
                    words.append(word)
                elif words:
                    yield " ".join(words)
                    words = []


def _unpaired(name: str, mode: Literal["auto", "real", "sample"] | None, words_only: bool) -> Corpus:
    pairs = load_parallel(name.removeprefix(_UNPAIRED), mode=mode)
    _, rest = halves(pairs.part("train"))
    return Corpus(
        name=name,
        title=f"{pairs.title}: the source of the second half of the training pairs",
        origin=pairs.origin,
        citation=pairs.citation,
        licence=pairs.licence,
        paragraphs=lambda: iter(rest.source),
        words_only=words_only,
        homepage=pairs.homepage,
    )
