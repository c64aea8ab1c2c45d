"""Fields → an article, checked."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime

from service.errors import ArticleRejected
from service.formats.languages import language_code
from service.formats.utf8 import decode
from service.language import detect_language
from service.records import Article

FIELDS = ("id", "title", "text", "url", "source", "author", "published", "language", "tags", "page_starts")
MAX_ID_CHARS = 512
MAX_CHARS = {"title": 2_000, "url": 4_000, "source": 1_000, "author": 1_000}
MAX_TAGS = 100
MAX_TAG_CHARS = 1_000
MAX_PAGES = 100_000
SILENT_FIELDS = frozenset({"license"})
"""Of a file: they are no mistake, and not answered from."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CALENDAR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.,]+(?:Z|[+-][\d:]+)?)?", re.ASCII)
_TITLE_CHARS = 120


def article_from_fields(
    fields: Mapping[str, object], fallback_id: str | None = None
) -> tuple[Article, tuple[str, ...]]:
    """An article from the fields of `FIELDS`, and warnings about others.

    A missing id is `fallback_id`, else made from the URL, else from the content; a missing title is
    the text's first words; a missing language is detected. Raises ArticleRejected, naming the field.
    """
    known = {k: v for k, v in fields.items() if k in FIELDS}
    warnings = tuple(
        f"unknown field {k!r} is ignored" for k in fields if k not in FIELDS and k not in SILENT_FIELDS
    )
    text = known.get("text")
    if not isinstance(text, str):
        missing = text is None
        raise ArticleRejected(
            "it has no text" if missing else "its text is not a string", "empty" if missing else "invalid"
        )
    if not any(c.isalnum() for c in text):
        raise ArticleRejected("its text is empty" if not text.strip() else "its text has no word", "empty")
    strings = {name: _string(known, name) for name in ("title", "url", "source", "author", "language")}
    tags = _tags(known.get("tags"))
    for value in (text, *strings.values(), *tags):
        _check_characters(value)
    for name, most in MAX_CHARS.items():
        if len(strings[name] or "") > most:
            raise ArticleRejected(f"its {name} has more than {most:,} characters")
    title = strings["title"] or _first_words(text)
    told = strings["language"] or detect_language(f"{title}\n{text}")
    language = told.lower() if _LANGUAGE.fullmatch(told.lower()) else language_code(told)
    if language is None:
        raise ArticleRejected(f"its language {told!r} is not an ISO 639 code such as 'id'")
    identifier = known.get("id")
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        identifier = str(identifier)
    if identifier is None or identifier == "":
        identifier = fallback_id or _made_id(strings["url"], title, text)
    if not isinstance(identifier, str):
        raise ArticleRejected("its id is not a string")
    article = Article(
        id=check_id(identifier),
        title=title,
        text=text,
        language=language,
        url=strings["url"],
        source=strings["source"],
        author=strings["author"],
        published=_published(known.get("published")),
        tags=tags,
        page_starts=_page_starts(known.get("page_starts"), len(text)),
    )
    return article, warnings


def check_id(identifier: str) -> str:
    """`identifier` itself. Raises ArticleRejected where it can't be an id."""
    if not 1 <= len(identifier) <= MAX_ID_CHARS or identifier != identifier.strip():
        raise ArticleRejected(f"an id has 1 to {MAX_ID_CHARS} characters and no white space around")
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in identifier):
        raise ArticleRejected("an id has no control characters")
    if not {".", ".."}.isdisjoint(identifier.split("/")):  # clients take such parts of an address away
        raise ArticleRejected(f"an id has no part '.' or '..', as {identifier!r} has")
    return identifier


def article_from_json(line: bytes, fallback_id: str | None = None) -> tuple[Article, tuple[str, ...]]:
    """An article from one JSON object. Raises ArticleRejected with the reason."""
    return article_from_fields(json_object(line), fallback_id)


def json_object(line: bytes) -> dict[str, object]:
    """The JSON object on a line. Raises ArticleRejected where there is none."""
    try:
        fields = json.loads(decode(line), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ArticleRejected(f"not JSON: {error.msg} at character {error.pos + 1}", "unreadable") from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise ArticleRejected(f"not JSON: {error}", "unreadable") from None
    except RecursionError:
        raise ArticleRejected("not an article: JSON nested too deeply", "unreadable") from None
    if not isinstance(fields, dict):
        raise ArticleRejected("not a JSON object", "unreadable")
    return fields


def _refuse_constant(name: str) -> object:
    raise ArticleRejected(f"not JSON: {name} is no JSON number", "unreadable")


def _string(fields: dict[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ArticleRejected(f"its {name} is not a string")
    return value.strip() or None


def _published(value: object) -> str | None:
    if isinstance(value, datetime | date):
        return value.isoformat()
    value = value.strip() if isinstance(value, str) else value
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ArticleRejected("its published is not a date")
    _check_characters(value)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise ArticleRejected(f"its published {value!r} is not an ISO 8601 date") from None
    # Python takes any character between date and time.
    return value if _CALENDAR_DATE.fullmatch(value) else parsed.isoformat()


def _tags(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise ArticleRejected("its tags are not a list of strings")
    tags = tuple(dict.fromkeys(tag.strip() for tag in value if tag.strip()))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARS for tag in tags):
        raise ArticleRejected(
            f"it has more than {MAX_TAGS} tags, or one of over {MAX_TAG_CHARS:,} characters"
        )
    return tags


def _page_starts(value: object, length: int) -> tuple[int, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or any(type(start) is not int for start in value):
        raise ArticleRejected("its page_starts are not a list of offsets")
    if value and not (value[0] >= 0 and value[-1] <= length and list(value) == sorted(value)):
        raise ArticleRejected("its page_starts are not ascending offsets into its text")
    if len(value) > MAX_PAGES:
        raise ArticleRejected(f"it has more than {MAX_PAGES:,} pages")
    return tuple(value)


def _check_characters(value: str | None) -> None:
    if value is None:
        return
    if "\0" in value:
        raise ArticleRejected("it contains the character U+0000")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ArticleRejected(f"it contains half a surrogate pair at character {error.start}") from None


def _first_words(text: str) -> str:
    line = next(line for line in text.splitlines() if line.strip()).strip().lstrip("#").strip()
    if len(line) <= _TITLE_CHARS:
        return line
    return line[:_TITLE_CHARS].rsplit(" ", 1)[0] + " …"


def _made_id(url: str | None, title: str, text: str) -> str:
    kind, content = ("url", url) if url else ("text", f"{title}\n{text}")
    return f"{kind}-{hashlib.sha256(str(content).encode()).hexdigest()[:20]}"
