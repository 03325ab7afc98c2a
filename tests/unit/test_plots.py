"""Figures share one look and carry what stands in for them."""

from __future__ import annotations

import pandas as pd
import pytest

from embedbook import plots
from embedbook.evaluation import Interval

SOME = Interval(1.0, 0.0, 2.0, 3)
TABLE = pd.DataFrame({"words": [1000, 50_000], "seconds": [0.123456789, 2.0], "arm": ["learned", "one-hot"]})


def test_arms_differ_by_colour_dash_and_marker() -> None:
    for aspect in ("colour", "dash", "marker", "name"):
        values = [getattr(arm, aspect) for arm in plots.ARMS.values()]
        assert len(set(values)) == len(values), aspect


def test_a_line_takes_the_looks_of_its_arm_and_is_labelled_at_its_end() -> None:
    figure = plots.new_figure(x="V", y="seconds", log_x=True)
    plots.add_line(figure, [1, 10], [3, 4], arm="glove", interval=([2, 3], [4, 5]))
    band, line = figure.data
    assert line.line.color == plots.ARMS["glove"].colour
    assert line.line.dash == plots.ARMS["glove"].dash
    assert list(line.text) == ["", "GloVe"]
    assert list(band.y) == [4, 5, 3, 2]
    assert band.mode == "lines"
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.xaxis.title.text == "V"


def test_a_line_may_be_dashed_otherwise() -> None:
    figure = plots.add_line(plots.new_figure(x="V", y="s"), [1, 10], [3, 4], arm="glove", dash="solid")
    assert figure.data[0].line.dash == "solid"


def test_bars_show_their_interval_around_the_value() -> None:
    figure = plots.new_figure(x="accuracy (%)", y="")
    plots.add_bars(figure, ["a", "b"], [70, 76], arms=["one-hot", "learned"], errors=([69, 74], [72, 77]))
    assert list(figure.data[0].error_x.array) == [2, 1]
    assert list(figure.data[0].error_x.arrayminus) == [1, 2]
    assert list(figure.data[0].marker.color) == [plots.ARMS["one-hot"].colour, plots.ARMS["learned"].colour]


def test_intervals_stand_around_their_means_in_the_given_order() -> None:
    figure = plots.new_figure(x="gain (BLEU)", y="")
    gains = [Interval(1.0, -0.5, 2.5, 3), Interval(-2.0, -3.0, -1.5, 3)]
    plots.add_intervals(figure, ["gl", "az"], gains, arms=["word2vec", "learned"], signed=True)
    (trace,) = figure.data
    assert list(trace.text) == ["+1.0", "-2.0"]
    assert (list(trace.error_x.array), list(trace.error_x.arrayminus)) == ([1.5, 0.5], [1.5, 1.0])
    assert list(trace.marker.color) == [plots.ARMS["word2vec"].colour, plots.ARMS["learned"].colour]
    bottom, top = figure.layout.yaxis.range
    assert bottom > 1  # the last name lies below the first
    assert top < -0.5  # with room for the number above the first
    assert figure.layout.shapes[0].x0 == 0


def test_a_description_travels_in_the_figure() -> None:
    figure = plots.describe(plots.new_figure(x="V", y="s"), alt="Two\n  lines", caption="They cross.", table=TABLE)
    meta = figure.to_dict()["layout"]["meta"]
    assert meta["alt"] == "Two lines"
    assert meta["table"]["columns"] == ["words", "seconds", "arm"]
    assert meta["table"]["rows"] == [["1,000", "0.123457", "learned"], ["50,000", "2", "one-hot"]]


def test_a_table_is_shown_with_caption_and_escaped_cells() -> None:
    page = plots.table(TABLE.assign(arm=["<b>", "x"]), caption="Cost & size")._repr_html_()
    assert "<caption>Cost &amp; size</caption>" in page
    assert "&lt;b&gt;" in page
    assert page.count('<th scope="col">') == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: plots.add_line(f, [1], [1], arm="fasttext"), "unknown arm 'fasttext'.*learned"),
        (lambda f: plots.add_line(f, [1, 2], [1], arm="learned"), "x has 2 points and y has 1"),
        (lambda f: plots.add_line(f, [1], [1], arm="learned", interval=([1], [1, 2])), "interval has 1 and 2"),
        (lambda f: plots.add_bars(f, ["a"], [1, 2], arms=["learned"]), "1 names, 2 values"),
        (lambda f: plots.add_bars(f, ["a"], [1], arms=["learned"], errors=([0], [2, 3])), "ends for 1 bars"),
        (lambda f: plots.add_intervals(f, ["a"], [], arms=["learned"]), "1 names, 0 intervals"),
        (lambda f: plots.add_intervals(f, ["a"] * 2, [SOME] * 2, arms=["learned"] * 2), "names are alike"),
        (lambda f: plots.describe(f, alt=" ", caption="c", table=TABLE), "needs a text for 'alt'"),
        (lambda f: plots.describe(f, alt="a", caption="", table=TABLE), "needs a text for 'caption'"),
        (lambda f: plots.describe(f, alt="a", caption="c", table=TABLE.iloc[:0]), "has no rows"),
        (lambda f: plots.table(TABLE.rename(columns={"arm": ""}), caption="c"), "has no name"),
        (lambda f: plots.table(TABLE, caption=" "), "needs a caption"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call(plots.new_figure(x="x", y="y"))
