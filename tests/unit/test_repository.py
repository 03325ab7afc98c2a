"""The repository keeps its own rules: documentation of public names, order of modules, pins, workflows."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import embedbook

BOOK = Path(__file__).parents[2]
STREET = re.findall(r"`(\w+)`", (embedbook.__doc__ or "").split("before it:")[1])
SOURCES = sorted((BOOK / "src" / "embedbook").rglob("*.py"))


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(embedbook.__path__, "embedbook.")
    return [importlib.import_module(module.name) for module in found if not module.name.endswith("__main__")]


def house(source: Path) -> str:
    """Which house of the street a source file belongs to."""
    return source.relative_to(BOOK / "src" / "embedbook").parts[0].removesuffix(".py")


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_public_names_are_documented(module: ModuleType) -> None:
    assert module.__doc__, "a module's first line says what it is for"
    for name in getattr(module, "__all__", []):
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            text = inspect.getdoc(thing) or ""
            assert len(text) > 20, f"{module.__name__}.{name} has no docstring"
        if inspect.isfunction(thing) and [p for p in inspect.signature(thing).parameters if p not in {"self", "app"}]:
            assert "Parameters\n" in text, f"{module.__name__}.{name} does not say what its parameters are"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(BOOK / "src").as_posix())
def test_a_module_imports_only_from_those_before_it(source: Path) -> None:
    here = house(source)
    if here == "__init__":
        return
    allowed = set(STREET[: STREET.index(here) + 1])
    used = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("embedbook"):
            parts = node.module.split(".")
            used |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            used |= {a.name.split(".")[1] for a in node.names if a.name.startswith("embedbook.")}
    assert used - allowed - {"__version__"} == set()


def test_importing_the_package_is_free_of_heavy_libraries() -> None:
    code = (
        "import embedbook.cli, sys; print([m for m in ('tensorflow', 'keras', 'gensim', 'umap') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_direct_dependency_is_pinned_and_has_its_reason(name: str) -> None:
    lines = [line for line in (BOOK / name).read_text(encoding="utf-8").splitlines() if re.match(r"[a-z]", line)]
    assert lines
    for line in lines:
        assert re.match(r"[\w-]+==[\w.]+", line), line
        assert re.search(r"  # \w.{10,}$", line) or "tensorflow==" in line or " # " in line, line


def test_constraints_hold_every_direct_dependency_and_no_address() -> None:
    pins = (BOOK / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in pins
    assert "--index" not in pins
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (BOOK / name).read_text(encoding="utf-8").splitlines():
            pin = re.match(r"([\w-]+==[\w.]+)(.*)", line)
            if pin and 'python_version < "3.9"' not in line:
                assert re.search(rf"^{re.escape(pin[1])}\b", pins, re.M), f"{pin[1]}: run `make lock`"


def test_workflows_are_valid() -> None:
    workflows = sorted((BOOK / ".github" / "workflows").glob("*.yml"))
    assert {path.stem for path in workflows} >= {"test", "publish", "weekly"}
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


def test_workflows_call_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (BOOK / "Makefile").read_text(encoding="utf-8"), re.M))
    texts = [path.read_text(encoding="utf-8") for path in (BOOK / ".github" / "workflows").glob("*.yml")]
    texts += [
        (BOOK / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", ".ci/run", "intro.md")
    ]
    called = {target for text in texts for target in re.findall(r"^\W*(?:run: )?make ([a-z-]+)", text, re.M)}
    assert called
    assert called <= targets
