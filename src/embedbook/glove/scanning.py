"""Split UTF-8 text into words and number them, block by block, without making a Python string of each."""

from __future__ import annotations

import numpy as np

from embedbook.glove.compiling import compiled

END_OF_LINE = -1

_ORDINARY, _SPACE, _NEWLINE, _MAYBE_SPACE = 0, 1, 2, 3
_KINDS = np.zeros(256, dtype=np.uint8)
_KINDS[[9, 11, 12, 13, 28, 29, 30, 31, 32]] = _SPACE
_KINDS[10] = _NEWLINE
_KINDS[[0xC2, 0xE1, 0xE2, 0xE3]] = _MAYBE_SPACE  # the first bytes of every white space beyond ASCII

_TYPES, _ARENA, _IDS, _READ = 0, 1, 2, 3  # places in `state`
_FNV_START = np.uint64(14695981039346656037)
_FNV_PRIME = np.uint64(1099511628211)
_HALF = np.uint64(32)


class WordScanner:
    """Numbers the distinct words (types) of a text in the order in which they first occur.

    White space is what ``str.split`` takes for it, Unicode's included; a line ends at a line feed and nowhere else.
    Words live as bytes in one long array, found through a hash table, so 50 million tokens cost four bytes each.
    """

    def __init__(self) -> None:
        self._table = np.full(1 << 16, -1, dtype=np.int32)
        self._hashes = np.empty(1 << 15, dtype=np.uint64)
        self._ends = np.empty(1 << 15, dtype=np.int64)  # where each word ends in the arena
        self._counts = np.zeros(1 << 15, dtype=np.int64)
        self._arena = np.empty(1 << 19, dtype=np.uint8)
        self._state = np.zeros(4, dtype=np.int64)

    def scan(self, text: np.ndarray, *, last: bool) -> tuple[np.ndarray, int]:
        """Number the words in `text`.

        Parameters
        ----------
        text : np.ndarray, (bytes,) uint8
            Text that begins at the start of a word or between words.
        last : bool
            Whether the text ends here; otherwise a word that touches the end of `text` is left for the next call.

        Returns
        -------
        ids : np.ndarray, int32
            A number for each word, `END_OF_LINE` for each line feed.
        read : int
            How many bytes were used; give the others again, in front of what follows.
        """
        ids = np.empty(len(text), dtype=np.int32)
        self._state[_IDS] = self._state[_READ] = 0
        while not _scan(
            text, last, _KINDS, self._table, self._hashes, self._ends, self._counts, self._arena, ids, self._state
        ):
            self._grow(len(text))
        return ids[: self._state[_IDS]].copy(), int(self._state[_READ])

    def _grow(self, room: int) -> None:
        """Double what is full; `room` bytes must fit into the arena (one word may be as long as the text)."""
        types, used = int(self._state[_TYPES]), int(self._state[_ARENA])
        if types == len(self._counts):
            self._hashes = np.concatenate([self._hashes, np.empty_like(self._hashes)])
            self._ends = np.concatenate([self._ends, np.empty_like(self._ends)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        if used + room >= len(self._arena):
            self._arena = np.concatenate([self._arena, np.empty(len(self._arena) + room, dtype=np.uint8)])
        if 2 * types >= len(self._table):
            self._table = np.full(2 * len(self._table), -1, dtype=np.int32)
            _fill_table(self._table, self._hashes, types)

    @property
    def counts(self) -> np.ndarray:
        """How often each word occurred, (types,) int64."""
        return self._counts[: self._state[_TYPES]]

    def spell(self, number: int) -> bytes:
        """Return the bytes of word `number`."""
        begin = self._ends[number - 1] + 1 if number else 0
        return self._arena[begin : self._ends[number]].tobytes()

    def undecodable(self) -> bytes | None:
        """Return the first word that is not valid UTF-8, or None."""
        try:
            self._arena[: self._state[_ARENA]].tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            ends = self._ends[: self._state[_TYPES]]
            return self.spell(int(np.searchsorted(ends, error.start, side="right")))
        return None


@compiled()
def _space_length(text: np.ndarray, at: int) -> int:
    """Return how many bytes the white space beyond ASCII at `at` has: 0 if none, -1 if the text ends too early."""
    first = text[at]
    left = len(text) - at
    if left < 2:
        return -1
    second = text[at + 1]
    if first == 0xC2:
        return 2 if second == 0x85 or second == 0xA0 else 0
    if left < 3:
        return -1
    third = text[at + 2]
    if first == 0xE1:  # U+1680
        return 3 if second == 0x9A and third == 0x80 else 0
    if first == 0xE2:  # U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F
        if second == 0x80 and (0x80 <= third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF):
            return 3
        return 3 if second == 0x81 and third == 0x9F else 0
    return 3 if second == 0x80 and third == 0x80 else 0  # U+3000


@compiled()
def _fill_table(table: np.ndarray, hashes: np.ndarray, types: int) -> None:
    mask = np.uint64(len(table) - 1)
    for number in range(types):
        slot = np.int64((hashes[number] ^ (hashes[number] >> _HALF)) & mask)
        while table[slot] >= 0:
            slot = (slot + 1) & np.int64(mask)
        table[slot] = number


@compiled()
def _scan(
    text: np.ndarray,
    last: bool,
    kinds: np.ndarray,
    table: np.ndarray,
    hashes: np.ndarray,
    ends: np.ndarray,
    counts: np.ndarray,
    arena: np.ndarray,
    ids: np.ndarray,
    state: np.ndarray,
) -> bool:
    """Number words until the text is used up (True) or an array is full (False); `state` says how far it came."""
    types, used, written, at = state[_TYPES], state[_ARENA], state[_IDS], state[_READ]
    mask = np.uint64(len(table) - 1)
    done = True
    while at < len(text):
        kind = kinds[text[at]]
        if kind == _SPACE:
            at += 1
            continue
        if kind == _NEWLINE:
            ids[written] = END_OF_LINE
            written += 1
            at += 1
            continue
        if kind == _MAYBE_SPACE:
            space = _space_length(text, at)
            if space > 0:
                at += space
                continue
            if space < 0 and not last:
                break

        begin = at
        digest = _FNV_START
        complete = last
        while at < len(text):
            kind = kinds[text[at]]
            if kind != _ORDINARY:
                if kind != _MAYBE_SPACE:
                    complete = True
                    break
                space = _space_length(text, at)
                if space > 0:
                    complete = True
                    break
                if space < 0 and not last:
                    break
            digest = (digest ^ np.uint64(text[at])) * _FNV_PRIME
            at += 1
        if not complete:
            at = begin
            break

        length = at - begin
        slot = np.int64((digest ^ (digest >> _HALF)) & mask)
        number = np.int64(table[slot])
        while number >= 0:
            if hashes[number] == digest:
                start = ends[number - 1] + 1 if number > 0 else 0
                if ends[number] - start == length:
                    same = True
                    for i in range(length):
                        if arena[start + i] != text[begin + i]:
                            same = False
                            break
                    if same:
                        break
            slot = (slot + 1) & np.int64(mask)
            number = np.int64(table[slot])
        if number < 0:
            if types == len(counts) or used + length >= len(arena) or 2 * types >= len(table):
                at = begin
                done = False
                break
            number = types
            types += 1
            table[slot] = number
            hashes[number] = digest
            for i in range(length):
                arena[used + i] = text[begin + i]
            ends[number] = used + length
            arena[used + length] = 10  # keeps the halves of a cut character apart
            used += length + 1
            counts[number] = 0
        counts[number] += 1
        ids[written] = number
        written += 1
    state[_TYPES], state[_ARENA], state[_IDS], state[_READ] = types, used, written, at
    return done
