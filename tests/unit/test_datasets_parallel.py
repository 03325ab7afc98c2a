"""Pairs of sentences: read from every format that the book uses, checked, filtered, divided."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from embedbook.datasets import (
    DataError,
    ParallelTexts,
    drop_unlikely,
    halves,
    list_parallel,
    load_corpus,
    load_parallel,
    read_parallel,
)
from embedbook.datasets.parallel_sets import _release


def pairs(source=("o gato", "o can"), target=("the cat", "the dog"), **fields) -> ParallelTexts:
    return ParallelTexts("mine", "Mine", source, target, ("gl", "en"), "real", "none", "CC0", **fields)


def write(folder: Path, name: str, lines: list[str]) -> Path:
    file = folder / name
    content = "".join(f"{line}\n" for line in lines).encode()
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return file


# --- The container ----------------------------------------------------------------------------------------------------


def test_pairs_keep_together_and_have_parts() -> None:
    texts = pairs(("a", "b", "c"), ("x", "y", "z"), official_split={"train": [0, 2], "test": [1]})
    assert texts.part("train").source == ("a", "c")
    assert texts.part("train").target == ("x", "z")
    assert texts.subset([2, 0]).target == ("z", "x")
    assert "3 pairs" in texts._repr_html_()
    assert "train 2" in texts._repr_html_()
    with pytest.raises(DataError, match="no part 'dev'; there are train, test"):
        texts.part("dev")
    with pytest.raises(DataError, match="rows must be"):
        texts.subset([3])


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ((("a",), ("x", "y")), r"source \(gl\) has 1 sentences and the target \(en\) 2"),
        (((), ("x",)), r"the source side \(gl\) holds no sentence"),
        ((("a",), ()), r"the target side \(en\) holds no sentence"),
        ((("a", " "), ("x", "y")), r"empty sentences on the source side \(gl\) in rows 1"),
        (("a", ("x",)), "source is one string"),
        ((("a", 3), ("x", "y")), "not a string on the source side"),
    ],
)
def test_sides_that_do_not_fit_are_refused(sides, message) -> None:
    with pytest.raises(DataError, match=message):
        pairs(*sides)


def test_halves_are_the_first_and_the_second() -> None:
    first, second = halves(pairs(("a", "b", "c"), ("x", "y", "z")))
    assert (first.source, second.source) == (("a", "b"), ("c",))
    with pytest.raises(DataError, match="rows must be"):
        halves(pairs(("a",), ("x",)))


def test_the_filter_drops_long_and_unequal_pairs_and_says_so() -> None:
    source = [["w"] * n for n in (3, 30, 10, 4, 2, 12)]
    target = [["w"] * n for n in (3, 5, 25, 5, 5, 6)]
    dropped = drop_unlikely(source, target, max_tokens=25, max_ratio=2.0)
    np.testing.assert_array_equal(dropped.kept, [0, 3, 4, 5])  # of 2 and 5 words nothing can be told
    assert str(dropped) == "4 of 6 pairs kept; dropped: 1 too long, 1 of unequal length"
    with pytest.raises(DataError, match="none of the 6 pairs has at most 1 tokens"):
        drop_unlikely(source, target, max_tokens=1, max_ratio=2.0)
    with pytest.raises(DataError, match="6 sentences and 5 translations"):
        drop_unlikely(source, target[:5], max_tokens=25, max_ratio=2.0)


# --- Files ------------------------------------------------------------------------------------------------------------


def test_a_readers_own_files(tmp_path) -> None:
    source = write(tmp_path, "a.gl", ["O gato\x85dorme .", "Ola !"])
    target = write(tmp_path, "a.en.gz", ["The cat sleeps .", "It &apos;s me !"])
    texts = read_parallel(source, target, ("gl", "en"))
    assert texts.source == ("O gato\x85dorme .", "Ola !")  # only a line feed ends a line
    assert texts.target[1] == "It 's me !"
    assert texts.languages == ("gl", "en")


def test_files_of_different_length_or_with_an_empty_line_are_refused(tmp_path) -> None:
    two, three, gap, empty = (
        write(tmp_path, name, lines)
        for name, lines in (("two", ["a", "b"]), ("three", ["x", "y", "z"]), ("gap", ["a", ""]), ("empty", []))
    )
    for files, message in (
        ((two, three), "two has 2 lines and .*three 3"),
        ((gap, two), "gap, line 2: is empty"),
        ((empty, empty), "empty: is empty"),
        ((two, tmp_path / "none"), "none: cannot be read"),
    ):
        with pytest.raises(DataError, match=message):
            read_parallel(*files, ("gl", "en"))
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(b"a\nb\n")[:-6])
    with pytest.raises(DataError, match=r"broken\.gz: cannot be read"):
        read_parallel(two, broken, ("gl", "en"))


def test_unknown_names_and_languages_are_one_clear_error() -> None:
    with pytest.raises(DataError, match=r"multi30k has no such pair of languages. Its pairs are en-de.*cs Czech"):
        load_parallel("multi30k-xx-en")
    with pytest.raises(DataError, match=r"qi2018 has no such pair.*pt-en"):
        load_parallel("qi2018-en-pt")
    with pytest.raises(DataError, match="no parallel texts are called 'nonsense'"):
        load_parallel("nonsense")
    assert {"ted-gl-en", "multi30k-de-en", "qi2018-pt-en", "qi2018-it-pt"} <= set(list_parallel())


# --- The release of Qi et al. -----------------------------------------------------------------------------------------


def release(file: Path, members: dict[str, str]) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        for name, text in members.items():
            content = text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file


def test_the_papers_release_is_read_pair_by_pair(tmp_path) -> None:
    members = {
        f"datasets/{pair}/{language}.{part}": f"{language} {part} 1 .\n{language} {part} 2 .\n"
        for pair in ("pt_to_en", "gl_to_en")
        for language in pair.split("_to_")
        for part in ("train", "dev", "test")
    }
    file = release(tmp_path / "qi18naacl-dataset.tar.gz", {"datasets/README": "x", **members})
    parts = _release(file, ("pt", "en"))
    assert list(parts) == ["train", "dev", "test"]
    assert parts["dev"].source == ["pt dev 1 .", "pt dev 2 ."]
    assert parts["dev"].target == ["en dev 1 .", "en dev 2 ."]
    with pytest.raises(DataError, match=r"holds no az\.train of az_to_en"):
        _release(file, ("az", "en"))
    members["datasets/pt_to_en/en.dev"] = "one line\n"
    with pytest.raises(DataError, match=r"pt\.dev has 2 lines and .*en\.dev 1"):
        _release(release(tmp_path / "b.tar.gz", members), ("pt", "en"))


# --- The sample -------------------------------------------------------------------------------------------------------


def test_without_real_texts_an_invented_language_stands_for_every_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    texts = load_parallel("ted-gl-en")
    assert texts.origin == "sample"
    assert texts.languages == ("tarvian", "en")
    assert texts.source == load_parallel("multi30k-de-en").source
    assert set(texts.official_split or {}) == {"train", "dev", "test"}
    with pytest.raises(DataError, match="no parallel texts are called 'nonsense'"):
        load_parallel("nonsense")


# --- Real data --------------------------------------------------------------------------------------------------------


def test_real_pairs_are_read_and_divided(mirror) -> None:
    talks = load_parallel("ted-gl-en", mode="real")
    assert [len(rows) for rows in talks.official_split.values()] == [11233, 742, 1112]
    assert "&apos;" not in " ".join(talks.target)
    assert " don 't" not in " ".join(talks.target)
    assert any("don't" in sentence for sentence in talks.target)
    captions = load_parallel("multi30k-de-en", mode="real")
    assert [len(rows) for rows in captions.official_split.values()] == [29000, 1014, 1000]
    assert captions.source[0].startswith("Zwei junge weiße Männer")
    assert captions.target[0].startswith("Two young, White males")


def test_real_running_text_of_other_languages(mirror) -> None:
    galician = load_corpus("galician-ctg", mode="real")
    sentences = list(galician)
    assert 53_000 < len(sentences) < 53_300
    unpaired = load_corpus("unpaired-ted-az-en", mode="real")
    _, second = halves(load_parallel("ted-az-en", mode="real").part("train"))
    assert next(iter(unpaired.paragraphs())) == second.source[0]
    with pytest.raises(DataError, match="no such pair"):
        load_corpus("unpaired-ted-xx-en")
