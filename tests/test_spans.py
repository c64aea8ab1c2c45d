from __future__ import annotations

import pytest

from service.questions import AnswerKind
from service.spans import answer_spans


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Dibuka pada 3 Maret 2024 di Palangka Raya.", "time", ["3 Maret 2024"]),
        ("Rapat digelar Sabtu 4 Oktober 2025.", "time", ["Sabtu 4 Oktober 2025"]),
        ("Rapat digelar Senin (12/9) pagi.", "time", ["Senin (12/9)"]),
        ("Meletus pada 26 dan 27 Agustus 1883.", "time", ["26 dan 27 Agustus 1883"]),
        ("It opened on 2 June 2022.", "time", ["2 June 2022"]),
        ("Born in the 1870s, he died in 1931.", "time", ["1870s", "1931"]),
        ("Acara mulai pukul 12.00 WIB.", "time", ["pukul 12.00 WIB"]),
        ("Dana itu Rp 16,83 triliun.", "quantity", ["Rp 16,83 triliun"]),
        ("Rp338 per saham, total Rp400,3 triliun.", "quantity", ["Rp338 per", "Rp400,3 triliun"]),
        ("Saham naik 36 persen sejak tercatat.", "quantity", ["36 persen"]),
        ("Sebanyak 412 pedagang pindah.", "quantity", ["412 pedagang"]),
        ("It cost $3.5 million.", "quantity", ["$3.5 million"]),
        ("Menurut Budi Santoso, gedung itu sempit.", "person", ["Budi Santoso"]),
        ("Tang Jie dari Zhipu dan Yang Zhilin, pendiri.", "person", ["Tang Jie", "Zhipu", "Yang Zhilin"]),
        ("Mereka bertemu di Bandung kemarin.", "place", ["Bandung"]),
        ("Tidak ada apa-apa di sini.", "person", []),
        ("Karena hujan.", "reason", []),
    ],
)
def test_spans_by_their_form(text: str, kind: AnswerKind, expected: list[str]) -> None:
    assert [text[start:end] for start, end in answer_spans(text, kind)] == expected
