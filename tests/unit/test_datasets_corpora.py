"""Running text is read from archives or files, bit by bit, and written to a file whole or not at all."""

from __future__ import annotations

import gzip
import io
import itertools
import lzma
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from datasets_support import closed_address, entry, file_entry, isolate, use_registry

from embedbook.datasets import Corpus, DataError, TextEncodingError, load_corpus, write_text
from embedbook.datasets.archives import read_members

WIKI_00 = (
    '<doc id="12" url="http://en.wikipedia.org/wiki?curid=12" title="Cats">\nCats\n\nA cat is small; it isn\'t a dog.\n'
    'Cats purr<ref name="a"> &mdash; often.\n\n</doc>\n'
    '<doc id="13" url="x" title="Dogs">\nDogs\n\n* * *\nx < y and y > z\u2028here.\n</doc>\n'
)
WIKI_01 = '<doc id="14" url="x" title="Müsli">\nMüsli\n\n</doc>\n'
WIKI_SENTENCES = [
    ["cats"],
    ["a", "cat", "is", "small", "it", "is", "n't", "a", "dog"],
    ["cats", "purr", "mdash", "often"],
    ["dogs"],
    ["x", "y", "and", "y", "z", "here"],
    ["müsli"],
]
REVIEWS = {
    "aclImdb/README": "no review",
    "aclImdb/test/pos/0_10.txt": "never seen",
    "aclImdb/train/neg/0_3.txt": "Bad.<br /><br />Really\nbad!",
    "aclImdb/train/pos/12_9.txt": "Good.",
    "aclImdb/train/pos/urls.txt": "http://example.org",
    "aclImdb/train/unsup/7_0.txt": "So so.",
}


def packed(members: dict[str, str | bytes], pack: Callable[[bytes], bytes] = lzma.compress) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return pack(out.getvalue())


def know(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, files: dict[str, bytes]) -> None:
    isolate(monkeypatch, folder)
    monkeypatch.setenv("EMBEDBOOK_MIRROR", str(folder))
    for place, content in files.items():
        (folder / place).parent.mkdir(exist_ok=True, parents=True)
        (folder / place).write_bytes(content)
    entries = [file_entry(place, content, closed_address()) for place, content in files.items()]
    use_registry(monkeypatch, entry(name, *entries, kind="corpus"))


def wiki(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Corpus:
    archives = {
        "enwiki-2015/a.tar.xz": packed({"text/AA/wiki_00": WIKI_00, "text/AA/notes": "not read"}),
        "enwiki-2015/b.tar.xz": packed({"text/AB/wiki_01": WIKI_01}),
    }
    know(monkeypatch, folder, "enwiki-2015", archives)
    return load_corpus("enwiki-2015", mode="real")


def mine(*paragraphs: str, **options: bool) -> Corpus:
    return Corpus("mine", "My <text>", "real", "Somebody & others", "CC0", lambda: iter(paragraphs), **options)


def members(file: Path, **options: int) -> list[tuple[str, bytes]]:
    return list(read_members(file, lambda path: path.endswith(".txt"), **options))


# --- The corpora -----------------------------------------------------------------------------------------------------


def test_wikipedia_is_its_paragraphs_without_markup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    corpus = wiki(monkeypatch, tmp_path)
    assert list(corpus.sentences()) == WIKI_SENTENCES
    assert (corpus.name, corpus.origin, corpus.licence) == ("enwiki-2015", "real", "CC0")
    # As often as wanted: gensim goes through it once an epoch.
    assert list(corpus) == list(corpus) == WIKI_SENTENCES


def test_the_shards_give_what_the_archives_give(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shards = {
        "enwiki-2015/text/AA/wiki_00": WIKI_00.encode(),
        "enwiki-2015/text/AB/wiki_01": WIKI_01.encode(),
    }
    know(monkeypatch, tmp_path, "enwiki-2015", shards)
    assert list(load_corpus("enwiki-2015")) == WIKI_SENTENCES


def test_punctuation_is_kept_when_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wiki(monkeypatch, tmp_path)
    sentences = list(load_corpus("enwiki-2015", words_only=False))
    assert sentences[1] == ["a", "cat", "is", "small", ";", "it", "is", "n't", "a", "dog", "."]
    assert ["*", "*", "*"] in sentences


@pytest.mark.parametrize(("pack", "ending"), [(lzma.compress, "tar.xz"), (gzip.compress, "tar.gz")])
def test_imdb_is_its_reviews_without_the_test_reviews(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pack: Callable[[bytes], bytes], ending: str
) -> None:
    know(monkeypatch, tmp_path, "imdb", {f"imdb/all.{ending}": packed(REVIEWS, pack)})
    corpus = load_corpus("imdb")
    assert list(corpus.sentences()) == [["bad", "really", "bad"], ["good"], ["so", "so"]]
    assert next(corpus.paragraphs()) == "Bad.  Really bad!"


def test_the_sample_is_the_reviews_written_for_this_book(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate(monkeypatch, tmp_path)
    for name in ("enwiki-2015", "imdb"):
        corpus = load_corpus(name, mode="sample")
        assert (corpus.name, corpus.origin) == ("sample", "sample")
        sentences = list(corpus.sentences())
        assert len(sentences) == 2040
        assert sentences[0][:3] == ["an", "unforgettable", "evening"]


def test_without_network_auto_takes_the_sample_and_real_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    isolate(monkeypatch, tmp_path)
    monkeypatch.setattr("embedbook.datasets.download.time.sleep", lambda seconds: None)
    use_registry(
        monkeypatch,
        entry("imdb", file_entry("imdb/x.tar.xz", b"x", None), kind="corpus"),
        entry("mr", file_entry("mr/x", b"x", closed_address())),
    )
    assert load_corpus("imdb").name == "sample"
    with pytest.raises(DataError, match=r"x\.tar\.xz has no public address"):
        load_corpus("imdb", mode="real")
    with pytest.raises(DataError, match="'mr' holds labelled texts, not corpus"):
        load_corpus("mr")
    with pytest.raises(DataError, match="no data set is called 'imbd'"):
        load_corpus("imbd")


def test_a_text_that_is_not_utf_8_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    know(monkeypatch, tmp_path, "imdb", {"imdb/all.tar.xz": packed({"aclImdb/train/pos/0_9.txt": b"caf\xe9"})})
    with pytest.raises(TextEncodingError, match=r"all\.tar\.xz, aclImdb/train/pos/0_9\.txt, line 1, byte 4"):
        list(load_corpus("imdb"))


def test_an_archive_of_something_else_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    know(monkeypatch, tmp_path, "imdb", {"imdb/all.tar.xz": packed({"text/AA/wiki_00": "x"})})
    with pytest.raises(DataError, match=r"all\.tar\.xz: holds no member like aclImdb"):
        list(load_corpus("imdb"))


def test_the_badge_tells_which_text_it_is() -> None:
    badge = mine("a")._repr_html_()
    assert 'class="data-badge data-badge--real"' in badge
    assert "My &lt;text&gt;" in badge
    assert "Somebody &amp; others" in badge
    assert repr(mine("a")) == "Corpus('mine': real; My <text>)"


def test_a_corpus_that_can_be_read_only_once_is_refused() -> None:
    with pytest.raises(DataError, match="paragraphs must be a function that gives a fresh iterator"):
        Corpus("mine", "Mine", "real", "none", "CC0", iter(["a"]))  # type: ignore[arg-type]
    with pytest.raises(DataError, match="origin 'found' is neither"):
        Corpus("mine", "Mine", "found", "none", "CC0", lambda: iter(["a"]))  # type: ignore[arg-type]


# --- Writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_a_corpus_is_written_a_paragraph_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: int) -> None:
    monkeypatch.setattr("embedbook.datasets.corpora._CHUNK", 30)
    file = tmp_path / "text.txt"
    paragraphs = [f"Line {number}: the cat's mat." for number in range(50)]
    assert write_text(mine(*paragraphs, "...", ""), file, workers=workers) == (50, 300)
    expected = "".join(f"line {number} the cat 's mat\n" for number in range(50))
    assert file.read_bytes() == expected.encode()
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("limit", "text"), [(1, "a\n"), (2, "a b\n"), (3, "a b\nc\n"), (9, "a b\nc d\n")])
def test_writing_stops_at_the_limit(tmp_path: Path, limit: int, text: str) -> None:
    file = tmp_path / "text.txt"
    written = write_text(mine("A b.", "C d!"), file, limit)
    assert file.read_text(encoding="utf-8") == text
    assert written == (text.count("\n"), len(text.split()))


def test_stopping_early_with_two_workers_is_quiet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setattr("embedbook.datasets.corpora._CHUNK", 30)
    endless = Corpus("mine", "Mine", "real", "none", "CC0", lambda: itertools.repeat("over and over again"))
    assert write_text(endless, tmp_path / "text.txt", 1000, workers=2) == (250, 1000)
    assert not [warning for warning in recwarn if "task" in str(warning.message)]


def test_progress_is_shown_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_text(mine("a b c"), tmp_path / "text.txt", progress=True)
    assert "mine: 3.00 tokens" in capsys.readouterr().err
    write_text(mine("a b c"), tmp_path / "text.txt")
    assert capsys.readouterr().err == ""


def test_what_goes_wrong_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("old", encoding="utf-8")

    def broken() -> Iterator[str]:
        yield "one"
        raise DataError("the archive is cut off")

    with pytest.raises(DataError, match="cut off"):
        write_text(Corpus("mine", "Mine", "real", "none", "CC0", broken), file)
    with pytest.raises(DataError, match="mine: holds no token"):
        write_text(mine("...", "!"), file)
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for target in (tmp_path / "nowhere" / "text.txt", tmp_path):
        with pytest.raises(DataError, match="cannot be written"):
            write_text(mine("a"), target)


@pytest.mark.parametrize("value", [0, -1, 1.5, True])
def test_a_wrong_number_is_refused(tmp_path: Path, value: int) -> None:
    with pytest.raises(DataError, match="limit_tokens must be a whole number"):
        write_text(mine("a"), tmp_path / "text.txt", value)
    with pytest.raises(DataError, match="workers must be a whole number"):
        write_text(mine("a"), tmp_path / "text.txt", workers=value)


# --- Archives --------------------------------------------------------------------------------------------------------


def archive_of(folder: Path, *infos: tarfile.TarInfo, content: bytes = b"text") -> Path:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(content[: info.size]) if info.isreg() else None)
    file = folder / "archive.tar.xz"
    file.write_bytes(lzma.compress(out.getvalue()))
    return file


def info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 4) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, size if kind == tarfile.REGTYPE else 0
    return made


def test_members_come_in_their_order(tmp_path: Path) -> None:
    file = archive_of(tmp_path, info("b", tarfile.DIRTYPE), info("./b/z.txt"), info("b/no.csv"), info("a.txt"))
    assert members(file) == [("b/z.txt", b"text"), ("a.txt", b"text")]


@pytest.mark.parametrize("name", ["/etc/a.txt", "../a.txt", "b/../../a.txt", "..\\a.txt", "/etc/passwd"])
def test_a_path_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="points outside the archive"):
        members(archive_of(tmp_path, info("good.txt"), info(name)))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_link_or_device_is_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(DataError, match=r"a\.txt is a link or a device"):
        members(archive_of(tmp_path, info("secret"), info("a.txt", kind, "secret")))


def test_a_member_that_is_too_large_is_refused(tmp_path: Path) -> None:
    file = archive_of(tmp_path, info("a.txt", size=100), content=bytes(100))
    assert members(file, member_bytes=100) == [("a.txt", bytes(100))]
    with pytest.raises(DataError, match=r"a\.txt has 100 bytes, more than the 99"):
        members(file, member_bytes=99)


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedbook.datasets.archives._FREE_BYTES", 100_000)
    file = archive_of(tmp_path, info("big", size=3_000_000), info("a.txt"), content=bytes(3_000_000))
    with pytest.raises(DataError, match="looks like a bomb"):
        members(file)


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress])
def test_an_archive_that_is_cut_off_is_an_error(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    # Bytes without a pattern, so that a cut in the packed file is a cut in the members.
    whole = packed({f"{number}.txt": bytes((i * i * number) % 251 for i in range(5000)) for number in range(20)}, pack)
    file = tmp_path / "archive"
    file.write_bytes(whole)
    assert len(members(file)) == 20
    for length in (len(whole) // 2, len(whole) - 10, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(DataError, match="seems cut off or damaged"):
            members(file)


@pytest.mark.parametrize("content", [b"", b"no archive", lzma.compress(b"no tar"), gzip.compress(b"x" * 5000, mtime=0)])
def test_what_is_no_archive_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(DataError, match=r"archive: (is no tar|cannot be read)"):
        members(tmp_path / "archive")


def test_many_members_take_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "archive"
    file.write_bytes(packed({f"{number}.txt": "x" * 600 for number in range(4000)}, gzip.compress))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_members(file, lambda path: True)) == 4000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # All 4,000 descriptions would take 4 MB.
    assert peak < 1_000_000


# --- The real data ---------------------------------------------------------------------------------------------------


def test_the_first_shard_of_the_real_wikipedia(mirror: Path) -> None:
    corpus = load_corpus("enwiki-2015", mode="real")
    first = list(itertools.islice(corpus.sentences(), 300))
    assert first[0] == ["anarchism"]
    assert first[1][:8] == ["anarchism", "is", "a", "political", "philosophy", "that", "advocates", "stateless"]
    assert not any("doc" in sentence[:1] for sentence in first)
    _, content = next(
        read_members(mirror / "enwiki-2015" / "enwiki_text_AC.tar.xz", lambda path: path.endswith("wiki_00"))
    )
    assert content.startswith(b"<doc id=")


def test_the_real_imdb_has_75000_reviews(mirror: Path) -> None:
    assert sum(1 for _ in load_corpus("imdb", mode="real").paragraphs()) == 75_000
