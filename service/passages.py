"""Article → passages: whole sentences packed up to the embedder's limit, each an exact slice."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence

from service.records import Article, Passage, Sentence
from service.sentences import split_sentences

SPLITTER = "sentences-6"
"""Changes whenever the same article would be cut differently; part of every passage id."""

_CONTEXT_SENTENCES, _CONTEXT_REACH = 3, 9
_TITLE_SHARE = 0.25
_WORD = re.compile(r"\S+\s*")

CountTokens = Callable[[str], int]


def embedding_text(title: str, passage: str) -> str:
    """What is embedded for a passage: the article's title, then the passage."""
    return f"{title}\n{passage}" if title else passage


def split_article(
    article: Article, count_tokens: CountTokens, max_tokens: int, splitter: str
) -> list[Passage]:
    """The passages of an article, in text order; none for a text without any word.

    `count_tokens` is the embedder's own (without its special tokens), `max_tokens` what it takes in
    one text besides those. A title may use a quarter of it. Passages don't overlap, cover every
    sentence, and begin a new one at a heading once half full. A sentence that is too long alone is
    cut between words. `splitter` names splitter and embedder limit; it goes into the ids.
    """
    sentences = split_sentences(article.text)
    title_tokens = min(
        count_tokens(article.title + "\n") if article.title else 0, int(max_tokens * _TITLE_SHARE)
    )
    budget = max_tokens - title_tokens
    spans: list[tuple[int, int]] = []
    start = end = used = 0
    for sentence in sentences:
        tokens = count_tokens(article.text[sentence.start : sentence.end])
        breaks = sentence.kind == "heading" and used * 2 >= budget
        if used and (breaks or used + tokens > budget):
            spans.append((start, end))
            used = 0
        if tokens > budget:
            spans.extend(_cut(article.text, sentence.start, sentence.end, count_tokens, budget))
            continue
        if not used:
            start = sentence.start
        end, used = sentence.end, used + max(tokens, 1)
    if used:
        spans.append((start, end))
    version = article.version
    return [_passage(article, version, a, b, sentences, splitter) for a, b in spans]


def _cut(text: str, start: int, end: int, count_tokens: CountTokens, budget: int) -> list[tuple[int, int]]:
    """Pieces of an overlong sentence, between words where they are short enough, else anywhere."""
    pieces: list[tuple[int, int]] = []
    left = right = start
    used = 0
    words = deque((m.start(), m.end()) for m in _WORD.finditer(text, start, end))
    while words:
        word_start, word_end = words.popleft()
        tokens = count_tokens(text[word_start:word_end])
        if tokens > budget and word_end - word_start > 1:
            middle = (word_start + word_end) // 2
            words.extendleft([(middle, word_end), (word_start, middle)])
            continue
        if used and used + tokens > budget:
            pieces.append((left, right))
            left, used = word_start, 0
        right, used = word_end, used + max(tokens, 1)
    pieces.append((left, right))
    return [(a, a + len(text[a:b].rstrip())) for a, b in pieces]


def _passage(
    article: Article, version: str, start: int, end: int, sentences: Sequence[Sentence], splitter: str
) -> Passage:
    first = bisect_right(sentences, start, key=lambda s: s.end)
    last = bisect_left(sentences, end, key=lambda s: s.start)
    around = tuple(sentences[_context_start(sentences, first) : last])
    window_start = around[0].start
    name = "\0".join((article.id, version, str(start), str(end), splitter))
    return Passage(
        id=hashlib.sha256(name.encode()).hexdigest()[:32],
        article_id=article.id,
        version=version,
        start=start,
        end=end,
        text=article.text[start:end],
        sentences=around,
        window_start=window_start,
        window=article.text[window_start : around[-1].end],
    )


def _context_start(sentences: Sequence[Sentence], first: int) -> int:
    """The first of the sentences and headings that are kept before a passage as its context.

    Asides don't count, such as the commas between joined paragraphs, but no more than a few are gone past:
    else a long row of them would be kept with every passage behind it.
    """
    start = first
    told = 0
    for i in range(first - 1, max(first - _CONTEXT_REACH, 0) - 1, -1):
        if sentences[i].kind != "aside":
            start, told = i, told + 1
        if told == _CONTEXT_SENTENCES:
            break
    return start
