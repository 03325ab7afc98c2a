"""The claims ledger: a page that gathers the verdicts of all chapters from their outputs, so that it cannot drift.

Write the directive ``claims-ledger`` on a page. Each claim of `embedbook.claims.CLAIMS` must have been checked in some
chapter of the build; one without a check is a warning, and the book's builds turn warnings into errors.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.util.logging import getLogger

from embedbook.claims import CLAIMS, Verdict
from embedbook.whole_files import replaced_when_whole

if TYPE_CHECKING:
    import nbformat
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = [
    "SAMPLE_TABLE",
    "Check",
    "checks_in",
    "checks_of_notebook",
    "connect",
    "overall",
    "read_sample",
    "write_sample",
]

#: Where the verdicts of a run on the sample are kept, below the book's folder.
SAMPLE_TABLE = Path("data/results/claims-sample.csv")

_CLAIM = re.compile(
    r'<div class="claim [^"]*" data-claim="(?P<claim>[^"]+)" data-verdict="(?P<kind>[^"]+)">.*?'
    r'<p class="claim__evidence">(?P<evidence>.*?)</p></div>',
    re.DOTALL,
)
_OPENING = re.compile(r'<div (class="claim [^"]*" data-claim=)')
_BADGE = re.compile(r"data-badge--(real|sample)")
_SAID = {Verdict.HOLDS: "hold", Verdict.IN_PART: "hold in part", Verdict.FAILS: "do not hold"}
_KINDS = {verdict.name.lower().replace("_", "-"): verdict for verdict in Verdict}
_logger = getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """A verdict that a chapter reached.

    Parameters
    ----------
    claim : str
        A key of `embedbook.claims.CLAIMS`.
    verdict : Verdict
        What the chapter says.
    evidence : str
        The measured numbers.
    page : str
        The chapter, as "chapters/13-your-own-data".
    anchor : str
        Where on its page, as "claim-small-data".
    """

    claim: str
    verdict: Verdict
    evidence: str
    page: str
    anchor: str


def checks_in(outputs: Iterable[str], page: str) -> list[Check]:
    """Find the verdicts in a chapter's HTML outputs.

    Parameters
    ----------
    outputs : iterable of str
        HTML, in the order of the page.
    page : str
        Name of the chapter.

    Returns
    -------
    list of Check
        A second check of one claim on a page has the anchor "claim-…-2".
    """
    found: list[Check] = []
    for match in (match for text in outputs for match in _CLAIM.finditer(text)):
        before = sum(check.claim == match["claim"] for check in found)
        anchor = f"claim-{match['claim']}" + (f"-{before + 1}" if before else "")
        found.append(Check(match["claim"], _KINDS[match["kind"]], html.unescape(match["evidence"]), page, anchor))
    return found


def checks_of_notebook(notebook: nbformat.NotebookNode, page: str) -> list[Check]:
    """Find the verdicts in a notebook that was run; see `checks_in`.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs.
    page : str
        Name of the chapter.

    Returns
    -------
    list of Check
    """
    outputs = [
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    return checks_in(outputs, page)


def overall(checks: Sequence[Check]) -> Verdict:
    """Return the verdict on a claim that was checked once or more: what all checks say, or else "holds in part".

    Parameters
    ----------
    checks : sequence of Check
        At least one, all of one claim.

    Returns
    -------
    Verdict
    """
    verdicts = {check.verdict for check in checks}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.IN_PART


def write_sample(checks: Sequence[Check], file: Path) -> None:
    """Write the verdicts of a run on the sample as a table.

    Parameters
    ----------
    checks : sequence of Check
        Of all chapters.
    file : pathlib.Path
        Replaced only when the new one is complete.
    """
    with replaced_when_whole(file) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["claim", "page", "verdict", "evidence"])
        writer.writerows([check.claim, check.page, check.verdict.value, check.evidence] for check in checks)


def read_sample(file: Path) -> dict[tuple[str, str], tuple[Verdict, str]]:
    """Read what `write_sample` wrote.

    Parameters
    ----------
    file : pathlib.Path
        The table; one that is not there is empty.

    Returns
    -------
    dict of (claim, page) to (Verdict, str)
        The verdict on the sample and its evidence; of several on one page the last.
    """
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {(row["claim"], row["page"]): (Verdict(row["verdict"]), row["evidence"]) for row in rows}


# --- In the build ----------------------------------------------------------------------------------------------------


class _Ledger(nodes.General, nodes.Element):
    """Stands where the ledger will be, until all chapters have been read."""


class _LedgerDirective(Directive):
    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        self.state.document.settings.env.metadata[self.state.document.settings.env.docname]["claims-ledger"] = "yes"
        return [_Ledger()]


@dataclass
class _Page:
    """What the ledger keeps of a chapter."""

    checks: list[Check]
    data: str


def _pages(env: BuildEnvironment) -> dict[str, _Page]:
    if not hasattr(env, "embedbook_claims"):
        env.embedbook_claims = {}  # type: ignore[attr-defined]
    pages: dict[str, _Page] = env.embedbook_claims  # type: ignore[attr-defined]
    return pages


def _gather(app: Sphinx, doctree: nodes.document) -> None:
    """Note a chapter's verdicts, and give each an anchor to link to."""
    raws = [node for node in doctree.findall(nodes.raw) if node.get("format") == "html"]
    checks = checks_in([node.astext() for node in raws], app.env.docname)
    if not checks:
        return
    data = next((match[1] for node in raws if (match := _BADGE.search(node.astext()))), "")
    _pages(app.env)[app.env.docname] = _Page(checks, data)
    anchors = (check.anchor for check in checks)
    for node in raws:
        if _CLAIM.search(node.astext()):
            text = _OPENING.sub(lambda match: f'<div id="{next(anchors)}" {match[1]}', node.astext())
            node.replace_self(nodes.raw("", text, **node.attributes))


def _forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _pages(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    _pages(env).update({name: page for name, page in _pages(other).items() if name in set(docnames)})


def _outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the ledger anew in each build: any chapter may have changed."""
    return [docname for docname, metadata in env.metadata.items() if "claims-ledger" in metadata]


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(_Ledger)):
        pages = _pages(app.env)
        by_claim: dict[str, list[Check]] = {claim: [] for claim in CLAIMS}
        for page in sorted(pages):
            for check in pages[page].checks:
                by_claim.setdefault(check.claim, []).append(check)
        unchecked = [claim for claim, checks in by_claim.items() if not checks]
        if unchecked:
            _logger.warning("no chapter checks the claim %s", ", ".join(unchecked), location=docname)
        sample = read_sample(Path(app.srcdir) / SAMPLE_TABLE)
        checked = {claim: checks for claim, checks in by_claim.items() if checks}
        place.replace_self([_summary(checked), *(_entry(app, docname, each, sample) for each in checked.values())])


def _summary(checked: Mapping[str, Sequence[Check]]) -> nodes.paragraph:
    verdicts = [overall(checks) for checks in checked.values()]
    counts = [f"{verdicts.count(verdict)} {_SAID[verdict]}" for verdict in Verdict if verdict in verdicts]
    text = f"Of {len(verdicts)} claims, {', '.join(counts)}."
    return nodes.paragraph(text, text)


def _entry(
    app: Sphinx, docname: str, checks: Sequence[Check], sample: Mapping[tuple[str, str], tuple[Verdict, str]]
) -> nodes.section:
    claim, verdict = checks[0].claim, overall(checks)
    section = nodes.section("", ids=[claim], classes=["ledger-entry"])
    section += nodes.title("", CLAIMS[claim])
    kind = verdict.name.lower().replace("_", "-")
    badge = f'<p class="claim__verdict claim__verdict--{kind}">{verdict.value}</p>'
    section += nodes.raw("", badge, format="html")
    rows = nodes.definition_list()
    for check in checks:
        uri = f"{app.builder.get_relative_uri(docname, check.page)}#{check.anchor}"
        title = app.env.titles[check.page].astext()
        where = nodes.reference("", title, internal=True, refuri=uri)
        data = _pages(app.env)[check.page].data
        term = nodes.term("", "", where, nodes.Text(f": {check.verdict.value}{f', on {data} data' if data else ''}"))
        body = nodes.definition("", nodes.paragraph("", check.evidence))
        if data != "sample" and (small := sample.get((check.claim, check.page))):
            body += nodes.paragraph("", f"On the sample: {small[0].value}. {small[1]}", classes=["ledger-sample"])
        rows += nodes.definition_list_item("", term, body)
    section += rows
    return section


def connect(app: Sphinx) -> None:
    """Gather the verdicts while pages are read, and write the ledger when all have been.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The running build.
    """
    app.add_node(_Ledger)
    app.add_directive("claims-ledger", _LedgerDirective)
    app.connect("doctree-read", _gather)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-updated", _outdated)
    app.connect("doctree-resolved", _resolve)
