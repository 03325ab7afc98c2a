"""Fixtures that every kind of test shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# TensorFlow reads these when it is imported; anything it prints would count as output of a notebook.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


@pytest.fixture
def mirror() -> Path:
    """The folder with the real data files, or a skip that says how to get one."""
    folder = os.environ.get("EMBEDBOOK_MIRROR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the real data: set EMBEDBOOK_MIRROR to a folder that holds them")
    return Path(folder)
