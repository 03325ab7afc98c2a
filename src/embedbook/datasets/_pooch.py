"""Imports pooch without its remark about notebook widgets."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # pooch imports tqdm.auto, which in a notebook without ipywidgets warns that it cannot draw bars. The book asks for
    # none there, and the warning would end in the stored output of each chapter.
    warnings.filterwarnings("ignore", message="IProgress not found")
    import pooch

__all__ = ["pooch"]
