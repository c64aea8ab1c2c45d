"""The reader's measures by hand."""

from __future__ import annotations

import pytest

from eval.benchmarks.reader import auroc, exact_match, f1, measure, row_of
from eval.benchmarks.reading_sets import Row
from service.reading import SpanReader, load_reader


def test_exact_match_and_f1_by_hand() -> None:
    assert exact_match("The  Tower!", ["tower"]) == 1.0
    assert exact_match("Menara Alfa", ["Menara Beta", "menara alfa."]) == 1.0
    # Two words in common of three given and two gold: precision 2/3, recall 1, F1 4/5.
    assert f1("12 Mei 1931", ["Mei 1931"]) == pytest.approx(0.8)
    assert f1("", [""]) == exact_match("", [""]) == 1.0
    assert f1("1931", [""]) == f1("", ["1931"]) == 0.0


def test_auroc_by_hand() -> None:
    # Of six pairs four are in order and one is tied.
    assert auroc([3.0, 2.0, 1.0], [2.0, 0.0]) == pytest.approx(4.5 / 6)
    assert auroc([1.0], [0.0]) == 1.0
    assert auroc([0.0], [0.0]) == 0.5


def test_every_question_has_its_values() -> None:
    context = "Kota itu ramai. Menara Alfa selesai dibangun pada 12 Mei 1931. Warganya senang."
    start = context.index("12 Mei 1931")
    rows = [
        Row("Kapan Menara Alfa selesai dibangun?", context, "id", (("12 Mei 1931", start),), True),
        Row("Siapa wali kota pertama di sana?", context, "id", (), False),
    ]
    reader = load_reader(None)
    assert isinstance(reader, SpanReader)
    found = measure(rows, reader)
    assert found["sentence"] == [1.0]
    assert all(len(values) == 2 for key, values in found.items() if key != "sentence")
    assert found["z"][0] > found["z"][1]
    assert row_of("x", rows, found).count("|") == 8
