"""`embedbook vectors train`: train word2vec or GloVe on one of the book's texts, and keep a record of it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from embedbook.datasets import Corpus

__all__ = ["add_train"]


def add_train(app: typer.Typer) -> None:
    """Add the command `train` to the group `embedbook vectors`."""
    app.command("train")(_train)


def _train(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="word2vec or glove.")],
    corpora: Annotated[
        list[str],
        typer.Argument(metavar="CORPUS...", help="Texts that `embedbook data list` shows."),
    ],
    to: Annotated[Path, typer.Option(help="Write the vectors to this store, a folder; one that exists is replaced.")],
    dimensions: Annotated[int, typer.Option(help="Length of a vector.")] = 100,
    window: Annotated[int, typer.Option(help="Words to each side that count as context.")] = 10,
    min_count: Annotated[int, typer.Option(help="Leave out words that occur less often.")] = 10,
    epochs: Annotated[int, typer.Option(help="Passes over the text or the counts.")] = 5,
    seed: Annotated[int, typer.Option(help="Decides all that is random.")] = 1,
    threads: Annotated[int, typer.Option(help="For GloVe; word2vec runs in one, to be repeatable.")] = 1,
    keep: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Keep only so many words, the most frequent; by default all."),
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="Store 16-bit numbers, half the size.")] = False,
    scores: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Append the scores of all trained words, with provenance, to this CSV table."),
    ] = None,
) -> None:
    """Train METHOD on one CORPUS, or on several as if they were one text.

    The scores, if wanted, are those of the whole vocabulary, before --keep.
    """
    from embedbook import datasets, vectors
    from embedbook.experiments import SpaceSpec, append_scores, provenance, train_space

    spec = SpaceSpec(method, dimensions=dimensions, window=window, min_count=min_count, epochs=epochs, seed=seed)
    sources = [datasets.load_corpus(name) for name in corpora]
    with tempfile.TemporaryDirectory(prefix="embedbook-") as folder:
        text = Path(folder) / "text.txt"
        _write_all(sources, text)
        space = train_space(spec, text, threads=threads, progress=sys.stderr.isatty())
        record = provenance(space, corpus="+".join(source.name for source in sources), text=text)
    kept = vectors.keyed_vectors(space.vectors.index_to_key[:keep], space.vectors.vectors[:keep])
    said = f"{method} trained for this book on {' and '.join(source.title for source in sources)}; {spec}"
    vectors.save(kept, to, format="store", dtype="float16" if half else "float32", name=to.name, source=said)
    if scores is not None:
        append_scores(scores, record, space.vectors)
    typer.echo(f"{to}: {len(kept):,} words × {dimensions}, trained in {space.seconds:,.0f} s")


def _write_all(sources: list[Corpus], text: Path) -> None:
    from embedbook import datasets

    part = text.with_suffix(".part")
    with text.open("wb") as whole:
        for source in sources:
            datasets.write_text(source, part)
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
            part.unlink()
