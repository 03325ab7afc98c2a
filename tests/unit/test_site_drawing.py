"""The chart that the build draws shows what the figure says, where the figure says it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from plotly.graph_objects import Figure

from embedbook import plots
from embedbook.site.drawing import line_chart_svg

SIZES, ACCURACIES = [100, 1000, 10000], [50.0, 60.0, 80.0]


def rising_line() -> Figure:
    figure = plots.new_figure(x="labelled <texts>", y="accuracy (%)", log_x=True)
    return plots.add_line(figure, SIZES, ACCURACIES, arm="learned")


def drawn(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(line_chart_svg(figure))


def per_cent(mark: ElementTree.Element, name: str) -> float:
    return float(mark.attrib[name].removesuffix("%"))


def writing(chart: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {text.text: text for text in chart.iter("text")}


def test_equal_factors_lie_equally_far_apart_and_higher_values_higher() -> None:
    points = list(drawn(rising_line()).iter("circle"))
    across, down = ([per_cent(point, name) for point in points] for name in ("cx", "cy"))
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.02)
    assert (down[0] - down[1]) * 2 == pytest.approx(down[1] - down[2], abs=0.05)
    assert all(0 < place < 100 for place in (*across, *down))


def test_the_line_runs_through_its_points() -> None:
    chart = drawn(rising_line())
    (line,) = chart.iter("polyline")
    through = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert through == [(per_cent(point, "cx"), per_cent(point, "cy")) for point in chart.iter("circle")]


def test_pointing_at_a_point_tells_its_values() -> None:
    assert [title.text for title in drawn(rising_line()).iter("title")] == ["100: 50.0", "1,000: 60.0", "10,000: 80.0"]


def test_both_axes_say_what_they_measure_and_where() -> None:
    chart = drawn(rising_line())
    texts = writing(chart)
    assert {"labelled <texts>", "accuracy (%)", "100", "1,000", "10,000"} <= texts.keys()
    second, last = list(chart.iter("circle"))[1:]
    assert texts["1,000"].attrib["x"] == second.attrib["cx"]
    assert texts["80"].attrib["y"] == last.attrib["cy"]


def test_the_ends_of_the_lines_are_labelled_unless_a_power_of_ten_is_near() -> None:
    figure = plots.new_figure(x="texts", y="accuracy", log_x=True)
    texts = writing(drawn(plots.add_line(figure, [50, 9000], [1.0, 2.0], arm="learned")))
    assert "50" in texts
    assert "9,000" not in texts


def test_numbers_between_whole_ones_keep_their_decimals() -> None:
    figure = plots.new_figure(x="texts", y="loss", log_x=True)
    texts = writing(drawn(plots.add_line(figure, SIZES, [0.31, 0.35, 0.38], arm="learned")))
    assert {"0.32", "0.36"} <= texts.keys()


def test_a_line_that_is_level_is_drawn_in_the_middle() -> None:
    figure = plots.new_figure(x="texts", y="accuracy", log_x=True)
    points = drawn(plots.add_line(figure, SIZES, [70.0] * 3, arm="learned")).iter("circle")
    assert [per_cent(point, "cy") for point in points] == [50.0] * 3


def test_bands_marks_dashes_and_names_are_drawn() -> None:
    figure = rising_line()
    figure.data[0].line.dash = "dash"
    figure.add_scatter(x=[*SIZES, 10000, 100], y=[52, 62, 82, 78, 48], fill="toself", fillcolor="#123456", opacity=0.2)
    figure.add_vline(x=1000, line={"dash": "dot", "width": 1.5})
    figure.add_annotation(x=3, y=60, ay=-22, text="learned & named", font={"color": "#D55E00"})
    chart = drawn(figure)
    (band,) = chart.iter("polygon")
    assert band.attrib["fill"] == "#123456"
    assert next(chart.iter("polyline")).attrib["stroke-dasharray"]
    (mark,) = (line for line in chart.iter("line") if line.get("class") == "mark")
    point = list(chart.iter("circle"))[1]
    assert mark.attrib["x1"] == mark.attrib["x2"] == point.attrib["cx"]
    assert mark.attrib["stroke-dasharray"]
    name = writing(chart)["learned & named"]
    assert (name.attrib["x"], name.attrib["y"]) == (point.attrib["cx"], point.attrib["cy"])


@pytest.mark.parametrize(
    ("at", "gap", "anchor"), [(2, -22, "start"), (3, -22, "end"), (3, 22, "start"), (4, 22, "end")]
)
def test_a_name_runs_to_where_there_is_room(at: int, gap: int, anchor: str) -> None:
    figure = rising_line()
    figure.add_annotation(x=at, y=60, ay=gap, text="name", font={"color": "#D55E00"})
    name = writing(drawn(figure))["name"]
    assert name.attrib["text-anchor"] == anchor
    assert float(name.attrib["dy"]) * gap > 0


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="logarithmic horizontal axis"):
        line_chart_svg(plots.add_line(plots.new_figure(x="V", y="s"), [1, 2], [3, 4], arm="learned"))
    with pytest.raises(ValueError, match="nothing to draw"):
        line_chart_svg(plots.new_figure(x="V", y="s", log_x=True))
    figure = rising_line()
    figure.data[0].line.dash = "longdashdot"
    with pytest.raises(ValueError, match="no line with the dash 'longdashdot'; it knows solid, dash, dot"):
        line_chart_svg(figure)
