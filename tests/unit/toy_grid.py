"""A grid of toy runs that other processes can import: each takes a moment and gives a number."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from embedbook.experiments import Grid, Meter, Result, Results, Spec, run_grid, write_tables


@dataclass(frozen=True)
class ToySpec(Spec):
    number: int
    seed: int = 0
    seconds: float = 0.0
    diary: str = ""


def run_toy(spec: ToySpec) -> Result:
    with Meter() as meter:
        time.sleep(spec.seconds)
        if spec.number < 0:
            raise ArithmeticError("below zero")
        if spec.diary:
            with Path(spec.diary).open("a", encoding="utf-8") as diary:
                diary.write(f"{os.getpid()} {spec.number} {spec.seed}\n")
    return Result(metrics={"root": spec.number**0.5}, origin={"machine": "any"}, **meter.cost())


def toy_grid(size: int = 6, *, seconds: float = 0.0, diary: str = "", first: int = 0) -> Grid:
    specs = tuple(ToySpec(number, seed, seconds, diary) for number in range(first, first + size) for seed in (0, 1))
    return Grid("toy", "square roots", specs, run_toy)


if __name__ == "__main__":
    folder, target, seconds, diary = sys.argv[1:]
    grid = toy_grid(seconds=float(seconds), diary=diary)
    results = Results(folder)
    run_grid(grid, results=results)
    write_tables(grid, Path(target), results=results)
