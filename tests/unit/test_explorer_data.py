"""The explorer's data: its words, its quantised vectors and its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from embedbook.plots import ARMS
from embedbook.site.explorer import files, maps, quantising
from embedbook.site.explorer.page import explorer_html
from embedbook.site.explorer.spaces import SPACES
from embedbook.site.explorer.words import LEFT_OUT, shared_words, spelling
from embedbook.vectors import keyed_vectors

STORED = Path(__file__).parents[2] / "data" / "explorer"
WORDS = tuple(f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrst")


def clouds(count: int = 100, dimensions: int = 30, seed: int = 0) -> np.ndarray:
    """Vectors that lean to one side and vary unevenly, as those of words do."""
    random = np.random.default_rng(seed)
    return random.normal(size=(count, dimensions)) / np.arange(1, dimensions + 1) + 0.1


def places(vectors: np.ndarray) -> np.ndarray:
    return maps.onto_grid(vectors[:, :2])


class TestWords:
    def test_are_those_that_all_tables_have_most_frequent_first(self) -> None:
        counts = {"dog": 5, "cat": 5, "the": 9, "rare": 1, "paris": 4}
        tables = [{"cat", "dog", "the", "Paris"}, {"the", "dog", "cat", "paris", "rare"}]
        assert shared_words(counts, tables, most=10) == ("the", "cat", "dog", "paris")
        assert shared_words(counts, tables, most=2) == ("the", "cat")

    def test_hold_letters_only_and_nothing_that_is_left_out(self) -> None:
        counts = {"n't": 9, "3d": 8, "b": 8, "a": 7, "film": 6, **dict.fromkeys(LEFT_OUT, 5)}
        assert shared_words(counts, [set(counts)], most=10) == ("a", "film")

    def test_without_a_shared_word_there_is_no_explorer(self) -> None:
        with pytest.raises(ValueError, match="share no word"):
            shared_words({"cat": 1}, [{"chat"}], most=10)

    @pytest.mark.parametrize(("table", "found"), [({"us", "US"}, "us"), ({"US"}, "US"), ({"Us"}, "Us"), ({"u"}, None)])
    def test_may_be_spelt_with_capitals(self, table, found) -> None:
        assert spelling("us", table) == found


class TestQuantising:
    def test_turning_changes_no_cosine(self) -> None:
        vectors = clouds()
        turned = quantising.turn(vectors)
        assert np.abs(quantising.cosines(turned, turned) - quantising.cosines(vectors, vectors)).max() < 1e-5
        assert (np.diff((turned**2).sum(axis=0)) <= 0).all()

    def test_every_pair_is_within_the_tolerance(self) -> None:
        vectors = clouds(400, 60)
        codes = quantising.quantise(quantising.turn(vectors))
        assert codes.dtype == np.int8
        assert quantising.largest_error(vectors, codes) <= quantising.TOLERANCE

    def test_pairs_that_rounding_puts_outside_are_mended(self) -> None:
        vectors, step = clouds(400, 60), 0.015
        turned = quantising.turn(vectors)
        assert quantising.largest_error(vectors, np.rint(turned / step).astype(np.int8)) > quantising.TOLERANCE
        codes = quantising.quantise(turned, step)
        assert quantising.largest_error(vectors, codes) <= quantising.TOLERANCE
        assert np.abs(codes - turned / step).max() <= 1.5

    def test_agrees_with_gensim(self) -> None:
        vectors = clouds()
        table = keyed_vectors(list(WORDS), vectors.astype(np.float32))
        codes = quantising.quantise(quantising.turn(vectors))
        near = quantising.cosines(codes[:1], codes)[0]
        for word, similarity in table.most_similar(WORDS[0], topn=10):
            assert near[WORDS.index(word)] == pytest.approx(similarity, abs=quantising.TOLERANCE)

    @pytest.mark.parametrize("step", [0.001, 1.0])
    def test_a_step_that_does_not_fit_is_refused(self, step) -> None:
        with pytest.raises(ValueError, match="from 1/127"):
            quantising.quantise(quantising.turn(clouds()), step)

    def test_a_step_too_large_for_the_tolerance_is_refused(self) -> None:
        with pytest.raises(ValueError, match="take a smaller one"):
            quantising.quantise(quantising.turn(clouds(20, 2)), 0.5)

    @pytest.mark.parametrize("value", [0.0, np.nan])
    def test_a_vector_without_direction_is_refused(self, value) -> None:
        vectors = clouds()
        vectors[3] = value
        with pytest.raises(ValueError, match="has no direction"):
            quantising.turn(vectors)

    def test_what_is_packed_is_unpacked(self) -> None:
        vectors = clouds()
        codes = quantising.quantise(quantising.turn(vectors))
        packed = quantising.pack(codes, places(vectors))
        assert len(packed) < codes.size
        read_codes, read_places = quantising.unpack(packed, len(codes))
        assert np.array_equal(read_codes, codes)
        assert np.array_equal(read_places, places(vectors))

    def test_damaged_or_foreign_bytes_are_refused(self) -> None:
        packed = quantising.pack(np.ones((10, 3), np.int8), np.zeros((10, 2), np.uint16))
        with pytest.raises(ValueError, match="damaged"):
            quantising.unpack(packed[:5], 10)
        with pytest.raises(ValueError, match="does not hold 9 words"):
            quantising.unpack(packed, 9)


def test_a_map_fills_the_grid_in_order_and_shortens_empty_stretches() -> None:
    line = np.concatenate([np.linspace(0, 1, 50), np.linspace(99, 100, 50)])
    grid = maps.onto_grid(np.stack([line, -line], axis=1))
    assert grid.dtype == np.uint16
    assert (grid.min(), grid.max()) == (0, maps.GRID)
    assert (np.diff(grid[:, 0].astype(int)) > 0).all()
    assert (np.diff(grid[:, 1].astype(int)) < 0).all()
    assert int(grid[50, 0]) - int(grid[49, 0]) < maps.GRID / 1.9, "the gap was 98 % of the line"


class TestFiles:
    @pytest.fixture
    def spaces(self) -> dict[str, np.ndarray]:
        return {title.key: clouds(seed=seed) for seed, title in enumerate(SPACES)}

    def test_what_is_written_is_read(self, tmp_path, spaces) -> None:
        said: list[str] = []
        files.write(tmp_path, WORDS, spaces, draw=places, say=said.append)
        found = files.read(tmp_path)
        assert found.words == WORDS
        for space in found.spaces:
            vectors = spaces[space.title.key]
            assert quantising.largest_error(vectors, space.codes) == pytest.approx(space.largest_error, abs=1e-4)
            assert np.array_equal(space.places, places(vectors))
        assert len(said) == len(SPACES)
        assert not list(tmp_path.glob(".*"))

    def test_the_same_vectors_give_the_same_bytes(self, tmp_path, spaces) -> None:
        for name in ("one", "two"):
            files.write(tmp_path / name, WORDS, spaces, draw=places)
        for file in (tmp_path / "one").iterdir():
            assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()

    def test_too_heavy_a_vocabulary_is_refused_before_anything_is_written(self, tmp_path, spaces, monkeypatch) -> None:
        monkeypatch.setattr(files, "MOST_BYTES", 1_000)
        with pytest.raises(ValueError, match="take fewer words"):
            files.write(tmp_path / "new", WORDS, spaces, draw=places)
        assert not (tmp_path / "new").exists()

    def test_a_missing_space_is_named(self, tmp_path, spaces) -> None:
        del spaces["glove"]
        with pytest.raises(ValueError, match="no space glove"):
            files.write(tmp_path, WORDS, spaces, draw=places)

    def test_spaces_and_words_must_go_together(self, tmp_path, spaces) -> None:
        with pytest.raises(ValueError, match="100 vectors for 99 words"):
            files.write(tmp_path, WORDS[1:], spaces, draw=places)

    def test_a_changed_file_is_refused_with_the_remedy(self, tmp_path, spaces) -> None:
        files.write(tmp_path, WORDS, spaces, draw=places)
        (tmp_path / "glove.bin").write_bytes(b"else")
        with pytest.raises(ValueError, match=r"glove\.bin is not the file .*python -m embedbook\.site\.explorer"):
            files.read(tmp_path)

    def test_missing_files_are_refused_with_the_remedy(self, tmp_path) -> None:
        with pytest.raises(ValueError, match=r"cannot be read .*python -m embedbook\.site\.explorer"):
            files.read(tmp_path)


@pytest.fixture(scope="module")
def explorer() -> files.Explorer:
    return files.read(STORED)


class TestStoredFiles:
    """What lies in the repository."""

    def test_hold_5000_to_10000_harmless_words_in_lower_case(self, explorer) -> None:
        assert 5_000 <= len(explorer.words) <= 10_000
        assert len(set(explorer.words)) == len(explorer.words)
        assert all(word.isascii() and word.isalpha() and word.islower() for word in explorer.words)
        assert not LEFT_OUT & set(explorer.words)

    def test_weigh_no_more_than_a_page_may(self, explorer) -> None:
        assert sum((STORED / f"{space.title.key}.bin").stat().st_size for space in explorer.spaces) <= files.MOST_BYTES

    def test_keep_every_similarity_within_the_tolerance_when_they_were_written(self, explorer) -> None:
        assert all(space.largest_error <= quantising.TOLERANCE for space in explorer.spaces)

    def test_are_described_with_their_checksums(self) -> None:
        described = (STORED / "README.md").read_text(encoding="utf-8")
        for file in [STORED / files.INDEX, *STORED.glob("*.bin")]:
            assert hashlib.sha256(file.read_bytes()).hexdigest() in described, f"{file.name} has changed"

    @pytest.mark.parametrize("title", SPACES, ids=lambda title: title.key)
    def test_agree_with_gensim_on_the_full_vectors(self, explorer, mirror, title) -> None:
        """Google News and GloVe lie in the mirror; the two trained spaces are measured when they are written."""
        if title.key not in ("word2vec", "glove"):
            assert json.loads((STORED / files.INDEX).read_text("utf-8"))["tolerance"] == quantising.TOLERANCE
            return
        from embedbook.vectors import load_pretrained

        full = load_pretrained(title.key, mode="real")
        rows = full[[spelling(word, full.key_to_index) for word in explorer.words]]
        table = keyed_vectors(list(explorer.words), rows)
        codes = next(space.codes for space in explorer.spaces if space.title == title)
        random = np.random.default_rng(0)
        for word in random.choice(explorer.words, 40, replace=False):
            row = explorer.words.index(word)
            near = quantising.cosines(codes[row : row + 1], codes)[0]
            pairs = table.most_similar(word, topn=10)
            pairs += [(other, table.similarity(word, other)) for other in random.choice(explorer.words, 200)]
            for other, similarity in pairs:
                assert near[explorer.words.index(other)] == pytest.approx(similarity, abs=quantising.TOLERANCE)


def test_the_page_without_javascript_has_a_table_computed_from_the_files(explorer) -> None:
    page = explorer_html(explorer, "_static/explorer/")
    assert "needs JavaScript" in page
    for space, near in explorer.neighbours("cat", 4).items():
        assert f"<td>{', '.join(near)}</td>" in page, space
    for title in SPACES:
        assert f"--explorer-{title.key}: {ARMS[title.arm].colour}" in page
