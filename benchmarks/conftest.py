"""Options, inputs and the table of the benchmarks; README.md says how to run them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import table
from measuring import Clock, Measure, Session, run
from pytest_benchmark.fixture import BenchmarkFixture

from embedbook import datasets

_TABLE = Path(__file__).parents[1] / "data" / "results" / "benchmarks.csv"
_SESSION = pytest.StashKey[Session]()
_MEASURE = pytest.StashKey[Measure]()
_CORPUS = "enwiki-2015"
_SEED = 20150601


@dataclass(frozen=True)
class Sizes:
    """How much the benchmarks are given."""

    tokens: tuple[int, ...] = (1_000_000,)
    vectors: tuple[int, int] = (400_000, 100)
    queries: int = 1_000
    vocabulary: int = 20_000
    dimensions: int = 100


_FULL = (1_000_000, 10_000_000, 48_000_000)
_QUICK = Sizes(tokens=(20_000,), vectors=(3_000, 20), queries=50, vocabulary=500, dimensions=10)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("embedbook")
    group.addoption("--full", action="store_true", help="GloVe also on 10 and 48 million tokens, which takes long")
    group.addoption("--quick", action="store_true", help="tiny sizes, to try the suite; no table but with --table")
    group.addoption("--table", type=Path, help=f"the table to write, by default {'/'.join(_TABLE.parts[-3:])}")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--full") and config.getoption("--quick"):
        raise pytest.UsageError("--full and --quick exclude each other")
    config.stash[_SESSION] = Session()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tokens" in metafunc.fixturenames:
        given = sizes_of(metafunc.config).tokens
        metafunc.parametrize("tokens", given, ids=[f"{tokens:,}-tokens" for tokens in given])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue  # another folder was named beside this one
        item.add_marker(pytest.mark.benchmark(timer=Clock()))
        item.add_marker(pytest.mark.timeout(0))  # a busy machine is no reason to fail


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    if call.when == "call" and call.excinfo is None and _MEASURE in item.stash:
        item.config.stash[_SESSION].rows.extend(item.stash[_MEASURE].rows)  # a wrong result's time is of no use


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    machine_info.pop("node", None)  # the name of this computer is nobody's business


def pytest_sessionfinish(session: pytest.Session) -> None:
    rows = session.config.stash[_SESSION].rows
    path = session.config.getoption("--table") or (None if session.config.getoption("--quick") else _TABLE)
    if rows and path is not None:
        table.write(path, rows)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = config.stash[_SESSION].rows
    if rows:
        shown = table.tabulate(rows)[["name", "parameter", "seconds_median", "rounds", "peak_mb", "times_as_fast"]]
        terminalreporter.section("results")
        terminalreporter.write_line(shown.to_string(index=False))


def sizes_of(config: pytest.Config) -> Sizes:
    if config.getoption("--quick"):
        return _QUICK
    return Sizes(tokens=_FULL) if config.getoption("--full") else Sizes()


@pytest.fixture(scope="session")
def sizes(pytestconfig: pytest.Config) -> Sizes:
    return sizes_of(pytestconfig)


@pytest.fixture(scope="session")
def session(pytestconfig: pytest.Config) -> Session:
    return pytestconfig.stash[_SESSION]


@pytest.fixture
def measure(request: pytest.FixtureRequest, session: Session, benchmark: BenchmarkFixture) -> Measure:
    """Run a job in a process of its own; its times are those that pytest-benchmark shows."""
    clock = request.node.get_closest_marker("benchmark").kwargs["timer"]
    request.node.stash[_MEASURE] = Measure(session, benchmark, clock)
    return request.node.stash[_MEASURE]


@pytest.fixture(scope="session")
def text_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Path]]:
    """Give a file with the first so many tokens of Wikipedia, written once a session."""
    try:
        datasets.path(_CORPUS)
    except datasets.NotHereError as reason:
        pytest.skip(str(reason))
    folder = tmp_path_factory.mktemp("text")

    def write(tokens: int) -> Path:
        path = folder / f"{tokens}.txt"
        if not path.exists():
            corpus = datasets.load_corpus(_CORPUS, mode="real")
            written = datasets.write_text(corpus, path, limit_tokens=tokens)
            assert written.tokens == tokens, f"{_CORPUS} has {written.tokens:,} tokens, fewer than {tokens:,}"
        return path

    yield write
    for path in folder.iterdir():  # pytest keeps temporary folders of three runs, and these files are large
        path.unlink()


@dataclass(frozen=True)
class Vectors:
    """Synthetic vectors in the forms that are compared."""

    parameter: str
    count: int
    text: str
    folder: Path

    def store(self) -> str:
        """The book's store, made when it is first asked for."""
        path = self.folder / "store"
        if not path.exists():
            run("text_to_store", {"text": self.text, "store": str(path), "rounds": 1})
        return str(path)

    def saved_by_gensim(self) -> str:
        """gensim's own file, made when it is first asked for."""
        path = self.folder / "gensim.kv"
        if not path.exists():
            run("gensim_reads_text", {"text": self.text, "saved": str(path), "rounds": 1})
        return str(path)


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory, sizes: Sizes) -> Iterator[Vectors]:
    """Random vectors in GloVe's text format; from a fixed seed."""
    count, dimensions = sizes.vectors
    folder = tmp_path_factory.mktemp("vectors")
    text = str(folder / "vectors.txt")
    run("write_vectors", {"path": text, "count": count, "dimensions": dimensions, "seed": _SEED})
    yield Vectors(f"{count:,} × {dimensions}", count, text, folder)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
