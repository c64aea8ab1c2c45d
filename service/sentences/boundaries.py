"""Where a sentence ends, and where a line does.

A full stop ends a sentence only before white space and something that can begin one, not after an
abbreviation, an initial or an enumerator, and not inside a quotation or a parenthesis.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

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
    b.a m.a b.sc m.eng s.kom s.sos s.ip m.kn sp.pd esq est dept univ gov""".split()
)
SENTENCE_OPENERS = frozenset(
    """ia dia mereka kami kita saya beliau ini itu hal hasil namun tetapi tapi meski meskipun sementara
    selain sebelumnya setelah sesudah ketika saat pada di dari untuk dengan dalam karena oleh menurut
    adapun akan apabila bila jika kalau sebab sebagai sejak seperti tidak bukan bahkan kemudian lalu
    selanjutnya akibatnya sedangkan padahal perusahaan para pihak semua banyak the he she it they we i
    you this that these those in on at by for from with after before when while as if but and or however
    although though since there here his her its their our an many some most all no yes meanwhile
    according during under what who why how where""".split()
)
"""Words that open sentences and seldom stand capitalised inside them."""

CLOSERS = "\"'”’»)]"
"""What may stand between the end mark of a sentence and the white space behind it."""
_CLOSER = f"[{re.escape(CLOSERS)}]"
# The set stands first, since `re` then looks for nothing else. The rest is possessive, and only from where
# a run of marks begins: a run that ends nothing is read once.
END_MARKS = re.compile(
    rf"""[.!?…。！？](?:
        (?<=[.!?…])(?<![.!?…][.!?…])[.!?…]*+{_CLOSER}*+(?=\s|$)
      | (?<=[。！？])[。！？]*+[」』”]*+
    )""",
    re.VERBOSE,
)
ENDS_SENTENCE = re.compile(rf"[.!?…。！？]{_CLOSER}*$")
ENDS_LINE = re.compile(rf"[.!?…。！？:;]{_CLOSER}*$")
BULLET = re.compile(r"\s*(?:[-*•–—·]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
NOT_SPACE = re.compile(r"\S")

_WORD_BEFORE = re.compile(r"[^\s(\[\"'“‘«/]+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_ROMAN_OR_DIGIT = re.compile(r"\d|[IVXLC]+\b")
_NEXT_WORD = re.compile(r"\w+")
_QUOTATION_CHARS, _PARENTHESIS_CHARS = 600, 300
_REACH_CHARS = 60
_BRACKETS = tuple(
    (left, re.compile(f"[{re.escape(left + right)}]"), reach)
    for left, right, reach in (
        ("“", "”", _QUOTATION_CHARS),
        ("«", "»", _QUOTATION_CHARS),
        ("(", ")", _PARENTHESIS_CHARS),
    )
)


def sentence_ends(block: str, first: int) -> list[int]:
    """Where the sentences of a paragraph end, but for the last; none before `first`."""
    marks = [m.span() for m in END_MARKS.finditer(block, first) if m.end() < len(block)]
    if not marks:
        return []
    protected = _protected(block)
    return [at for mark, at in marks if not protected.hold(at) and is_boundary(block, mark, at)]


def is_boundary(block: str, mark: int, at: int) -> bool:
    """Whether the end marks `block[mark:at]` end a sentence."""
    following = NOT_SPACE.search(block, at)
    if following is None:
        return False
    rest = text_behind(block, following.start())
    if rest[0].islower() or rest[0] in ",;:)]–—-%":
        return False
    if block[mark] != "." or block[mark:at].rstrip(CLOSERS) != ".":
        return True
    if at - mark > 1:  # the stop closes a quotation: `... selesai."`
        return True
    return stop_ends_sentence(block, mark, rest)


def stop_ends_sentence(block: str, mark: int, rest: str) -> bool:
    """Whether the full stop at `mark` ends a sentence, by the word before it and the text that follows."""
    before = word_before(block, mark)
    if not before:
        return True
    word = before.lower()
    if word in _BEFORE_NAME:
        return False
    if word in _BEFORE_NUMBER and _ROMAN_OR_DIGIT.match(rest):
        return False
    if word in _AMBIGUOUS or _INITIALS.fullmatch(before):
        opener = _NEXT_WORD.search(rest)
        return opener is not None and opener.group().lower() in SENTENCE_OPENERS
    return True


def word_before(text: str, at: int) -> str:
    """What is written without a space up to `at`; empty behind a space or an opening mark."""
    found = _WORD_BEFORE.search(text[max(0, at - _REACH_CHARS) : at])
    return found.group() if found else ""


def text_behind(text: str, at: int) -> str:
    """As much of the text from `at` on as tells whether it begins a sentence."""
    return text[at : at + _REACH_CHARS]


class Spans:
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


def _protected(block: str) -> Spans:
    """Quotations and parentheses that close within reach, from the first to the last character."""
    spans: list[tuple[int, int]] = []
    if '"' in block:
        straight = [at for at, character in enumerate(block) if character == '"']
        pairs = zip(straight[::2], straight[1::2], strict=False)
        spans.extend((a, b) for a, b in pairs if b - a <= _QUOTATION_CHARS)
    for left, either, reach in _BRACKETS:
        if left not in block:
            continue
        opened: int | None = None
        for mark in either.finditer(block):
            if mark.group() == left:
                opened = mark.start() if opened is None else opened
            elif opened is not None:
                if mark.start() - opened <= reach:
                    spans.append((opened, mark.start()))
                opened = None
    return Spans(spans)
