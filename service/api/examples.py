"""The examples of the documentation that belong together: an article, and what the service says where it has
that one. A test asks it."""

from __future__ import annotations

from pydantic.config import JsonDict

ARTICLE: JsonDict = {
    "title": "Jembatan baru dibuka",
    "text": "Jembatan Contoh dibuka pada 3 Maret 2024. Panjangnya 240 meter.",
    "url": "https://example.org/berita/jembatan-contoh",
    "source": "Contoh",
    "published": "2024-03-03",
    "language": "id",
    "tags": ["contoh"],
}
QUESTION: JsonDict = {"question": "Kapan Jembatan Contoh dibuka?"}
QUERY: JsonDict = {"query": "jembatan contoh", "limit": 5}

_ID = "url-a6df41e6c1f2d1d51d7d"
_VERSION = "884eb3604ccf0924d0f9056a72eac0bb7056529660f28010eed32a3c3c2f10e4"
_SENTENCE = "Jembatan Contoh dibuka pada 3 Maret 2024."
_PASSAGE: JsonDict = {
    "article_id": _ID,
    "version": _VERSION,
    "passage_id": "4e8ceca3ed35fb44feef7c0c9c1a7174",
    **{name: ARTICLE[name] for name in ("title", "url", "source", "published", "language")},
}

STORED: JsonDict = {
    "id": _ID,
    "version": _VERSION,
    "changed": True,
    "created": True,
    "state": "indexed",
    "passages": 1,
}
HEAD: JsonDict = {
    "id": _ID,
    "version": _VERSION,
    **{name: value for name, value in ARTICLE.items() if name != "text"},
    "author": None,
}
READ: JsonDict = {**HEAD, "text": ARTICLE["text"], "page_starts": [], "current": True}
LISTED: JsonDict = {"articles": [HEAD], "next_cursor": None}
DELETED: JsonDict = {"id": _ID, "purged": False}
FOUND: JsonDict = {
    "passages": [
        {
            **_PASSAGE,
            "text": ARTICLE["text"],
            "start": 0,
            "end": 63,
            "page": None,
            "score": 1.0,
            "vector_score": 0.569124,
            "vector_rank": 1,
            "keyword_score": 2e-06,
            "keyword_rank": 1,
            "also_in": [],
        }
    ]
}
ANSWERED: JsonDict = {
    "id": "345a7e690f15471f922bb243bc15ddbe",
    "status": "answered",
    "reason": None,
    "language": "id",
    "mode": "extractive",
    "fallback": None,
    "searched": QUESTION["question"],
    "understood": [],
    "answer": f"{_SENTENCE} [1]",
    "short_answer": "3 Maret 2024",
    "confidence": 0.9407,
    "calibrated": True,
    "sentences": [{"text": _SENTENCE, "start": 0, "end": 41, "citations": [1], "support": 1.0}],
    "citations": [
        {
            "marker": 1,
            **_PASSAGE,
            "quote": _SENTENCE,
            "start": 0,
            "end": 41,
            "page": None,
            "also_in": [],
            "older": [],
        }
    ],
    "passages": None,
    "models": {"embedder": "embedder-1", "reader": "reader-1", "judge": None, "llm": None},
    "timing_ms": {"rewrite": 1.4, "retrieve": 173.4, "read": 189.7, "answer": 1.0, "total": 365.5},
}

RESPONSES = {
    "AskOut": ANSWERED,
    "SearchOut": FOUND,
    "StoredOut": STORED,
    "ArticleOut": READ,
    "ArticlesOut": LISTED,
    "DeletedOut": DELETED,
}
"""By the name of their schema."""
