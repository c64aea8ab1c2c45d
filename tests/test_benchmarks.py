"""The measures by hand, and every benchmark on a small set that the test makes."""

from __future__ import annotations

import gzip
import json
import math
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks import ask, calibration, copies, filters, near_misses, search
from eval.benchmarks.reading_sets import NEWS, Row, paragraph_id, paragraphs, read_rows
from eval.intervals import difference_interval, mean_interval
from service.embeddings import HashingEmbedder, load_embedder
from service.library import open_library
from service.passages import split_article
from service.records import Article
from service.values import read_numbers


def test_a_mean_lies_in_its_interval() -> None:
    estimate = mean_interval([0.0] * 30 + [1.0] * 70)
    assert estimate.mean == pytest.approx(0.7)
    # Normal approximation: 0.7 ± 1.96 · sqrt(0.7 · 0.3 / 100) = 0.7 ± 0.0898.
    assert estimate.low == pytest.approx(0.61, abs=0.02)
    assert estimate.high == pytest.approx(0.79, abs=0.02)
    assert mean_interval([0.5, 0.5]) == mean_interval([0.0, 1.0])
    assert math.isnan(mean_interval([]).mean)


def test_differences_are_paired() -> None:
    ours, theirs = [1.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 0.0]
    assert difference_interval(ours, theirs).mean == pytest.approx(0.25)
    assert str(difference_interval([0.5, 0.3], [0.5, 0.3])) == "0.000 [-0.490, 0.490]"
    with pytest.raises(ValueError, match="shorter"):
        difference_interval(ours, theirs[:2])


def test_a_share_near_an_end_has_an_interval() -> None:
    # Wilson's, by hand: 141 of 141 give [n / (n + z²), 1].
    assert str(mean_interval([1.0] * 141)) == f"1.000 [{141 / (141 + 1.96**2):.3f}, 1.000]"
    assert mean_interval([0.0] * 4).high == pytest.approx(1.96**2 / (4 + 1.96**2), abs=1e-3)
    draw = np.random.default_rng(1)
    for share, n in ((0.95, 12), (0.9, 8), (0.98, 40)):
        found = [mean_interval((draw.random(n) < share).astype(float).tolist()) for _ in range(2_000)]
        assert np.mean([i.low <= share <= i.high for i in found]) > 0.89


def test_few_losses_may_be_chance() -> None:
    before = [1.0] * 156
    for lost, by_chance in ((3, True), (4, True), (6, False)):  # sign test: p = .25, .125, .031
        after = [0.0] * lost + [1.0] * (156 - lost)
        estimate = difference_interval(after, before)
        assert estimate.mean == pytest.approx(-lost / 156)
        assert (estimate.high >= 0) is by_chance


def small_set(folder: Path, name: str, language: str, template: str, question: str) -> None:
    """A set of thirty paragraphs in either split, with one answerable and one unanswerable question each."""
    (folder / "reading").mkdir(parents=True, exist_ok=True)
    for split, first in (("train", 0), ("valid", 100)):
        with gzip.open(folder / "reading" / f"{name}.{split}.jsonl.gz", "wt") as lines:
            for i in range(first, first + 30):
                context = template.format(i=i, year=1800 + i)
                start = context.index(str(1800 + i))
                row = {"context": context, "language": language}
                answers = [{"text": str(1800 + i), "start": start}]
                right = {"question": question.format(i=i), "answers": answers, "answerable": True}
                wrong = {"question": question.format(i=i + 500), "answers": [], "answerable": False}
                lines.writelines(json.dumps(row | extra) + "\n" for extra in (right, wrong))


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("datasets")
    indonesian = "Kota Nomor{i} ramai. Menara Uji{i} selesai dibangun pada {year}. Warganya senang."
    english = "Town Number{i} is busy. The tower Test{i} was finished in {year}. Its people are glad."
    small_set(folder, "idk_mrc", "id", indonesian, "Kapan Menara Uji{i} selesai dibangun?")
    small_set(
        folder, "facqa", "id", indonesian.replace("Menara", "Jembatan"), "Kapan Jembatan Uji{i} selesai?"
    )
    small_set(folder, "squad2_en", "en", english, "When was the tower Test{i} finished?")
    return folder


def test_rows_and_paragraphs(datasets: Path) -> None:
    rows = read_rows(datasets, "idk_mrc", "train")
    assert len(rows) == 60
    assert len(paragraphs(rows)) == 30
    right = rows[0]
    assert right.article_id == paragraph_id(right.context)
    ((text, start),) = right.answers
    assert right.context[start : start + len(text)] == text
    assert not rows[1].answers


def test_gold_in_a_quotation() -> None:
    row = Row("?", "Menara selesai pada 1900.", "id", (("1900", 20),), True)
    here = {"article_id": row.article_id, "start": 0, "end": 25, "quote": row.context}
    elsewhere = {"article_id": "x", "start": 0, "end": 4, "quote": "1900"}
    short = here | {"end": 14, "quote": "Menara selesai"}
    assert [ask.holds_gold(c, row, False) for c in (here, elsewhere, short)] == [True, True, False]
    assert [ask.holds_gold(c, row, True) for c in (here, elsewhere, short)] == [True, False, False]


def test_the_search_benchmark(datasets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search.measure(datasets, tmp_path, "squad2_en", load_embedder(None))
    table = capsys.readouterr().out
    assert "squad2_en: 30 questions, 60 paragraphs" in table
    five = str(mean_interval([1.0] * 30))
    assert f"| keywords alone | 1.000 | {five} | 1.000 | {five} |" in table
    assert "shipped minus vectors alone" in table


def test_the_copies_benchmark() -> None:
    words = [f"kata{i}" for i in range(40)]
    told = [" ".join(words), " ".join([*words, "lagi"]), " ".join(reversed(words))]
    articles = [
        split_article(Article(str(i), "", text, "id"), len, 10**6, "s") for i, text in enumerate(told)
    ]
    assert copies.measure("made", articles).startswith("| made | 3 | ")
    assert copies.measure("made", articles).endswith("| 1 | 1 | 0 | 0 | 0.667 |")


@pytest.mark.slow
def test_the_filters_benchmark(tmp_path: Path) -> None:
    articles = filters.made_up(400)
    with open_library(tmp_path, HashingEmbedder(64)) as library:
        filters.fill(library, articles)
        found = {name: cost.found for name, cost in filters.measure(library, articles).items()}
    assert found.pop("none") > 0.9  # by a graph
    assert min(found.values()) > 0.98  # passages of one cosine may take each other's place
    assert len(found) == len(filters.SELECTIVITIES)


def test_the_ask_benchmark(datasets: Path, tmp_path: Path) -> None:
    outcomes = ask.measure(datasets, tmp_path, "squad2_en")
    assert (len(outcomes.holds_gold), len(outcomes.refused), len(outcomes.refused_other)) == (30, 30, 60)
    assert len(outcomes.kept) == sum(outcomes.holds_gold)
    assert len(outcomes.confidence) == 60
    assert sum(outcomes.holds_gold) >= sum(outcomes.at_its_place) > 0
    assert len(outcomes.milliseconds) == 60
    assert ask.row_of("squad2_en", outcomes).count("|") == 12
    questions, error = ask.errors_by_language([outcomes, outcomes])["en"]
    assert questions == 2 * outcomes.language.count("en") > 0
    assert 0 <= error < 1


def test_one_index_has_all_that_is_asked_about_and_is_filled_up(datasets: Path, tmp_path: Path) -> None:
    names = ("idk_mrc", "squad2_en")
    asked = {row.article_id for name in names for row in read_rows(datasets, name, "valid")}
    others = {row.article_id for name in names for row in read_rows(datasets, name, "train")}
    assert (len(asked), len(others)) == (60, 60)
    with pytest.raises(ValueError, match="59 passages are fewer than the 60"):
        ask.articles_of(datasets, names, 59)
    articles = ask.articles_of(datasets, names, 80)
    assert asked < {article.id for article in articles} <= asked | others
    assert len(articles) == 80
    ask.index(tmp_path / "work", articles)
    outcomes = ask.measure_rows(tmp_path / "work", articles, read_rows(datasets, "squad2_en", "valid"))
    assert (len(outcomes.holds_gold), len(outcomes.refused), outcomes.refused_other) == (30, 30, [])
    more = shutil.copytree(datasets, tmp_path / "with news")
    (more / "news").mkdir()
    story = {"language": "id", "title": "Pasar ramai", "text": "Warga datang. " * 100}
    for name in NEWS:
        with gzip.open(more / "news" / f"{name}.jsonl.gz", "wt") as lines:
            lines.write(json.dumps(story) + "\n" if name == "detik" else "")
    with pytest.raises(ValueError, match="there are 122 passages, fewer than 123"):
        ask.articles_of(more, names, 123)
    pieces = {article.text for article in ask.articles_of(more, names, 122)[120:]}
    assert pieces == {story["text"][:1_000], story["text"][1_000:]}


def test_a_set_of_ones_own_needs_one_file(datasets: Path, tmp_path: Path) -> None:
    own = tmp_path / "sets" / "reading"
    own.mkdir(parents=True)
    shutil.copy(datasets / "reading" / "idk_mrc.valid.jsonl.gz", own / "mine.valid.jsonl.gz")
    outcomes = ask.measure(own.parent, tmp_path / "work", "mine")
    assert (len(outcomes.holds_gold), len(outcomes.refused), outcomes.refused_other) == (30, 30, [])
    assert ask.row_of("mine", outcomes).count("|") == 12


def test_the_interval_of_a_calibration_error_holds_the_truth_where_percentiles_do_not() -> None:
    truth, estimate, ours, percentiles = calibration.measure(calibration.SHIFTS["calibrated"], 60, runs=12)
    assert truth == pytest.approx(0.0, abs=0.001)
    assert estimate > 0.1
    assert ours >= 0.9
    assert percentiles < 0.1


def test_a_typo_is_one_of_four_at_its_place() -> None:
    made = {near_misses.mistype("Banting", 2, random.Random(seed)) for seed in range(300)}
    assert {"Batning", "Bating", "Bannting"} < made
    replaced = made - {"Batning", "Bating", "Bannting"}
    assert len(replaced) == 25
    assert all(name[:2] == "Ba" and name[3:] == "ting" for name in replaced)
    first = {near_misses.mistype("Banting", 0, random.Random(seed)) for seed in range(300)}
    assert {"Abnting", "Anting", "Bbanting", "Canting"} < first


def test_names_are_mistyped_and_nothing_else() -> None:
    assert [m.group() for m in near_misses.names_in("Bandingkan Kota Bengkulu dan NASA")] == [
        "Bandingkan",
        "Bengkulu",
    ]
    assert [m.group() for m in near_misses.names_in("Menurut siapa Kartini lahir?")] == ["Kartini"]
    for change in (near_misses.name_mistyped, near_misses.name_mistyped_at_first_letter):
        assert change("siapa itu?", random.Random(0)) == "siapa itu?"
        changed = change("Di mana Kartini lahir?", random.Random(0))
        assert changed != "Di mana Kartini lahir?"
        assert (changed[:8], changed[-7:]) == ("Di mana ", " lahir?")
        assert change("Di mana Kartini lahir?", random.Random(0)) == changed
    firsts = {
        near_misses.name_mistyped_at_first_letter("Siapa Kartini?", random.Random(i)) for i in range(50)
    }
    assert not any(one.startswith("Siapa K") for one in firsts)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (near_misses.plain("Berapa “nilai” São Paulo, US$1,5?"), "berapa nilai sao paulo us$1,5"),
        (near_misses.in_chat("Di mana dan berapa lama Yang pertama?"), "dmn dn brp lama yg prtama?"),
        (near_misses.capital("brp itu", "berapa itu"), "Brp itu"),
        (near_misses.capital("Siapa", "Siapa"), "Siapa"),
        (near_misses.digits_in_words("Apollo 11, 1954, 2,5 dan 16 bank", "id"),
         "Apollo sebelas, 1954, 2,5 dan enam belas bank"),
        (near_misses.digits_in_words("the 31-year-old", "en"), "the thirty-one-year-old"),
        (near_misses.words_in_digits("lima dari dua puluh satu, one"), "5 dari 21, one"),
        (near_misses.in_other_notation("16,83 triliun dan 22 million"), "16.83 trillion dan 22 juta"),
        (near_misses.in_other_notation("12.5 dan 1.234 dan 1954"), "12,5 dan 1.234 dan 1954"),
        (near_misses.abbreviated("siapa ketua badan pusat statistik?", {"BPS": "Badan Pusat Statistik"}),
         "siapa ketua BPS?"),
        (near_misses.in_full("Ketua BPS, MRT", {"BPS": "Badan Pusat Statistik"}),
         "Ketua Badan Pusat Statistik, MRT"),
    ],
)  # fmt: skip
def test_what_is_typed_otherwise(changed: str, expected: str) -> None:
    assert changed == expected


def test_abbreviations_are_those_of_initials() -> None:
    text = "Data Badan Pusat Statistik (BPS) dan riset Sam Altman (CEO) soal alokasi Dirichlet laten (LDA)."
    assert near_misses.abbreviations([text]) == {"BPS": "Badan Pusat Statistik"}


@pytest.mark.parametrize("language", ["id", "en"])
def test_numbers_in_words_are_read_back(language: str) -> None:
    for number in range(1, 1000):
        (read,) = read_numbers(near_misses.in_words(number, language) + " x")
        assert read.values == {number}, near_misses.in_words(number, language)


def test_outcomes_are_paired_and_what_got_worse_is_told() -> None:
    outcomes = near_misses.Outcomes()
    outcomes.add("siapa itu", {"recall@5": 1.0, "right": 1.0}, {"recall@5": 1.0, "right": 0.0})
    outcomes.add("apa itu", {"recall@5": 1.0, "right": 0.0}, {"recall@5": 1.0, "right": 0.0})
    assert outcomes.worse == ["siapa itu (right)"]
    recall, right = difference_interval([1.0, 1.0], [1.0, 1.0]), difference_interval([0.0, 0.0], [1.0, 0.0])
    assert outcomes.row("kind") == f"| kind | 2 | 1.000 → 1.000 | {recall} | 0.500 → 0.000 | {right} |"
