"""Every measure against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eval.judges import ValueJudge
from eval.measures.abstention import (
    Outcome,
    area_under_risk,
    auroc,
    calibration_error,
    refusal_precision,
    refusal_recall,
    risk_coverage,
)
from eval.measures.citations import Span, citation_precision, citation_recall, exactness
from eval.measures.correctness import f1, fact_recall, holds
from eval.measures.faithfulness import faithfulness, is_faithful, judge_sentence
from eval.measures.retrieval import retrieval_scores


@pytest.mark.parametrize(
    ("answer", "wording"),
    [
        ("Angka terbaru adalah 602 orang meninggal. [1]", "602"),
        ("It cost 16.83 trillion rupiah.", "Rp16,83 triliun"),
        ("Gubernur dilantik pada March 3, 2024.", "3 Maret 2024"),
        ("About 300,000 people fled.", "300.000 orang"),
        ("The Rahmatullah Mosque stood.", "Rahmatullah Mosque"),
        ("dibuka oleh José Ramos", "Jose Ramos"),
    ],
)
def test_an_answer_holds_a_fact(answer: str, wording: str) -> None:
    assert holds(answer, wording)


@pytest.mark.parametrize(
    ("answer", "wording"),
    [
        ("Sebanyak 271 orang meninggal.", "602 orang"),
        ("It cost 16.83 billion rupiah.", "Rp16,83 triliun"),
        ("Pada Maret 2024.", "3 Maret 2024"),
        ("14 perak", "14 emas"),
        ("Rahmatullah", "Rahmatullah Mosque"),
        ("", "602"),
    ],
)
def test_an_answer_lacks_a_fact(answer: str, wording: str) -> None:
    assert not holds(answer, wording)


def test_fact_recall_by_hand() -> None:
    facts = (("mudah",), ("murah", "tidak mahal"), ("massal",))
    assert fact_recall("Sifatnya mudah dan tidak mahal.", facts) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="no facts"):
        fact_recall("apa saja", ())


def test_f1_by_hand() -> None:
    # Two words in common of three given and two wanted: 2 · 2 / 5.
    assert f1("12 Mei 1931", ["Mei 1931", "1930"]) == pytest.approx(0.8)


OUTCOMES = [
    Outcome(True, True, True, 0.9),
    Outcome(True, True, False, 0.8),
    Outcome(False, True, False, 0.7),
    Outcome(True, False, False, 0.3),
    Outcome(False, False, False, 0.2),
]


def test_refusals_by_hand() -> None:
    assert refusal_precision(OUTCOMES) == pytest.approx(1 / 2)
    assert refusal_recall(OUTCOMES) == pytest.approx(1 / 2)
    assert math.isnan(refusal_precision(OUTCOMES[:3]))


def test_risk_and_coverage_by_hand() -> None:
    coverage, risk = risk_coverage(OUTCOMES)
    assert coverage == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert risk == pytest.approx([0.0, 1 / 2, 2 / 3, 3 / 4, 4 / 5])
    assert area_under_risk(OUTCOMES) == pytest.approx(0.2 * (0 + 1 / 2 + 2 / 3 + 3 / 4 + 4 / 5))
    tied = [Outcome(True, True, right, 0.5) for right in (True, False)]
    assert [list(part) for part in risk_coverage(tied)] == [[1.0], [0.5]]


def test_auroc_by_hand() -> None:
    # Of six pairs four are in order and one is tied.
    assert auroc([3.0, 2.0, 1.0, 2.0, 0.0], [True, True, True, False, False]) == pytest.approx(4.5 / 6)
    assert math.isnan(auroc([1.0], [True]))


def test_calibration_error_by_hand() -> None:
    # Two bins: mean confidence .15 with half right, .85 with all right: (.35 + .15) / 2.
    error = calibration_error([0.1, 0.9, 0.8, 0.2], [True, True, True, False], bins=2)
    assert error == pytest.approx(0.25)
    perfect = np.repeat([0.2, 0.8], 10)
    right = np.tile([True] * 2 + [False] * 8, 1).tolist() + [True] * 8 + [False] * 2
    assert calibration_error(list(perfect), right, bins=2) == pytest.approx(0.0)


def test_citations_by_hand() -> None:
    gold = [(1, Span("a", 0, 100)), (1, Span("b", 0, 80)), (2, Span("a", 200, 240))]
    cited = [Span("b", 40, 200), Span("c", 0, 10)]
    # Group 1 is covered by half of b's quotation, group 2 not; 40 of the 170 cited characters are gold.
    assert citation_recall(cited, gold) == pytest.approx(1 / 2)
    assert citation_precision(cited, gold) == pytest.approx(40 / 170)
    assert citation_recall([Span("a", 210, 230)], gold) == pytest.approx(1 / 2)
    assert citation_recall([Span("a", 51, 100)], gold) == 0.0
    assert math.isnan(citation_precision([], gold))


def test_exactness_by_hand() -> None:
    texts = {"a": "Menara Alfa selesai 1931."}
    right, shifted = (Span("a", 0, 11), "Menara Alfa"), (Span("a", 1, 12), "Menara Alfa")
    assert exactness([right, shifted, (Span("b", 0, 1), "x")], texts) == pytest.approx(1 / 3)


def test_retrieval_by_hand() -> None:
    found = {"q1": ["x", "right", "y"], "q2": ["x", "y"], "q3": ["right", "also"]}
    answering = {"q1": {"right"}, "q2": {"right"}, "q3": {"right", "also"}, "q4": {"right"}}
    scores = retrieval_scores(found, answering)
    assert scores["MRR"] == pytest.approx({"q1": 1 / 2, "q2": 0.0, "q3": 1.0, "q4": 0.0})
    assert scores["recall@1"] == pytest.approx({"q1": 0.0, "q2": 0.0, "q3": 1 / 2, "q4": 0.0})
    assert scores["recall@5"]["q1"] == 1.0
    # One right passage in second place: 1 / log2(3).
    assert scores["nDCG@10"]["q1"] == pytest.approx(1 / math.log2(3))


QUOTATION = "Gubernur Sari Wulandari membuka jembatan sepanjang 240 meter itu pada 3 Maret 2024."


@pytest.mark.parametrize(
    ("sentence", "support"),
    [
        ("Gubernur Sari Wulandari membuka jembatan sepanjang 240 meter itu pada 3 Maret 2024.", 1.0),
        ("Jembatan itu dibuka Gubernur Sari Wulandari pada March 3, 2024.", 1.0),
        ("Jembatan sepanjang 260 meter itu dibuka pada 3 Maret 2024.", 0.0),
        ("Jembatan itu dibuka pada 4 Maret 2024.", 0.0),
        ("Jembatan itu dibuka oleh Rama Wijaya.", 0.0),
        ("Gubernur Sari Wulandari tidak membuka jembatan itu.", 0.0),
        ("The governor Sari Wulandari opened the bridge, which is 240 metres long.", None),
    ],
)
def test_the_baseline_judge(sentence: str, support: float | None) -> None:
    found = ValueJudge().support(sentence, QUOTATION)
    if support is None or support == 0.0:
        assert found == support
    else:
        assert found is not None
        assert found > 0.6


def test_faithfulness_by_hand() -> None:
    judge = ValueJudge()
    whole = judge_sentence(QUOTATION, [QUOTATION], None, judge)
    torn = judge_sentence("Ia membukanya pada 3 Maret.", ["Ia membukanya pada 3 Maret."], None, judge)
    kept = judge_sentence("Ia membukanya pada 3 Maret.", ["Ia membukanya pada 3 Maret."], QUOTATION, judge)
    wrong = judge_sentence("Jembatan itu 900 meter.", [QUOTATION], None, judge)
    bare = judge_sentence("Jembatan itu indah.", [], None, judge)
    foreign = judge_sentence("The bridge was opened in the morning by her.", [QUOTATION], None, judge)
    verdicts = [s.verdict for s in (whole, torn, kept, wrong, bare, foreign)]
    assert verdicts == ["supported", "torn", "supported", "unsupported", "unsupported", "unjudged"]
    assert faithfulness([whole, torn, kept, wrong, foreign]) == pytest.approx(2 / 4)
    assert math.isnan(faithfulness([foreign]))
    assert [is_faithful([whole]), is_faithful([whole, torn]), is_faithful([whole, foreign])] == [
        True,
        False,
        None,
    ]
