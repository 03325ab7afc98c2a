"""Count co-occurrences in a corpus, in memory or with the help of the disk."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from embedbook.glove.compiling import compiled
from embedbook.glove.cooccurrences import Cooccurrences
from embedbook.glove.corpus import EncodedCorpus
from embedbook.glove.sorting import Workspace, count_rows, index_words
from embedbook.glove.spilling import BYTES_PER_SUM, Run, merged
from embedbook.glove.storage import ArrayWriter, Scratch
from embedbook.threads import processors

__all__ = ["count_cooccurrences"]

_BYTES_PER_TOKEN = 8  # its id in the stream and its place in the index
_BYTES_PER_CELL = 16  # row, column, count
_LARGEST_SUM = 2**62
_CELLS_AT_ONCE = 1 << 18  # a thread's output, small enough to stay in the processor's cache


def count_cooccurrences(
    corpus: EncodedCorpus,
    *,
    window: int = 10,
    symmetric: bool = True,
    distance_weighting: bool = True,
    memory_limit: int = 2 << 30,
    spill_folder: str | Path | None = None,
    threads: int | None = None,
    progress: bool = False,
) -> Cooccurrences:
    """Count how often words occur near each other.

    X_ij is the number of times that word j stands in the context of word i, a word at distance k counting 1/k. A
    context never reaches into another document. The sums are made in whole numbers and divided once at the end, so
    they are exact (up to a `window` of about 24; beyond it 1/k is rounded to about eight digits) and the same, bit for
    bit, for any number of threads and any `memory_limit`.

    Parameters
    ----------
    corpus : EncodedCorpus
        From `read_corpus`.
    window : int
        How many words to each side are context.
    symmetric : bool
        Whether the context lies on both sides; otherwise it is the words to the left only.
    distance_weighting : bool
        Whether a word at distance k counts 1/k; otherwise each counts 1.
    memory_limit : int
        About how many bytes to use for counting and for the result. What does not fit is kept on disk: intermediate
        counts are written in sorted runs and merged, and a result that would be too long is memory-mapped.
    spill_folder : path, optional
        Where to keep them; the system's folder for temporary files by default. The files are removed with the result.
    threads : int, optional
        Number of threads; all processors by default.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Cooccurrences
        Rows ascending, columns ascending within a row.

    Raises
    ------
    ValueError
        If the corpus is empty, no two words of it meet, or an argument makes no sense.
    StorageError
        If the disk is full or `spill_folder` cannot be written.

    References
    ----------
    J. Pennington, R. Socher, C. D. Manning: GloVe: Global Vectors for Word Representation, EMNLP 2014, sections 3
    and 4.2.

    Examples
    --------
    >>> table = count_cooccurrences(read_corpus(["ice is solid", "steam is a gas"]), window=2)
    >>> table.count("ice", "solid"), table.count("steam", "is")
    (0.5, 1.0)
    """
    if isinstance(window, bool) or not isinstance(window, (int, np.integer)) or window < 1:
        raise ValueError(f"window must be a whole number of at least 1, not {window!r}")
    if memory_limit < 1:
        raise ValueError(f"memory_limit must be a positive number of bytes, not {memory_limit}")
    if not len(corpus.ids) or not len(corpus.words):
        raise ValueError("the corpus is empty: no token of it is in the vocabulary")
    workers = thread_count(threads)
    weights, scale = _whole_weights(int(window), distance_weighting, len(corpus.ids))
    counter = _Counter(corpus, weights, symmetric, memory_limit, workers, progress)
    return counter.table(scale, spill_folder)


def thread_count(threads: int | None) -> int:
    """Return `threads`, or the number of processors that this process may use."""
    if threads is None:
        return processors()
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    return int(threads)


def _whole_weights(window: int, distance_weighting: bool, tokens: int) -> tuple[np.ndarray, int]:
    """Return whole numbers in the proportions 1 : 1/2 : 1/3 …, and what 1 has become.

    Sums of whole numbers do not depend on the order of adding. The least common multiple makes every 1/k whole; where
    that number could make a sum overflow (windows above about 24), the largest safe power of two takes its place, and
    the weights are rounded to about eight digits.
    """
    weights = np.zeros(window + 1, dtype=np.int64)
    if not distance_weighting:
        weights[1:] = 1
        return weights, 1
    largest = 2 * tokens * sum(1 / k for k in range(1, window + 1))
    scale = math.lcm(*range(1, window + 1))
    if scale * largest >= _LARGEST_SUM:
        scale = 1 << int(math.log2(_LARGEST_SUM / largest))
    weights[1:] = [max(1, round(scale / k)) for k in range(1, window + 1)]
    return weights, scale


@dataclass
class _Counter:
    """Counts a corpus in chunks that fit into memory; each chunk gives one sorted run."""

    corpus: EncodedCorpus
    weights: np.ndarray
    symmetric: bool
    memory_limit: int
    workers: int
    progress: bool

    def table(self, scale: int, spill_folder: str | Path | None) -> Cooccurrences:
        tokens, words = len(self.corpus.ids), len(self.corpus.words)
        reach = len(self.weights) - 1
        chunk = max(1, 2 * reach, min(self.memory_limit // 2 // _BYTES_PER_TOKEN, 2**31 - 2**24))
        scratch: Scratch | None = None
        runs: list[Run] = []
        with (
            tqdm(total=tokens, desc="counting", unit=" tokens", unit_scale=True, disable=not self.progress) as bar,
            ThreadPoolExecutor(self.workers) as pool,
        ):
            for begin in range(0, tokens, chunk):
                run = Run(words)
                runs.append(run)
                for part in self._rows(begin, min(begin + chunk, tokens), pool, bar):
                    run.add(*part)
                    if tokens > chunk or run.bytes_in_memory > self.memory_limit * 3 // 8:
                        scratch = scratch or Scratch(spill_folder)
                        run.spill(scratch.path / f"run{len(runs)}")
        if not any(run.lengths.any() for run in runs):
            raise ValueError("no two words of the corpus meet: every document has at most one token in the vocabulary")

        if scratch is None:
            lengths = runs[0].lengths
            columns, sums = runs[0].take()
            counts = np.empty(len(sums), dtype=np.float64)
            np.divide(sums, scale, out=counts)
            del sums
            rows = np.repeat(np.arange(words, dtype=np.int32), lengths)
        else:
            rows, columns, counts = self._merge(runs, scale, scratch)
            if len(counts) * _BYTES_PER_CELL <= self.memory_limit // 2:
                rows, columns, counts = rows.copy(), columns.copy(), counts.copy()
                scratch.remove()
                scratch = None
        return Cooccurrences(rows, columns, counts, self.corpus.words, self.symmetric, self.corpus.counts, scratch)

    def _merge(self, runs: list[Run], scale: int, scratch: Scratch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        words = len(self.corpus.words)
        files = [
            ArrayWriter(scratch.path / name, dtype)
            for name, dtype in (("rows", np.int32), ("columns", np.int32), ("counts", np.float64))
        ]
        batch = max(1, self.memory_limit // 8 // (4 * BYTES_PER_SUM))
        with tqdm(total=words, desc="merging", unit=" rows", disable=not self.progress) as bar:
            for first, lengths, columns, sums in merged(runs, words, batch):
                files[0].write(np.repeat(np.arange(first, first + len(lengths), dtype=np.int32), lengths))
                files[1].write(columns)
                files[2].write(sums / scale)
                bar.update(len(lengths))
        for run in runs:
            run.discard()
        rows, columns, counts = (file.finish() for file in files)
        return rows, columns, counts

    def _rows(
        self, begin: int, end: int, pool: ThreadPoolExecutor, bar: tqdm
    ) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
        """Yield the sums of the centre words ``ids[begin:end]`` in the order of rows."""
        words = len(self.corpus.words)
        reach = len(self.weights) - 1
        stream, first, last = self._stream(begin, end, reach)
        starts, places = np.empty(words + 1, dtype=np.int64), np.empty(last - first, dtype=np.int32)
        index_words(stream, first, last, starts, places)
        occurrences = np.diff(starts)
        sides = 2 if self.symmetric else 1
        # A row cannot have more cells than words, nor than its word has neighbours.
        cells = np.cumsum(np.minimum(occurrences * sides * reach, words))
        most = max(1, min(_CELLS_AT_ONCE, self.memory_limit // 8 // self.workers // BYTES_PER_SUM))
        room = max(most, words)
        spaces = deque(
            (Workspace(words), np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int64))
            for _ in range(self.workers)
        )

        def count(row: int, stop: int) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
            space, columns, values = spaces.pop()
            lengths = np.zeros(stop - row, dtype=np.int64)
            written = count_rows(
                row,
                stop,
                starts,
                places,
                stream,
                self.weights,
                self.symmetric,
                space.sums,
                space.touched,
                space.bits,
                columns,
                values,
                lengths,
            )
            result = row, lengths, columns[:written].copy(), values[:written].copy()
            spaces.append((space, columns, values))
            return result

        waiting: deque[tuple[Future, int]] = deque()
        row = 0
        while row < words or waiting:
            while row < words and len(waiting) < self.workers:
                before = cells[row - 1] if row else 0
                stop = max(row + 1, int(np.searchsorted(cells, before + most, side="right")))
                waiting.append((pool.submit(count, row, stop), int(starts[stop] - starts[row])))
                row = stop
            future, done = waiting.popleft()
            yield future.result()
            bar.update(done)

    def _stream(self, begin: int, end: int, reach: int) -> tuple[np.ndarray, int, int]:
        """Lay the tokens out with a -1 between documents, and `reach` more to each side, for context."""
        low, high = max(0, begin - reach), min(len(self.corpus.ids), end + reach)
        offsets = self.corpus.offsets
        nearest = int(np.searchsorted(offsets, low, side="right")) - 1
        furthest = int(np.searchsorted(offsets, high, side="left"))
        stream = np.empty(high - low + furthest - nearest + 2, dtype=np.int32)
        ids = np.asarray(self.corpus.ids[low:high])
        length, first, last = _lay_out(
            ids, offsets[nearest : furthest + 1] - low, begin - low, end - low, len(self.corpus.words), stream
        )
        return stream[:length], first, last


@compiled()
def _lay_out(
    ids: np.ndarray, offsets: np.ndarray, begin: int, end: int, words: int, stream: np.ndarray
) -> tuple[int, int, int]:
    """Fill `stream`; return its length and where ``ids[begin]`` and ``ids[end]`` came to stand in it."""
    stream[0] = -1
    at = 1
    first = 1
    last = 1
    for document in range(len(offsets) - 1):
        start, stop = max(0, offsets[document]), min(len(ids), offsets[document + 1])
        if start >= stop:
            continue
        for i in range(start, stop):
            if i == begin:
                first = at
            stream[at] = ids[i] if ids[i] >= 0 else words  # unknown words that keep their place
            at += 1
            if i == end - 1:
                last = at
        stream[at] = -1
        at += 1
    return at, first, last
