"""The simulated census: rows drawn from rules that stand here, for machines without the real table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["simulate_census"]

# What each schooling adds to the log-odds of a high income is its year's place in the list: an order that the names do
# not show, so that a model which finds it has learnt it.
_EDUCATION = (
    ("primary", 1, 0.07),
    ("lower-secondary", 2, 0.13),
    ("secondary", 3, 0.25),
    ("trade-school", 4, 0.16),
    ("some-college", 5, 0.14),
    ("college", 6, 0.15),
    ("master", 7, 0.07),
    ("doctorate", 8, 0.03),
)
# Name, sector, and what the job adds to the log-odds.
_OCCUPATION = (
    ("cook", "service", -1.0),
    ("cleaner", "service", -1.3),
    ("waiter", "service", -1.1),
    ("carer", "service", -0.8),
    ("clerk", "office", 0.1),
    ("accountant", "office", 0.6),
    ("secretary", "office", -0.1),
    ("electrician", "craft", 0.2),
    ("joiner", "craft", 0.0),
    ("mechanic", "craft", 0.1),
    ("engineer", "profession", 1.2),
    ("lawyer", "profession", 1.5),
    ("physician", "profession", 1.6),
    ("teacher", "profession", 0.5),
)
# Each sector is likelier to be entered the nearer its usual schooling is to one's own.
_SECTOR_SCHOOLING = {"service": 2.0, "craft": 3.5, "office": 4.5, "profession": 6.5}
# Invented, so that nothing here can be taken for a fact about a country: three regions, each with its own effect.
_COUNTRY = (
    ("Auland", "north", 0.55),
    ("Brenmark", "north", 0.12),
    ("Cordia", "north", 0.06),
    ("Dalmora", "middle", 0.06),
    ("Estria", "middle", 0.05),
    ("Fenwia", "middle", 0.04),
    ("Galdur", "south", 0.05),
    ("Hestan", "south", 0.04),
    ("Istrova", "south", 0.03),
)
_REGION_EFFECT = {"north": 0.4, "middle": -0.2, "south": -0.8}
_WORKCLASS = (("private", 0.7, 0.0), ("public", 0.18, 0.1), ("self-employed", 0.12, 0.3))
_MARITAL = (("single", -0.8), ("married", 0.7), ("divorced", -0.2), ("widowed", -0.2))
_MISSING = 0.04  # share of workclass, occupation and country that nobody wrote down


def simulate_census(n: int = 1600, *, seed: int = 0) -> pd.DataFrame:
    """Draw the rows of an invented census.

    Age, schooling and country are drawn first; sector and job depend on schooling, marriage on age, hours on the
    sector. The log-odds of a high income are a sum: 0.45 for each step of schooling, the effects of job, region, class
    of work and marriage, 0.3 for each ten hours a week beyond 40, and a parabola of age with its top at 50. Then some
    entries go missing, at random. No row is taken or derived from any person's.

    Parameters
    ----------
    n : int
        Number of rows.
    seed : int
        Decides all draws.

    Returns
    -------
    pandas.DataFrame
        n rows; the columns age, hours_per_week and education_num are whole numbers, and workclass, education,
        marital_status, occupation and native_country text, NaN where missing; `income` is "<=50K" or ">50K".

    Raises
    ------
    ValueError
        If `n` is below 1.
    """
    import pandas as pd

    if n < 1:
        raise ValueError(f"n must be 1 row or more, not {n!r}")
    rng = np.random.default_rng(seed)
    age = np.clip(np.round(rng.gamma(6.0, 7.0, n)), 18, 80).astype(int)
    education = rng.choice(len(_EDUCATION), n, p=[share for _, _, share in _EDUCATION])
    steps = np.array([step for _, step, _ in _EDUCATION])[education]
    occupation = _occupations(steps, rng)
    sector = np.array([name for _, name, _ in _OCCUPATION])[occupation]
    country = rng.choice(len(_COUNTRY), n, p=[share for _, _, share in _COUNTRY])
    workclass = rng.choice(len(_WORKCLASS), n, p=[share for _, share, _ in _WORKCLASS])
    marital = _marriages(age, rng)
    hours = np.clip(np.round(rng.normal(np.where(sector == "profession", 43, 38), 7)), 5, 80).astype(int)
    log_odds = (
        -2.6
        + 0.45 * (steps - 3)
        + np.array([effect for *_, effect in _OCCUPATION])[occupation]
        + np.array([_REGION_EFFECT[region] for _, region, _ in _COUNTRY])[country]
        + np.array([effect for *_, effect in _WORKCLASS])[workclass]
        + np.array([effect for _, effect in _MARITAL])[marital]
        + 0.03 * (hours - 40)
        + 1.0
        - ((age - 50) / 18) ** 2
    )
    high = rng.random(n) < 1 / (1 + np.exp(-log_odds))
    frame = pd.DataFrame(
        {
            "age": age,
            "workclass": np.array([name for name, *_ in _WORKCLASS], dtype=object)[workclass],
            "education": np.array([name for name, *_ in _EDUCATION], dtype=object)[education],
            "education_num": steps,
            "marital_status": np.array([name for name, _ in _MARITAL], dtype=object)[marital],
            "occupation": np.array([name for name, *_ in _OCCUPATION], dtype=object)[occupation],
            "hours_per_week": hours,
            "native_country": np.array([name for name, *_ in _COUNTRY], dtype=object)[country],
            "income": np.where(high, ">50K", "<=50K"),
        }
    )
    for column in ("workclass", "occupation", "native_country"):
        frame.loc[rng.random(n) < _MISSING, column] = np.nan
    return frame


def _occupations(steps: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a job for each person: the sector by schooling, then any job of the sector."""
    sectors = list(_SECTOR_SCHOOLING)
    distance = np.abs(steps[:, None] - np.array(list(_SECTOR_SCHOOLING.values())))
    chances = np.exp(-0.9 * distance)
    chances /= chances.sum(axis=1, keepdims=True)
    sector = (chances.cumsum(axis=1) < rng.random((len(steps), 1))).sum(axis=1)
    jobs = {name: [row for row, job in enumerate(_OCCUPATION) if job[1] == name] for name in sectors}
    return np.array([rng.choice(jobs[sectors[chosen]]) for chosen in np.minimum(sector, len(sectors) - 1)])


def _marriages(age: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw who is single, married, divorced or widowed, by age."""
    single = np.clip(1.15 - age / 40, 0.08, 0.95)
    widowed = np.clip((age - 60) / 80, 0, 0.25)
    divorced = 0.16 * (1 - single)
    limits = np.stack([single, 1 - divorced - widowed, 1 - widowed], axis=1)
    return (limits < rng.random((len(age), 1))).sum(axis=1)
