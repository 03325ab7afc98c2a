"""Runs whose results the book stores: word vectors trained on equal terms, and grids of arms on labelled texts.

A run is a frozen `Spec` and gives one `Result`. A `Grid` names the runs of one table; `run_grid` does what is missing
of it, and `write_tables` writes what there is.
"""

from __future__ import annotations

from embedbook.experiments.arms import Arm, Kind
from embedbook.experiments.catalogue import find_grid, list_grids
from embedbook.experiments.classification import Model, Settings, train_arm
from embedbook.experiments.grid import Failure, Grid, GridError, Outlook, Results, outlook, run_grid
from embedbook.experiments.labelled_runs import DIVIDED_AT_RANDOM, LabelledSpec, parts_of, run_labelled
from embedbook.experiments.learning_curves import LearningCurves, read_learning_curves
from embedbook.experiments.named_spaces import OWN_SPACES, OwnSpace, load_space, own_folder, space_checksum
from embedbook.experiments.outcome import Outcome
from embedbook.experiments.parts import Part, Parts, in_proportion, take
from embedbook.experiments.runs import Meter, Result, Spec, versions
from embedbook.experiments.spaces import METHODS, Space, SpaceSpec, append_scores, provenance, train_space
from embedbook.experiments.tables import cost_table, read_costs, restore_results, result_table, write_tables
from embedbook.experiments.translation_attention import PROBES
from embedbook.experiments.translation_contrasts import (
    contrast_table,
    language_similarity,
    phrase_table,
    write_qi2018_tables,
)
from embedbook.experiments.translation_files import Translated, read_translations, translations_file
from embedbook.experiments.translation_grid import (
    QI2018_SEEDS,
    Contrast,
    qi2018_cell,
    qi2018_contrasts,
    qi2018_specs,
)
from embedbook.experiments.translation_runs import build_translator, run_translation
from embedbook.experiments.translation_specs import Start, TranslationSettings, TranslationSpec
from embedbook.experiments.translation_table import TranslationTable, read_translation_table
from embedbook.experiments.translation_vectors import (
    InitialVectors,
    initial_vectors,
    learn_dictionary,
    random_vectors,
)
from embedbook.experiments.words import bag_of_words

__all__ = [
    "DIVIDED_AT_RANDOM",
    "METHODS",
    "OWN_SPACES",
    "PROBES",
    "QI2018_SEEDS",
    "Arm",
    "Contrast",
    "Failure",
    "Grid",
    "GridError",
    "InitialVectors",
    "Kind",
    "LabelledSpec",
    "LearningCurves",
    "Meter",
    "Model",
    "Outcome",
    "Outlook",
    "OwnSpace",
    "Part",
    "Parts",
    "Result",
    "Results",
    "Settings",
    "Space",
    "SpaceSpec",
    "Spec",
    "Start",
    "Translated",
    "TranslationSettings",
    "TranslationSpec",
    "TranslationTable",
    "append_scores",
    "bag_of_words",
    "build_translator",
    "contrast_table",
    "cost_table",
    "find_grid",
    "in_proportion",
    "initial_vectors",
    "language_similarity",
    "learn_dictionary",
    "list_grids",
    "load_space",
    "outlook",
    "own_folder",
    "parts_of",
    "phrase_table",
    "provenance",
    "qi2018_cell",
    "qi2018_contrasts",
    "qi2018_specs",
    "random_vectors",
    "read_costs",
    "read_learning_curves",
    "read_translation_table",
    "read_translations",
    "restore_results",
    "result_table",
    "run_grid",
    "run_labelled",
    "run_translation",
    "space_checksum",
    "take",
    "train_arm",
    "train_space",
    "translations_file",
    "versions",
    "write_qi2018_tables",
    "write_tables",
]
