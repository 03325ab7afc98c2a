"""The arms of the comparison: ways to turn words into what a classifier reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["Arm", "Kind"]

Kind = Literal["bag", "random", "learned", "static", "nonstatic", "multichannel"]

_PRETRAINED = ("static", "nonstatic", "multichannel")
_NAMES = {"bag": "one-hot", "random": "random", "learned": "learned", "nonstatic": "fine-tuned"}


@dataclass(frozen=True)
class Arm:
    """One way to turn words into what a classifier reads.

    Parameters
    ----------
    kind : str
        - "bag": one-hot, summed over the text (a bag of words), and a linear model on it;
        - "random": an `Embedding` with random vectors that stay as they are;
        - "learned": an `Embedding` with random vectors that training moves;
        - "static": pretrained vectors that stay as they are;
        - "nonstatic": pretrained vectors that training moves;
        - "multichannel": both at once, a frozen and a moving copy (Kim 2014, section 2.1).
    spaces : tuple of str
        Names of the pretrained spaces, for the last three kinds; the vectors of several are put side by side.

    Raises
    ------
    ValueError
        If the kind is unknown, lacks pretrained spaces, or has them where none are used.

    Examples
    --------
    >>> Arm("static", ("word2vec", "glove")).name
    'word2vec+glove static'
    """

    kind: Kind
    spaces: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"unknown kind of arm {self.kind!r}; there are {', '.join(get_args(Kind))}")
        object.__setattr__(self, "spaces", tuple(self.spaces))
        if self.pretrained and not self.spaces:
            raise ValueError(f"an arm of the kind {self.kind!r} needs the name of at least one pretrained space")
        if not self.pretrained and self.spaces:
            raise ValueError(f"an arm of the kind {self.kind!r} uses no pretrained space, but {self.spaces} is given")

    @property
    def pretrained(self) -> bool:
        """Whether the arm begins with pretrained vectors."""
        return self.kind in _PRETRAINED

    @property
    def name(self) -> str:
        """What tables call the arm, such as "learned" or "glove static"."""
        kind = _NAMES.get(self.kind, self.kind)
        return f"{'+'.join(self.spaces)} {kind}" if self.pretrained else kind
