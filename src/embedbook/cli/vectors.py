"""`embedbook vectors`: look into pretrained vectors, convert and trim them, search them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from embedbook.cli.evaluate import add_evaluate
from embedbook.cli.train import add_train

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["app"]

app = typer.Typer(
    help="Look into pretrained vectors, convert, trim and search them.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
)

_Source = Annotated[str, typer.Argument(metavar="SOURCE", help="A file, a store's folder, or ARCHIVE.zip::MEMBER.")]
_Target = Annotated[Path, typer.Argument(metavar="TARGET", help="What to write; a name without ending is a store.")]
_Vectors = Annotated[
    str, typer.Argument(metavar="VECTORS", help="A file, a store's folder, or a name that `embedbook data list` shows.")
]
_Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="Format of the source: glove, word2vec, word2vec-binary, npz, npy, kv, rda or store; by default told from "
        "its content.",
    ),
]
_TargetFormat = Annotated[str | None, typer.Option("--to", help="Format of the target; by default told from its name.")]
_Vocabulary = Annotated[Path | None, typer.Option(help="List of words of an .npy or .npz file.")]
_Errors = Annotated[str, typer.Option(help="Words that are not UTF-8: strict stops, replace repairs them.")]
_Dtype = Annotated[str, typer.Option(help="float32, or float16 for half the size (store, npy, npz).")]
_Force = Annotated[bool, typer.Option("--force", help="Replace the target if it exists.")]
_Top = Annotated[int, typer.Option("--top", min=1, help="How many to show.")]
_Progress = Annotated[
    bool | None, typer.Option("--progress/--no-progress", help="Show progress bars; by default in a terminal.")
]


@app.command()
def info(
    source: _Source,
    format: _Format = None,
    check: Annotated[bool, typer.Option("--check", help="Read all of it and say whether it is in order.")] = False,
    vocabulary: _Vocabulary = None,
    errors: _Errors = "strict",
    progress: _Progress = None,
) -> None:
    """Show what a file of vectors holds."""
    from embedbook.vectors import describe

    with _repairs_shown(), _bar(progress, "Checking") as report:
        found = describe(
            source,
            format=format,  # type: ignore[arg-type]
            check=check,
            vocabulary=vocabulary,
            errors=errors,  # type: ignore[arg-type]
            progress=report,
        )
    count = "not said in the file; --check counts" if found.count is None else f"{found.count:,}"
    lines = [
        ("format", found.format),
        ("words", count),
        ("dimensions", f"{found.dimensions:,}"),
        ("first words", " ".join(found.first_words)),
    ]
    if found.meta is not None:
        lines += [("name", found.meta.name), ("source", found.meta.source or "not said"), ("type", found.meta.dtype)]
    if check:
        lines.append(("checked", "all of it is in order"))
    for label, text in lines:
        typer.echo(f"{label:<12} {text}")


@app.command()
def convert(
    source: _Source,
    target: _Target,
    format: _Format = None,
    to: _TargetFormat = None,
    dtype: _Dtype = "float32",
    name: Annotated[str | None, typer.Option(help="What a store calls itself; by default its folder's name.")] = None,
    vocabulary: _Vocabulary = None,
    errors: _Errors = "strict",
    force: _Force = False,
    progress: _Progress = None,
) -> None:
    """Write the vectors of SOURCE in another format.

    Endings: .txt GloVe, .vec word2vec text, .bin word2vec binary, these also with .gz or .zip; .npz, .npy, .kv; none:
    a store, which opens at once.
    """
    from embedbook import vectors

    _refuse_existing(target, force)
    options: Any = {"format": format, "target_format": to, "dtype": dtype, "errors": errors}
    with _repairs_shown(), _bar(progress, "Converting") as report:
        done = vectors.convert(source, target, name=name, vocabulary=vocabulary, progress=report, **options)
    typer.echo(f"{done.path}: {done.count:,} words × {done.dimensions} ({done.format})")


@app.command()
def trim(
    source: _Source,
    target: _Target,
    words: Annotated[Path | None, typer.Option(help="Keep the words of this text file, one a line.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Keep the first so many words.")] = None,
    format: _Format = None,
    to: _TargetFormat = None,
    dtype: _Dtype = "float32",
    vocabulary: _Vocabulary = None,
    errors: _Errors = "strict",
    force: _Force = False,
    progress: _Progress = None,
) -> None:
    """Keep only some words of SOURCE, in its order.

    The source may be larger than memory.
    """
    from embedbook import vectors

    if words is None and top is None:
        raise vectors.VectorsError("give --words FILE, --top N or both")
    _refuse_existing(target, force)
    wanted = None if words is None else _read_words(words)
    options: Any = {"format": format, "target_format": to, "dtype": dtype, "errors": errors}
    with _repairs_shown(), _bar(progress, "Trimming") as report:
        done = vectors.trim(source, target, words=wanted, top=top, vocabulary=vocabulary, progress=report, **options)
    typer.echo(f"{done.path}: {done.count:,} words × {done.dimensions} ({done.format})")
    if done.missing:
        shown = ", ".join(done.missing[:10]) + (", …" if len(done.missing) > 10 else "")
        typer.echo(f"not in the source: {len(done.missing):,} ({shown})")


@app.command()
def neighbours(
    vectors: _Vectors,
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="One word or more.")],
    top: _Top = 10,
    progress: _Progress = None,
) -> None:
    """Show the words nearest to each WORD, by cosine similarity."""
    from embedbook.vectors import neighbours as find

    loaded = _load(vectors, progress)
    for number, (word, found) in enumerate(zip(words, find(loaded, words, top), strict=True)):
        if number:
            typer.echo()
        typer.echo(word)
        _show(found)


@app.command()
def analogy(
    vectors: _Vectors,
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    c: Annotated[str, typer.Argument(metavar="C")],
    top: _Top = 10,
    progress: _Progress = None,
) -> None:
    """Answer: A is to B as C is to ...?

    For instance `analogy VECTORS man king woman`.
    """
    from embedbook.vectors import analogy as complete

    _show(complete(_load(vectors, progress), a, b, c, top))


def _show(found: list[tuple[str, float]]) -> None:
    width = max((len(word) for word, _ in found), default=0)
    for word, similarity in found:
        typer.echo(f"  {word:<{width}}  {similarity:.3f}")


def _load(name: str, progress: bool | None) -> KeyedVectors:
    """Load a file or, if there is none of that name, the vectors that the registry calls so."""
    from embedbook import vectors

    with _repairs_shown():
        if not Path(name).exists() and any(name.casefold() == known.casefold() for known in vectors.list_named()):
            return vectors.load_named(name)
        with _bar(progress, "Reading") as report:
            return vectors.load(name, progress=report)


def _read_words(file: Path) -> list[str]:
    from embedbook.vectors.array_format import read_words

    return [word for word in (line.strip() for line in read_words(file)) if word]


def _refuse_existing(target: Path, force: bool) -> None:
    from embedbook.vectors import VectorsError

    if target.exists() and not force:
        raise VectorsError(f"{target} exists already; give another name, or --force to replace it")


@contextmanager
def _repairs_shown() -> Iterator[None]:
    """Show what was repaired in a file as one line each."""
    from embedbook.vectors import VectorsWarning

    with warnings.catch_warnings():
        otherwise = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, VectorsWarning):
                typer.echo(f"embedbook: warning: {message}", err=True)
            else:
                otherwise(message, category, *place, **more)

        warnings.showwarning = show
        warnings.simplefilter("always", VectorsWarning)
        yield


@contextmanager
def _bar(wanted: bool | None, label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that draws a progress bar when it is told (bytes done, bytes in all)."""
    from tqdm import tqdm

    shown = sys.stderr.isatty() if wanted is None else wanted
    with tqdm(desc=label, unit="B", unit_scale=True, disable=not shown, file=sys.stderr, leave=False) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report


add_evaluate(app)
add_train(app)
