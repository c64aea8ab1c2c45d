"""A language model as judge of support, through LlamaIndex's LLM interface, one claim at a time.

    kutipan eval --judge-llm package.module:make_llm --judge-cache judgements-cache.jsonl

`make_llm` is any function without arguments that gives a LlamaIndex LLM. Every reply is kept in the cache
file, keyed by model, prompt and version, so that a run that is repeated asks nothing and gives the same
bytes. A reply that isn't one of the three words that were asked for is "could not be judged", not a "no":
that is the difference to evaluators that look for "yes" anywhere in a reply.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path

from llama_index.core.llms import LLM

from service.errors import ConfigurationError

PROMPT = """You check quotations. Does the quotation, by itself, say what the claim says? Names, numbers,
dates, negation, certainty and who said it must all agree. Either may be in Indonesian or English.

Quotation: {quotation}

Claim: {sentence}

Answer with one word: SUPPORTED, UNSUPPORTED or UNSURE."""
VERSION = 1
_SUPPORT = {"SUPPORTED": 1.0, "UNSUPPORTED": 0.0}


class LanguageModelJudge:
    """A judge that asks a language model what its cache doesn't know."""

    supported_from = 0.5

    def __init__(self, llm: LLM, cache: Path) -> None:
        """Raises ConfigurationError for a cache file that cannot be read."""
        self._llm = llm
        self._cache = cache
        self.name = f"llm {llm.metadata.model_name} v{VERSION}"
        try:
            lines = cache.read_text(encoding="utf-8").split("\n") if cache.exists() else []
            self._replies = {
                entry["key"]: str(entry["reply"]) for entry in map(json.loads, filter(None, lines))
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"the judgements in {cache} cannot be read: {error}") from None

    def support(self, sentence: str, quotation: str) -> float | None:
        prompt = PROMPT.format(quotation=quotation, sentence=sentence)
        key = hashlib.sha256(f"{self.name}\n{prompt}".encode()).hexdigest()
        if key not in self._replies:
            self._replies[key] = self._llm.complete(prompt).text
            line = json.dumps({"key": key, "reply": self._replies[key]}, ensure_ascii=False) + "\n"
            with self._cache.open("a", encoding="utf-8") as file:
                file.write(line)
        return _SUPPORT.get(self._replies[key].strip().strip(".").upper())


def load_llm(place: str) -> LLM:
    """The LlamaIndex LLM that `module:function` gives. Raises ConfigurationError where there is none."""
    module, _, function = place.partition(":")
    try:
        llm = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{place} gives no language model: {error}") from None
    if not isinstance(llm, LLM):
        raise ConfigurationError(f"{place} gives {type(llm).__name__}, not a LlamaIndex LLM")
    return llm
