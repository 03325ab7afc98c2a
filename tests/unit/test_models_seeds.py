"""Seeds of the parts of a model: different ones, and the same each time."""

from __future__ import annotations

import pytest

from embedbook.models import child_seeds


def test_parts_get_seeds_of_their_own_that_do_not_depend_on_how_many_there_are() -> None:
    seeds = child_seeds(3, 50)
    assert len(set(seeds)) == 50
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert child_seeds(3, 5) == seeds[:5]
    assert child_seeds(4, 5) != seeds[:5]


def test_without_a_seed_the_parts_have_none() -> None:
    assert child_seeds(None, 2) == [None, None]


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7"])
def test_a_seed_that_is_no_whole_number_is_refused(seed) -> None:
    with pytest.raises(ValueError, match="seed must be a whole number, 0 or more"):
        child_seeds(seed, 2)
