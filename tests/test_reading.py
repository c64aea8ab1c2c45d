from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from service.errors import ModelUnavailable
from service.extraction import ReadText, SpanModel, SpanScores
from service.library import Library
from service.models import READER
from service.questions import Question, understand
from service.reading import (
    Scored,
    SpanReader,
    load_reader,
    quoted,
    read_calibration,
    whole_words,
    with_context,
)
from service.records import Article, Reading
from service.signals import SIGNALS, references
from tests.conftest import BRIDGE, candidates


def read(library: Library, question: str, limit: int = 6) -> Reading:
    return library.reader.read(question, library.searcher.search(question), limit)


def texts(reading: Reading) -> list[str]:
    return [e.candidate.passage.slice(e.sentences[0].start, e.sentences[-1].end) for e in reading.evidence]


@pytest.mark.parametrize(
    ("question", "sentence", "short"),
    [
        ("Siapa yang membuka Jembatan Kahayan Baru?", "Gubernur Sari Wulandari", "Gubernur Sari Wulandari"),
        ("Kapan Jembatan Kahayan Baru dibuka?", "pada 3 Maret 2024", "3 Maret 2024"),
        ("Berapa pedagang yang pindah?", "Sebanyak 412 pedagang", "412"),
        ("Who built the lighthouse in 1874?", "engineer Owen Pryce", None),
        ("When did Martha Quill retire?", "She retired on 2 June 2022", "2 June 2022"),
    ],
)
def test_the_sentence_that_answers(
    bilingual: Library, question: str, sentence: str, short: str | None
) -> None:
    reading = read(bilingual, question)
    assert sentence in texts(reading)[0]
    best = reading.evidence[0]
    if short is not None:
        assert best.answer is not None
        assert best.candidate.passage.slice(*best.answer) == short
    assert reading.calibrated is True


def test_an_answer_ends_where_its_words_end() -> None:
    text = "Gubernur Sari Wulandari membukanya."
    assert whole_words(text, 9, 19) == (9, 23)
    assert whole_words(text, 11, 23) == (9, 23)
    assert whole_words(text, 9, 23) == (9, 23)
    assert whole_words("Wali kota Bogota\u0301 hadir", 10, 16) == (10, 17)
    assert whole_words("Wali kota Bogota\u0301s hadir", 17, 18) == (10, 18)
    assert whole_words(text, 0, len(text) - 1) == (0, len(text) - 1)
    number = "Ada 43.053.732, kata 12, 13"
    for start, end in ((4, 10), (7, 10), (11, 14), (4, 14)):
        assert whole_words(number, start, end) == (4, 14)
    assert whole_words(number, 21, 23) == (21, 23)


def test_a_sentence_comes_with_the_one_it_cannot_be_understood_without(bilingual: Library) -> None:
    (text,) = texts(read(bilingual, "When did Martha Quill retire?"))
    assert text == "Martha Quill kept the Selby lighthouse for 41 years. She retired on 2 June 2022."


def test_headings_and_asides_are_never_evidence(bilingual: Library) -> None:
    question = "Baca juga Pasar Lama pindah ke mana?"
    found = references(understand(question), bilingual.searcher.search(question))
    assert found
    assert all(reference.sentence.kind == "sentence" for reference in found)
    assert not any("Baca juga" in reference.text for reference in found)


def test_context_steps_over_an_aside(bilingual: Library) -> None:
    article = Article(
        "menara",
        "Menara Uji",
        "Menara Uji dibangun oleh Rama Wijaya.\nBaca juga: Cerita lain\n"
        "Ia memakai 900 ton baja untuk menara itu.",
        "id",
    )
    bilingual.ingest.add([article])
    bilingual.indexer.drain()
    question = "Berapa ton baja untuk menara itu?"
    found = references(understand(question), bilingual.searcher.search(question))
    steel = next(r for r in found if "900 ton" in r.text)
    together = with_context(steel.candidate.passage, steel.sentence)
    assert [article.text[s.start : s.end] for s in together] == [
        "Menara Uji dibangun oleh Rama Wijaya.",
        "Ia memakai 900 ton baja untuk menara itu.",
    ]


def test_a_sentence_beside_the_best_is_quoted_where_it_may_as_well_answer(library: Library) -> None:
    text = (
        "Menara Uji dibuka pada Senin.\nBaca juga: Cerita lain\nIa dibuka oleh Rama Wijaya. "
        "Ratusan warga datang pagi itu. Hujan turun pada malam hari."
    )
    found = candidates(Article("menara", "Menara Uji", text, "id"))
    opened, by, came, rained = (
        Scored(reference, (), None) for reference in references(understand("Siapa yang datang?"), found)
    )

    def ends(*shares: tuple[Scored, float]) -> list[str]:
        return [
            s.reference.text.split()[-1] for s in quoted([replace(s, share=share) for s, share in shares])
        ]

    assert ends((came, 0.6), (rained, 0.3)) == ["itu.", "hari."]
    assert ends((came, 0.5), (by, 0.25), (rained, 0.2)) == ["itu.", "Wijaya."]
    assert ends((came, 0.7), (rained, 0.2)) == ["itu."]
    assert ends((rained, 0.5), (by, 0.4)) == ["hari."]
    assert ends((by, 0.5), (opened, 0.4)) == ["Wijaya."]

    class Undecided(SpanReader):
        """Takes the last sentence for the best, and the one before it for half as likely."""

        def order(self, asked: Question, found: Sequence[Scored]) -> list[Scored]:
            *_, before, last = found
            return [replace(last, share=0.6), replace(before, share=0.3)]

    assert isinstance(library.reader, SpanReader)
    reading = Undecided(library.reader.model, None).read("Siapa yang datang?", found, 6)
    assert texts(reading) == ["Ratusan warga datang pagi itu. Hujan turun pada malam hari."]


def test_among_more_passages_an_answer_is_less_sure(bilingual: Library) -> None:
    assert isinstance(bilingual.reader, SpanReader)
    question = "Kapan Jembatan Kahayan Baru dibuka?"
    found = bilingual.searcher.search(question)
    sure = [
        bilingual.reader.read(question, [replace(c, among=among) for c in found], 6).confidence
        for among in (0, 1_000, 20_000, 100_000, 900_000)
    ]
    assert sure[0] == sure[1] > sure[2] > sure[3] == sure[4]


def test_a_comparison_draws_on_both_sides_and_repeats_nothing(bilingual: Library) -> None:
    for name, height in (("Menara Alfa", 120), ("Menara Beta", 95)):
        text = f"{name} memiliki tinggi {height} meter. {name} memiliki tinggi {height} meter."
        bilingual.ingest.add([Article(name, name, text, "id")])
    bilingual.indexer.drain()
    reading = read(bilingual, "Bandingkan tinggi Menara Alfa dan Menara Beta")
    assert {"Menara Alfa", "Menara Beta"} <= {e.candidate.passage.article_id for e in reading.evidence[:2]}
    assert len(set(texts(reading))) == len(reading.evidence)
    assert len(read(bilingual, "Bandingkan tinggi Menara Alfa dan Menara Beta", limit=1).evidence) == 1


def test_nothing_found_is_no_evidence(library: Library) -> None:
    assert library.reader.read("Siapa?", [], 6) == Reading((), 0.0, read(library, "Siapa?").threshold, True)


def test_an_answer_is_more_confident_than_a_guess(bilingual: Library) -> None:
    right = read(bilingual, "Kapan Jembatan Kahayan Baru dibuka?")
    wrong = read(bilingual, "Siapa penemu mesin uap?")
    assert right.confidence > right.threshold
    assert wrong.confidence < wrong.threshold


def test_signals_are_in_the_order_of_their_names(library: Library) -> None:
    asked = understand("Berapa meter panjang Jembatan Kahayan Baru?")
    found = references(asked, library.searcher.search(asked.text))
    length = next(r for r in found if "240 meter" in r.text)
    signals = dict(zip(SIGNALS, length.signals, strict=True))
    assert signals["unit"] == 1.0
    assert signals["no_quantity"] == signals["no_time"] == 0.0
    assert 0 < signals["covered"] <= signals["covered_with_context"] <= 1
    assert length.candidate.passage.article_id == BRIDGE.id


def test_money_is_no_count(bilingual: Library) -> None:
    asked = understand("Berapa rumah yang dibantu di Desa Uji?")
    text = "Bantuan Rp60 juta, rumah di Desa Uji. Sebanyak 22.267 rumah di Desa Uji dibantu pemerintah."
    bilingual.ingest.add([Article("bantuan", "Bantuan", text, "id")])
    bilingual.indexer.drain()
    found = references(asked, bilingual.searcher.search(asked.text))
    unit = {r.text: dict(zip(SIGNALS, r.signals, strict=True))["unit"] for r in found if "Desa Uji" in r.text}
    assert list(unit.values()) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("question", "sentence", "unit"),
    [
        (
            "Berapa tinggi Menara Uji?",
            "Menara Uji di kota itu 320 meter lebih tinggi daripada Menara Coba.",
            0.0,
        ),
        ("Berapa tinggi Menara Uji?", "Menara Uji lebih tinggi sekitar 320 meter daripada Menara Coba.", 0.0),
        ("How tall is the Uji Tower?", "The Uji Tower is 320 metres higher than the Coba Tower.", 0.0),
        ("Berapa tinggi Menara Uji?", "Menara Uji di kota itu tingginya lebih dari 320 meter.", 1.0),
        ("Berapa warga yang pindah?", "Di desa itu 1.000 lebih warga pindah ke Menara Uji.", 1.0),
        ("Berapa warga yang pindah?", "Di desa itu 12 warga lebih dulu pindah ke Menara Uji.", 1.0),
        ("Berapa warga yang pindah?", "Di desa itu 12 warga lebih banyak pindah ke Menara Uji.", 0.0),
        ("How tall is the Uji Tower?", "The Uji Tower is more than 320 metres high.", 1.0),
        ("By how many metres is the one tower taller?", "The one tower is 320 metres taller.", 1.0),
    ],
)
def test_a_difference_is_no_measure(question: str, sentence: str, unit: float) -> None:
    asked = understand(question)
    (found,) = references(asked, candidates(Article("menara", "Menara", sentence, asked.language)))
    assert found.signals[SIGNALS.index("unit")] == unit


def test_a_model_without_a_calibration_says_so(library: Library) -> None:
    assert isinstance(library.reader, SpanReader)
    own = SpanReader(library.reader.model, None)
    question = "Kapan Jembatan Kahayan Baru dibuka?"
    reading = own.read(question, library.searcher.search(question), 6)
    assert (reading.calibrated, reading.threshold) == (False, 0.5)
    assert 0 <= reading.confidence <= 1
    assert "3 Maret 2024" in texts(reading)[0]


class Counting:
    """A span model that notes how many passages each call was given."""

    def __init__(self, model: SpanModel) -> None:
        self._model = model
        self.name, self.folder, self.fingerprint = model.name, model.folder, model.fingerprint
        self.calls: list[int] = []

    def score(self, question: str, passages: Sequence[ReadText]) -> Iterable[SpanScores]:
        self.calls.append(len(passages))
        return self._model.score(question, passages)


BRIDGES = tuple(
    Article(
        f"jembatan-{i}",
        f"Jembatan {name} diperbaiki",
        f"Jembatan {name} diperbaiki oleh dinas pekerjaan umum. Warga {name} memakai perahu sementara.",
        "id",
        published=f"2024-05-{10 + i}",
    )
    for i, name in enumerate(("Rasau", "Seruyan", "Mentaya", "Arut", "Lamandau", "Jelai", "Katingan"))
)


@pytest.fixture
def bridges(bilingual: Library) -> Library:
    """Eight articles on bridges, and two others."""
    bilingual.ingest.add(BRIDGES)
    bilingual.indexer.drain()
    return bilingual


def count_read(library: Library, question: str, calibrated: bool = True) -> tuple[Reading, list[int]]:
    """The reading of eight candidates, and how many were read at a time."""
    assert isinstance(library.reader, SpanReader)
    model = Counting(library.reader.model)
    reader = SpanReader(model, read_calibration(READER / "calibration.json") if calibrated else None)
    candidates = library.searcher.search(question, limit=8)
    assert len(candidates) == 8
    return reader.read(question, candidates, 6), model.calls


def test_no_more_is_read_than_settles_the_answer(bridges: Library) -> None:
    question = "Berapa meter panjang Jembatan Kahayan Baru?"
    reading, calls = count_read(bridges, question)
    assert "240 meter" in texts(reading)[0]
    assert reading.confidence >= 0.5
    assert calls == [2]


def test_what_is_not_there_is_looked_for_in_four_candidates_at_least(bridges: Library) -> None:
    reading, calls = count_read(bridges, "Siapa penemu mesin uap di jembatan?")
    assert reading.confidence < reading.threshold
    assert sum(calls) >= 4
    assert set(calls) == {2}


def test_it_is_not_given_up_before_the_passage_with_most_of_its_words(bridges: Library) -> None:
    assert isinstance(bridges.reader, SpanReader)
    question = "Siapa penemu mesin uap di jembatan?"
    found = bridges.searcher.search(question, limit=8)
    ranked = [replace(c, keyword_rank=rank) for rank, c in enumerate(found, 2)]
    for place, read in ((0, 4), (6, 8)):
        model = Counting(bridges.reader.model)
        candidates = [replace(c, keyword_rank=1) if i == place else c for i, c in enumerate(ranked)]
        SpanReader(model, read_calibration(READER / "calibration.json")).read(question, candidates, 6)
        assert sum(model.calls) == read


@pytest.mark.parametrize(
    ("question", "calibrated"),
    [
        ("Sebutkan jembatan apa saja yang diperbaiki", True),
        ("Berapa meter panjang Jembatan Kahayan Baru?", False),
    ],
)
def test_lists_and_uncalibrated_readers_read_everything(
    bridges: Library, question: str, calibrated: bool
) -> None:
    _, calls = count_read(bridges, question, calibrated)
    assert calls == [2, 2, 2, 2]


def test_what_may_be_news_of_the_answer_is_read(bridges: Library) -> None:
    """The update is the last candidate, and the first answers beyond doubt."""
    question = "Berapa meter panjang Jembatan Kahayan Baru?"
    longer = BRIDGE.text.replace("240 meter", "310 meter").replace("Gubernur Sari Wulandari", "menteri")
    bridges.ingest.add([replace(BRIDGE, id="update", text=longer, published="2025-01-01")])
    bridges.indexer.drain()
    found = bridges.searcher.search(question, limit=8)
    update = next(c for c in found if c.passage.article_id == "update")
    reading = bridges.reader.read(question, [*(c for c in found if c is not update), update], 6)
    assert "310 meter" in texts(reading)[0]
    assert [old.candidate.passage.article_id for old in reading.evidence[0].older] == ["jembatan"]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text('{"id": {}}')
    with pytest.raises(ModelUnavailable, match=r"calibration\.json cannot be read"):
        read_calibration(tmp_path / "calibration.json")
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load_reader(str(tmp_path / "nothing"))
