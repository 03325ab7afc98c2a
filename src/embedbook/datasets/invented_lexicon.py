"""The words of the small English behind the invented languages: what they mean together decides which of them meet."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ADJECTIVES", "ADVERBS", "CONNECTIVES", "INTRANSITIVES", "NOUNS", "PLACES", "TRANSITIVES", "Verb"]


class Verb(NamedTuple):
    """A verb with its English forms and the kinds of nouns that it takes.

    Parameters
    ----------
    base, third, past : str
        "eat", "eats", "ate".
    subjects, objects : tuple of str
        Kinds of nouns, keys of `NOUNS`; no objects for an intransitive verb.
    """

    base: str
    third: str
    past: str
    subjects: tuple[str, ...]
    objects: tuple[str, ...] = ()


#: Nouns by kind; the plural is written where it is not the singular and "s". The first ones are drawn most often.
NOUNS: dict[str, tuple[tuple[str, str], ...]] = {
    kind: tuple((noun, plural or f"{noun}s") for noun, _, plural in (word.partition("/") for word in words.split()))
    for kind, words in {
        "person": "woman/women man/men child/children farmer teacher girl boy baker nurse sailor doctor singer painter "
        "student king queen soldier miller tailor shepherd widow",
        "animal": "dog cat horse cow bird hen goat sheep/sheep mouse/mice fox/foxes wolf/wolves goose/geese bear duck "
        "rabbit owl donkey",
        "food": "apple pear egg onion bean cake loaf/loaves cheese carrot potato/potatoes plum pie sausage nut melon",
        "drink": "tea coffee milk water wine beer juice soup cider",
        "clothing": "coat hat shirt shoe dress/dresses glove scarf/scarves boot belt apron cap sock",
        "tool": "hammer rope knife/knives basket ladder bucket brush/brushes spade saw needle lamp broom hook",
        "vehicle": "boat cart train bicycle ship wagon bus/buses car sledge",
    }.items()
}

#: Places, which follow "in", "near" and "behind".
PLACES = tuple(
    "house garden market river forest village school bridge harbour field church kitchen hill town mill castle".split()
)

#: Adjectives by the kind of noun that they fit.
ADJECTIVES: dict[str, tuple[str, ...]] = {
    "person": tuple("old young happy tired kind brave poor clever proud shy".split()),
    "animal": tuple("small big hungry black white wild tame brown lazy quick".split()),
    "food": tuple("sweet fresh ripe big small cold stale sour".split()),
    "drink": tuple("cold hot warm fresh strong sweet weak".split()),
    "clothing": tuple("red blue new old warm green torn wet".split()),
    "tool": tuple("old heavy new sharp long rusty broken".split()),
    "vehicle": tuple("new red slow old fast heavy empty".split()),
}

#: Verbs with an object.
TRANSITIVES = (
    Verb("see", "sees", "saw", ("person", "animal"), ("person", "animal", "vehicle", "clothing", "tool", "food")),
    Verb("eat", "eats", "ate", ("person", "animal"), ("food",)),
    Verb("drink", "drinks", "drank", ("person", "animal"), ("drink",)),
    Verb("buy", "buys", "bought", ("person",), ("food", "clothing", "tool", "vehicle", "animal", "drink")),
    Verb("carry", "carries", "carried", ("person",), ("tool", "food", "clothing")),
    Verb("wear", "wears", "wore", ("person",), ("clothing",)),
    Verb("feed", "feeds", "fed", ("person",), ("animal",)),
    Verb("sell", "sells", "sold", ("person",), ("food", "clothing", "tool", "vehicle", "animal")),
    Verb("chase", "chases", "chased", ("animal",), ("animal",)),
    Verb("drive", "drives", "drove", ("person",), ("vehicle",)),
    Verb("cook", "cooks", "cooked", ("person",), ("food",)),
    Verb("pour", "pours", "poured", ("person",), ("drink",)),
    Verb("repair", "repairs", "repaired", ("person",), ("vehicle", "tool")),
    Verb("wash", "washes", "washed", ("person",), ("clothing", "animal")),
    Verb("fear", "fears", "feared", ("animal", "person"), ("animal",)),
    Verb("visit", "visits", "visited", ("person",), ("person",)),
    Verb("lose", "loses", "lost", ("person",), ("clothing", "tool")),
    Verb("smell", "smells", "smelled", ("animal",), ("food",)),
    Verb("thank", "thanks", "thanked", ("person",), ("person",)),
    Verb("spill", "spills", "spilled", ("person",), ("drink",)),
)

#: Verbs without an object.
INTRANSITIVES = (
    Verb("sleep", "sleeps", "slept", ("animal", "person")),
    Verb("wait", "waits", "waited", ("person",)),
    Verb("run", "runs", "ran", ("animal", "person")),
    Verb("sing", "sings", "sang", ("person",)),
    Verb("laugh", "laughs", "laughed", ("person",)),
    Verb("hide", "hides", "hid", ("animal",)),
    Verb("stop", "stops", "stopped", ("vehicle",)),
    Verb("rest", "rests", "rested", ("person", "animal")),
    Verb("arrive", "arrives", "arrived", ("vehicle", "person")),
    Verb("whistle", "whistles", "whistled", ("person",)),
)

ADVERBS = tuple("today often now again slowly quietly here alone".split())
CONNECTIVES = ("and", "but")
