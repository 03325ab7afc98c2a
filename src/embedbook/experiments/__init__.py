"""Runs whose results the book stores: word vectors trained on equal terms."""

from __future__ import annotations

from embedbook.experiments.spaces import METHODS, Space, SpaceSpec, append_scores, provenance, train_space

__all__ = ["METHODS", "Space", "SpaceSpec", "append_scores", "provenance", "train_space"]
