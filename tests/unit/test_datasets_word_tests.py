"""Word pairs and analogies are read with their counts, and an error names file and line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from datasets_support import closed_address, entry, file_entry, isolate, use_registry

from embedbook.datasets import DataError, WordPairs, load_analogies, load_similarity

FILES = {
    "ws353": "EN-WS-353-ALL.txt",
    "ws353-similarity": "EN-WS-353-SIM.txt",
    "simlex999": "EN-SIMLEX-999.txt",
    "men": "EN-MEN-TR-3k.txt",
    "rw": "EN-RW-STANFORD.txt",
    "mc30": "EN-MC-30.txt",
    "mturk771": "EN-MTurk-771.txt",
    "simverb3500": "EN-SimVerb-3500.txt",
    "yp130": "EN-YP-130.txt",
    "verb143": "EN-VERB-143.txt",
}
PAIRS = b"sun\tsunlight\t50.0\r\nJerusalem Israel 8.46\r\n\r\n"
QUESTIONS = b": capital-world\nAthens Greece Oslo Norway\n: gram1-adjective-to-adverb\na b c d\ne f g h\n"


def know(
    monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, files: dict[str, bytes], records: int | None = None
) -> None:
    isolate(monkeypatch, folder)
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    (folder / "set").mkdir(exist_ok=True)
    entries = []
    for file, content in files.items():
        (folder / "set" / file).write_bytes(content)
        entries.append(file_entry(f"set/{file}", content, closed_address(), records))
    use_registry(monkeypatch, entry(name, *entries, kind="word pairs"))


def know_pairs(
    monkeypatch: pytest.MonkeyPatch, folder: Path, content: bytes = PAIRS, records: int | None = None
) -> None:
    know(monkeypatch, folder, "word-similarity", dict.fromkeys(FILES.values(), content), records)


def know_questions(monkeypatch: pytest.MonkeyPatch, folder: Path, content: bytes = QUESTIONS) -> None:
    know(monkeypatch, folder, "analogies", dict.fromkeys(("questions-words.txt", "questions-phrases.txt"), content))


def test_all_ten_sets_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    know_pairs(monkeypatch, tmp_path, records=2)
    sets = load_similarity(mode="real")
    assert [one.name for one in sets] == list(FILES)
    assert len({one.title for one in sets}) == 10
    assert all(one.citation for one in sets)
    assert sets[0].pairs == (("sun", "sunlight"), ("Jerusalem", "Israel"))
    assert sets[0].scores.tolist() == [50.0, 8.46]


def test_one_set_is_read_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    know_pairs(monkeypatch, tmp_path)
    (one,) = load_similarity("men")
    assert (one.name, one.title, len(one)) == ("men", "MEN", 2)
    assert repr(one) == "WordPairs('men': 2 pairs)"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (PAIRS + b"one two\n", r"line 4: 'one two' is not two words and a number"),
        (PAIRS + b"one two three\n", "line 4"),
        (PAIRS + b"one two nan\n", "line 4"),
        (PAIRS + b"one two 3 4\n", "line 4"),
        (b"# nothing\n\n", "holds no pairs"),
        (b"caf\xe9 bar 3\n", "line 1, byte 4"),
    ],
)
def test_a_wrong_line_of_pairs_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, message: str
) -> None:
    know_pairs(monkeypatch, tmp_path, content)
    with pytest.raises(DataError, match=rf"EN-WS-353-ALL\.txt.*{message}"):
        load_similarity("ws353")


def test_a_wrong_count_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    know_pairs(monkeypatch, tmp_path, records=3)
    with pytest.raises(DataError, match="2 records were read where the registry says 3"):
        load_similarity("men")


def test_the_sample_is_what_gensim_carries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)
    first, second = load_similarity(mode="sample")
    assert (first.name, len(first), second.name, len(second)) == ("ws353", 353, "simlex999", 999)
    assert first.pairs[1] == ("tiger", "cat")
    assert first.scores[1] == 7.35
    assert load_similarity("simlex999", mode="sample")[0].pairs == second.pairs
    assert sum(len(section.questions) for section in load_analogies(mode="sample")) == 19_544
    with pytest.raises(DataError, match="there is no sample of 'men'"):
        load_similarity("men", mode="sample")
    with pytest.raises(DataError, match="there is no sample of 'phrases'"):
        load_analogies("phrases", mode="sample")


def test_unknown_names_are_refused_with_the_known_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)
    with pytest.raises(DataError, match=r"no set of word pairs is called 'MEN'\. There are: ws353, .*verb143"):
        load_similarity("MEN")
    with pytest.raises(DataError, match=r"no set of analogies is called 'sentences'\. There are: words, phrases"):
        load_analogies("sentences")


def test_analogies_are_read_by_section(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    know_questions(monkeypatch, tmp_path)
    for name in ("words", "phrases"):
        world, grammar = load_analogies(name)
        assert world == ("capital-world", (("Athens", "Greece", "Oslo", "Norway"),))
        assert (grammar.name, len(grammar.questions)) == ("gram1-adjective-to-adverb", 2)
        assert (world.is_syntactic, grammar.is_syntactic) == (False, True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (QUESTIONS + b"one two three\n", "line 6: 'one two three' is not four words"),
        (b"a b c d\n" + QUESTIONS, "line 1: a question before the first section"),
        (b": nothing\n", "holds no questions"),
        (b"", "holds no questions"),
    ],
)
def test_a_wrong_line_of_questions_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, message: str
) -> None:
    know_questions(monkeypatch, tmp_path, content)
    with pytest.raises(DataError, match=rf"questions-words\.txt.*{message}"):
        load_analogies()


def test_word_pairs_are_checked() -> None:
    good = WordPairs("mine", "Mine", [("a", "b")], [1])  # type: ignore[arg-type]
    assert good.pairs == (("a", "b"),)
    with pytest.raises(ValueError, match="read-only"):
        good.scores[0] = 2
    for pairs, scores, message in (
        ((), [], "holds no pairs"),
        ((("a", "b"),), [1, 2], r"1 pairs but scores of shape \(2,\)"),
        ((("a", "b"),), [np.inf], "no numbers"),
    ):
        with pytest.raises(DataError, match=message):
            WordPairs("mine", "Mine", pairs, scores)  # type: ignore[arg-type]


def test_the_real_sets_have_their_published_sizes(mirror: Path) -> None:
    sizes = {one.name: len(one) for one in load_similarity(mode="real")}
    assert sizes == {
        "ws353": 353,
        "ws353-similarity": 203,
        "simlex999": 999,
        "men": 3000,
        "rw": 2034,
        "mc30": 30,
        "mturk771": 771,
        "simverb3500": 3500,
        "yp130": 130,
        "verb143": 144,
    }
    sections = load_analogies(mode="real")
    assert len(sections) == 14
    assert sum(len(section.questions) for section in sections if not section.is_syntactic) == 8_869
    assert sum(len(section.questions) for section in sections if section.is_syntactic) == 10_675
    assert sum(len(section.questions) for section in load_analogies("phrases", mode="real")) == 3_218


def test_the_sample_equals_the_real_sets(mirror: Path) -> None:
    real = {one.name: one for one in load_similarity(mode="real")}
    for sample in load_similarity(mode="sample"):
        assert dict(zip(sample.pairs, sample.scores, strict=True)) == dict(
            zip(real[sample.name].pairs, real[sample.name].scores, strict=True)
        )
    assert load_analogies(mode="sample") == load_analogies(mode="real")
