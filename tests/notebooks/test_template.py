"""Every chapter keeps to the template, and its stored outputs are whole."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml

from embedbook.site.figures import MIME_TYPE

BOOK = Path(__file__).parents[2]
CHAPTERS = sorted((BOOK / "chapters").glob("*.ipynb"))
MARK = "# NBVAL_CHECK_OUTPUT"
LONGEST_CELL = 15  # lines; a longer one holds more than one thought
LONGEST_HIDDEN_CELL = 30  # lines; drawing code is folded away, and a figure needs its words

pytestmark = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def prose(path: Path) -> str:
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def outputs(path: Path) -> list[nbformat.NotebookNode]:
    return [output for cell in code(path) for output in cell.outputs]


@functools.cache
def measured_numbers() -> set[str]:
    """Every number of the result tables, as prose might round it."""
    numbers = set()
    for file in (BOOK / "data" / "results").glob("*.csv"):
        for column in pd.read_csv(file, low_memory=False).select_dtypes("number"):
            values = pd.read_csv(file, usecols=[column])[column].dropna()
            for factor, digits in ((1, 1), (1, 2), (1, 3), (100, 1), (100, 2)):
                numbers |= {f"{factor * value:.{digits}f}" for value in values}
    return numbers


def test_stands_in_the_table_of_contents(path: Path) -> None:
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    assert f"chapters/{path.stem}" in files


def test_starts_with_its_question(path: Path) -> None:
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    title, _, opening = first.source.partition("\n")
    assert title.startswith("# ")
    assert "?" in opening.strip().split("\n\n")[0], "the first paragraph asks the chapter's question"


def test_has_the_sections_of_the_template_in_order(path: Path) -> None:
    text = prose(path)
    headings = ["## Before you start", "## In short", "## Exercises", "## References"]
    places = [text.find(f"\n{heading}\n") for heading in headings]
    assert -1 not in places, f"missing: {[h for h, p in zip(headings, places, strict=True) if p == -1]}"
    assert places == sorted(places)


def test_sums_up_in_three_lines(path: Path) -> None:
    text = prose(path)
    summary = text[text.index("## In short") : text.index("## Exercises")]
    assert summary.count("\n- ") == 3


def test_has_three_exercises_each_with_a_solution(path: Path) -> None:
    exercises = set(re.findall(r"\*\*Exercise (\d+)\.\*\*", prose(path)))
    hidden_cells = [cell.source for cell in code(path) if "hide-cell" in cell.metadata.get("tags", [])]
    solutions = set(re.findall(r"<details><summary>Solution (\d+)</summary>", prose(path)))
    solutions |= {number for source in hidden_cells for number in re.findall(r"^# Solution (\d+)", source)}
    assert len(exercises) >= 3
    assert solutions == exercises


def test_cites_by_key_and_every_key_is_in_the_bibliography(path: Path) -> None:
    keys = {key for group in re.findall(r"\{cite:\w+\}`([^`]+)`", prose(path)) for key in re.split(r",\s*", group)}
    known = set(re.findall(r"^@\w+\{([^,]+),", (BOOK / "chapters" / "references.bib").read_text("utf-8"), re.M))
    assert keys, "a chapter names its sources"
    assert keys <= known


def test_no_measured_number_is_typed_by_hand(path: Path) -> None:
    # A paragraph that cites a work may quote it; settings have fewer digits than measurements.
    own_words = [each for each in prose(path).split("\n\n") if "{cite:" not in each]
    text = re.sub(r"\$[^$]*\$|`[^`]*`", "", "\n".join(own_words))
    typed = {
        number for number in re.findall(r"(?<![\d.])\d+\.\d+", text) if len(number.strip("0.").replace(".", "")) > 2
    }
    assert typed & measured_numbers() == set(), "a result table holds this number; let code print it"


def test_cells_are_short(path: Path) -> None:
    long = {}
    for cell in code(path):
        hidden = {"hide-input", "hide-cell"} & set(cell.metadata.get("tags", []))
        lines = cell.source.count("\n") + 1
        if lines > (LONGEST_HIDDEN_CELL if hidden else LONGEST_CELL):
            long[cell.id] = lines
    assert long == {}


def test_every_cell_was_run_in_order_without_error(path: Path) -> None:
    counts = [cell.execution_count for cell in code(path) if cell.source.strip()]
    assert counts == list(range(1, len(counts) + 1))
    assert [output for output in outputs(path) if output.output_type == "error"] == []


def test_nothing_was_written_to_stderr(path: Path) -> None:
    assert [output.text for output in outputs(path) if output.get("name") == "stderr"] == []


def test_is_stored_with_real_data(path: Path) -> None:
    assert read(path).metadata.embedbook.data == "real"
    shown = "".join(output.get("data", {}).get("text/html", "") for output in outputs(path))
    assert "data-badge--real" in shown, "a chapter shows the badge of its data"
    assert "data-badge--sample" not in shown


def test_has_marked_cells_and_each_has_a_stored_output(path: Path) -> None:
    marked = [cell for cell in code(path) if MARK in cell.source]
    assert marked
    assert [cell.id for cell in marked if not cell.outputs] == [], "nbval would skip these and test nothing"


def test_checks_a_claim_in_a_marked_cell(path: Path) -> None:
    checks = [cell for cell in code(path) if "claims.check(" in cell.source]
    assert checks
    assert [cell.id for cell in checks if MARK not in cell.source] == []


def test_figures_carry_text_caption_and_table(path: Path) -> None:
    figures = [output.data[MIME_TYPE] for output in outputs(path) if MIME_TYPE in output.get("data", {})]
    assert figures, "a chapter shows at least one figure"
    for figure in figures:
        meta = figure["layout"]["meta"]
        assert len(meta["alt"]) > 40
        assert len(meta["caption"]) > 20
        assert meta["table"]["rows"]


def test_is_free_of_this_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert str(BOOK) not in text
    assert str(Path.home()) + "/" not in text
