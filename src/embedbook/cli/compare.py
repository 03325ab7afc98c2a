"""`embedbook compare`: learned or pretrained embeddings, on your own labelled texts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from embedbook.comparison import Progress, Result

__all__ = ["app"]

app = typer.Typer(
    help="Compare learned and pretrained embeddings on your own texts.",
    add_completion=False,
    rich_markup_mode=None,
)

_WIDEST = 7  # columns of the table in the terminal
_Text = Optional[str]  # noqa: UP045


@app.command("compare")
def _compare(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Your labelled texts: CSV, TSV, JSON Lines or Parquet.")],
    text: Annotated[_Text, typer.Option(metavar="COL", help="Column of texts; guessed if it is plain.")] = None,
    label: Annotated[_Text, typer.Option(metavar="COL", help="Column of labels; guessed if it is plain.")] = None,
    vectors: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            metavar="[NAME=]PATH",
            help="Pretrained vectors in any format that `embedbook vectors info` knows; may be given several times. "
            "By default the book's word2vec and GloVe.",
        ),
    ] = None,
    sizes: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(metavar="N,N,...", help="Numbers of training texts, such as 100,500,all; by default up to all."),
    ] = None,
    seeds: Annotated[int, typer.Option(help="How often to divide the texts anew; fewer than 3 give no advice.")] = 5,
    model: Annotated[
        str, typer.Option(help="mean (fast), cnn (sees short phrases) or linear (no network at all).")
    ] = "mean",
    budget: Annotated[float, typer.Option(metavar="MINUTES", help="Time it may take.")] = 10.0,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="DIR", help="Folder for the report; by default FILE's name with -comparison."),
    ] = None,
    test: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Test texts in a table of their own; by default a part of FILE."),
    ] = None,
    group: Annotated[
        _Text, typer.Option(metavar="COL", help="Keep texts with the same value in this column together.")
    ] = None,
    rows: Annotated[int, typer.Option(help="Use at most so many texts, drawn at random.")] = 50_000,
    max_words: Annotated[int, typer.Option(help="Cut each text after so many words.")] = 400,
    encoding: Annotated[
        _Text,
        typer.Option(help="Encoding of FILE; by default UTF-8. 'mixed' reads other bytes as Windows-1252."),
    ] = None,
    skip_unlabelled: Annotated[
        bool, typer.Option("--skip-unlabelled", help="Leave out rows without a label, instead of stopping.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace an earlier comparison in the folder.")] = False,
    progress: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option("--progress/--no-progress", help="Show a progress bar; by default in a terminal."),
    ] = None,
) -> None:
    """Find out whether pretrained embeddings help on your own labelled texts, and how many texts you need without them.

    Runs a bag of words, an embedding learned from your texts, and pretrained vectors, frozen and fine-tuned, on growing
    numbers of texts. Writes report.html, results.csv and summary.json, and says what to use. The same command goes on
    where it stopped.
    """
    # TensorFlow writes lines of its own to the terminal when it is loaded, unless it is told not to beforehand.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    from embedbook.cli.vectors import _repairs_shown
    from embedbook.comparison import Options, Reading, compare, parse_sizes

    options = Options(
        file=file,
        out=out or Path(f"{file.name.removesuffix('.gz').partition('.')[0] or 'texts'}-comparison"),
        reading=Reading(text, label, group, encoding, rows, max_words, skip_unlabelled),
        test=test,
        vectors=tuple(vectors or ()),
        sizes=parse_sizes(sizes or []),
        seeds=seeds,
        model=model,  # type: ignore[arg-type]  # checked there
        budget=budget,
        fresh=fresh,
    )
    with _repairs_shown(), _shown(progress) as shown:
        result = compare(options, progress=shown, warn=lambda line: typer.echo(f"embedbook: warning: {line}", err=True))
    _tell(result, options.out)
    if result.stop == "interrupted":
        raise KeyboardInterrupt


def _tell(result: Result, out: Path) -> None:
    from embedbook.comparison.findings import METRICS
    from embedbook.comparison.result import table_rows

    findings = result.findings
    header, rows = table_rows(result, findings.metric)
    header[0] = f"{METRICS[findings.metric]} (%)"
    # Every size is in the report; here the first and the last ones that fit.
    columns = [0, *range(max(1, len(header) - _WIDEST + 1), len(header))]
    if len(columns) < len(header):
        columns[1] = 1
    widths = {column: max(len(row[column]) for row in (header, *rows)) for column in columns}
    typer.echo()
    for row in (header, *rows):
        first, *others = columns
        cells = [row[first].ljust(widths[first]), *(row[column].rjust(widths[column]) for column in others)]
        typer.echo("  ".join(cells).rstrip())
    typer.echo()
    typer.echo(findings.advice.headline)
    for reason in findings.advice.reasons:
        typer.echo(reason)
    if result.collection.imbalanced:
        typer.echo("The classes are imbalanced, so methods are compared by macro-F1 and not by accuracy.")
    typer.echo()
    typer.echo(result.how_it_ended)
    typer.echo(f"The report: {out / 'report.html'}")


@contextmanager
def _shown(wanted: bool | None) -> Iterator[Progress]:
    """Give a progress that prints lines on standard output, above a bar on standard error."""
    from tqdm import tqdm

    from embedbook.comparison import Progress

    bar_wanted = sys.stderr.isatty() if wanted is None else wanted
    with tqdm(unit="run", disable=not bar_wanted, file=sys.stderr, leave=False) as bar:

        def say(line: str) -> None:
            bar.clear()
            typer.echo(line)
            sys.stdout.flush()
            bar.refresh()

        def tick(done: int, planned: int) -> None:
            bar.total = planned
            bar.update(done - bar.n)

        yield Progress(say, tick)
