"""Write the explorer's files from the real vectors: `python -m embedbook.site.explorer`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from embedbook.datasets import data_folder
from embedbook.site.explorer import files, maps, spaces


def main() -> int:
    """Load the spaces, quantise them, draw their maps, and write all of it.

    Returns
    -------
    int
        Exit status: 2 if something needed is not there.
    """
    parser = argparse.ArgumentParser(prog="python -m embedbook.site.explorer", description=__doc__)
    parser.add_argument("--words", type=int, default=5_000, help="how many words to take, at most (default: 5000)")
    parser.add_argument("--to", type=Path, default=data_folder() / "explorer", help="the folder to write into")
    options = parser.parse_args()
    try:
        words, vectors = spaces.load_spaces(options.words)
        files.write(options.to, words, vectors, draw=maps.draw_map, say=_say)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 2
    _say(f"{len(words):,} words in {options.to}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
