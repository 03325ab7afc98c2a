"""The phrases of a treebank are all nodes of its training trees, and none of them is a sentence to be tested on."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from datasets_support import closed_address, entry, file_entry, isolate, use_registry

from embedbook.datasets import DataError, LabelledTexts, load_phrases, registry
from embedbook.datasets.phrases import read_trees

TREES = (
    "(3 (2 It) (4 (3 works) (2 !)))\n"
    "(0 (1 (2 Not) (3 GOOD)) (1 -LRB-))\n"
    "(4 (4 good) (2 (2 2\N{NO-BREAK SPACE}1\\/2) (2 good)))\n"
    "(4 (4 good) (0 (1 sad) (3 it)))\n"
)
SENTENCES = {
    "train": b"3 it works !\n0 not good -lrb-\n",
    "dev": b"4 works !\n1 sad it\n",
    "test": b"2 it\n0 awful\n",
}


def load(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    trees: str = TREES,
    name: str = "sst1",
    sentences: dict[str, bytes] = SENTENCES,
) -> LabelledTexts:
    isolate(monkeypatch, folder)
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    files = {f"kim/stsa.{part}": content for part, content in sentences.items()} | {"trees/train.txt": trees.encode()}
    for place, content in files.items():
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_bytes(content)
    entries = {place: file_entry(place, content, closed_address()) for place, content in files.items()}
    tree = entries.pop("trees/train.txt")
    use_registry(
        monkeypatch,
        entry(name, *entries.values(), encoding="utf-8"),
        entry("sst-trees", tree, kind="labelled trees", encoding="utf-8"),
    )
    return load_phrases(name)


def test_every_node_is_a_phrase_in_the_form_of_the_sentences(tmp_path: Path) -> None:
    (tmp_path / "trees.txt").write_text(
        TREES.split("\n")[0] + "\r\n\n(1 (1 -LRB-) (2 2\N{NO-BREAK SPACE}1\\/2))", "utf-8"
    )
    assert list(read_trees(tmp_path / "trees.txt")) == [
        [("it", 2), ("works", 3), ("!", 2), ("works !", 4), ("it works !", 3)],
        [("-lrb-", 1), ("2\N{NO-BREAK SPACE}1\\/2", 2), ("-lrb- 2\N{NO-BREAK SPACE}1\\/2", 1)],
    ]


def test_equal_phrases_become_one_and_held_out_sentences_are_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    phrases = load(monkeypatch, tmp_path)
    found = dict(zip(phrases.texts, phrases.labels.tolist(), strict=True))
    # "it" is a test sentence, "works !" and "sad it" are development sentences, also as parts of training trees.
    assert {"it", "works !", "sad it"} & set(found) == set()
    assert found["it works !"] == 3
    # Once 3, twice 4, once 2.
    assert found["good"] == 4
    assert (found["works"], found["!"], found["-lrb-"], found["sad"]) == (3, 2, 1, 1)
    assert phrases.classes == ("very negative", "negative", "neutral", "positive", "very positive")
    assert phrases.official_split is None
    assert (phrases.name, phrases.title, phrases.origin) == ("sst1", "The set sst-trees: five classes", "real")


def test_equally_frequent_labels_give_the_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    phrases = load(monkeypatch, tmp_path, "(1 (3 so) (0 so))\n(4 (0 fun) (4 no))\n")
    assert phrases.labels[phrases.texts.index("so")] == 3


def test_two_classes_have_no_neutral_phrases(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    two = {part: re.sub(rb"(?m)^[02-9] ", b"0 ", content) for part, content in SENTENCES.items()}
    phrases = load(monkeypatch, tmp_path, name="sst2", sentences={**two, "train": b"1 it works !\n0 not good -lrb-\n"})
    found = dict(zip(phrases.texts, phrases.labels.tolist(), strict=True))
    assert (found["good"], found["sad"], found["not good"], found["it works !"]) == (1, 0, 0, 1)
    assert "!" not in found
    assert phrases.classes == ("negative", "positive")


def test_trees_after_the_training_trees_are_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("embedbook.datasets.phrases._TRAINING_TREES", 2)
    assert "sad" not in load(monkeypatch, tmp_path).texts


@pytest.mark.parametrize(
    "line",
    [
        "(3 (2 It) (4 works)",
        "(3 (2 It) (4 works)))",
        "(3 (2 It)) (4 works)",
        "3 works",
        "(5 works)",
        "(3 )",
        "(works)",
        "works",
        "((3 works)",
    ],
)
def test_what_is_no_tree_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str) -> None:
    with pytest.raises(DataError, match=rf"train\.txt, line 2: '{re.escape(line)}' is no tree"):
        load(monkeypatch, tmp_path, f"(3 fine)\n{line}\n")


def test_other_sets_have_no_phrases() -> None:
    with pytest.raises(DataError, match=r"no phrases of 'mr'\. There are phrases of: sst1, sst2"):
        load_phrases("mr")


def test_the_sample_stands_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_phrases("sst2", mode="sample").name == "sample"
    load(monkeypatch, tmp_path)
    (tmp_path / "trees" / "train.txt").unlink()
    monkeypatch.setattr("embedbook.datasets.download.time.sleep", lambda seconds: None)
    # The sentences alone are not enough.
    assert load_phrases("sst1").name == "sample"


def test_the_real_phrases_are_those_of_the_published_trees(mirror: Path) -> None:
    nodes = [len(tree) for tree in read_trees(mirror / registry()["sst-trees"].files[0].path)]
    assert (len(nodes), sum(nodes)) == (8544, 318_582)
    five, two = load_phrases("sst1", mode="real"), load_phrases("sst2", mode="real")
    assert (len(five), len(two)) == (156_812, 76_956)
    assert "hey arnold !" not in five.texts
    assert len(set(five.texts)) == len(five)
    # A neutral phrase of five classes is none of two, but for five held-out sentences that are not the same.
    assert np.sum(five.labels != 2) == pytest.approx(len(two), abs=5)
