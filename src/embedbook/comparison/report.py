"""report.html: one file that needs no other, reads without JavaScript, and tells how it came about."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from embedbook.comparison.chart import capital, draw, looks
from embedbook.comparison.collection import Facts
from embedbook.comparison.findings import METRICS, points
from embedbook.comparison.result import Result, peak_memory, table_rows, versions
from embedbook.comparison.running import MAJORITY, duration
from embedbook.comparison.splits import FOLDS, dev_size

__all__ = ["report"]

_STATIC = Path(__file__).parent / "static"
_MODELS = {
    "mean": "the mean of the word vectors and one linear layer on it, as in chapter 4 of the book",
    "cnn": "a convolution over three, four and five words after Kim (2014), as in chapter 4 of the book",
    "linear": "logistic regression on the mean of the word vectors; no embedding is learned",
}
_FROZEN = {
    "mean": " The mean of frozen vectors under one layer is logistic regression, so it is fitted exactly and without "
    "dropout, its strength chosen on the development texts."
}
_CLASSES_SHOWN = 30


def report(result: Result) -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    result : Result
        The comparison.
    """
    name = result.collection.facts.path.name
    title = f"Learned or pretrained? {name}"
    body = "".join(
        (
            f"<header><h1>Learned or pretrained embeddings for {escape(name)}?</h1>",
            f'<p class="quiet">{len(result.collection):,} texts, {len(result.collection.classes)} classes. '
            f"{escape(result.how_it_ended)}</p></header><main>",
            _advice(result),
            _notes(result),
            _curves(result),
            _scores(result),
            _differences(result),
            _texts(result),
            _vectors(result),
            _method(result),
            _again(result),
            "</main><footer><p class='quiet'>Made by <code>embedbook compare</code>, a tool of the book "
            "<em>Learned or Pretrained? Word embeddings, side by side</em>.</p></footer>",
        )
    )
    # Nothing in this page may load anything: the policy makes a browser refuse it even if a label tried.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_read('report.css')}</style></head>"
        f"<body>{body}<script>{_read('report.js')}</script></body></html>\n"
    )


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _advice(result: Result) -> str:
    advice, findings = result.findings.advice, result.findings
    parts = [f'<p class="headline">{escape(advice.headline)}</p>']
    parts += [f"<p>{escape(reason)}</p>" for reason in advice.reasons]
    collection = result.collection
    if collection.imbalanced:
        largest = max(collection.counts.values()) / len(collection)
        parts.append(
            f"<p>The classes are imbalanced (the largest has {largest:.0%} of the texts), so methods are compared by "
            "macro-F1, the mean of the classes’ F1 scores, and not by accuracy.</p>"
        )
    parts.append(
        f'<p class="quiet">Points are per cent of {METRICS[findings.metric]} on test texts; in brackets 95 % intervals '
        "of the difference over the same divisions of the texts.</p>"
    )
    return f'<section class="advice" aria-label="Recommendation">{"".join(parts)}</section>'


def _notes(result: Result) -> str:
    if not result.warnings:
        return ""
    items = "".join(f"<li>{escape(warning)}.</li>" for warning in result.warnings)
    return f'<section class="notes" aria-label="To know"><ul>{items}</ul></section>'


def _curves(result: Result) -> str:
    findings = result.findings
    if not findings.arms:
        return ""
    look = looks({arm: result.kinds[arm] for arm in findings.arms}, result.vectors)
    ordered = [findings.metric, *(metric for metric in METRICS if metric != findings.metric)]
    choose = "".join(
        f'<button type="button" data-metric="{metric}" aria-pressed="{str(place == 0).lower()}">{METRICS[metric]}'
        "</button>"
        for place, metric in enumerate(ordered)
    )
    hide = "".join(
        f'<button type="button" data-arm="{escape(arm)}" aria-pressed="true">{escape(arm)}</button>'
        for arm in (*findings.arms, MAJORITY)
    )
    figures = "".join(
        f'<figure data-metric="{metric}"{" class=second" if place else ""}>{draw(findings, metric, look)}'
        f"<figcaption>{capital(METRICS[metric])} of each method with more and more training texts; means over the "
        "seeds, bands are their 95 % intervals. Frozen vectors are dashed, fine-tuned ones solid.</figcaption></figure>"
        for place, metric in enumerate(ordered)
    )
    return (
        "<section><h2>Learning curves</h2>"
        f'<div class="controls" role="group" aria-label="Metric">{choose}</div>'
        f'<div class="controls" role="group" aria-label="Methods shown">{hide}</div>{figures}</section>'
    )


def _scores(result: Result) -> str:
    findings = result.findings
    ordered = [findings.metric, *(metric for metric in METRICS if metric != findings.metric)]
    seeds = {score.seeds for key, score in findings.scores.items() if key[1] != MAJORITY}
    repeated = f"{min(seeds)}" if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)}"
    tables = []
    for metric in ordered:
        header, rows = table_rows(result, metric)
        cells = [[row[0], *(_with_interval(cell) for cell in row[1:])] for row in rows]
        caption = (
            f"{capital(METRICS[metric])} on test texts (%), mean and 95 % interval over {repeated} seeds, by the "
            "number of training texts"
        )
        tables.append(_table(header, cells, caption, raw=True))
    return f"<section><h2>All scores</h2>{''.join(tables)}</section>"


def _with_interval(cell: str) -> str:
    mean, _, interval = cell.partition(" ")
    return f"{escape(mean)}<small>{escape(interval)}</small>" if interval else escape(mean)


def _differences(result: Result) -> str:
    if not result.findings.differences:
        return ""
    rows = [
        [
            f"{difference.size:,}",
            difference.arm,
            difference.reference,
            points(difference.gap) if difference.gap else "too few seeds",
            f"{difference.gap.p:.3f}" if difference.gap else "-",
            "yes" if difference.shown else "no",
        ]
        for difference in result.findings.differences
    ]
    header = ["training texts", "best pretrained", "against", "difference", "p", "shown?"]
    caption = (
        "The pretrained arm that is best on development texts against the method without vectors, on the same test "
        "texts (paired t-test over the seeds)"
    )
    return f"<section><h2>Pretrained or not?</h2>{_table(header, rows, caption, text=(1, 2))}</section>"


def _texts(result: Result) -> str:
    collection = result.collection
    lengths = sorted(len(words) for words in collection.tokens)
    counts = sorted(collection.counts.items(), key=lambda item: -item[1])
    rows = [[name, f"{count:,}", f"{count / len(collection):.1%}"] for name, count in counts[:_CLASSES_SHOWN]]
    if len(counts) > _CLASSES_SHOWN:
        rest = sum(count for _, count in counts[_CLASSES_SHOWN:])
        rows.append([f"{len(counts) - _CLASSES_SHOWN} more classes", f"{rest:,}", f"{rest / len(collection):.1%}"])
    words = len({word for text in collection.tokens for word in text})
    facts = _facts(collection.facts, "The texts") + (
        _facts(collection.test_facts, "The test texts") if collection.test_facts else ""
    )
    return (
        f"<section><h2>The texts</h2>{facts}<p>Half of the texts have at most {statistics.median(lengths):.0f} words "
        f"and signs (the shortest {lengths[0]:,}, the longest {lengths[-1]:,}); {words:,} different ones in all.</p>"
        f"{_table(['class', 'texts', 'share'], rows, 'Texts of each class')}</section>"
    )


def _facts(facts: Facts, what: str) -> str:
    said = [f"{what}: column {facts.text!r} of {facts.path.name}, labels in {facts.label!r}; {facts.kept:,} used"]
    if facts.rows > facts.kept:
        said.append(f"of {facts.rows:,} labelled rows")
    for count, name in (
        (facts.empty, "empty and left out"),
        (facts.unlabelled, "without a label and left out"),
        (facts.cut, "cut"),
        (facts.duplicates, "repetitions of others"),
        (facts.conflicting, "repeated with different labels"),
    ):
        if count:
            said.append(f"{count:,} {name}")
    if facts.groups is not None:
        said.append(f"{facts.groups:,} groups in {facts.group!r}")
    return f"<p>{escape(', '.join(said))}. SHA-256 <code>{facts.sha256[:16]}…</code></p>"


def _vectors(result: Result) -> str:
    if not result.spaces:
        return ""
    rows = [
        [
            space.name,
            space.source,
            str(space.dimensions),
            f"{space.by_token:.1%}",
            f"{space.by_type:.1%}",
            " ".join(space.missing) or "-",
        ]
        for space in result.spaces
    ]
    header = ["vectors", "from", "dimensions", "running words", "different words", "frequent words without one"]
    caption = "What the pretrained vectors know of the words of these texts (signs and numbers do not count)"
    return f"<section><h2>The vectors</h2>{_table(header, rows, caption, text=(1, 5))}</section>"


def _method(result: Result) -> str:
    collection, findings = result.collection, result.findings
    if collection.test_rows is not None:
        division = (
            "The test texts are those of the test file, the same for every seed. The other texts are dealt to "
            f"{FOLDS} folds; each seed takes another one as development texts and trains on the rest."
        )
    else:
        division = (
            f"The texts are dealt to {FOLDS} folds with the same shares of the classes. Each seed takes another fold "
            "as test texts and the next as development texts, and trains on the rest. So no text is tested on twice in "
            f"the first {FOLDS} seeds, but the training texts of two seeds overlap; intervals over seeds are therefore "
            "somewhat too narrow."
        )
    together = "Equal texts"
    if collection.facts.group:
        together += f", and those with the same value of {collection.facts.group!r},"
    sizes = findings.sizes or (result.trained_on,)
    sentences = [
        division,
        f"{together} are always on one side.",
        "A smaller number of training texts is the beginning of a larger one. Who has few training texts has few to "
        f"stop by: with {sizes[0]:,} training texts, {dev_size(sizes[0]):,} development texts are used (a quarter of "
        "the training texts and at least 50, as far as there are so many).",
        f"The model is {_MODELS[result.model]}. All methods share tokeniser, division, training and early stopping; "
        "the bag of words is logistic regression on which words a text has, its strength chosen on the development "
        "texts.",
        "Frozen (static) vectors stay as they are while the layer above them is trained; fine-tuned (non-static) ones "
        "go on learning; “learned” starts from random numbers." + _FROZEN.get(result.model, ""),
        "Where one of several methods is picked as the best, it is picked on development texts and measured on test "
        "texts. The recommendation is the simplest method that the best one is not shown to beat, in the order "
        "counting words, learned, frozen, fine-tuned, unless a simpler one equals or passes it in the mean; that a "
        "difference is not shown does not mean that there is none.",
        "Each interval stands for itself: of twenty, one is expected to miss.",
    ]
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return f"<section><h2>How it was measured</h2>{paragraphs}</section>"


def _again(result: Result) -> str:
    memory = peak_memory()
    used = f"{duration(result.seconds)} of {result.budget:g} min" + (f", {memory:,} MB at most" if memory else "")
    listed = ", ".join(f"{name} {number}" for name, number in versions().items())
    return (
        "<section><h2>How to get it again</h2>"
        f'<div class="scroll" tabindex="0" role="group" aria-label="Command"><pre>{escape(result.command)}</pre></div>'
        f"<p>Took {used} on this call. Every run is a row of <code>results.csv</code>; the numbers of this page are in "
        f"<code>summary.json</code>. {escape(listed)}.</p></section>"
    )


def _table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    caption: str,
    *,
    text: Sequence[int] = (),
    raw: bool = False,
) -> str:
    """Return a table; cells are escaped unless they are `raw` HTML, whose first cell is text all the same."""
    kind = ['class="text"' if place in text else "" for place in range(len(header))]
    head = "".join(f'<th scope="col" {kind[place]}>{escape(name)}</th>' for place, name in enumerate(header))
    body = []
    for row in rows:
        cells = [cell if raw and place else escape(cell) for place, cell in enumerate(row)]
        first, *others = cells
        body.append(
            f'<tr><th scope="row">{first}</th>'
            + "".join(f"<td {kind[place]}>{cell}</td>" for place, cell in enumerate(others, start=1))
            + "</tr>"
        )
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
