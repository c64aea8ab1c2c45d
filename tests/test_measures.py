"""Every measure against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eval.intervals import difference_interval, mean_interval, statistic_interval
from eval.judges import ValueJudge
from eval.measures.abstention import (
    Outcome,
    area_under_risk,
    auroc,
    calibration_bins,
    calibration_error,
    calibration_interval,
    error_of,
    refusal_precision,
    risk_coverage,
)
from eval.measures.citations import Span, citation_precision, citation_recall, exactness
from eval.measures.correctness import f1, fact_recall, holds
from eval.measures.faithfulness import faithfulness, gives_superseded, is_faithful, judge_sentence
from eval.measures.retrieval import retrieval_scores
from eval.summary import POOLED


@pytest.mark.parametrize(
    ("answer", "wording"),
    [
        ("Angka terbaru adalah 602 orang meninggal. [1]", "602"),
        ("It cost 16.83 trillion rupiah.", "Rp16,83 triliun"),
        ("Gubernur dilantik pada March 3, 2024.", "3 Maret 2024"),
        ("About 300,000 people fled.", "300.000 orang"),
        ("The Rahmatullah Mosque stood.", "Rahmatullah Mosque"),
        ("It was the Rahmatullah Mosque.", "Rahmatullah Mosque"),
        ("Rahmatullah Mosque", "the Rahmatullah Mosque"),
        ("Quiet Place", "A Quiet Place"),
        ("minum vitamin A, lalu tidur", "vitamin A"),
        ("a record $5 million", "the $5 million"),
        ("It is a “big” dog", "a big dog"),
        ("The Beatles", "THE BEATLES"),
        ("dibuka oleh José Ramos", "Jose Ramos"),
        ("Presiden B.J. Habibie", "BJ Habibie"),
        ("Presiden BJ Habibie", "B.J. Habibie"),
        ("J. K. Rowling wrote it", "J.K. Rowling"),
        ("pada hari Jum'at", "Jumat"),
        ("the U.S. Senate", "US"),
        ("Alibaba’s Qwen", "Alibaba"),
        ("Rapat selesai.Ia pulang", "selesai"),
        ("naik 3.5 percent", "3,5 persen"),
        ("mulai pukul 19.30 WIB", "19:30 WIB"),
        ("pada 2024. 7 orang", "7 orang"),
        ("3-5 persen", "5 persen"),
        ("antara 10 -15 orang", "15 orang"),
        ("between 5.25 and 5.50 percent", "5.25%-5.50%"),
        ("about minus 271.3 °C", "-271.3 °C"),
        ("suhu −5 °C", "minus 5 °C"),
        ("wabah Covid-19", "Covid 19"),
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
        ("vitamin C", "vitamin A"),
        ("Serie B Italia", "Serie A"),
        ("sebesar 3,5 persen", "5 persen"),
        ("Ada 1.234 orang tewas", "234 orang"),
        ("It cost 2.5 million", "5 million"),
        ("0,25 persen", "25 persen"),
        ("pukul 19.30", "pukul 19"),
        ("suhu -5 °C", "5 °C"),
        ("minus 5 °C", "5 °C"),
        ("suhu 5 °C", "-5 °C"),
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
    assert refusal_precision(OUTCOMES) == mean_interval([0.0, 1.0])
    assert refusal_precision(OUTCOMES[2:] * 4).low > 0
    assert math.isnan(refusal_precision(OUTCOMES[:3]).mean)


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
    halves = [(1, Span("a", 0, 50)), (2, Span("a", 50, 100)), (2, Span("a", 40, 60)), (3, Span("b", 0, 9))]
    assert citation_precision([Span("a", 0, 100)], halves) == 1.0
    assert citation_precision([Span("a", 45, 145)], halves) == pytest.approx(0.55)


def test_exactness_by_hand() -> None:
    texts = {"a": "Menara Alfa selesai 1931."}
    right, shifted = (Span("a", 0, 11), "Menara Alfa"), (Span("a", 1, 12), "Menara Alfa")
    assert exactness([right, shifted, (Span("b", 0, 1), "x")], texts) == pytest.approx(1 / 3)


def test_calibration_bins_by_hand() -> None:
    # Bins of three and two; the two answers of confidence .5 are half right each, whoever comes first.
    confidence, right = [0.9, 0.5, 0.1, 0.5, 0.7], [1.0, 1.0, 0.0, 0.0, 0.0]
    low, high = calibration_bins(confidence, right, bins=2)
    assert [low.confidence, low.right, low.n] == pytest.approx([1.1 / 3, 1 / 3, 3])
    assert [high.confidence, high.right, high.n] == pytest.approx([0.8, 1 / 2, 2])
    by_hand = (3 * (1.1 / 3 - 1 / 3) + 2 * (0.8 - 1 / 2)) / 5
    assert calibration_error(confidence, right, bins=2) == pytest.approx(by_hand)
    assert calibration_bins([], []) == []
    assert math.isnan(calibration_error([], []))


def test_the_interval_of_the_calibration_error_allows_for_its_bias() -> None:
    # Perfectly calibrated answers: the truth is 0, the estimate above it, and a bootstrap's percentiles too.
    draw = np.random.default_rng(7)
    confidence = draw.uniform(0.3, 0.95, 135)
    answers = [Outcome(True, True, bool(draw.random() < c), float(c)) for c in confidence]
    found = calibration_interval(answers)
    assert found.mean == error_of(answers)
    assert found.mean > 0.05
    assert statistic_interval(answers, error_of).low > 0
    assert found.low == 0.0
    assert found.mean < found.high < 1.0
    # Answers that are far too sure: the interval is above 0 and holds the truth, .4.
    wrong = [Outcome(True, True, bool(draw.random() < c - 0.4), float(c)) for c in confidence.clip(0.5)]
    found = calibration_interval(wrong)
    assert 0.2 < found.low < 0.4 < found.high


def test_a_value_between_changes_no_interval_much() -> None:
    shares = [1.0] * 30 + [0.0] * 10
    # 40 shares of mean .75, Wilson's by hand: (.75 + .048 ± 1.96 · sqrt(.75 · .25 / 40 + .0006)) / 1.096.
    assert str(mean_interval(shares)) == "0.750 [0.598, 0.858]"
    between = mean_interval([*shares, 0.75])
    assert (between.low, between.high) == pytest.approx((0.600, 0.857), abs=0.001)
    # Values of one mean spread most where all are 0 or 1.
    assert mean_interval([0.5] * 40) == mean_interval([0.0, 1.0] * 20)


@pytest.mark.parametrize("same", [0.0, 0.5, 1.0])
def test_a_value_between_makes_no_loss_of_chance(same: float) -> None:
    before = [1.0] * 156
    for lost, by_chance in ((4, True), (6, False)):
        after = [0.0] * lost + [1.0] * (156 - lost)
        found = difference_interval([*after, same], [*before, same])
        assert (found.high >= 0) is by_chance
    # Two half losses and a half win, by hand: (-.5 ± 1.96 · sqrt(.75 + 1 - .25 / 8)) / 8.
    found = difference_interval([0.5, 0.5, 1.0, same, same, same], [1.0, 1.0, 0.5, same, same, same])
    assert found.mean == pytest.approx(-0.5 / 6)
    assert (found.low, found.high) == pytest.approx((-0.3837, 0.2587), abs=1e-3)


def test_what_the_resamples_agree_on_is_not_certain() -> None:
    sure = [Outcome(True, True, True, 0.9), Outcome(False, False, False, 0.1)]
    for outcomes in (sure * 20, [*OUTCOMES, *sure]):  # no spread; few questions
        for name in ("abstention AUROC", "area under risk"):
            found = POOLED[name].interval([o for o in outcomes if POOLED[name].over(o)])
            assert str(found).endswith("[–, –]")
    assert POOLED["abstention AUROC"].interval(OUTCOMES * 3).low > 0


def test_one_answer_has_no_interval() -> None:
    for found in (
        mean_interval([1.0]),
        difference_interval([0.0], [1.0]),
        statistic_interval([1.0], lambda rows: rows[0]),
        calibration_interval([Outcome(True, True, True, 0.9)]),
    ):
        assert not math.isnan(found.mean)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert str(found).endswith("[–, –]")
    for found in (mean_interval([]), calibration_interval([]), statistic_interval([], area_under_risk)):
        assert str(found) == "– [–, –]"


def test_retrieval_by_hand() -> None:
    gold = [(1, Span("a", 0, 10)), (2, Span("a", 20, 30)), (2, Span("b", 0, 10))]
    nothing, first, second = Span("c", 0, 40), Span("a", 0, 12), Span("b", 0, 12)
    # Ranks 2 and 3: (1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3)).
    found = retrieval_scores([nothing, first, second], gold)
    assert (found["MRR"], found["recall@1"], found["recall@5"]) == (1 / 2, 0.0, 1.0)
    assert found["nDCG@10"] == pytest.approx((1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3)))
    # One of two groups, first; the other would have been the second passage of the ideal order.
    half = retrieval_scores([first, nothing], gold)
    assert (half["recall@1"], half["recall@20"], half["MRR"]) == (1 / 2, 1 / 2, 1.0)
    assert half["nDCG@10"] == pytest.approx(1 / (1 + 1 / math.log2(3)))
    assert set(retrieval_scores([], gold).values()) == {0.0}
    with pytest.raises(ValueError, match="no gold"):
        retrieval_scores([first], [])


def test_a_passage_of_two_gold_groups_brings_both_by_hand() -> None:
    gold = [(1, Span("a", 0, 10)), (2, Span("a", 20, 30)), (3, Span("b", 0, 10))]
    both, third, nothing = Span("a", 0, 40), Span("b", 0, 12), Span("c", 0, 40)
    found = retrieval_scores([both, nothing, nothing, nothing, third], gold)
    assert found["recall@1"] == pytest.approx(2 / 3)
    assert (
        found["recall@5"] == 1.0
    )  # the fifth passage, which the second group of the first doesn't push to sixth
    # Grades 2, 0, 0, 0, 1 against 2, 1 in the ideal order.
    assert found["nDCG@10"] == pytest.approx((2 + 1 / math.log2(6)) / (2 + 1 / math.log2(3)))
    # What was brought is not brought again.
    again = retrieval_scores([both, both, third], gold)
    assert again["nDCG@10"] == pytest.approx((2 + 1 / math.log2(4)) / (2 + 1 / math.log2(3)))


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


@pytest.mark.parametrize(
    ("text", "beside", "given"),
    [
        ("BNPB mencatat 271 orang meninggal.", "BNPB mencatat 271 orang meninggal.", True),
        ("The agency counted 271 dead.", "The agency counted 271 dead.", True),
        ("Korban meninggal 602 orang.", "Korban meninggal 602 orang.", False),
        (
            "Jumlahnya direvisi dari 271 menjadi 602 orang.",
            "Jumlahnya direvisi dari 271 menjadi 602 orang.",
            False,
        ),
        ("Semula 271 orang meninggal.", "Semula 271 orang meninggal. Kini 602 orang.", False),
        ("Gempa itu dangkal.", "Gempa itu dangkal.", False),
        ("BNPB mencatat 1.271 orang meninggal.", "BNPB mencatat 1.271 orang meninggal.", False),
        ("The agency counted 5.271 million dead.", "The agency counted 5.271 million dead.", False),
        ("Suhu -271 °C.", "Suhu -271 °C.", False),
    ],
)
def test_an_older_figure_is_seen_where_it_is_the_answer(text: str, beside: str, given: bool) -> None:
    assert gives_superseded(text, beside, ["271 orang meninggal"], [["602 orang"]]) == given
    assert not gives_superseded(text, beside, [], [["602 orang"]])
