"""Learned or pretrained, for a reader's own labelled texts: the comparison behind `embedbook compare`."""

from __future__ import annotations

from embedbook.comparison.collection import Reading
from embedbook.comparison.comparing import Options, compare, parse_sizes
from embedbook.comparison.errors import ComparisonError
from embedbook.comparison.findings import Advice, Difference, Findings, Score
from embedbook.comparison.result import Result
from embedbook.comparison.running import Progress

__all__ = [
    "Advice",
    "ComparisonError",
    "Difference",
    "Findings",
    "Options",
    "Progress",
    "Reading",
    "Result",
    "Score",
    "compare",
    "parse_sizes",
]
