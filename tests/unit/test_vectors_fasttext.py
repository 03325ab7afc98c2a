"""fastText's Wikipedia vectors: found in mirror or cache, checked, read from their text format."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from embedbook.experiments import load_space
from embedbook.vectors import VectorsError, fasttext_wiki, load_fasttext_wiki

# Each line ends with a space, as in the real files.
CONTENT = "3 4\n</s> 0.1 0.2 0.3 0.4 \nde 1 2 3 4 \ncasa -1 0 0.5 2 \n"


@pytest.fixture
def galician(monkeypatch, tmp_path):
    """A small file in the format of fastText's, in a mirror."""
    folder = tmp_path / "mirror" / "fasttext-wiki"
    folder.mkdir(parents=True)
    file = folder / "wiki.gl.vec"
    file.write_text(CONTENT, encoding="utf-8")
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("EMBEDBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(fasttext_wiki._SHA256, "gl", hashlib.sha256(CONTENT.encode()).hexdigest())
    return file


def test_a_file_of_the_mirror_is_read(galician) -> None:
    space = load_fasttext_wiki("gl")
    assert space.index_to_key == ["</s>", "de", "casa"]
    np.testing.assert_allclose(space["casa"], [-1, 0, 0.5, 2])
    assert len(load_fasttext_wiki("gl", words=2)) == 2
    load_space.cache_clear()
    assert load_space("fasttext-gl").index_to_key[1] == "de"


def test_another_file_of_the_name_is_refused(galician) -> None:
    galician.write_text(CONTENT.replace("casa", "cans"), encoding="utf-8")
    with pytest.raises(VectorsError, match=r"wiki\.gl\.vec: is not fastText's file"):
        load_fasttext_wiki("gl")


def test_what_cannot_be_had_is_one_clear_error(galician, monkeypatch) -> None:
    with pytest.raises(VectorsError, match="of the language 'xx' here; there are az, be"):
        load_fasttext_wiki("xx")
    monkeypatch.setattr(fasttext_wiki, "_ADDRESS", "http://127.0.0.1:9/wiki.{language}.vec")
    with pytest.raises(VectorsError, match=r"wiki\.az\.vec: could not be fetched .* EMBEDBOOK_MIRROR"):
        load_fasttext_wiki("az")
