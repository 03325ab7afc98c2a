"""Measures of what vectors and models are worth, and of how sure the measure is."""

from __future__ import annotations

from embedbook.evaluation.intervals import Interval, PairedDifference, mean_interval, paired_difference

__all__ = ["Interval", "PairedDifference", "mean_interval", "paired_difference"]
