"""Markdown with front matter: the text without its marks, tables as sentences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import zip_longest
from typing import ClassVar

import frontmatter
import yaml
from frontmatter.default_handlers import BaseHandler, SafeLoader, YAMLHandler
from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.errors import ArticleRejected
from service.formats import Extract
from service.formats.markup import fragment_text, is_power, squeeze
from service.formats.tables import Cell, table_blocks
from service.formats.utf8 import decode

_MOST_CHARS = 100_000  # of front matter: what a long list of tags or pages needs; read in 0.5 s at the worst
_PARTING = re.compile(r"</?(?:br|p|div|li|tr|t[dh]|h[1-6])\b", re.IGNORECASE)
_SILENT = re.compile(r"<(/?)(?:script|style|del|s|strike)\b", re.IGNORECASE)
_TOML_FIELD = re.compile(r"^\s*[\w.\"'-]+\s*=", re.MULTILINE)
_NULL, _MERGE, _INT, _TIMESTAMP = (
    f"tag:yaml.org,2002:{tag}" for tag in ("null", "merge", "int", "timestamp")
)


class _Written(str):
    """A number or date of YAML as it is written, which is what it is in a field of text; and what it means,
    None where that is nothing, such as 2026-13-01."""

    meant: int | date | None = None


class _Loader(SafeLoader):  # type: ignore[valid-type, misc]
    """Takes the characters of a scalar as they are: YAML would read the id 0123 as 83, 12:30:45 as 45045 and
    the language no as false."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in told if tag in (_NULL, _MERGE, _INT, _TIMESTAMP)]
        for first, told in SafeLoader.yaml_implicit_resolvers.items()
    }

    def written(self, node: yaml.ScalarNode) -> _Written:
        written = _Written(self.construct_scalar(node))
        construct = self.construct_yaml_int if node.tag == _INT else self.construct_yaml_timestamp
        with suppress(ValueError):
            written.meant = construct(node)
        return written


_Loader.add_constructor(_INT, _Loader.written)
_Loader.add_constructor(_TIMESTAMP, _Loader.written)


class _Toml(BaseHandler):
    """TOML between rules of plus signs, as Hugo has it; python-frontmatter's own needs another package."""

    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)

    def load(self, fm: str) -> dict[str, object]:
        # As in YAML, what is no date and no list is text as it is written.
        return {
            name: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
            for name, value in tomllib.loads(fm).items()
        }


_HANDLERS = (*frontmatter.handlers, _Toml())


def read(data: bytes) -> list[Extract]:
    """The one article of a file: the front matter's fields, the text, and the top heading as title.

    Raises ArticleRejected for what is not UTF-8, and where the front matter cannot be read.
    """
    text = decode(data)
    try:
        fields, body = _front_matter(text.rstrip())
    # ValueError: JSON or TOML that is none. The others: tags of YAML on values that they don't fit.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        written = "TOML" if text.lstrip().startswith("+++") else "YAML"
        raise ArticleRejected(f"its front matter is not {written}{where}", "unreadable") from None
    # What stands between two rules and has no fields is text.
    plain, heading = _plain_markdown(body if fields else text)
    fields = {str(k): v for k, v in fields.items()}
    if "text" in fields:
        raise ArticleRejected("its front matter has a field 'text'; the text is what follows it")
    published = fields.get("published")
    moment = published.meant if isinstance(published, _Written) else published
    if isinstance(moment, date):
        fields["published"] = moment.isoformat()
    if isinstance(starts := fields.get("page_starts"), list):
        fields["page_starts"] = [s.meant if isinstance(s, _Written) else s for s in starts]
    known = {name: _as_json(value) for name, value in fields.items()}
    title = heading if known.get("title") in (None, "") else known["title"]
    if plain and heading and squeeze(str(title)).casefold() != squeeze(heading).casefold():
        opening = f"# {heading}\n\n"
        plain = opening + plain
        if isinstance(starts := known.get("page_starts"), list):
            known["page_starts"] = [s + len(opening) if isinstance(s, int) and s else s for s in starts]
    return [Extract({**known, "title": title, "text": plain})]


def _as_json(value: object) -> object:
    """A value of YAML as the reply can carry it. A mapping, a set, bytes and a date become {}: no field takes
    those, nor that."""
    if isinstance(value, list):
        return [one if isinstance(one, str | int | float) else {} for one in value]
    return value if value is None or isinstance(value, str | int | float) else {}


def _front_matter(text: str) -> tuple[dict[str, object], str]:
    """The fields, none where there is no front matter, and what follows them."""
    blank = text[: len(text) - len(text.lstrip())].count("\n")
    text = text.lstrip()
    handler = frontmatter.detect_format(text, _HANDLERS)
    try:
        matter, body = handler.split(text) if handler is not None else ("", text)
    except ValueError:  # a rule that opens the text, and no other
        return {}, text
    if handler is None:
        return {}, text
    if isinstance(handler, _Toml) and not _TOML_FIELD.search(matter):
        return {}, text
    if len(matter) > _MOST_CHARS:
        raise ArticleRejected(f"its front matter is longer than {_MOST_CHARS} characters", "too_large")
    if isinstance(handler, YAMLHandler):
        above = blank + text[: text.index(matter)].count("\n")
        matter = "\n" * above + matter  # errors name the file's lines
        # A few bytes of aliases and merge keys stand for any number of fields, and take the time of as many.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(matter, Loader=SafeLoader)):
            raise ArticleRejected("its front matter has an alias (*name); write the value out", "over_bounds")
        fields = handler.load(matter, Loader=_Loader)
    else:
        fields = handler.load(matter)
    return (fields if isinstance(fields, dict) else {}), body.strip()


def _plain_markdown(body: str) -> tuple[str, str | None]:
    """The readable text of a Markdown body, and its top heading where it opens with one.

    Emphasis, links, images and HTML lose their marks; headings keep theirs (`## `), so that they can be
    told from sentences; a line break inside a paragraph becomes a space; a row of a table a sentence.
    """
    blocks: list[str] = []
    top: str | None = None
    prefix, depth = "", 0
    tokens = iter(MarkdownIt("commonmark", {"html": True}).enable("table").parse(body))
    for token in tokens:
        if token.type == "table_open":
            blocks.extend(table_blocks(_rows(tokens)))
        elif token.type == "heading_open":
            prefix = token.markup if token.markup.startswith("#") else "#" * int(token.tag[1])
            prefix += " "
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "list_item_open":
            prefix = "  " * (depth - 1) + (f"{token.info}{token.markup} " if token.info else "- ")
        elif token.type == "inline":
            content = _inline_text(token)
            if prefix == "# " and not blocks and top is None:
                top = content
            elif content:
                blocks.append(prefix + content)
            prefix = ""
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip("\n"))
        elif token.type == "html_block":
            blocks.extend(filter(None, [fragment_text(token.content)]))
    return "\n\n".join(blocks), top


def _rows(tokens: Iterator[Token]) -> list[list[Cell]]:
    """The rows of the table that was just opened, up to its end."""
    rows: list[list[Cell]] = []
    head = False
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            head = token.type == "th_open"
        elif token.type == "inline":
            rows[-1].append(Cell(_inline_text(token), head))
    return rows


def _inline_text(token: Token) -> str:
    parts: list[str] = []
    is_silent = has_markup = False
    children = token.children or []
    for child, following in zip_longest(children, children[1:]):
        if child.type == "html_inline":
            has_markup = True
            if silent := _SILENT.match(child.content):
                is_silent = not silent[1]
            elif _PARTING.match(child.content):
                parts.append(" ")
            elif child.content.lower().startswith("<sup") and parts and following:
                parts.extend("^" * is_power(parts[-1], following.content))  # 10^6, which is not 106
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type != "image" and not is_silent:
            parts.append(child.content)
    text = "".join(parts).strip()
    return squeeze(text) if has_markup else text
