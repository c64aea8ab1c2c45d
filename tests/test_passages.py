from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.embeddings import BundledEmbedder, HashingEmbedder
from service.passages import embedding_text, split_article
from service.records import Article, Passage
from tests.test_sentences import ANYTHING


def count(text: str) -> int:
    return len(text.split())


def check(article: Article, passages: list[Passage]) -> None:
    end = 0
    for passage in passages:
        assert article.text[passage.start : passage.end] == passage.text
        assert passage.text
        assert not article.text[end : passage.start].strip()
        end = passage.end
        window_end = passage.window_start + len(passage.window)
        assert article.text[passage.window_start : window_end] == passage.window
        assert passage.window_start <= passage.start < passage.end <= window_end
        for sentence in passage.sentences:
            assert passage.slice(sentence.start, sentence.end) == article.text[sentence.start : sentence.end]
    assert not article.text[end:].strip()
    assert len({p.id for p in passages}) == len(passages)


@given(ANYTHING, st.text(max_size=40), st.integers(4, 40))
def test_exact_slices_of_any_text(text: str, title: str, limit: int) -> None:
    article = Article("a", title, text, "id")
    check(article, split_article(article, count, limit, "s"))


@given(
    st.lists(
        st.sampled_from(["Sama saja. ", "Sama saja.\r\n", "Lain lagi? ", "😀é\u0301 ‏שלום. "]), max_size=40
    )
)
def test_repeated_sentences_keep_their_own_places(parts: list[str]) -> None:
    article = Article("a", "Judul", "".join(parts), "id")
    check(article, split_article(article, count, 8, "s"))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.sampled_from(["Perekonomian ", "tumbuh. ", "Rp 16,83 ", "triliun. ", "x" * 300 + " ", "🙂 "]),
        min_size=1,
        max_size=400,
    )
)
def test_the_embedders_own_limit_holds(parts: list[str]) -> None:
    embedder = BUNDLED
    article = Article("a", "Judul yang tidak terlalu panjang", "".join(parts), "id")
    passages = split_article(article, embedder.count_tokens, embedder.max_tokens, "s")
    check(article, passages)
    for passage in passages:
        assert embedder.count_tokens(embedding_text(article.title, passage.text)) <= embedder.max_tokens


BUNDLED = BundledEmbedder()


def test_the_title_is_embedded_and_not_stored() -> None:
    article = Article("a", "Judul", "Isi berita.", "id")
    (passage,) = split_article(article, count, 50, "s")
    assert passage.text == "Isi berita."
    assert embedding_text(article.title, passage.text) == "Judul\nIsi berita."


def test_ids_depend_on_article_version_and_splitter() -> None:
    embedder = HashingEmbedder()

    def ids(article: Article, splitter: str) -> set[str]:
        return {p.id for p in split_article(article, embedder.count_tokens, 20, splitter)}

    article = Article("a", "T", "Satu kalimat.", "id")
    assert ids(article, "1") == ids(article, "1")
    assert not ids(article, "1") & ids(article, "2")
    assert not ids(article, "1") & ids(Article("b", "T", "Satu kalimat.", "id"), "1")
    assert not ids(article, "1") & ids(Article("a", "T2", "Satu kalimat.", "id"), "1")


def test_an_overlong_sentence_is_cut_between_words_and_keeps_its_whole_in_the_window() -> None:
    article = Article("a", "", " ".join(f"kata{i}" for i in range(50)) + ".", "id")
    passages = split_article(article, count, 20, "s")
    assert [count(p.text) for p in passages] == [20, 20, 10]
    assert all(p.window == article.text for p in passages)


@pytest.mark.parametrize("opening", ["Baca juga: ", "# ", "Read also: "])
def test_a_long_aside_or_heading_is_not_kept_whole_with_each_of_its_pieces(opening: str) -> None:
    article = Article("a", "", opening + "kata panjang " * 5_000, "id")
    passages = split_article(article, count, 50, "s")
    check(article, passages)
    assert max(len(p.window) for p in passages) < 10_000


def context(text: str) -> list[str]:
    """What the last passage of five words is kept with, before it."""
    article = Article("a", "", text, "id")
    passages = split_article(article, count, 5, "s")
    check(article, passages)
    last = passages[-1]
    return [last.slice(s.start, s.end) for s in last.sentences if s.end <= last.start]


def test_the_context_before_a_passage_is_three_sentences() -> None:
    told = [f"Kalimat nomor {name} ada di sini." for name in ("satu", "dua", "tiga", "empat", "lima")]
    assert context(" ".join(told)) == told[1:4]
    assert [s for s in context(",".join(told)) if s != ","] == told[1:4]
    assert context(f"{' '.join(told[:4])}\n\nBaca juga: Judul Lain\n\n{told[4]}")[:3] == told[1:4]


def test_a_row_of_asides_is_not_kept_with_every_passage() -> None:
    told = "Kalimat pertama ada di sini."
    asides = "\n".join(f"Baca juga: Judul Lain Nomor {i}" for i in range(30))
    assert context(f"{told}\n\n{asides}\n\nKalimat kedua ada di sini.") == []
