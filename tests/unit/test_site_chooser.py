"""The chooser advises what the curves show: the simplest way that nothing is shown to beat."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import small_build
from sphinx.errors import SphinxError

from embedbook.experiments import LearningCurves, find_grid
from embedbook.site.chooser import advice
from embedbook.site.chooser.advice import KINDS, NO_VECTORS, Answers, advise, all_advice, levels
from embedbook.site.chooser.data import answers_key, chooser_data
from embedbook.site.chooser.page import chooser_html

OPINIONS, QUESTIONS, REVIEWS = KINDS
SIZES = (50, 500, 5000)
# Accuracy by size. With 50 texts frozen vectors lead, with 500 all are alike, with 5,000 the fine-tuned ones lead.
MEANS = {
    "one-hot": (0.55, 0.70, 0.75),
    "learned": (0.56, 0.70, 0.78),
    "word2vec static": (0.58, 0.70, 0.72),
    "word2vec fine-tuned": (0.55, 0.70, 0.79),
    "glove static": (0.65, 0.705, 0.74),
    "glove fine-tuned": (0.60, 0.71, 0.86),
    "imdb static": (0.72, 0.73, 0.74),
    "imdb fine-tuned": (0.66, 0.73, 0.83),
}
COVERAGE = {"word2vec": 0.58, "glove": 0.96, "imdb": 0.85}
# How far each seed lies from the mean, for arms on both sides of a comparison: a difference below 3 points is not sure.
NOISE = {"one-hot": (0.02, -0.02, 0.0), "learned": (-0.02, 0.0, 0.02)}
GLOVE = frozenset({"glove"})


def table(dataset: str = "trec", means: dict[str, tuple[float, ...]] = MEANS) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dataset": dataset,
            "arm": arm,
            "seed": seed,
            "n_train": size,
            "n_test": 0,
            "test_accuracy": mean + shift,
            "dev_accuracy": mean,
            "coverage_tokens": COVERAGE.get(arm.split()[0]),
            "parameters": 10 * size,
        }
        for arm, values in means.items()
        for size, mean in zip(SIZES, values, strict=True)
        for seed, shift in enumerate(NOISE.get(arm, (0.001, 0.0, -0.001)))
    )


def curves(*datasets: str) -> LearningCurves:
    return LearningCurves(pd.concat([table(dataset) for dataset in datasets]))


class TestRule:
    def test_a_lead_that_can_be_shown_decides(self) -> None:
        found = advise(curves("trec"), "trec", 50, GLOVE, small=False)
        assert (found.recommended, found.best) == ("static", "static")
        assert [option.way for option in found.options] == ["one-hot", "learned", "static", "fine-tuned"]
        lead = found.option("one-hot").lead
        assert lead is not None
        assert lead.mean == pytest.approx(10)
        assert lead.low > 0
        assert found.option("static").lead is None
        assert found.option("static").accuracy.mean == pytest.approx(65)

    def test_the_simplest_is_advised_where_no_difference_can_be_shown(self) -> None:
        found = advise(curves("trec"), "trec", 500, GLOVE, small=False)
        assert (found.recommended, found.best) == ("one-hot", "fine-tuned")
        lead = found.option("fine-tuned").lead
        assert lead is not None
        assert lead.mean == pytest.approx(-1)
        assert lead.low < 0 < lead.high

    def test_a_way_that_a_simpler_one_equals_is_out_however_widely_it_scatters(self, monkeypatch) -> None:
        monkeypatch.setitem(NOISE, "learned", (-0.2, 0.0, 0.2))
        found = advise(curves("trec"), "trec", 50, GLOVE, small=False)
        assert found.recommended == "learned", "nothing is shown to beat it, and one-hot is behind it in the mean"
        level = LearningCurves(table(means={**MEANS, "one-hot": (0.57, 0.70, 0.75)}))
        found = advise(level, "trec", 50, GLOVE, small=False)
        assert found.option("learned").lead.low < 0 < found.option("learned").lead.high
        assert (found.recommended, found.outdone) == ("static", {"learned", "fine-tuned"})

    def test_the_most_elaborate_is_advised_where_it_beats_all_others(self) -> None:
        assert advise(curves("trec"), "trec", 5000, GLOVE, small=False).recommended == "fine-tuned"

    def test_speed_and_size_leave_the_ways_that_train_few_weights(self) -> None:
        found = advise(curves("trec"), "trec", 5000, GLOVE, small=True)
        assert [option.way for option in found.options] == ["one-hot", "static"]
        assert found.recommended == "one-hot"

    def test_without_vectors_two_ways_are_left(self) -> None:
        found = advise(curves("trec"), "trec", 50, frozenset(), small=False)
        assert [option.way for option in found.options] == ["one-hot", "learned"]

    def test_development_texts_choose_among_vectors(self) -> None:
        """Frozen GloVe vectors are better on test texts, but development texts say otherwise here."""
        runs = table()
        runs.loc[runs["arm"] == "word2vec static", "dev_accuracy"] = 1.0
        found = advise(LearningCurves(runs), "trec", 50, frozenset({"glove", "word2vec"}), small=False)
        assert found.option("static").arm == "word2vec static"
        assert found.option("fine-tuned").arm == "glove fine-tuned"

    @pytest.mark.parametrize(
        ("dataset", "size", "spaces", "said"),
        [
            ("mr", 50, GLOVE, "no results on 'mr'; there are some on trec"),
            ("trec", 70, GLOVE, "trec has no results with 70 texts; there are results with 50, 500, 5,000"),
            ("trec", 50, {"elmo", "bert"}, "trec has no results with the vectors bert, elmo"),
        ],
    )
    def test_what_was_not_measured_is_refused(self, dataset, size, spaces, said) -> None:
        with pytest.raises(ValueError, match=said):
            advise(curves("trec"), dataset, size, frozenset(spaces), small=False)


class TestQuestions:
    def test_coverage_can_be_chosen_as_it_was_measured(self) -> None:
        assert levels(curves("trec"), QUESTIONS, "trec") == {
            NO_VECTORS: frozenset(),
            58: frozenset({"word2vec"}),
            85: frozenset({"word2vec", "imdb"}),
            96: frozenset({"word2vec", "imdb", "glove"}),
        }

    def test_vectors_of_the_readers_own_kind_are_asked_for_apart(self) -> None:
        assert list(levels(curves("mr"), OPINIONS, "mr")) == [NO_VECTORS, 58, 96]

    def test_shares_that_hardly_differ_are_one_choice(self, monkeypatch) -> None:
        monkeypatch.setitem(COVERAGE, "imdb", 0.94)
        found = levels(curves("trec"), QUESTIONS, "trec")
        assert list(found) == [NO_VECTORS, 58, 96]
        assert found[96] == {"word2vec", "imdb", "glove"}

    def test_every_combination_of_answers_has_its_advice(self) -> None:
        asked = [answers for answers, _, _ in all_advice(curves("mr"), OPINIONS)]
        assert len(asked) == len(set(asked)) == len(SIZES) * 3 * 2 * 2
        assert len(list(all_advice(curves("trec"), QUESTIONS))) == len(SIZES) * 4 * 2, "own text was not measured"

    def test_own_text_admits_vectors_that_have_read_such_text(self) -> None:
        found = {answers: each for answers, each, _ in all_advice(curves("mr"), OPINIONS)}
        without = found[Answers("opinions", 50, 96, own_text=False, small=False)]
        assert without.option("static").arm == "glove static"
        own = found[Answers("opinions", 50, 96, own_text=True, small=False)]
        assert own.option("static").arm == "imdb static"
        only_own = found[Answers("opinions", 50, NO_VECTORS, own_text=True, small=False)]
        assert only_own.recommended == "static"

    def test_another_set_of_the_kind_says_whether_it_agrees(self) -> None:
        worse = MEANS | {"glove static": (0.5, 0.5, 0.5), "learned": (0.70, 0.70, 0.70)}
        both = LearningCurves(pd.concat([table("mr"), table("sst2", worse)]))
        asked = Answers("opinions", 50, 96, own_text=False, small=False)
        others = {answers: other for answers, _, other in all_advice(both, OPINIONS)}
        assert others[asked] == {"sst2": "learned"}
        kind = chooser_data(both)["kinds"]["opinions"]
        said = kind["entries"][kind["advice"][answers_key(asked)]]["why"]
        assert "SST-2 (sentences of film reviews) would advise another way: a learned Embedding layer." in said
        agreed = {answers: other for answers, _, other in all_advice(curves("mr", "sst2"), OPINIONS)}
        assert agreed[asked] == {"sst2": "static"}


class TestData:
    @pytest.mark.parametrize(
        ("there", "kinds", "source"),
        [
            (("trec",), ["questions"], "TREC (questions, six classes)"),
            (("sst2",), ["opinions"], "SST-2 (sentences of film reviews)"),
            (("imdb", "trec", "sst2", "mr"), ["opinions", "questions", "reviews"], "MR (sentences of film reviews)"),
        ],
    )
    def test_hold_the_kinds_that_were_measured(self, there, kinds, source) -> None:
        data = chooser_data(curves(*there))
        assert list(data["kinds"]) == kinds
        assert data["kinds"][kinds[0]]["source"] == source

    def test_say_why_with_the_measured_numbers(self) -> None:
        kind = chooser_data(curves("mr"), {("mr", "one-hot", 50): 1.25})["kinds"]["opinions"]

        def why(key: str) -> str:
            return kind["entries"][kind["advice"][key]]["why"]

        assert "Out of the question: fine-tuned" not in why("50/96/0/0"), "it is not simpler"
        assert why("50/96/0/0").startswith("It had the highest mean accuracy, and a lead that could be shown")
        assert "over the nearest, a learned Embedding layer, it is +9.0 [" in why("50/96/0/0")
        assert "that of fine-tuned pretrained vectors, but no difference could be shown" in why("500/96/0/0")
        assert "this way stands at -1.0 [" in why("500/96/0/0")
        assert why("5000/96/0/1") == "It is the simplest way left, and had the highest mean accuracy as well."
        assert why("50/0/0/1") == "Your answers leave no other way."
        accuracy, (low, mean, high), weights, seconds = kind["cells"][0]["one-hot"]
        assert accuracy.startswith("55.0 [")
        assert 0 <= low < mean < high <= 100
        assert (weights, seconds) == ("500", "1.2")
        assert kind["cells"][0]["learned"][3] == "", "its seconds were not measured"

    def test_say_which_simpler_ways_were_out_of_the_question(self) -> None:
        level = LearningCurves(table("mr", {**MEANS, "one-hot": (0.57, 0.70, 0.75)}))
        kind = chooser_data(level)["kinds"]["opinions"]
        said = kind["entries"][kind["advice"]["50/96/0/0"]]["why"]
        assert "over the nearest, one-hot with a linear model, it is +8.0 [" in said
        assert said.endswith(
            "Out of the question: a learned Embedding layer, since a simpler way did no worse in the mean."
        )

    def test_every_row_of_an_entry_has_its_numbers(self) -> None:
        for kind in chooser_data(curves("mr", "trec"))["kinds"].values():
            for key, place in kind["advice"].items():
                entry, size = kind["entries"][place], int(key.split("/")[0])
                (recommended,) = [way for way, _, lead in entry["rows"] if not lead]
                assert recommended == entry["way"]
                assert all(arm in kind["cells"][kind["sizes"].index(size)] for _, arm, _ in entry["rows"])


class TestPage:
    def test_without_script_the_tables_hold_all_advice(self) -> None:
        data = chooser_data(curves("mr", "trec"))
        page = chooser_html(data, [])
        shown = re.findall(r"<td>(one-hot|learned|frozen|fine-tuned)</td>", page)
        assert len(shown) == sum(len(kind["advice"]) for kind in data["kinds"].values())
        ways = {way.short: way.name for way in advice.WAYS}
        first_row = page.split("<tbody><tr>")[1].split("</tr>")[0]
        assert '<th scope="row">96 % or more</th><td>no</td><td>accuracy</td>' in first_row
        entries = [data["kinds"]["opinions"]["advice"][f"{size}/96/0/0"] for size in SIZES]
        wanted = [data["ways"][data["kinds"]["opinions"]["entries"][entry]["way"]] for entry in entries]
        assert [ways[cell] for cell in re.findall(r"<td>([^<]+)</td>", first_row)[2:]] == wanted

    def test_every_question_has_a_name(self) -> None:
        page = chooser_html(chooser_data(curves("mr", "trec")), [])
        assert page.count("<fieldset") == page.count("<legend>") == 5
        for slider in re.findall(r'<input type="range" id="([^"]+)"', page):
            assert f'<label for="{slider}">' in page
        assert page.count(" checked>") == page.count("<fieldset"), "each choice begins with one answer"
        assert '<output class="chooser__advice" aria-live="polite">' in page

    def test_data_cannot_end_their_script(self) -> None:
        data = chooser_data(curves("trec"))
        data["kinds"]["questions"]["source"] = "</script><b>"
        page = chooser_html(data, [])
        held = page.split('class="chooser__data">')[1].split("</script>")[0]
        assert json.loads(held) == data


def finished(*datasets: str) -> pd.DataFrame:
    """A table that holds all runs that the book's grid plans for some data sets."""
    rows = [spec.row() for spec in find_grid("learning-curves").specs]
    runs = pd.DataFrame(row for row in rows if row["dataset"] in datasets)
    runs["n_train"] = [9000 if size == "all" else size for size in runs["size"]]
    # Any accuracies do: here more texts are better, and seeds differ.
    runs["test_accuracy"] = runs["dev_accuracy"] = 0.5 + runs["n_train"] / 50_000 + runs["seed"] / 100
    return runs.assign(n_test=500, coverage_tokens=0.9, parameters=10, run=[f"r{at}" for at in range(len(runs))])


class Book:
    """A book of one page and, if asked for, chapters to link to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "data" / "results"
        self.results.mkdir(parents=True)
        (folder / "chapters").mkdir()
        setup = "def setup(app):\n    short_answer.connect(app)\n    page.connect(app)\n"
        imports = "from embedbook.site import short_answer\nfrom embedbook.site.chooser import page\n"
        (folder / "conf.py").write_text(f"{imports}exclude_patterns = ['_build']\n{setup}", encoding="utf-8")
        text = "Book\n====\n\n.. toctree::\n   :glob:\n\n   chapters/*\n\n.. short-answer::\n\n.. chooser::\n"
        (folder / "index.rst").write_text(text, encoding="utf-8")

    def chapter(self, name: str) -> None:
        (self.folder / "chapters" / f"{name}.rst").write_text(
            f"Title of {name}\n========\n========\n", encoding="utf-8"
        )

    def build(self) -> str:
        small_build.build(self.folder)
        return (self.folder / "_build" / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


class TestBuild:
    def test_shows_finished_sets_only_and_links_to_the_chapters_that_are_there(self, book) -> None:
        runs = finished("trec", "mr")
        runs = runs.drop(runs.index[runs["dataset"] == "mr"][-1])  # one run of MR is missing
        runs.to_csv(book.results / "learning-curves.csv", index=False)
        book.chapter("10-features")
        page = book.build()
        assert "On TREC (questions, six classes), frozen vectors pretrained on" in page
        assert "MR (sentences" not in page
        assert 'name="like" value="questions" checked' in page
        assert 'value="opinions"' not in page
        assert '<a href="chapters/10-features.html">Title of 10-features</a>' in page
        assert "measure on your own texts" not in page, "there is no such chapter in this book"
        assert 'src="_static/chooser.js' in page

        book.chapter("11-how-much-data")
        book.chapter("13-your-own-data")
        page = book.build()
        assert '<a href="chapters/11-how-much-data.html">Title of 11-how-much-data</a>' in page
        assert '<a href="chapters/13-your-own-data.html">' in page

    def test_says_so_while_no_set_is_finished(self, book) -> None:
        finished("trec")[:-1].to_csv(book.results / "learning-curves.csv", index=False)
        page = book.build()
        assert page.count("are still being computed") == 2
        assert "chooser.js" not in page

    def test_a_missing_table_stops_the_build_with_the_remedy(self, book) -> None:
        with pytest.raises(SphinxError, match="embedbook experiment run learning-curves"):
            book.build()
