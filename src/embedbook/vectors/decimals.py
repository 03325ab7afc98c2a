"""Read decimal numbers from bytes at compiled speed, each correctly rounded to float32.

A decimal is taken apart into a whole number m and a power of ten e. If m is at most 2^53 and |e| at most 22, then m and
10^|e| are both exact doubles, so one multiplication or division gives the correctly rounded double (Clinger 1990,
*How to read floating point numbers accurately*, section 4). Otherwise the double may be off by a few units in its last
place; it is still good enough if everything within 2^-49 of it rounds to the same float32, which is all but certain.
What is left, one number in many millions, goes to Python's `float`.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["MALFORMED", "PARSED", "UNSURE", "count_fields", "parse_rows"]

PARSED = 0
UNSURE = 1  # well-formed, but a number of the row needs exact arithmetic
MALFORMED = 2

_LARGEST_EXPONENT = 280  # keeps m * 10^e far from the ends of the double range
_EXACT_EXPONENT = 22
_POWERS = np.array([float(f"1e{exponent}") for exponent in range(_LARGEST_EXPONENT + 1)])
_SPACE, _PLUS, _MINUS, _POINT = 32, 43, 45, 46
_ZERO, _NINE, _E, _SMALL_E = 48, 57, 69, 101


@numba.njit(cache=True, nogil=True)
def count_fields(data, begins, ends, first_field_ends, field_counts):  # type: ignore[no-untyped-def]
    """Count the fields of each line and find the end of its first one; fields are parted by one space or more.

    Parameters
    ----------
    data : uint8 array
        The bytes of the file's lines.
    begins, ends : int64 arrays, shape (lines,)
        Where each line begins and ends in `data`.
    first_field_ends, field_counts : int64 arrays, shape (lines,)
        The results are put here. A line that begins with a space has an empty first field, which counts.
    """
    for line in range(len(begins)):
        end = ends[line]
        position = begins[line]
        while position < end and data[position] != _SPACE:
            position += 1
        first_field_ends[line] = position
        fields = 1
        inside = False
        while position < end:
            if data[position] == _SPACE:
                inside = False
            elif not inside:
                inside = True
                fields += 1
            position += 1
        field_counts[line] = fields


@numba.njit(cache=True, nogil=True)
def _parse_rows(data, begins, ends, powers, rows, status):  # type: ignore[no-untyped-def]
    dimensions = rows.shape[1]
    for line in range(len(begins)):
        position = begins[line]
        end = ends[line]
        state = PARSED
        for column in range(dimensions):
            while position < end and data[position] == _SPACE:
                position += 1
            negative = False
            if position < end and (data[position] == _MINUS or data[position] == _PLUS):
                negative = data[position] == _MINUS
                position += 1
            mantissa = np.uint64(0)
            digits = 0  # all digits seen
            significant = 0  # digits in the mantissa
            exponent = 0
            dropped = False
            point = False
            while position < end:
                byte = data[position]
                if _ZERO <= byte <= _NINE:
                    digits += 1
                    if significant < 19:
                        mantissa = mantissa * np.uint64(10) + np.uint64(byte - _ZERO)
                        if mantissa != 0:
                            significant += 1
                        if point:
                            exponent -= 1
                    else:
                        dropped = True
                        if not point:
                            exponent += 1
                elif byte == _POINT and not point:
                    point = True
                else:
                    break
                position += 1
            if digits == 0:
                state = MALFORMED
                break
            if position < end and (data[position] == _E or data[position] == _SMALL_E):
                position += 1
                negative_exponent = False
                if position < end and (data[position] == _MINUS or data[position] == _PLUS):
                    negative_exponent = data[position] == _MINUS
                    position += 1
                written = 0
                exponent_digits = 0
                while position < end and _ZERO <= data[position] <= _NINE:
                    written = min(written * 10 + (data[position] - _ZERO), 100_000)
                    exponent_digits += 1
                    position += 1
                if exponent_digits == 0:
                    state = MALFORMED
                    break
                exponent += -written if negative_exponent else written
            if position < end and data[position] != _SPACE:
                state = MALFORMED
                break

            if abs(exponent) > _LARGEST_EXPONENT:
                state = UNSURE
                continue
            value = np.float64(mantissa)
            if exponent < 0:
                value /= powers[-exponent]
            else:
                value *= powers[exponent]
            if negative:
                value = -value
            exact = not dropped and mantissa <= np.uint64(1 << 53) and abs(exponent) <= _EXACT_EXPONENT
            if not exact:
                margin = value * 2.0**-49
                if np.float32(value - margin) != np.float32(value + margin):
                    state = UNSURE
                    continue
            rows[line, column] = np.float32(value)
        if state != MALFORMED:
            while position < end and data[position] == _SPACE:
                position += 1
            if position != end:
                state = MALFORMED
        status[line] = state


def parse_rows(data: np.ndarray, begins: np.ndarray, ends: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Parse one row of decimals from each span of bytes.

    Parameters
    ----------
    data : uint8 array
        The bytes.
    begins, ends : int64 arrays, shape (lines,)
        Where the numbers of each row begin and end in `data`; numbers are parted by one space or more.
    rows : float32 array, shape (lines, dimensions)
        The numbers are put here. Rows that are not `PARSED` hold rubbish afterwards.

    Returns
    -------
    uint8 array, shape (lines,)
        `PARSED`, `UNSURE` or `MALFORMED` for each row.
    """
    status = np.empty(len(begins), dtype=np.uint8)
    _parse_rows(data, begins, ends, _POWERS, rows, status)
    return status
