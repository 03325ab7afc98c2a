"""The parts of the site that can be tested without building it."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient.exceptions import CellExecutionError

from embedbook import plots
from embedbook.site import execution, figures, mathematics, repository, store, times


def described_figure(text: str = "a line that rises") -> dict:
    figure = plots.add_line(plots.new_figure(x="V", y="s"), [1, 2], [3, 4], arm="learned")
    plots.describe(figure, alt=text, caption="It <rises>.", table=pd.DataFrame({"V": [1]}))
    return json.loads(figure.to_json())


class TestFigures:
    def test_holds_data_text_alternative_caption_and_table(self) -> None:
        page = figures.figure_html(described_figure())
        assert 'aria-label="a line that rises"' in page
        assert "It &lt;rises&gt;." in page
        assert "<td>1</td>" in page
        data = page.split('class="book-figure__data">')[1].split("</script>")[0]
        assert json.loads(data)["data"][0]["y"] == [3, 4]

    def test_a_script_end_in_the_data_does_not_end_the_script(self) -> None:
        figure = described_figure()
        figure["data"][0]["name"] = "</script><b>"
        data = figures.figure_html(figure).split('class="book-figure__data">')[1].split("</script>")[0]
        assert json.loads(data)["data"][0]["name"] == "</script><b>"

    def test_a_figure_without_description_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"no alt, caption, table: finish it with embedbook\.plots\.describe"):
            figures.figure_html({"data": [], "layout": {}})


class TestMathematics:
    @pytest.mark.parametrize("latex", [r"\mathbf{x}^\top W", r"\frac{\partial L}{\partial W}", r"x \in \{0, 1\}^V"])
    def test_formulas_become_well_formed_mathml(self, latex: str) -> None:
        root = ElementTree.fromstring(mathematics.to_mathml(latex, display=True))
        assert root.tag.endswith("math")
        assert root.attrib["display"] == "block"

    def test_an_unknown_command_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"uses \\nosuchcommand"):
            mathematics.to_mathml(r"\nosuchcommand x")

    @pytest.mark.parametrize("latex", [r"\left( x", "x_", r"\begin{aligned} a &= b \end{aligned}"])
    def test_a_formula_that_cannot_be_drawn_is_refused(self, latex: str) -> None:
        with pytest.raises(ValueError, match="cannot read the formula"):
            mathematics.to_mathml(latex)


class TestRepositoryAddress:
    @pytest.mark.parametrize(
        "written",
        ["https://github.com/o/n", "https://github.com/o/n.git", "git@github.com:o/n.git", "ssh://git@github.com/o/n"],
    )
    def test_all_forms_of_an_address_are_understood(self, written, tmp_path, monkeypatch) -> None:
        monkeypatch.delenv(repository.ADDRESS_VARIABLE, raising=False)
        subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
        subprocess.run(["git", "remote", "add", "origin", written], cwd=tmp_path, check=True)
        assert repository.repository_address(tmp_path) == "https://github.com/o/n"

    def test_the_environment_wins(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setenv(repository.ADDRESS_VARIABLE, "https://github.com/Owner/book")
        assert repository.repository_address(tmp_path) == "https://github.com/Owner/book"
        assert repository.site_address("https://github.com/Owner/book") == "https://owner.github.io/book/"

    def test_without_address_there_is_none(self, tmp_path, monkeypatch) -> None:
        monkeypatch.delenv(repository.ADDRESS_VARIABLE, raising=False)
        assert repository.repository_address(tmp_path) is None
        assert repository.site_address(None) == ""

    def test_a_wrong_address_in_the_environment_is_refused(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setenv(repository.ADDRESS_VARIABLE, "example.org/book")
        with pytest.raises(ValueError, match=r"use https://github\.com/OWNER/NAME"):
            repository.repository_address(tmp_path)


class TestExecutionDigest:
    @pytest.fixture
    def book(self, tmp_path: Path) -> Path:
        (tmp_path / "src").mkdir()
        (tmp_path / "data").mkdir()
        for name in ("src/a.py", "data/b.csv", "constraints.txt", "requirements.txt"):
            (tmp_path / name).write_text("1", encoding="utf-8")
        return tmp_path

    def test_is_the_same_while_nothing_changes(self, book) -> None:
        assert execution.digest(book) == execution.digest(book)

    @pytest.mark.parametrize("name", ["src/a.py", "data/b.csv", "constraints.txt", "src/new.py"])
    def test_changes_with_code_data_and_pins(self, book, name) -> None:
        before = execution.digest(book)
        (book / name).write_text("2", encoding="utf-8")
        assert execution.digest(book) != before

    def test_changes_with_the_data_mode(self, book, monkeypatch) -> None:
        monkeypatch.setenv("EMBEDBOOK_DATA", "sample")
        before = execution.digest(book)
        monkeypatch.setenv("EMBEDBOOK_DATA", "real")
        assert execution.digest(book) != before

    def test_leaves_compiled_files_out(self, book) -> None:
        before = execution.digest(book)
        (book / "src" / "__pycache__").mkdir()
        (book / "src" / "__pycache__" / "a.pyc").write_bytes(b"x")
        assert execution.digest(book) == before


class TestStore:
    def write(self, path: Path, *sources: str) -> Path:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        nbformat.write(notebook, path)
        return path

    def test_outputs_and_the_cost_of_the_run_are_kept(self, tmp_path) -> None:
        path = self.write(tmp_path / "a.ipynb", "print(6 * 7)")
        run = store.store(path)
        stored = nbformat.read(path, as_version=4)
        assert stored.cells[0].outputs[0].text == "42\n"
        assert stored.metadata.embedbook == run
        assert 10 < run["peak_megabytes"] < 2000
        assert "execution" not in stored.cells[0].metadata

    def test_a_failing_cell_leaves_the_file_as_it_was(self, tmp_path) -> None:
        path = self.write(tmp_path / "a.ipynb", "print(1)", "1 / 0")
        before = path.read_bytes()
        with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
            store.store(path)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("seconds", "said"), [(2, "10 seconds"), (44, "40 seconds"), (200, "3 minutes")])
def test_a_running_time_is_said_as_a_reader_would(seconds, said) -> None:
    assert times.running_time(seconds) == said
