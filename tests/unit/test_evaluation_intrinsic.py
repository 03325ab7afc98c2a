"""Word vectors are scored as people and as gensim would score them, and the score says how sure it is."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from embedbook import cli
from embedbook.datasets import AnalogySection, WordPairs, load_analogies, load_similarity
from embedbook.evaluation import AnalogyScore, analogy_score, evaluate_vectors, similarity_score
from embedbook.vectors import keyed_vectors, load_named, save

rng = np.random.default_rng(7)
WORDS = [f"w{number}" for number in range(60)]
VECTORS = keyed_vectors(WORDS, rng.standard_normal((60, 8)).astype(np.float32))
PAIRS = WordPairs(
    "mine", "Mine", tuple((WORDS[2 * row], WORDS[2 * row + 1]) for row in range(25)), rng.integers(0, 5, 25)
)

# Where the questions have an answer: a country is its capital with the last number turned round. And some noise words.
CAPITALS = {"athens": "greece", "oslo": "norway", "rome": "italy", "paris": "france", "lima": "peru"}


def capital_vectors(change: float = 0.05, words: dict[str, str] = CAPITALS) -> list[tuple[str, np.ndarray]]:
    random = np.random.default_rng(1)
    rows = []
    for capital, country in words.items():
        place = random.standard_normal(5)
        place /= np.linalg.norm(place)
        rows += [(capital, np.append(place, -1)), (country, np.append(place + change * random.standard_normal(5), 1))]
    return rows + [(f"noise{number}", random.standard_normal(6)) for number in range(20)]


def make(rows: list[tuple[str, np.ndarray]]):  # type: ignore[no-untyped-def]
    return keyed_vectors([word for word, _ in rows], np.array([row for _, row in rows], dtype=np.float32))


def all_questions(pairs: dict[str, str] = CAPITALS) -> AnalogySection:
    items = list(pairs.items())
    return AnalogySection("capitals", tuple((*one, *other) for one in items for other in items if one != other))


def write_questions(folder: Path, *sections: AnalogySection) -> Path:
    file = folder / "questions.txt"
    lines = [line for one in sections for line in (f": {one.name}", *(" ".join(asked) for asked in one.questions))]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_similarity_is_the_rank_correlation_of_cosine_and_judgement() -> None:
    score = similarity_score(VECTORS, PAIRS)
    cosines = [float(VECTORS.similarity(first, second)) for first, second in PAIRS.pairs]
    assert score.spearman == pytest.approx(stats.spearmanr(cosines, PAIRS.scores).statistic, abs=1e-6)
    assert (score.name, score.covered, score.total) == ("mine", 25, 25)
    assert score.interval.mean == score.spearman
    assert score.interval.n == 25


def test_similarity_leaves_out_pairs_without_vectors_and_says_so() -> None:
    more = WordPairs("mine", "Mine", (*PAIRS.pairs, ("w1", "missing"), ("nowhere", "w2")), [*PAIRS.scores, 9, 9])
    score = similarity_score(VECTORS, more)
    assert (score.covered, score.total) == (25, 27)
    assert score.spearman == similarity_score(VECTORS, PAIRS).spearman


def test_the_interval_of_similarity_is_repeatable_and_as_wide_as_the_bootstrap_says() -> None:
    interval = similarity_score(VECTORS, PAIRS, seed=3).interval
    assert interval == similarity_score(VECTORS, PAIRS, seed=3).interval
    assert interval != similarity_score(VECTORS, PAIRS, seed=4).interval
    assert interval.low < interval.mean < interval.high
    narrow = similarity_score(VECTORS, PAIRS, seed=3, confidence=0.5).interval
    assert interval.low < narrow.low < narrow.high < interval.high
    # By hand: resample pairs, correlate, take quantiles.
    cosines = np.array([VECTORS.similarity(first, second) for first, second in PAIRS.pairs])
    drawn = np.random.default_rng(0).integers(0, 25, (4000, 25))
    by_hand = [stats.spearmanr(cosines[rows], PAIRS.scores[rows]).statistic for rows in drawn]
    wide = similarity_score(VECTORS, PAIRS, resamples=4000).interval
    assert [wide.low, wide.high] == pytest.approx(np.quantile(by_hand, [0.025, 0.975]), abs=0.03)


def test_similarity_of_too_few_or_equal_pairs_is_nan() -> None:
    few = WordPairs("few", "Few", (*PAIRS.pairs[:2], ("no", "where")), [1, 2, 3])
    same = WordPairs("same", "Same", PAIRS.pairs, [1.0] * 25)
    none = WordPairs("none", "None", (("no", "where"),), [1])
    for pairs, covered in ((few, 2), (same, 25), (none, 0)):
        score = similarity_score(VECTORS, pairs)
        assert math.isnan(score.spearman)
        assert math.isnan(score.interval.low)
        assert score.covered == covered


def test_three_pairs_have_an_interval_though_some_resamples_have_no_correlation() -> None:
    three = WordPairs("three", "Three", PAIRS.pairs[:3], [1, 2, 3])
    interval = similarity_score(VECTORS, three).interval
    assert -1 <= interval.low <= interval.high <= 1


def test_words_are_put_in_lower_case_for_a_vocabulary_in_lower_case() -> None:
    pairs = WordPairs("mine", "Mine", tuple((a.upper(), b) for a, b in PAIRS.pairs), PAIRS.scores)
    assert similarity_score(VECTORS, pairs).covered == 25
    assert similarity_score(VECTORS, pairs, lower=False).covered == 0
    cased = keyed_vectors([word.upper() if number % 2 else word for number, word in enumerate(WORDS)], VECTORS.vectors)
    assert similarity_score(cased, pairs).covered == 0


def test_a_vector_that_is_no_number_is_named() -> None:
    broken = VECTORS.vectors.copy()
    broken[4, 2] = np.nan
    vectors = keyed_vectors(WORDS, broken)
    with pytest.raises(ValueError, match="the vector of 'w4' holds NaN"):
        similarity_score(vectors, PAIRS)
    with pytest.raises(ValueError, match="the vector of 'w4' holds NaN"):
        analogy_score(vectors, [AnalogySection("one", (("w1", "w2", "w4", "w5"),))])


def test_a_vector_of_zeros_is_like_nothing() -> None:
    matrix = VECTORS.vectors.copy()
    matrix[0] = 0
    assert np.isfinite(similarity_score(keyed_vectors(WORDS, matrix), PAIRS).spearman)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_wrong_confidence_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence must be between 0 and 1"):
        similarity_score(VECTORS, PAIRS, confidence=confidence)
    with pytest.raises(ValueError, match="confidence must be between 0 and 1"):
        analogy_score(VECTORS, [all_questions()], confidence=confidence)


@pytest.mark.parametrize("value", [0, -1, 2.5, True])
def test_a_wrong_number_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="resamples must be a whole number"):
        similarity_score(VECTORS, PAIRS, resamples=value)
    with pytest.raises(ValueError, match="top must be a whole number"):
        analogy_score(VECTORS, [all_questions()], top=value)


def test_analogies_that_the_vectors_know_are_solved() -> None:
    score = analogy_score(make(capital_vectors(change=0.0)), [all_questions()])
    assert isinstance(score, AnalogyScore)
    assert (score.correct, score.answerable, score.total, score.accuracy) == (20, 20, 20, 1.0)


@pytest.mark.parametrize("top", [None, 9, 12])
@pytest.mark.parametrize("change", [0.6, 1.2])
def test_analogies_are_scored_as_gensim_scores_them(tmp_path: Path, change: float, top: int | None) -> None:
    vectors = make(capital_vectors(change))
    noise = AnalogySection("noise", tuple((f"noise{n}", f"noise{n + 1}", f"noise{n + 2}", "rome") for n in range(9)))
    unknown = AnalogySection("unknown", (("athens", "greece", "berlin", "germany"),))
    sections = [all_questions(), noise, unknown]
    score = analogy_score(vectors, sections, top=top)
    accuracy, found = vectors.evaluate_word_analogies(
        str(write_questions(tmp_path, *sections)), restrict_vocab=top or len(vectors), case_insensitive=False
    )
    assert score.accuracy == accuracy
    by_name = {one["section"]: (len(one["correct"]), len(one["correct"]) + len(one["incorrect"])) for one in found}
    for section in score.sections:
        assert (section.correct, section.answerable) == by_name[section.name]
    assert 0 < score.correct <= score.answerable < score.total


def test_the_case_of_questions_is_that_of_gensim(tmp_path: Path) -> None:
    vectors = make(capital_vectors(0.4))
    asked = all_questions({capital.title(): country.title() for capital, country in CAPITALS.items()})
    accuracy, _ = vectors.evaluate_word_analogies(str(write_questions(tmp_path, asked)), case_insensitive=True)
    assert analogy_score(vectors, [asked]).accuracy == accuracy
    assert analogy_score(vectors, [asked], lower=False).answerable == 0


def test_the_words_of_the_question_are_no_answer() -> None:
    # Nearest to b - a + c is c itself, then d.
    rows = {"a": [1, 0, 0], "b": [1, 0, 0], "c": [0, 1, 0], "d": [0.5, 1, 0.5]}
    vectors = make([(word, np.array(row)) for word, row in rows.items()])
    assert analogy_score(vectors, [AnalogySection("one", (("a", "b", "c", "d"),))]).correct == 1
    assert analogy_score(vectors, [AnalogySection("one", (("a", "b", "c", "c"),))]).correct == 0


def test_top_counts_for_questions_and_answers() -> None:
    vectors = make(capital_vectors(0.0))
    assert analogy_score(vectors, [all_questions()], top=4).answerable == 2
    assert analogy_score(vectors, [all_questions()], top=10_000).answerable == 20


def test_a_vocabulary_of_the_question_alone_has_no_answer() -> None:
    vectors = make(capital_vectors()[:3])
    score = analogy_score(vectors, [AnalogySection("one", (("athens", "greece", "oslo", "greece"),))])
    assert (score.correct, score.answerable) == (0, 1)


def test_sections_add_up_and_have_wilson_intervals() -> None:
    vectors = make(capital_vectors(0.6))
    sections = [all_questions(), AnalogySection("none", (("x", "y", "z", "q"),))]
    score = analogy_score(vectors, sections)
    assert [one.name for one in score.sections] == ["capitals", "none"]
    assert (score.answerable, score.total) == (20, 21)
    assert math.isnan(score.sections[1].accuracy)
    wilson = stats.binomtest(score.correct, 20).proportion_ci(0.95, method="wilson")
    assert (score.interval.low, score.interval.high) == (wilson.low, wilson.high)


def test_without_questions_there_is_no_score() -> None:
    for empty in ([], [AnalogySection("none", ())]):
        with pytest.raises(ValueError, match="there are no questions"):
            analogy_score(VECTORS, empty)


def sample_words() -> list[str]:
    asked = {word for section in load_analogies(mode="sample") for four in section.questions for word in four}
    rated = {word for pairs in load_similarity(mode="sample") for two in pairs.pairs for word in two}
    return sorted({word.lower() for word in asked | rated})


def test_all_scores_make_one_tidy_table() -> None:
    words = sample_words()[::3]
    vectors = keyed_vectors(words, np.random.default_rng(0).standard_normal((len(words), 10)).astype(np.float32))
    table = evaluate_vectors(vectors, mode="sample")
    assert list(table.columns) == ["set", "metric", "value", "low", "high", "covered", "total"]
    assert table["set"].tolist()[:5] == [
        "ws353",
        "simlex999",
        "analogies",
        "analogies: semantic",
        "analogies: syntactic",
    ]
    assert len(table) == 2 + 3 + 14
    assert table["total"].tolist()[:5] == [353, 999, 19544, 8869, 10675]
    by_set = table.set_index("set")
    sections = by_set.iloc[5:]
    assert by_set.loc["analogies", "covered"] == sections["covered"].sum()
    assert by_set.loc["analogies: syntactic", "covered"] == sections.filter(like="gram", axis=0)["covered"].sum()
    known = table[table["covered"] > 0]
    assert ((known["low"] <= known["value"]) & (known["value"] <= known["high"])).all()


def test_vectors_of_another_language_are_an_error() -> None:
    vectors = keyed_vectors(["gato", "perro"], np.eye(2, dtype=np.float32))
    with pytest.raises(ValueError, match="the vectors have the words of no pair and of no question"):
        evaluate_vectors(vectors, mode="sample")


@pytest.fixture
def on_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    from embedbook.cli import vectors
    from embedbook.cli.evaluate import add_evaluate

    monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
    monkeypatch.setitem(cli._GROUPS, "vectors", "embedbook.cli.vectors")
    if all(command.name != "evaluate" for command in vectors.app.registered_commands):
        monkeypatch.setattr(vectors.app, "registered_commands", [*vectors.app.registered_commands])
        add_evaluate(vectors.app)


def test_the_command_prints_and_writes_the_table(
    on_sample: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = sample_words()[::4]
    vectors = keyed_vectors(words, np.random.default_rng(0).standard_normal((len(words), 5)).astype(np.float32))
    save(vectors, tmp_path / "mine.txt")
    assert cli.main(["vectors", "evaluate", str(tmp_path / "mine.txt"), "--csv", str(tmp_path / "scores.csv")]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    header, first, *_ = lines = said.out.splitlines()
    assert header.split() == ["set", "metric", "value", "low", "high", "covered", "total"]
    assert first.split()[:2] == ["ws353", "spearman"]
    assert len({len(line) for line in lines}) == 1
    written = (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert written[0] == "set,metric,value,low,high,covered,total"
    assert len(written) == len(lines)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["mine.txt", "scores.csv"]


def test_bad_input_of_the_command_is_one_line(
    on_sample: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("gato 1 2\nperro 2 1\n", encoding="utf-8")
    mine = str(tmp_path / "mine.txt")
    for arguments, message in (
        ([str(tmp_path / "none.txt")], "none.txt"),
        ([mine], "the words of no pair"),
        ([mine, "--csv", str(tmp_path / "nowhere" / "scores.csv")], "there is no folder"),
        ([mine, "--top", "0"], "--top"),
    ):
        assert cli.main(["vectors", "evaluate", *arguments]) == 2
        said = capsys.readouterr().err
        assert message in said
        assert said.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_the_real_google_news_words_score_what_is_known_of_them(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = load_named("word2vec-googlenews-8000")
    scores = evaluate_vectors(vectors, mode="real").set_index("set")
    # As measured with gensim when the files were collected.
    for name, value, covered in (("ws353", 0.701, 253), ("simlex999", 0.416, 611), ("men", 0.790, 1200)):
        assert scores.loc[name, "value"] == pytest.approx(value, abs=5e-4)
        assert scores.loc[name, "covered"] == covered
    assert scores.loc["analogies", "value"] == pytest.approx(0.787, abs=5e-4)
    assert scores.loc["analogies", "covered"] == 4686


def test_scoring_needs_no_tensorflow() -> None:
    assert "embedbook.evaluation" in sys.modules
    import subprocess

    code = "import sys, embedbook.evaluation; print(sorted({'tensorflow', 'keras', 'umap'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
