"""The write side: articles → passages → catalog, with the vector work queued behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from service.articles import ArticleFailed, ArticleResult
from service.catalog import Catalog, Holder, SourceFile, SourcesRecorded, Stored
from service.embeddings import Embedder
from service.indexer import Indexer
from service.passages import SPLITTER, split_article
from service.records import Article, Passage
from service.telemetry import Observer

BATCH_ARTICLES = 32
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """An article that whoever was to store it turned down, and why."""

    id: str
    reason: str


@dataclass(slots=True)
class IngestReport:
    """What became of a run. `failed` holds (origin or id, reason), `warned` (origin, warning);
    `passages` are those of the articles that are new or changed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    passages: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    warned: list[tuple[str, str]] = field(default_factory=list)

    def add(self, outcome: Stored | Refused) -> None:
        """Counts what became of one article."""
        if isinstance(outcome, Refused):
            self.failed.append((outcome.id, outcome.reason))
        elif not outcome.changed:
            self.unchanged += 1
        else:
            self.passages += outcome.passages
            if outcome.created:
                self.created += 1
            else:
                self.updated += 1


class Ingest:
    """Takes articles into one catalog and removes them."""

    def __init__(
        self, catalog: Catalog, embedder: Embedder, indexer: Indexer, observer: Observer | None = None
    ) -> None:
        self._observer = observer or Observer()
        self._catalog = catalog
        self._embedder = embedder
        self._indexer = indexer
        self.splitter = f"{SPLITTER}/{embedder.fingerprint}"

    def add(self, articles: Sequence[Article]) -> list[Stored]:
        """Makes each article the current version of its id; all of them or, on an error, none.

        Durable when it returns; found by search once the indexer has been there.
        """
        seen: set[str] = set()
        split: list[tuple[Article, list[Passage] | None]] = []
        for article in articles:
            # An id that comes twice in a batch is not what the catalog has now when its turn comes.
            unchanged = article.id not in seen and self._catalog.is_current(article, self.splitter)
            seen.add(article.id)
            split.append((article, None if unchanged else self._split(article)))
        fresh = [(article, passages) for article, passages in split if passages is not None]
        stored = iter(self._store(fresh) if fresh else [])
        outcomes = [
            next(stored) if passages is not None else self._unchanged(article) for article, passages in split
        ]
        if fresh:
            self._indexer.notify()
        return outcomes

    def delete(self, article_id: str, purge: bool = False) -> None:
        """Takes an article out of search; `purge` also removes every version's text and vectors.

        Raises ArticleNotFound.
        """
        self._catalog.delete(article_id, purge)
        self._indexer.notify()

    def sources(self, folder: str) -> dict[str, SourceFile]:
        """The files of a folder as they were last taken in, by name."""
        return self._catalog.sources(folder)

    def holders(self, folder: str, article_ids: Sequence[str]) -> list[Holder]:
        """The files of other folders that gave these articles as they are now; see the catalog."""
        return self._catalog.holders(folder, article_ids)

    def record_sources(
        self, folder: str, files: Sequence[SourceFile], gone: Sequence[str] = (), prune: bool = False
    ) -> SourcesRecorded:
        """Notes what files of a folder gave and which are gone, and removes with `prune`; see the catalog."""
        recorded = self._catalog.record_sources(folder, files, gone, prune)
        if recorded.removed:
            self._indexer.notify()
        return recorded

    def resplit(self) -> int:
        """Cuts anew whatever another splitter or embedder had cut. Returns how many articles."""
        outdated = self._catalog.outdated(self.splitter)
        for ids in batches(outdated, BATCH_ARTICLES):
            articles = [self._catalog.get_article(article_id) for article_id in ids]
            self._store([(a, self._split(a)) for a in articles])
        return len(outdated)

    def _store(self, articles: Sequence[tuple[Article, Sequence[Passage]]]) -> list[Stored]:
        with self._observer.timing("store"):
            return self._catalog.store(articles, self.splitter)

    def _split(self, article: Article) -> list[Passage]:
        with self._observer.timing("split"):
            return split_article(
                article, self._embedder.count_tokens, self._embedder.max_tokens, self.splitter
            )

    def _unchanged(self, article: Article) -> Stored:
        passages = self._catalog.passage_count(article.id)
        return Stored(article.id, article.version, changed=False, created=False, passages=passages)


def take_in(
    results: Iterable[ArticleResult],
    add: Callable[[Sequence[Article]], Sequence[Stored | Refused]],
    progress: Callable[[ArticleResult], None] | None = None,
    report: IngestReport | None = None,
) -> IngestReport:
    """Adds every article that could be read, in batches; what failed is in the report, added to the one
    given, and stops nothing else. `progress` is called with each result as it is read."""
    report = report if report is not None else IngestReport()
    for batch in batches(_accepted(results, report, progress), BATCH_ARTICLES):
        for outcome in add(batch):
            report.add(outcome)
    return report


def _accepted(
    results: Iterable[ArticleResult],
    report: IngestReport,
    progress: Callable[[ArticleResult], None] | None,
) -> Iterator[Article]:
    for result in results:
        if progress is not None:
            progress(result)
        if isinstance(result, ArticleFailed):
            report.failed.append((str(result.origin), result.reason))
        else:
            report.warned.extend((str(result.origin), warning) for warning in result.warnings)
            yield result.article


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of at most `size`, in order."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
