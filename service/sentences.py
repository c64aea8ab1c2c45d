"""Text → sentences, headings and asides, each an exact slice.

A wrong boundary becomes a half sentence in somebody's answer, so in doubt two sentences stay
together. A full stop ends a sentence only before white space and something that can begin one, not
after an abbreviation, an initial or an enumerator, and not inside a quotation or a parenthesis.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from service.records import Sentence, SentenceKind

# Followed by a name or a number, so never the end of a sentence.
_BEFORE_NAME = frozenset(
    """dr drs dra ir prof h hj kh ust tgk st tn ny nn sdr sdri jend letjen mayjen brigjen kol letkol kapt
    irjen komjen kombes akbp akp kompol iptu ipda aiptu aipda bripka brigpol serka serda kades pt cv ud
    fa jl jln gg kel kec kab rt rw a.n u.p d.a s.d c.q mr mrs ms messrs gen col lt sgt capt cmdr maj rep
    sen gov pres hon rev fr mt ft ave blvd e.g i.e cf vs v approx ca al""".split()
)
# Followed by a digit or a Roman numeral: "No. 5 Tahun 2020"; "No. Not at all" is two sentences.
_BEFORE_NUMBER = frozenset(
    """no nos nomor vol hal hlm pp p art ps fig ed ch sec par jan feb mar apr mei jun jul agu aug sep sept
    okt oct nov des dec rp tgl bab""".split()
)
# These end a sentence or stand inside one; what follows decides.
_AMBIGUOUS = frozenset(
    """tbk inc ltd corp co llc jr sr a.m p.m am pm ph.d m.d m.sc m.si s.h m.h s.e m.m s.t s.ag m.pd s.pd
    b.a m.a b.sc m.eng s.kom s.sos s.ip m.kn sp.pd esq est dept univ gov no""".split()
)
# Words that open sentences and seldom stand capitalised inside them.
SENTENCE_OPENERS = frozenset(
    """ia dia mereka kami kita saya beliau ini itu hal hasil namun tetapi tapi meski meskipun sementara
    selain sebelumnya setelah sesudah ketika saat pada di dari untuk dengan dalam karena oleh menurut
    adapun akan apabila bila jika kalau sebab sebagai sejak seperti tidak bukan bahkan kemudian lalu
    selanjutnya akibatnya sedangkan padahal perusahaan para pihak semua banyak the he she it they we i
    you this that these those in on at by for from with after before when while as if but and or however
    although though since there here his her its their our an many some most all no yes meanwhile
    according during under what who why how where""".split()
)

# Possessive, and only from where a run of marks begins: a run that ends nothing is read once.
_TERMINATOR = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s|$)|[。！？]++[」』”]*+")
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘«/]+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_ROMAN_OR_DIGIT = re.compile(r"\d|[IVXLC]+\b")
_NEXT_WORD = re.compile(r"\w+")
_BULLET = re.compile(r"\s*(?:[-*•–—·]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
_MARKDOWN_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_ENDS_LINE = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*$")
_HEADING_WORDS, _HEADING_CHARS = 14, 100
_QUOTATION_CHARS, _PARENTHESIS_CHARS = 600, 300
_WRAP_CHARS = 60
_REACH_CHARS = 60
_LONGEST_CHARS = 2_000
_NOT_SPACE = re.compile(r"\S")

_ASIDE = re.compile(
    r"""^[^\w"“]*(?:
        baca\s+(?:juga|selengkapnya|lebih\s+lanjut) | lihat\s+juga | simak\s+(?:juga|video|selengkapnya|pula)
      | (?:saksikan|tonton)\s+(?:juga|video) | artikel\s+(?:terkait|ini\s+telah) | scroll\s+to\s+continue
      | read\s+also\b | also\s+read\b | see\s+also\b | related\s*: | advertisement\s*$
      | iklan\s*$ | gambas\s*:
      | (?P<label> read\s+more(?!\s+than)\b
          | (?:foto|photo|image|video|caption|ilustrasi|sumber\s+foto)\s*:
          | (?:penulis|reporter|editor|pewarta|redaktur|kontributor|laporan\s+wartawan)\s*: )
      | dapatkan\s+update\s+berita | ikuti\s+(?:kami|berita|saluran|channel) | sign\s+up\s+for
      | subscribe\s+to | (?:follow|join)\s+us\b | (?:unduh|download)\s+(?:aplikasi|our\s+app|the\s+app)
      | get\s+our\s+newsletter | jangan\s+lewatkan\s+berita | pilihan\s+(?:editor|redaksi)\s*+(?::\s*+)?$
      | (?:copyright|hak\s+cipta)\s*(?:©|\(c\)|\d{4}) | all\s+rights\s+reserved\W*$
      | (?:foto|photo|image)s?\s+(?:by|oleh|courtesy) | getty\s+images\b
      | \(?\w{2,5}\s*/\s*\w{2,5}\)?\W*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# "JAKARTA, KOMPAS.com - ", "Jakarta (ANTARA) - ", "LONDON, March 3 (Reuters) — ": a place and who reports,
# the one in capitals or the other told. A bare "Jakarta - " may open "Jakarta - Bandung".
_PLACE = r"[A-Z][\w.'’]*(?:[ /][A-Z][\w.'’]*){0,3}"
_AGENCY = r"\(\s*(?:[A-Z]{2,}|Reuters|[\w.]+\.com?\b)[^()\n]{0,20}\)"
_DATELINE = re.compile(
    rf"(?:{_PLACE}\s*(?:,\s*[\w./ ]{{1,30}}?)?{_AGENCY}|{_PLACE}\s*,\s*{_PLACE}"
    r"|[A-Z]{5,}(?:[ /][A-Z]{3,}){0,2})\s*(?:--?|–|—)\s+(?=[A-Z\"“‘])"
)
_LABELLED_CHARS = 160
"""Behind a label, a longer line of several sentences is the story, where a text is all on one line."""
_DATELINE_MARK = re.compile(r"\b[A-Z]{2,}\b|\.com?\b|\(Reuters")
_SHORTEST_REPEATED_CHARS = 40
# Possessive: a line in capitals can be cut into names in more ways than anybody can wait for.
_BYLINE = re.compile(r"^(?:[Oo]leh|OLEH|[Bb]y|BY)(?:\s*+:\s++|\s++)(?:[A-Z][\w.'’-]*+[\s,]*+){1,6}+$")


def split_sentences(text: str) -> list[Sentence]:
    """The sentences, headings and asides of `text`, in order.

    They don't overlap, are trimmed, and together cover every character that isn't white space.
    An empty or blank text has none.
    """
    found: list[Sentence] = []
    for start, end, kind in _blocks(text):
        if kind == "sentence":
            found.extend(_split_block(text, start, end))
        else:
            found.append(Sentence(start, end, kind))
    return found


def _blocks(text: str) -> list[tuple[int, int, SentenceKind]]:
    """Paragraphs, with hard-wrapped lines joined; headings and asides stand alone."""
    lines = [
        (start, end)
        for start, end in (_trim(text, m.start(), m.end()) for m in _LINE.finditer(text))
        if start < end
    ]
    blocks: list[tuple[int, int, SentenceKind]] = []
    seen: set[str] = set()
    for i, (start, end) in enumerate(lines):
        line = text[start:end]
        repeated = len(line) >= _SHORTEST_REPEATED_CHARS and line.casefold() in seen
        seen.add(line.casefold())
        if repeated or _is_aside(line) or _BYLINE.match(line):
            blocks.append((start, end, "aside"))
        elif _MARKDOWN_HEADING.match(line) or _is_heading(text, lines, i, blocks[-1][2] if blocks else None):
            blocks.append((start, end, "heading"))
        elif blocks and _continues(text, blocks[-1], lines[i - 1], start):
            blocks[-1] = (blocks[-1][0], end, "sentence")
        else:
            blocks.append((start, end, "sentence"))
    return blocks


def _is_aside(line: str) -> bool:
    found = _ASIDE.match(line)
    if found is None:
        return False
    long = found["label"] is not None and len(line) > _LABELLED_CHARS
    return not (long and any(_is_boundary(line, m.start(), m.end()) for m in _TERMINATOR.finditer(line)))


def _is_heading(text: str, lines: list[tuple[int, int]], i: int, before: SentenceKind | None) -> bool:
    """A short line without an end mark, between finished text and something that begins anew."""
    start, end = lines[i]
    line = text[start:end]
    if i + 1 == len(lines) or _ENDS_LINE.search(line) or line.endswith((",", "-", "–")):
        return False
    if len(line) > _HEADING_CHARS or len(line.split()) > _HEADING_WORDS or _BULLET.match(line):
        return False
    following = text[lines[i + 1][0]]
    if following.islower() or line[0].islower():
        return False
    if before != "sentence":
        return True
    return bool(_ENDS_LINE.search(text[slice(*lines[i - 1])])) or "\n\n" in text[lines[i - 1][1] : start]


def _continues(
    text: str, block: tuple[int, int, SentenceKind], line_before: tuple[int, int], start: int
) -> bool:
    """Whether the line at `start` goes on with a sentence that the line before broke off."""
    if block[2] != "sentence" or block[1] != line_before[1]:
        return False
    gap = text[block[1] : start]
    if gap.count("\n") > 1 or "\u2029" in gap or gap.count("\r") > max(1, gap.count("\n")):
        return False
    before = text[slice(*line_before)]
    if _ENDS_LINE.search(before) or _BULLET.match(text[start : start + 12]):
        # A wrapped paragraph may break exactly after a sentence; either way a boundary is right.
        return False
    return text[start].islower() or before.endswith(",") or len(before) >= _WRAP_CHARS


def _split_block(text: str, start: int, end: int) -> list[Sentence]:
    block = text[start:end]
    protected = _protected(block)
    cuts = []
    enumerator = _BULLET.match(block)
    dateline = _dateline_end(block)
    first = enumerator.end() if enumerator else dateline
    for mark in _TERMINATOR.finditer(block):
        at = mark.end()
        if mark.start() < first or at >= len(block):
            continue
        if protected.hold(at):
            continue
        if _is_boundary(block, mark.start(), at):
            cuts.append(at)
    sentences = []
    if dateline:
        sentences.append(Sentence(start, start + len(block[:dateline].rstrip()), "aside"))
    for left, right in _pieces(block, [dateline, *cuts, len(block)]):
        left, right = _trim(block, left, right)
        if left < right:
            piece = block[left:right]
            kind: SentenceKind = "aside" if _ASIDE.match(piece) else "sentence"
            sentences.append(Sentence(start + left, start + right, kind))
    return sentences


def _dateline_end(block: str) -> int:
    """How many characters of a paragraph are its dateline, with the space behind; 0 where it has none."""
    found = _DATELINE.match(block)
    return found.end() if found and _DATELINE_MARK.search(found.group()) else 0


def _pieces(block: str, cuts: list[int]) -> Iterator[tuple[int, int]]:
    """What stands between neighbouring cuts. Text without end marks (a log, a table) is cut between
    words at the latest after so many characters that no quotation is longer."""
    for left, right in pairwise(cuts):
        while right - left > _LONGEST_CHARS:
            space = block.rfind(" ", left + 1, left + _LONGEST_CHARS)
            end = space if space > left else left + _LONGEST_CHARS
            yield left, end
            left = end
        yield left, right


def _is_boundary(block: str, mark: int, at: int) -> bool:
    """Whether the end marks `block[mark:at]` end a sentence."""
    following = _NOT_SPACE.search(block, at)
    if following is None:
        return False
    rest = block[following.start() : following.start() + _REACH_CHARS]
    if rest[0].islower() or rest[0] in ",;:)]–—-%":
        return False
    if block[mark] != "." or block[mark:at].rstrip("\"'”’»)]") != ".":
        return True
    before = _WORD_BEFORE.search(block[max(0, mark - _REACH_CHARS) : mark])
    if before is None or at - mark > 1:  # the stop closes a quotation: `... selesai."`
        return True
    word = before.group().lower()
    if word in _BEFORE_NAME:
        return False
    if word in _BEFORE_NUMBER and _ROMAN_OR_DIGIT.match(rest):
        return False
    if (word in _AMBIGUOUS and word != "no") or _INITIALS.fullmatch(before.group()):
        opener = _NEXT_WORD.search(rest)
        return opener is not None and opener.group().lower() in SENTENCE_OPENERS
    return True


class _Spans:
    """Whether a place lies inside of a span: behind its first character, and not behind its last.

    Those that overlap are joined, so that a line with many of them costs no more than its length.
    """

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._opened: list[int] = []
        self._closed: list[int] = []
        for opened, closed in sorted(spans):
            if self._closed and opened <= self._closed[-1]:
                self._closed[-1] = max(self._closed[-1], closed)
            else:
                self._opened.append(opened)
                self._closed.append(closed)

    def hold(self, at: int) -> bool:
        last = bisect_left(self._opened, at) - 1
        return last >= 0 and at <= self._closed[last]


def _protected(block: str) -> _Spans:
    """Quotations and parentheses that close within reach, from the first to the last character."""
    spans = []
    straight = [m.start() for m in re.finditer('"', block)]
    pairs = list(zip(straight[::2], straight[1::2], strict=False))
    for left, right, reach in (
        ("“", "”", _QUOTATION_CHARS),
        ("«", "»", _QUOTATION_CHARS),
        ("(", ")", _PARENTHESIS_CHARS),
    ):
        opened: int | None = None
        for mark in re.finditer(f"[{re.escape(left + right)}]", block):
            if mark.group() == left:
                opened = mark.start() if opened is None else opened
            elif opened is not None:
                if mark.start() - opened <= reach:
                    spans.append((opened, mark.start()))
                opened = None
    spans.extend((a, b) for a, b in pairs if b - a <= _QUOTATION_CHARS)
    return _Spans(spans)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
