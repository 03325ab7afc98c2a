"""The plain NumPy GloVe against numbers worked out by hand and by finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from embedbook.glove.reference import Parameters, adagrad_step, gradients, loss, ones_like, train_epoch, weighting


def random_parameters(words: int = 6, dimensions: int = 3) -> Parameters:
    random = np.random.default_rng(0)
    return Parameters(
        random.normal(size=(words, dimensions)),
        random.normal(size=(words, dimensions)),
        random.normal(size=words),
        random.normal(size=words),
    )


ROWS, COLUMNS, COUNTS = np.array([0, 0, 3, 5, 5]), np.array([1, 0, 2, 1, 4]), np.array([4.0, 250.0, 0.5, 99.0, 100.0])


def test_the_weight_rises_to_one_and_stays_there() -> None:
    assert weighting([0.0, 100.0, 5000.0]).tolist() == [0.0, 1.0, 1.0]
    assert float(weighting(6.25)) == pytest.approx(0.125)  # (1/16) ** (3/4)
    assert float(weighting(5.0, x_max=10.0, alpha=2.0)) == 0.25
    with pytest.raises(ValueError, match="negative"):
        weighting([1.0, -1.0])


def test_the_loss_of_two_cells_by_hand() -> None:
    parameters = Parameters(
        W=np.array([[1.0, 2.0], [0.0, 1.0]]),
        C=np.array([[0.5, 0.0], [1.0, 1.0]]),
        b=np.array([0.25, 0.0]),
        c=np.array([0.0, -1.0]),
    )
    # Cell (0, 1): w·c = 3, biases 0.25 and -1, log e² = 2, residual 0.25. Cell (1, 0): w·c = 0, log 1 = 0, residual 0.
    counts = np.array([np.exp(2.0), 1.0])
    expected = (np.exp(2.0) / 100) ** 0.75 * 0.25**2
    assert loss(parameters, np.array([0, 1]), np.array([1, 0]), counts) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", Parameters._fields)
def test_gradients_agree_with_finite_differences(name: str) -> None:
    parameters = random_parameters()
    exact = getattr(gradients(parameters, ROWS, COLUMNS, COUNTS), name)
    values = getattr(parameters, name)
    step = 1e-6
    for index in np.ndindex(values.shape):
        kept = values[index]
        values[index] = kept + step
        above = loss(parameters, ROWS, COLUMNS, COUNTS)
        values[index] = kept - step
        below = loss(parameters, ROWS, COLUMNS, COUNTS)
        values[index] = kept
        assert exact[index] == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-6)


def test_a_step_moves_each_value_by_its_scaled_gradient() -> None:
    parameters, squares = random_parameters(), ones_like(random_parameters())
    squares.W[3] = [1.0, 4.0, 16.0]
    before = Parameters(*(array.copy() for array in parameters))
    slopes = gradients(before, np.array([3]), np.array([2]), np.array([7.0]))
    value = adagrad_step(parameters, squares, 3, 2, 7.0, learning_rate=0.1)
    assert value == pytest.approx(loss(before, np.array([3]), np.array([2]), np.array([7.0])) / 2)
    scaled = 0.1 * slopes.W[3] / 2  # of half the loss
    np.testing.assert_allclose(parameters.W[3], before.W[3] - scaled / np.array([1.0, 2.0, 4.0]), rtol=1e-12)
    np.testing.assert_allclose(squares.W[3], np.array([1.0, 4.0, 16.0]) + scaled**2, rtol=1e-12)
    np.testing.assert_allclose(parameters.C[2], before.C[2] - 0.1 * slopes.C[2] / 2, rtol=1e-12)
    np.testing.assert_allclose(parameters.b[3], before.b[3] - 0.1 * slopes.b[3] / 2, rtol=1e-12)
    np.testing.assert_allclose(squares.c[2], 1 + (0.1 * slopes.c[2] / 2) ** 2, rtol=1e-12)
    untouched = np.delete(np.arange(6), 3)
    np.testing.assert_array_equal(parameters.W[untouched], before.W[untouched])


def test_a_word_beside_itself_moves_both_its_vectors() -> None:
    parameters, squares = random_parameters(), ones_like(random_parameters())
    before = Parameters(*(array.copy() for array in parameters))
    adagrad_step(parameters, squares, 1, 1, 3.0)
    assert (parameters.W[1] != before.W[1]).all()
    assert (parameters.C[1] != before.C[1]).all()


def test_the_clip_limits_a_step() -> None:
    parameters, squares = random_parameters(), ones_like(random_parameters())
    before = parameters.b[0]
    adagrad_step(parameters, squares, 0, 1, 1e30, clip=2.0)
    assert parameters.b[0] == pytest.approx(before + 0.05 * 2.0)


def test_epochs_lower_the_loss() -> None:
    parameters, squares = random_parameters(), ones_like(random_parameters())
    losses = [train_epoch(parameters, squares, ROWS, COLUMNS, COUNTS) for _ in range(50)]
    assert losses[-1] < 0.05 * losses[0]
