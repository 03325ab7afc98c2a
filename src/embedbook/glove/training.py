"""Train GloVe: weighted least squares on the logarithms of co-occurrence counts, by AdaGrad."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from tqdm import tqdm

from embedbook.glove.checkpoints import CheckpointError, State, load_checkpoint, run_identity, save_checkpoint
from embedbook.glove.cooccurrences import Cooccurrences
from embedbook.glove.counting import thread_count
from embedbook.glove.grid import Grid, arrange, number_of_groups
from embedbook.glove.model import GloveModel
from embedbook.glove.updates import parameter_array, row_width, train_blocks

__all__ = ["TrainingDivergedError", "Visits", "initial_parameters", "train", "visiting_order"]

_TASKS_PER_THREAD = 4  # several, so that a thread that was held up does not hold up the others


class TrainingDivergedError(ValueError):
    """The loss is no longer a finite number."""


class Visits(NamedTuple):
    """The cells of one epoch in the order in which they are trained on."""

    rows: np.ndarray
    """(cells,) int64, positions in the vocabulary."""
    columns: np.ndarray
    """(cells,) int64."""


def train(
    table: Cooccurrences,
    *,
    dimensions: int = 100,
    epochs: int = 25,
    x_max: float = 100.0,
    alpha: float = 0.75,
    learning_rate: float = 0.05,
    seed: int = 0,
    threads: int | None = None,
    dtype: Literal["float32", "float64"] = "float32",
    clip: float = 100.0,
    progress: bool = False,
    on_epoch: Callable[[int, float], None] | None = None,
    checkpoint: str | Path | None = None,
    memory_limit: int = 4 << 30,
    spill_folder: str | Path | None = None,
) -> GloveModel:
    """Train word vectors on a co-occurrence table.

    Minimises J = Σ f(X_ij) (w_i·w̃_j + b_i + b̃_j − log X_ij)², equation 8 of Pennington et al. (2014), over the
    non-zero cells, one AdaGrad step a cell; `embedbook.glove.reference` writes the same step plainly in NumPy. As in
    Stanford's program the learning rate scales a gradient before it is squared, and the sums of squares begin at 1.

    The result is the same, bit for bit, for the same table, settings, seed, NumPy and kind of processor, whatever the
    number of threads: threads work on blocks of cells that share no word (see `embedbook.glove.grid.Grid`).

    Parameters
    ----------
    table : Cooccurrences
        From `count_cooccurrences`.
    dimensions : int
        Length of a vector, d.
    epochs : int
        Passes over all cells. The paper takes 50 for d < 300, and 100 above.
    x_max, alpha : float
        The weighting function f(x) = min(1, (x / x_max) ** alpha), equation 9. For a corpus of few million tokens
        an `x_max` of about 10 serves better.
    learning_rate : float
        The initial learning rate.
    seed : int
        For the initial vectors and the order of cells; 0 or above.
    threads : int, optional
        Number of threads; all processors by default.
    dtype : {"float32", "float64"}
        Precision of the parameters. float64 takes twice the time and memory, and does not make better vectors; it is
        there for checks.
    clip : float
        Largest absolute value of f(X) times the residual; a guard that sound settings never meet.
    progress : bool
        Show a progress bar with the loss.
    on_epoch : callable, optional
        Called after each epoch, once its checkpoint is written, with the epoch (from 1) and its loss.
    checkpoint : path, optional
        A file to keep the state in after each epoch. If it exists, training goes on from there, and the outcome is the
        same as without the interruption. A finished run can be extended: call again with more epochs.
    memory_limit : int
        How many bytes the arranged cells (12 each; each pair of a symmetric table once) may take; beyond it they are
        kept in a file in `spill_folder`, by default the system's folder for temporary files.
    spill_folder : path, optional
        See `memory_limit`.

    Returns
    -------
    GloveModel

    Raises
    ------
    ValueError
        If the table is empty or an argument makes no sense.
    CheckpointError
        If `checkpoint` is a file from another run, or not a checkpoint.
    TrainingDivergedError
        If the loss becomes infinite or NaN; the checkpoint keeps the last sound epoch.
    StorageError
        If the disk is full or `spill_folder` cannot be written.

    References
    ----------
    J. Pennington, R. Socher, C. D. Manning: GloVe: Global Vectors for Word Representation, EMNLP 2014, equations 8
    and 9, section 4.2. J. Duchi, E. Hazan, Y. Singer: Adaptive subgradient methods for online learning and stochastic
    optimization, JMLR 12, 2011.

    Examples
    --------
    >>> corpus = read_corpus("text.txt", min_count=5)                               # doctest: +SKIP
    >>> model = train(count_cooccurrences(corpus), dimensions=100, progress=True)   # doctest: +SKIP
    >>> model.to_keyed_vectors().most_similar("cat")                                # doctest: +SKIP
    """
    settings: dict[str, Any] = {
        "dimensions": _whole("dimensions", dimensions, 1),
        "x_max": _positive("x_max", x_max),
        "alpha": _positive("alpha", alpha),
        "learning_rate": _positive("learning_rate", learning_rate),
        "seed": _whole("seed", seed, 0),
        "dtype": dtype,
        "clip": _positive("clip", clip),
    }
    epochs = _whole("epochs", epochs, 1)
    if dtype not in ("float32", "float64"):
        raise ValueError(f'dtype must be "float32" or "float64", not {dtype!r}')
    if not len(table.counts):
        raise ValueError("the co-occurrence table is empty: there is nothing to train on")
    workers = thread_count(threads)

    identity: dict[str, Any] = {}
    state = None
    if checkpoint is not None:
        checkpoint = Path(checkpoint)
        if not checkpoint.parent.is_dir():
            raise ValueError(f"the folder of checkpoint {checkpoint} does not exist; make it first")
        identity = run_identity(table, settings)
        if checkpoint.exists():
            state = load_checkpoint(checkpoint, identity, (len(table.words), 2, dimensions + 1))
            if len(state.losses) > epochs:
                raise CheckpointError(
                    f"checkpoint {checkpoint} has {len(state.losses)} epochs behind it, more than epochs={epochs}; "
                    "ask for at least as many, or name another file"
                )
    if state is None:
        state = _first_state(len(table.words), dimensions, seed, dtype)

    if len(state.losses) < epochs:
        grid = _grid(table, settings, workers, memory_limit, spill_folder)
        trainer, losses = _Trainer(grid, state, settings), state.losses
        del state  # the trainer has its own copy, in another order
        with (
            ThreadPoolExecutor(workers) as pool,
            tqdm(
                total=epochs * grid.groups,
                initial=len(losses) * grid.groups,
                desc="training",
                unit=" strata",
                disable=not progress,
            ) as bar,
        ):
            for epoch in range(len(losses) + 1, epochs + 1):
                loss = trainer.run(epoch, pool, workers, bar) / table.nonzero
                if not np.isfinite(loss):
                    raise TrainingDivergedError(
                        f"the loss of epoch {epoch} is {loss}: training diverged; "
                        f"lower learning_rate, which is {learning_rate}"
                    )
                losses = (*losses, loss)
                bar.set_postfix(loss=f"{loss:.5f}")
                if checkpoint is not None:
                    save_checkpoint(checkpoint, identity, trainer.state(losses))
                if on_epoch is not None:
                    on_epoch(epoch, loss)
        state = trainer.state(losses)
        if not (np.isfinite(state.words).all() and np.isfinite(state.contexts).all()):
            raise TrainingDivergedError(f"a vector is no longer finite: lower learning_rate, which is {learning_rate}")

    vectors = (state.words[:, 0, :-1].copy(), state.contexts[:, 0, :-1].copy())
    biases = (state.words[:, 0, -1].copy(), state.contexts[:, 0, -1].copy())
    return GloveModel(table.words, *vectors, *biases, state.losses, settings | {"epochs": epochs}, table.word_counts)


def initial_parameters(words: int, dimensions: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return what training with this seed begins with: word and context parameters.

    Parameters
    ----------
    words, dimensions : int
        V and d.
    seed : int
        As for `train`.

    Returns
    -------
    words, contexts : np.ndarray, (V, d + 1) float64
        Vectors, and the bias in the last column; all uniform between -0.5 / d and 0.5 / d.
    """
    random = np.random.default_rng(seed)
    first, second = ((random.random((words, dimensions + 1)) - 0.5) / dimensions for _ in range(2))
    return first, second


def visiting_order(
    table: Cooccurrences, *, epoch: int, dimensions: int = 100, seed: int = 0, dtype: str = "float32"
) -> Visits:
    """Return the order in which `train` with these settings visits the cells in one epoch, for checks on small tables.

    Parameters
    ----------
    table : Cooccurrences
        What would be trained on.
    epoch : int
        From 1.
    dimensions, seed, dtype
        As for `train`: the order depends on them, but neither on the number of threads nor on the learning rate.

    Returns
    -------
    Visits
        Every cell once, both halves of a symmetric table.
    """
    settings = {"dimensions": dimensions, "seed": seed, "dtype": dtype, "x_max": 1.0, "alpha": 1.0}
    return Visits(*_grid(table, settings, 1, 4 << 30, None).visits(seed, epoch))


def _grid(
    table: Cooccurrences, settings: dict[str, Any], workers: int, memory_limit: int, spill_folder: str | Path | None
) -> Grid:
    dtype = np.dtype(settings["dtype"])
    if memory_limit < 1:
        raise ValueError(f"memory_limit must be a positive number of bytes, not {memory_limit}")
    return arrange(
        table,
        groups=number_of_groups(len(table.words), 2 * row_width(settings["dimensions"]) * dtype.itemsize),
        x_max=settings["x_max"],
        alpha=settings["alpha"],
        seed=settings["seed"],
        dtype=dtype,
        workers=workers,
        memory_limit=memory_limit,
        spill_folder=spill_folder,
    )


def _first_state(words: int, dimensions: int, seed: int, dtype: str) -> State:
    arrays = []
    for values in initial_parameters(words, dimensions, seed=seed):
        array = np.ones((words, 2, dimensions + 1), dtype=dtype)
        array[:, 0] = values
        arrays.append(array)
    return State(arrays[0], arrays[1], ())


def _whole(name: str, value: int, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {value!r}")
    return int(value)


def _positive(name: str, value: float) -> float:
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a finite number above 0, not {value!r}")
    return float(value)


class _Trainer:
    """The parameters in the order of the grid, and the passes over it."""

    def __init__(self, grid: Grid, state: State, settings: dict[str, Any]) -> None:
        self._grid = grid
        self._seed = settings["seed"]
        self._dimensions = d = settings["dimensions"]
        scalar = np.dtype(settings["dtype"]).type
        self._learning_rate, self._clip = scalar(settings["learning_rate"]), scalar(settings["clip"])
        # A word has its bias in front of the constant 1, a context behind it: see `updates.train_cells`.
        self._word_lanes = [*range(d), d]
        self._context_lanes = [*range(d), d + 1]
        self._words = parameter_array(len(grid.word_of), d, state.words.dtype)
        self._contexts = parameter_array(len(grid.word_of), d, state.words.dtype)
        for array, values, lanes, one in (
            (self._words, state.words, self._word_lanes, d + 1),
            (self._contexts, state.contexts, self._context_lanes, d),
        ):
            array[:, 1] = 1.0
            array[:, :, lanes] = values[grid.word_of]
            array[:, 0, one] = 1.0

    def run(self, epoch: int, pool: ThreadPoolExecutor, workers: int, bar: tqdm) -> float:
        """Go through all cells once; return the sum of their losses."""
        tasks = min(self._grid.groups, workers * _TASKS_PER_THREAD) if workers > 1 else 1
        edges = np.linspace(0, self._grid.groups, tasks + 1).astype(int).tolist()
        losses = np.zeros(self._grid.groups)
        total = 0.0
        for stratum in self._grid.strata(self._seed, epoch):
            train = partial(self._train_blocks, *stratum, losses)
            if tasks == 1:
                train(0, self._grid.groups)
            else:
                list(pool.map(train, edges[:-1], edges[1:]))
            total += float(losses.sum())
            bar.update()
        return total

    def _train_blocks(
        self, row_groups: np.ndarray, column_groups: np.ndarray, losses: np.ndarray, first: int, last: int
    ) -> None:
        grid = self._grid
        train_blocks(
            self._words,
            self._contexts,
            grid.group_starts,
            grid.block_starts,
            grid.rows,
            grid.columns,
            grid.weights,
            grid.targets,
            grid.symmetric,
            row_groups,
            column_groups,
            first,
            last,
            self._dimensions,
            self._learning_rate,
            self._clip,
            losses,
        )

    def state(self, losses: tuple[float, ...]) -> State:
        """Return the parameters in the order of the vocabulary."""
        place_of = self._grid.place_of
        return State(
            self._words[:, :, self._word_lanes][place_of], self._contexts[:, :, self._context_lanes][place_of], losses
        )
