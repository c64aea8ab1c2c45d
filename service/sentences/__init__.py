"""Text → sentences, headings and asides, each an exact slice.

A wrong boundary becomes a half sentence in somebody's answer, so in doubt two sentences stay together. What
is no part of the story is an aside only where its end can be told; in doubt it stays a sentence.

A text goes through `lines` (its lines, with paragraphs that were scraped into one taken apart), `paragraphs`
(hard-wrapped lines joined; headings and asides alone) and `splitting` (paragraphs → sentences). What they ask
is known in three places: `boundaries` (where a sentence ends), `asides` (what is no part of the story) and
`headings`.
"""

from service.sentences.boundaries import SENTENCE_OPENERS
from service.sentences.splitting import split_sentences

__all__ = ["SENTENCE_OPENERS", "split_sentences"]
