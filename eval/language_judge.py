"""A language model as judge of support, through LlamaIndex's LLM interface, one claim at a time.

    kutipan eval --judge-llm package.module:make_llm --judge-cache judgements-cache.jsonl

`make_llm` is any function without arguments that gives a LlamaIndex LLM. Every reply is kept in the cache
file, so that a run that is repeated asks nothing and gives the same bytes. Its key is a digest of all that a
reply depends on: the model's name, the prompt's version and text, the claim and the quotation. It is a
digest, so that the cache of a run on `test` doesn't tell what that is about. Two models of one name
(another temperature, say) need two files. A reply whose first line isn't one of the three words that were
asked for, in any dress ("**SUPPORTED**"), is "could not be judged", not a "no": that is the difference to
evaluators that look for "yes" anywhere in a reply.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import sys
from pathlib import Path

from llama_index.core.llms import LLM

from service.errors import ConfigurationError
from service.telemetry import get_logger

PROMPT = """You check quotations. Does the quotation, by itself, say what the claim says? Names, numbers,
dates, negation, certainty and who said it must all agree. Either may be in Indonesian or English.

Quotation: {quotation}

Claim: {sentence}

Answer with one word: SUPPORTED, UNSUPPORTED or UNSURE."""
VERSION = 1
_SUPPORT = {"SUPPORTED": 1.0, "UNSUPPORTED": 0.0}
_DRESS = " \t.*_`'\"“”"
"""What a language model puts around a word."""
_KEY = re.compile(r"[0-9a-f]{64}")

log = get_logger(__name__)


class LanguageModelJudge:
    """A judge that asks a language model what its cache doesn't know.

    `faults` are the lines of the cache that are of no use, each with the file, its number and what is wrong
    with it; they are warned of, and what they were to answer is asked again.
    """

    supported_from = 0.5

    def __init__(self, llm: LLM, cache: Path) -> None:
        """Raises ConfigurationError for a cache file that cannot be read at all, or written where it is to
        be."""
        self._llm = llm
        self._cache = cache
        self._model = llm.metadata.model_name
        self.name = f"llm {self._model} v{VERSION}"
        self._replies: dict[str, str] = {}
        self.faults: list[str] = []
        try:
            content = cache.read_bytes() if cache.exists() else b""
        except OSError as error:
            raise ConfigurationError(f"the judgements in {cache} cannot be read: {error}") from None
        if not cache.parent.is_dir():
            raise ConfigurationError(f"there is no folder {cache.parent} to keep the judgements in")
        # A process that was stopped leaves half a line, which the next reply must not be joined to.
        self._torn = bool(content) and not content.endswith(b"\n")
        for number, line in enumerate(content.split(b"\n"), 1):
            if line.strip() and (fault := self._take(line)):
                self.faults.append(f"{cache}, line {number}: {fault}")
                log.warning("eval.judgement_ignored", file=str(cache), line=number, reason=fault)

    def support(self, sentence: str, quotation: str) -> float | None:
        key = reply_key(self._model, VERSION, PROMPT, sentence, quotation)
        if key not in self._replies:
            reply = self._llm.complete(PROMPT.format(quotation=quotation, sentence=sentence)).text
            line = json.dumps({"key": key, "reply": reply}, ensure_ascii=False) + "\n"
            with self._cache.open("a", encoding="utf-8") as file:
                file.write("\n" * self._torn + line)
            self._torn = False
            self._replies[key] = reply
        first, *_ = self._replies[key].strip().split("\n", 1)
        return _SUPPORT.get(first.strip(_DRESS).upper())

    def _take(self, line: bytes) -> str | None:
        """Keeps the reply of a line; what is wrong with it, where it is of no use."""
        try:
            entry = json.loads(line)
        except ValueError as error:
            return f"no JSON ({error})"
        if not isinstance(entry, dict) or entry.keys() != {"key", "reply"}:
            return "not a key and a reply"
        key, reply = entry["key"], entry["reply"]
        if not isinstance(key, str) or not _KEY.fullmatch(key) or not isinstance(reply, str):
            return "the key is no digest, or the reply no text"
        if self._replies.setdefault(key, reply) != reply:
            return "another reply to what an earlier line answers"
        return None


def reply_key(model: str, version: int, prompt: str, sentence: str, quotation: str) -> str:
    """The digest (SHA-256, 64 hex digits) of all that a reply depends on."""
    return hashlib.sha256(json.dumps([model, version, prompt, sentence, quotation]).encode()).hexdigest()


def load_llm(place: str) -> LLM:
    """The LlamaIndex LLM that `module:function` gives, of an installed module or one in the current folder.
    Raises ConfigurationError where there is none."""
    module, _, function = place.partition(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)  # last, so that no file here takes the place of an installed module
    try:
        llm = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{place} gives no language model: {error}") from None
    if not isinstance(llm, LLM):
        raise ConfigurationError(f"{place} gives {type(llm).__name__}, not a LlamaIndex LLM")
    return llm
