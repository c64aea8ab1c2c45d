from __future__ import annotations

from service.language import detect_language
from service.terms import fold, index_terms, query_terms, tokens


def test_numbers_compare_across_notations() -> None:
    assert tokens("Rp 16,83 triliun") == ["rp", "16.83", "triliun"]
    assert tokens("16.83 trillion")[0] == "16.83"


def test_folding_removes_case_and_diacritics() -> None:
    assert fold("Café ÉCOLE") == "cafe ecole"


def test_a_question_finds_terms_of_both_languages() -> None:
    assert set(query_terms("perusahaan")) & set(index_terms("perusahaan", "id"))
    assert set(query_terms("companies")) & set(index_terms("company", "en"))


def test_question_words_are_dropped_unless_they_are_all() -> None:
    assert query_terms("Siapa presiden itu?") == ["presiden"] or "siapa" not in query_terms(
        "Siapa presiden itu?"
    )
    assert query_terms("apa itu?")


def test_language_of_short_and_mixed_texts() -> None:
    assert detect_language("Siapa nama presiden?") == "id"
    assert detect_language("Who is the president?") == "en"
    assert detect_language("Startup AI itu launching product baru di Jakarta kemarin") == "id"
    assert detect_language("12345") == "id"


def test_a_number_of_hundreds_of_figures_is_a_word_like_any_other() -> None:
    assert query_terms("9" * 330) == ["9" * 330]


def test_a_number_in_words_is_looked_for_in_digits_too() -> None:
    assert "20" in query_terms("dua puluh pulau")
    assert "101" in query_terms("one hundred and one floors")
    assert "5" not in query_terms("lima pulau"), "in digits in every article"
    assert query_terms("20 pulau") == ["20", "pulau"]
