"""LlamaIndex fed with Kutipan's passages as nodes, so that the work is identical."""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core.schema import BaseNode, TextNode

from eval.bench.peers.llama_index import LlamaIndex
from eval.bench.protocol import Batch, drive


class LlamaIndexOnPassages(LlamaIndex):
    """The same index without its splitter."""

    def nodes(self, batch: Batch) -> Sequence[BaseNode]:
        return [
            TextNode(
                id_=passage["id"],
                text=passage["text"],
                metadata={"article": passage["article_id"]},
                excluded_embed_metadata_keys=["article"],
            )
            for passage in batch.passages
        ]


if __name__ == "__main__":
    drive(LlamaIndexOnPassages)
