"""Data sets: the registry, files from mirror, cache or network, and readers that return checked data."""

from __future__ import annotations

from embedbook.datasets.catalogue import Entry, FileEntry, data_folder, find_entry, registry
from embedbook.datasets.corpora import Corpus, WrittenText, load_corpus, write_text
from embedbook.datasets.download import TransferSettings, download_file
from embedbook.datasets.errors import (
    ChecksumError,
    DataError,
    DataModeError,
    DownloadError,
    NetworkError,
    NotHereError,
    RegistryError,
    TextEncodingError,
    UnknownDatasetError,
)
from embedbook.datasets.invented_languages import INVENTED_LANGUAGES, invented_pairs, invented_text
from embedbook.datasets.labelled import LabelledTexts
from embedbook.datasets.labelled_sets import load_labelled, load_reviews
from embedbook.datasets.lexicon import Lexicon, load_lexicon
from embedbook.datasets.modes import data_mode
from embedbook.datasets.parallel import Dropped, ParallelTexts, drop_unlikely, halves
from embedbook.datasets.parallel_sets import list_parallel, load_parallel, read_parallel
from embedbook.datasets.phrases import load_phrases
from embedbook.datasets.readers import read_labelled_csv
from embedbook.datasets.simulated_table import simulate_census
from embedbook.datasets.store import cache_folder, chosen_files, fetch, mirror_folder, path, verify, whereabouts
from embedbook.datasets.tables import Table, load_table
from embedbook.datasets.word_tests import AnalogySection, WordPairs, load_analogies, load_similarity

__all__ = [
    "INVENTED_LANGUAGES",
    "AnalogySection",
    "ChecksumError",
    "Corpus",
    "DataError",
    "DataModeError",
    "DownloadError",
    "Dropped",
    "Entry",
    "FileEntry",
    "LabelledTexts",
    "Lexicon",
    "NetworkError",
    "NotHereError",
    "ParallelTexts",
    "RegistryError",
    "Table",
    "TextEncodingError",
    "TransferSettings",
    "UnknownDatasetError",
    "WordPairs",
    "WrittenText",
    "cache_folder",
    "chosen_files",
    "data_folder",
    "data_mode",
    "download_file",
    "drop_unlikely",
    "fetch",
    "find_entry",
    "halves",
    "invented_pairs",
    "invented_text",
    "list_parallel",
    "load_analogies",
    "load_corpus",
    "load_labelled",
    "load_lexicon",
    "load_parallel",
    "load_phrases",
    "load_reviews",
    "load_similarity",
    "load_table",
    "mirror_folder",
    "path",
    "read_labelled_csv",
    "read_parallel",
    "registry",
    "simulate_census",
    "verify",
    "whereabouts",
    "write_text",
]
