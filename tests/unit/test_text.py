"""Tokens like the Penn Treebank's, a vocabulary with two special ids, padding with zeros on the right."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embedbook.text import Coverage, Vocabulary, encode_texts, pad, tokenize

TOKEN_LISTS = [["a", "good", "film"], ["a", "bad", "film"], ["a", "very", "bad", "idea"]]


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.fit(TOKEN_LISTS)


# --- Tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A good film.", "a good film ."),
        ("I don't, it's, we can't, you won't", "i do n't , it 's , we ca n't , you wo n't"),
        ("she'd've said they're what I'm and we'll", "she 'd 've said they 're what i 'm and we 'll"),
        ("The film's and the films' ends", "the film 's and the films ' ends"),
        ("o'clock and O'Brien's rock'n'roll", "o'clock and o'brien 's rock'n'roll"),
        ("it does n't 's", "it does n't 's"),
        ("10 films, 1,000.50 dollars, 9/11, the 21st, 2.5m", "10 films , 1,000.50 dollars , 9/11 , the 21st , 2.5m"),
        ("In 1999. The '70s!", "in 1999 . the '70s !"),
        ("a well-known 100-minute what-if -- really", "a well-known 100-minute what-if -- really"),
        ("the U.S. and Mr. Bean, e.g. here", "the u.s. and mr. bean , e.g. here"),
        ("wait.... well… what?!", "wait ... well ... what ? !"),
        ("writer/director (b&w) $9 #9 [it's]", "writer / director ( b & w ) $ 9 # 9 [ it 's ]"),
        ("``so'' “he” said: ‘don’t’", '" so " " he " said : \' do n\'t \''),
        ("-LRB- and\\/or -RRB-", "( and / or )"),
        ("Crème brûlée, naïve café's, STRASSE, straße", "crème brûlée , naïve café 's , strasse , straße"),
        ("Привет, мир! 映画 नमस्ते İstanbul", "привет , мир ! 映画 नमस्ते i̇stanbul"),
        ("one\u0096two\x85three\u200bfour co\u00adop\ufeff", "one two three four coop"),
        ("snake_case", "snake _ case"),
    ],
)
def test_tokens(text, tokens):
    assert tokenize(text) == tokens.split()


def test_composed_and_decomposed_letters_are_the_same_word():
    assert tokenize("cafe\u0301") == tokenize("caf\u00e9") == ["caf\u00e9"]


@pytest.mark.parametrize("text", ["", "   \n\t", "\x96\x85", "\u200b\ufeff"])
def test_nothing_gives_no_token(text):
    assert tokenize(text) == []


@pytest.mark.parametrize("value", [None, float("nan"), 3, b"film", ["film"]])
def test_only_strings_are_texts(value):
    with pytest.raises(ValueError, match="needs a string"):
        tokenize(value)


ENGLISH_PIECES = ["don", "n't", "'", "''", "`", "s", "ll", "-", "--", "lrb", ".", "..", "1", "9", ",", "/", "\\", "*"]
ENGLISH_PIECES += [
    " ",
    "mr",
    "mr.",
    "u",
    "u.s",
    "'70s",
    "can",
    "it",
    "’",
    "“",
    "…",
    "é",
    "\u0301",
    "\u0307",
    "İ",
    "K",
    "_",
]


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(ENGLISH_PIECES), max_size=12).map("".join)))
@example("a-n't 1.5n't n'tn't n't's ''' '''' -lrb--rrb- u.s.'s mr.s 1.a.b. st.s")
@example("\u212a \u03a3\u0345 \u0130\u0307 \u00df\u0301 \u1e9e")
def test_splitting_twice_changes_nothing(text):
    tokens = tokenize(text)
    assert tokenize(" ".join(tokens)) == tokens
    assert not any(character.isspace() for token in tokens for character in token)


# --- Vocabulary ------------------------------------------------------------------------------------------------------


def test_words_are_ordered_by_frequency_then_alphabet(vocabulary):
    assert vocabulary.words == ("a", "bad", "film", "good", "idea", "very")
    assert vocabulary.counts == (3, 2, 2, 1, 1, 1)
    assert len(vocabulary) == 8


def test_ids_start_after_the_special_ones(vocabulary):
    assert (Vocabulary.PADDING, Vocabulary.OOV) == (0, 1)
    assert vocabulary.id_of("a") == 2
    assert vocabulary.id_of("unheard-of") == Vocabulary.OOV
    assert [vocabulary.word_of(number) for number in range(4)] == ["<pad>", "<oov>", "a", "bad"]
    assert "film" in vocabulary
    assert "unheard-of" not in vocabulary
    assert "<pad>" not in vocabulary


def test_encoding_and_decoding(vocabulary):
    ids = vocabulary.encode(["a", "dull", "film"])
    assert ids == [2, 1, 4]
    assert vocabulary.decode(ids) == ["a", "<oov>", "film"]
    assert vocabulary.decode(np.array([[2, 0]], dtype=np.int32)[0]) == ["a", "<pad>"]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=6).filter(any))
def test_every_known_word_comes_back(token_lists):
    vocabulary = Vocabulary.fit(token_lists)
    for tokens in token_lists:
        assert vocabulary.decode(vocabulary.encode(tokens)) == tokens
    assert vocabulary.coverage(token_lists) == Coverage(1.0, 1.0)
    assert list(vocabulary.counts) == sorted(vocabulary.counts, reverse=True)


def test_limits():
    assert Vocabulary.fit(TOKEN_LISTS, max_words=2).words == ("a", "bad")
    assert Vocabulary.fit(TOKEN_LISTS, min_count=2).words == ("a", "bad", "film")
    assert Vocabulary.fit(iter(TOKEN_LISTS), min_count=3, max_words=5).words == ("a",)


def test_coverage(vocabulary):
    by_type, by_token = vocabulary.coverage([["a", "a", "a", "dull"], ["dull", "thing"]])
    assert by_type == pytest.approx(1 / 3)
    assert by_token == pytest.approx(3 / 6)
    with pytest.raises(ValueError, match="no token"):
        vocabulary.coverage([[], []])


@pytest.mark.parametrize(("token_lists", "options"), [([], {}), ([[], []], {}), (TOKEN_LISTS, {"min_count": 4})])
def test_an_empty_vocabulary_is_refused(token_lists, options):
    with pytest.raises(ValueError, match="no word is left"):
        Vocabulary.fit(token_lists, **options)


@pytest.mark.parametrize("options", [{"max_words": 0}, {"min_count": 0}, {"min_count": 1.5}, {"max_words": True}])
def test_limits_must_be_whole_numbers(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Vocabulary.fit(TOKEN_LISTS, **options)


def test_a_string_is_not_a_list_of_tokens(vocabulary):
    with pytest.raises(ValueError, match="tokenize first"):
        Vocabulary.fit("a film")
    with pytest.raises(ValueError, match="token list 1 is a string"):
        Vocabulary.fit([["a"], "film"])
    with pytest.raises(ValueError, match="tokenize first"):
        vocabulary.encode("a film")


@pytest.mark.parametrize("number", [-1, 8, 10**9])
def test_ids_out_of_range_are_refused(vocabulary, number):
    with pytest.raises(ValueError, match=f"id {number} is not in this vocabulary; its ids run from 0 to 7"):
        vocabulary.word_of(number)
    with pytest.raises(ValueError, match=f"id {number} "):
        vocabulary.decode([2, number])


@pytest.mark.parametrize(
    ("words", "counts", "message"),
    [
        ((), (), "at least one word"),
        (("a", "a"), (1, 1), "'a' more than once"),
        (("a", ""), (1, 1), "at least one character"),
        (("<oov>",), (1,), "special"),
        (("a", "b"), (1,), "1 entries for 2 words"),
        (("a",), (-1,), "whole numbers"),
    ],
)
def test_a_vocabulary_is_checked(words, counts, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary(words=words, counts=counts)


def test_saving_and_loading(vocabulary, tmp_path):
    path = tmp_path / "vocabulary.json"
    path.write_text("something old")
    vocabulary.save(path)
    loaded = Vocabulary.load(path)
    assert loaded == vocabulary
    assert loaded.encode(["a", "dull", "film"]) == vocabulary.encode(["a", "dull", "film"])
    assert [file.name for file in tmp_path.iterdir()] == ["vocabulary.json"]


def test_a_failed_save_leaves_nothing(vocabulary, tmp_path, monkeypatch):
    path = tmp_path / "vocabulary.json"
    vocabulary.save(path)
    before = path.read_text()

    def full_disk(self, target):
        raise OSError("no space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full_disk)
    with pytest.raises(OSError, match="no space left"):
        Vocabulary.fit([["other"]]).save(path)
    assert path.read_text() == before
    assert [file.name for file in tmp_path.iterdir()] == ["vocabulary.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1, 2]",
        b'{"words": ["a"]}',
        json.dumps({"words": ["a", "a"], "counts": [1, 1]}).encode(),
        json.dumps({"words": [1], "counts": [1]}).encode(),
    ],
)
def test_a_broken_file_is_named(content, tmp_path):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.json is not a saved vocabulary"):
        Vocabulary.load(path)


# --- Arrays ----------------------------------------------------------------------------------------------------------


def test_padding_is_on_the_right():
    padded = pad([[2, 3, 4], [5], []])
    assert padded.dtype == np.int32
    assert padded.tolist() == [[2, 3, 4], [5, 0, 0], [0, 0, 0]]


def test_a_given_length_pads_and_cuts():
    assert pad([[2, 3, 4], [5]], length=2).tolist() == [[2, 3], [5, 0]]
    assert pad([[2, 3, 4], [5]], length=4).tolist() == [[2, 3, 4, 0], [5, 0, 0, 0]]


def test_padding_refuses_nonsense():
    with pytest.raises(ValueError, match="no sequences"):
        pad([])
    for length in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match="length"):
            pad([[2]], length=length)
    for bad in ([-1], [1.5], ["a"], [[1, 2]], [2**31]):
        with pytest.raises(ValueError, match="sequence 1 "):
            pad([[2], bad])


def test_texts_become_rows_of_ids(vocabulary):
    rows = encode_texts(["A good film!", "Bad"], vocabulary)
    assert rows.tolist() == [[2, 5, 4, 1], [3, 0, 0, 0]]
    assert encode_texts(["A good film!"], vocabulary, length=2).tolist() == [[2, 5]]


def test_empty_texts_are_named_or_become_one_unknown_word(vocabulary):
    texts = ["a film", "", "bad", " \n"]
    with pytest.raises(ValueError, match=r"2 of 4 texts have no token \(rows 1, 3\).*empty=\"oov\""):
        encode_texts(texts, vocabulary)
    assert encode_texts(texts, vocabulary, empty="oov").tolist() == [[2, 4], [1, 0], [3, 0], [1, 0]]


def test_many_empty_texts_make_a_short_message(vocabulary):
    with pytest.raises(ValueError, match=r"rows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …\)"):
        encode_texts([""] * 500, vocabulary)


def test_bad_texts_are_refused(vocabulary):
    with pytest.raises(ValueError, match="not one string"):
        encode_texts("a film", vocabulary)
    with pytest.raises(ValueError, match="text 1 is nan"):
        encode_texts(["a film", float("nan")], vocabulary)
    with pytest.raises(ValueError, match="no texts"):
        encode_texts([], vocabulary)
    with pytest.raises(ValueError, match="empty must be"):
        encode_texts(["a film"], vocabulary, empty="drop")
