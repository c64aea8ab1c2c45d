"""Files and payloads → articles.

`fields` checks what a payload or a file says. `files` walks files and folders and gives, for each article,
either the article or the reason why it cannot be taken in, so that one bad file never stops the others; it
reads plain text and JSON lines itself, and has `service.formats` read the rest.
"""

from service.articles.fields import (
    FIELDS,
    MAX_ID_CHARS,
    SILENT_FIELDS,
    article_from_fields,
    article_from_json,
    check_id,
    json_object,
)
from service.articles.files import (
    READING,
    SUPPORTED,
    ArticleFailed,
    ArticleRead,
    ArticleResult,
    Origin,
    count_files,
    first_of_each_id,
    folder_files,
    is_feed,
    read_file,
    read_paths,
    read_streams,
)

__all__ = [
    "FIELDS",
    "MAX_ID_CHARS",
    "READING",
    "SILENT_FIELDS",
    "SUPPORTED",
    "ArticleFailed",
    "ArticleRead",
    "ArticleResult",
    "Origin",
    "article_from_fields",
    "article_from_json",
    "check_id",
    "count_files",
    "first_of_each_id",
    "folder_files",
    "is_feed",
    "json_object",
    "read_file",
    "read_paths",
    "read_streams",
]
