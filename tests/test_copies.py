"""Wire copies share a citation, the newer of two figures is the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.citations import claim, verify_citation
from service.copies import find_quotation, story_bands, without_copies
from service.embeddings import BundledEmbedder
from service.library import Library, open_library
from service.questions import understand
from service.reading import load_reader
from service.records import Answer, Article, Filters
from service.signals import Reference, references
from service.spans import Span
from service.updates import first_published, moment, supersedes
from tests.conftest import candidates, passages

STORY = (
    "Banjir merendam Kecamatan Tanjung Sari sejak Senin malam setelah hujan lebat selama enam jam. "
    "Sebanyak 1.240 warga mengungsi ke dua gedung sekolah dan satu balai desa. "
    "Kepala badan penanggulangan bencana daerah Rahmat Hidayat mengatakan air mulai surut pada Selasa siang. "
    "Bantuan berupa selimut dan makanan siap saji sudah dikirim dari kota terdekat. "
)
WIRE = Article(
    id="wire",
    title="Banjir rendam Tanjung Sari",
    text=STORY,
    language="id",
    source="Kantor Berita",
    published="2024-02-06",
)
COPIES = tuple(
    replace(WIRE, id=f"copy-{i}", title=f"{lead} Tanjung Sari", text=text, source=source, published=day)
    for i, (lead, text, source, day) in enumerate(
        (
            (
                "Ribuan warga mengungsi di",
                f"TANJUNG SARI, Harian Timur - {STORY}",
                "Harian Timur",
                "2024-02-07",
            ),
            ("Hujan enam jam,", STORY.replace(". ", ".\n"), "Kabar Barat", "2024-02-06"),
            ("Air surut di", STORY + "\nBaca juga: Harga beras naik", "Warta Utara", "2024-02-08"),
            ("Banjir", STORY.split("Bantuan")[0], "Suara Selatan", "2024-02-07"),
        )
    )
)
UPDATE = replace(
    WIRE,
    id="update",
    title="Pengungsi banjir Tanjung Sari bertambah",
    text=STORY.replace("1.240 warga", "2.315 warga").replace("Senin malam", "Senin"),
    source="Kantor Berita",
    published="2024-02-09",
)
HARVEST = Article(
    id="harvest",
    title="Panen garam di Pulau Seruni",
    text="Petani garam Pulau Seruni memanen 90 ton garam pada Agustus. Harganya Rp 1.500 per kilogram.",
    language="id",
    source="Kantor Berita",
    published="2024-08-20",
)
HOW_MANY = "Berapa warga yang mengungsi karena banjir di Tanjung Sari?"


@pytest.fixture
def library(tmp_path: Path, bundled: BundledEmbedder) -> Iterator[Library]:
    """A story in five papers, and another one; every question is answered, however unsurely."""
    with open_library(tmp_path / "data", bundled, partial(load_reader, None, 0, 0.0)) as opened:
        opened.ingest.add([WIRE, *COPIES, HARVEST])
        opened.indexer.drain()
        yield opened


def ask(library: Library, question: str, filters: Filters | None = None) -> Answer:
    return library.engine(filters or Filters()).ask(question)


def test_copies_take_one_place_in_a_search_and_are_named(library: Library) -> None:
    found = library.searcher.search(HOW_MANY, limit=5)
    stories = [c.passage.article_id for c in found if c.passage.article_id != "harvest"]
    assert len(stories) == 1
    named = {copy.article_id for c in found for copy in c.copies}
    assert named | set(stories) == {"wire", *(c.id for c in COPIES)}
    assert [c.passage.article_id for c in found if c.copies] == stories


def test_one_citation_says_where_else_its_words_stand(library: Library) -> None:
    answer = ask(library, HOW_MANY)
    assert answer.status == "answered"
    (citation,) = answer.citations
    assert "1.240 warga" in citation.quote
    others = [citation.article_id, *(quoted.article_id for quoted in citation.also_in)]
    assert sorted(others) == ["copy-0", "copy-1", "copy-2", "copy-3", "wire"]
    days = [quoted.published for quoted in citation.also_in]
    assert days == sorted(days, key=str)
    for quoted in citation.also_in:
        assert verify_citation(library.catalog, claim(quoted)).valid
    assert not citation.older


def test_a_filter_holds_for_copies_too(library: Library) -> None:
    answer = ask(library, HOW_MANY, Filters(source=("Harian Timur", "Warta Utara")))
    (citation,) = answer.citations
    assert {citation.article_id, *(quoted.article_id for quoted in citation.also_in)} == {"copy-0", "copy-2"}


def test_a_copy_that_is_gone_or_changed_is_not_named(library: Library) -> None:
    library.ingest.delete("copy-1")
    library.ingest.add([replace(COPIES[2], text=STORY.replace("warga mengungsi ke", "warga pindah ke"))])
    library.indexer.drain()
    (citation,) = ask(library, HOW_MANY).citations
    assert {citation.article_id, *(q.article_id for q in citation.also_in)} == {"wire", "copy-0", "copy-3"}


def test_a_hundred_copies_do_not_hide_another_story(library: Library) -> None:
    library.ingest.add([replace(WIRE, id=f"many-{i}", title=f"Banjir {i}") for i in range(100)])
    library.indexer.drain()
    found = library.searcher.search("garam banjir Tanjung Sari", limit=5)
    assert "harvest" in [c.passage.article_id for c in found]
    assert len(found) <= 3  # the shortened copy may come first, and the whole story says more


def test_the_newer_figure_answers_and_the_older_is_shown_as_older(library: Library) -> None:
    library.ingest.add([UPDATE])
    library.indexer.drain()
    answer = ask(library, HOW_MANY)
    (citation,) = answer.citations
    assert citation.article_id == "update"
    assert "2.315 warga" in answer.answer
    assert "1.240" not in answer.answer
    assert answer.short_answer is not None
    assert "2.315" in answer.short_answer
    (old,) = citation.older
    assert "1.240 warga" in old.quote
    assert (old.published or "") < "2024-02-09"
    assert verify_citation(library.catalog, claim(old)).valid


def test_the_latest_name_answers_where_the_latest_is_asked_for(bilingual: Library) -> None:
    """Of two of one day, the one of the later hour."""
    for name, when, more in (
        ("Bayu Pratama", "2021-09-01", "Hujan turun sejak pagi dan perahu kedua terbalik di tikungan."),
        ("Rini Astuti", "2024-09-01T10:00+07:00", "Panitia meralat hasil yang diumumkan dua jam sebelumnya."),
        ("Galih Saputra", "2024-09-01T08:00+07:00", "Ribuan warga menonton dari jembatan kota lama."),
    ):
        text = f"{name} menjadi juara lomba dayung Sungai Mentaya. {more}"
        bilingual.ingest.add([Article(name, "Lomba dayung Sungai Mentaya", text, "id", published=when)])
    bilingual.indexer.drain()
    (citation,) = ask(bilingual, "Siapa juara terbaru lomba dayung Sungai Mentaya?").citations
    assert citation.article_id == "Rini Astuti"
    assert [old.article_id for old in citation.older] == ["Galih Saputra", "Bayu Pratama"]
    (citation,) = ask(bilingual, "Siapa juara lomba dayung Sungai Mentaya?").citations
    assert not citation.older


@pytest.mark.parametrize(
    "question", ["Apa menara tertinggi di Kalimantan?", "What is the tallest tower of Kalimantan?"]
)
def test_what_is_the_most_may_have_been_overtaken(bilingual: Library, question: str) -> None:
    for name, when, more in (
        ("Menara Kahayan", "2011-05-01", "Menara itu dibangun selama tiga tahun oleh pemerintah provinsi."),
        ("Menara Mentaya", "2023-05-01", "Menara Kahayan kini menjadi yang kedua tertinggi di Kalimantan."),
    ):
        text = f"{name} adalah menara tertinggi di Kalimantan. {more}"
        bilingual.ingest.add([Article(name, "Menara di Kalimantan", text, "id", published=when)])
    bilingual.indexer.drain()
    (best,) = bilingual.reader.read(question, bilingual.searcher.search(question), 1).evidence
    assert best.candidate.passage.article_id == "Menara Mentaya"
    assert best.sentences[0].start == 0
    assert [old.candidate.passage.article_id for old in best.older] == ["Menara Kahayan"]
    asked = "Apa yang dulu menara tertinggi di Kalimantan?"
    assert not any(
        e.older for e in bilingual.reader.read(asked, bilingual.searcher.search(asked), 1).evidence
    )


def test_a_later_hour_of_the_same_day_is_newer(bilingual: Library) -> None:
    for hours, expected in ((("06:00", "18:00"), "update"), (("18:00", "06:00"), "wire")):
        articles = (
            replace(article, published=f"2024-02-06T{hour}+07:00")
            for article, hour in zip((WIRE, UPDATE), hours, strict=True)
        )
        bilingual.ingest.add(list(articles))
        bilingual.indexer.drain()
        (citation,) = ask(bilingual, HOW_MANY).citations
        assert citation.article_id == expected
        assert len(citation.older) == 1


@pytest.mark.parametrize(
    "question",
    [
        "Berapa warga yang semula mengungsi karena banjir di Tanjung Sari?",
        "Berapa warga yang mengungsi karena banjir di Tanjung Sari pada 6 Februari 2024?",
    ],
)
def test_who_asks_for_the_earlier_figure_gets_it(library: Library, question: str) -> None:
    library.ingest.add([UPDATE])
    library.indexer.drain()
    answer = ask(library, question)
    assert not any(citation.older for citation in answer.citations)


def test_an_older_article_supersedes_nothing(library: Library) -> None:
    library.ingest.add([replace(UPDATE, published="2024-02-01")])
    library.indexer.drain()
    answer = ask(library, HOW_MANY)
    (citation,) = answer.citations
    assert "1.240 warga" in citation.quote
    assert [old.article_id for old in citation.older] == ["update"]


def test_articles_without_a_date_are_neither_newer_nor_older(library: Library) -> None:
    library.ingest.add([replace(UPDATE, published=None)])
    library.indexer.drain()
    assert not any(citation.older for citation in ask(library, HOW_MANY).citations)


def test_another_subject_is_no_update(library: Library) -> None:
    text = "Banjir merendam Kecamatan Kali Bening. Sebanyak 310 ternak mati karena banjir di Tanjung Sari."
    library.ingest.add([replace(UPDATE, text=text)])
    library.indexer.drain()
    (citation,) = ask(library, HOW_MANY).citations
    assert "1.240 warga" in citation.quote
    assert not citation.older


def test_over_http(client: httpx.Client) -> None:
    for article in (WIRE, COPIES[0], UPDATE):
        body = {
            "title": article.title, "text": article.text, "source": article.source,
            "published": article.published, "language": "id",
        }  # fmt: skip
        assert client.put(f"/v1/articles/{article.id}?wait=indexed", json=body).status_code == 201
    (citation,) = client.post("/v1/ask", json={"question": HOW_MANY}).json()["citations"]
    assert citation["article_id"] == "update"
    assert [old["quote"].split(" warga")[0] for old in citation["older"]] == ["Sebanyak 1.240"]
    sent = [{k: q[k] for k in ("article_id", "version", "start", "end", "quote")} for q in citation["older"]]
    verdicts = client.post("/v1/citations/verify", json={"citations": sent}).json()["citations"]
    assert verdicts == [{"valid": True, "reason": None}]
    found = client.post("/v1/search", json={"query": "Rahmat Hidayat air surut"}).json()["passages"]
    assert [len(p["also_in"]) for p in found if p["article_id"] in ("wire", "copy-0")] == [1]


def test_another_figure_or_language_or_a_longer_story_is_no_copy() -> None:
    longer = replace(WIRE, id="longer", text=STORY + "Jembatan di hulu sungai putus dan jalan desa tertutup.")
    other = replace(WIRE, id="other", language="en")
    for article in (UPDATE, other, longer):
        assert len(without_copies(candidates(WIRE, article))) == 2, article.id
    assert [c.passage.article_id for c in without_copies(candidates(longer, WIRE))] == ["longer"]


@pytest.mark.parametrize(
    ("words", "corrected"),
    [
        ("Rahmat Hidayat", "Bambang Hidayat"),
        ("sudah dikirim", "tidak dikirim"),
        ("mulai surut", "belum mulai surut"),
        ("selama enam jam", "selama sembilan jam"),
    ],
)
def test_a_correction_of_one_word_is_no_copy(words: str, corrected: str) -> None:
    story = STORY + "Warga diminta waspada karena hujan masih turun di hulu sungai sampai akhir pekan ini."
    assert words in story
    first = replace(WIRE, text=story)
    second = replace(WIRE, id="correction", text=story.replace(words, corrected), published="2024-02-07")
    for one, other in ((first, second), (second, first)):
        assert len(without_copies(candidates(one, other))) == 2
    assert len(without_copies(candidates(first, replace(second, text=story)))) == 1


def test_a_story_that_was_printed_again_is_no_newer() -> None:
    (kept,) = without_copies(candidates(replace(WIRE, id="again", published="2025-12-31"), WIRE, COPIES[0]))
    assert (kept.passage.article_id, first_published(kept)) == ("again", "2024-02-06")
    assert first_published(candidates(replace(WIRE, published=None))[0]) == ""


@pytest.mark.parametrize(
    ("newer", "older", "updates"),
    [
        ("10:30 WIB", "10.30 WIB", False),
        ("pukul 19:30", "pukul 19.30", False),
        ("pukul 7:30 malam", "pukul 19.30", False),
        ("3-5 Maret 2026", "3 Maret 2026", False),
        ("3 hingga 5 Maret 2026", "3 Maret 2026", False),
        ("3 dan 4 Maret 2026", "3 Maret 2026", False),
        ("14 Maret 2026", "12 Maret 2026", True),
        ("14-16 Maret 2026", "12-14 Maret 2026", True),
        ("pukul 20.00", "pukul 19.30", True),
        ("pukul 10.28", "pukul 10.30", True),
        ("pukul 7 malam", "pukul 7", False),
        ("pukul 7:30", "pukul 7:30 p.m.", False),
        ("pukul 8", "pukul 7 malam", True),
    ],
)
def test_the_same_time_in_another_notation_is_no_update(newer: str, older: str, updates: bool) -> None:
    assert is_update("Kapan rapat warga Tanjung Sari?", newer, older) is updates


@pytest.mark.parametrize(
    ("newer", "older", "updates"),
    [
        ("16,8 triliun rupiah", "Rp16,83 triliun", False),
        ("sekitar 1.000 orang", "1.024 orang", False),
        ("sekitar 300", "297", False),
        ("sekitar tiga ratus orang", "297 orang", False),
        ("lebih dari 600 orang", "602 orang", False),
        ("one and a half million", "1.5 million", False),
        ("£5m", "5 million pounds", False),
        ("5,0 persen", "5,02 persen", False),
        ("5,4 persen", "5,02 persen", True),
        ("US$6 juta", "5 juta dolar", True),
        ("US$5 juta", "5 juta dolar", False),
        ("602 orang", "sekitar 600 orang", True),  # the more exact one
        ("750 orang", "602 orang", True),
        ("750 orang", "lebih dari 600 orang", True),
        ("sekitar 500", "sekitar 300", True),
        ("lebih dari 600 orang", "540 orang", True),
        ("lebih dari 700 orang", "lebih dari 600 orang", True),
        ("1,3 juta orang", "1,25 juta orang", False),  # which may be that rounded
        # Another figure, though its digits could be a decimal that rounds to it.
        ("1.200 orang", "1.180 orang", True),
        ("12.500", "12.460", True),
        ("1,200 people", "1,180 people", True),
        ("Rp 16.300", "Rp 16.260", True),
        ("7.890", "7.886", True),
        ("kurang dari 50.000", "43", True),
    ],
)
def test_a_rounded_figure_is_no_update(newer: str, older: str, updates: bool) -> None:
    question = "Berapa yang tercatat dalam rapat warga Tanjung Sari?"
    assert is_update(question, newer, older) is updates
    # The words that say so may not be part of the answer.
    figure = newer.removeprefix("sekitar ").removeprefix("lebih dari ").removeprefix("kurang dari ")
    assert is_update(question, newer, older, figure) is updates


@pytest.mark.parametrize(
    ("newer", "older", "updates"),
    [
        ("naik Rp 350 ribu", "sebesar Rp 4,9 juta", False),
        ("turun sebesar Rp 400 miliar", "mencapai Rp 3,2 triliun", False),
        ("naik menjadi Rp 5,2 juta", "sebesar Rp 4,9 juta", True),
        ("naik 6 persen", "naik 5 persen", True),
        ("memeriksa 21 orang saksi", "ada 5 orang tewas", False),
        ("ada 5 orang tewas dan 21 orang luka", "ada 3 orang tewas", True),
        ("menewaskan 9 orang", "ada 5 orang tewas", True),
        ("ada 9 orang", "ada 5 orang tewas", True),
    ],
)
def test_a_change_or_a_count_of_others_is_no_update(newer: str, older: str, updates: bool) -> None:
    def figure(told: str) -> str:
        found = re.search(r"(?:Rp )?\d[\d,]*(?: \w+)?", told)
        assert found
        return found.group()

    question = "Berapa yang tercatat dalam rapat warga Tanjung Sari?"
    assert is_update(question, newer, older, figure(newer), figure(older)) is updates


def test_a_word_before_a_name_is_none_of_it() -> None:
    question = "Siapa pelatih terbaru dalam rapat warga Tanjung Sari?"
    assert not is_update(question, "di bawah Shin", "Shin Tae-yong", "Shin")
    assert is_update(question, "di bawah Patrick Kluivert", "Shin Tae-yong", "Patrick Kluivert")


def is_update(question: str, newer: str, older: str, newer_answer: str = "", older_answer: str = "") -> bool:
    """Whether a sentence of one day with an answer supersedes one of the day before."""
    asked = understand(question)

    def answered(day: int, told: str, answer: str) -> tuple[Reference, Span]:
        text = f"Rapat warga Tanjung Sari di balai desa itu tercatat {told}."
        article = Article(told, "Rapat", text, "id", published=f"2026-02-0{day}")
        (reference,) = references(asked, candidates(article))
        return reference, (text.index(answer), text.index(answer) + len(answer))

    return supersedes(
        asked, *answered(2, newer, newer_answer or newer), *answered(1, older, older_answer or older)
    )


MORNING, NIGHT = "2026-01-02T01:00:00+07:00", "2026-01-01T23:00:00-05:00"
"""The second is ten hours later, and its text comes before the first's."""


def test_a_moment_is_one_in_every_zone() -> None:
    dates = ["", "2026-01-01", MORNING, "2026-01-01T20:00", "2026-01-02", "2026-01-02T03:59Z", NIGHT]
    assert sorted(sorted(dates), key=moment) == dates
    assert moment("2026-01-02T00:00:00Z") == moment("2026-01-02") == moment("2026-01-02T07:00+07:00")
    (kept,) = without_copies(
        candidates(replace(WIRE, id="a", published=NIGHT), replace(WIRE, published=MORNING))
    )
    assert first_published(kept) == MORNING


def test_the_newest_of_several_is_told_by_the_moment_and_not_by_its_text(library: Library) -> None:
    """Whichever of them answers best."""
    figures = {"1.780": "2026-01-01T09:00+07:00", "2.315": MORNING, "2.904": NIGHT}
    for _ in figures:
        updates = (
            replace(UPDATE, id=figure, text=UPDATE.text.replace("2.315", figure), published=published)
            for figure, published in figures.items()
        )
        library.ingest.add(list(updates))
        library.indexer.drain()
        (citation,) = ask(library, HOW_MANY).citations
        newest, older, oldest = sorted(figures, key=lambda figure: moment(figures[figure]), reverse=True)
        assert citation.article_id == newest
        assert [old.article_id for old in citation.older][:2] == [older, oldest]
        first, *others = figures.values()
        figures = dict(zip(figures, [*others, first], strict=True))


def test_passages_of_one_article_are_no_copies_of_each_other() -> None:
    (one,) = candidates(WIRE)
    again = replace(one, passage=replace(one.passage, id="again"))
    assert without_copies([one, again]) == [one, again]


def test_short_passages_are_compared_with_nothing() -> None:
    short = replace(WIRE, text="Ia menolak berkomentar tentang hal itu.")
    assert len(without_copies(candidates(short, replace(short, id="other")))) == 2
    assert story_bands(passages(short)) == ()


def test_bands_find_copies_and_not_other_stories() -> None:
    bands = set(story_bands(passages(WIRE)))
    assert len(bands) == 16
    assert all(-(2**63) <= band < 2**63 for band in bands)
    for copy in COPIES:
        assert bands & set(story_bands(passages(copy))), copy.id
    assert not bands & set(story_bands(passages(HARVEST)))


@given(
    st.lists(st.text("abc.,", min_size=1, max_size=4), min_size=1, max_size=6), st.text(" \n\t", min_size=1)
)
def test_a_quotation_is_found_whatever_the_white_space(words: list[str], space: str) -> None:
    text = f"x {space.join(words)} y"
    place = find_quotation(" ".join(words), text)
    assert place is not None
    assert text[slice(*place)].split() == words


@pytest.mark.parametrize("text", ["Sebanyak 1.240 wargakota mengungsi.", "", "sebanyak 1.240 warga"])
def test_other_words_are_not_found(text: str) -> None:
    assert find_quotation("Sebanyak 1.240 warga", text) is None


def test_catalogs_from_before_are_banded_when_they_are_opened(
    tmp_path: Path, bundled: BundledEmbedder
) -> None:
    with open_library(tmp_path, bundled) as opened:
        opened.ingest.add([WIRE, COPIES[0]])
        with opened.catalog._transaction() as db:
            db.execute("DELETE FROM story_bands")
            db.execute("INSERT INTO meta VALUES ('bands_due', '')")
        assert opened.catalog.related("wire", Filters(), 10) == []
    with open_library(tmp_path, bundled) as opened:
        assert opened.catalog.related("wire", Filters(), 10) == ["copy-0"]
        assert opened.catalog.get_meta("bands_due") is None
        opened.ingest.delete("copy-0")
        assert opened.catalog.related("wire", Filters(), 10) == []
