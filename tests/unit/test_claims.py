"""A claim shows its verdict only where the measurement supports it."""

from __future__ import annotations

import numpy as np
import pytest

from embedbook import claims


def test_a_claim_that_holds_shows_wording_verdict_and_evidence() -> None:
    result = claims.check("lookup-is-matmul", np.bool_(True), "largest difference 0 < 1e-6")
    page = result._repr_html_()
    assert "Embedding lookup equals" in page
    assert 'data-claim="lookup-is-matmul"' in page
    assert 'data-verdict="holds"' in page
    assert "largest difference 0 &lt; 1e-6" in page
    assert repr(result).startswith("Claim lookup-is-matmul: holds\n")


def test_a_measurement_that_disagrees_stops_the_run() -> None:
    with pytest.raises(claims.ClaimError, match="largest difference 3"):
        claims.check("lookup-is-matmul", False, "largest difference 3")


def test_a_false_claim_is_shown_as_false() -> None:
    result = claims.check("pets-are-nice", True, "cat 0.1, dog 0.9", verdict=claims.Verdict.FAILS)
    assert "does not hold" in result._repr_html_()
    assert "claim--fails" in result._repr_html_()


def test_an_unknown_claim_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown claim 'lookup'.*lookup-is-matmul"):
        claims.check("lookup", True, "x")


def test_a_claim_without_evidence_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its evidence"):
        claims.check("lookup-is-matmul", True, "  ")
