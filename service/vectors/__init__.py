"""The vector index: Chroma, and the only package that knows it.

    index       one collection of vectors: write, remove, search
    stores      what a place for indexes can do: make one beside another, switch, remove what is left over
    embedded    a folder for each index, in this process
    server      a collection for each index, on a Chroma server
    flat        the same vectors in memory, compared one by one
    probe       opens an embedded index in a process of its own

An index is disposable: the catalog holds every vector, so whatever is missing, broken or made for
another embedder is rebuilt from there.
"""

from service.vectors.embedded import EmbeddedStore, folder_bytes
from service.vectors.flat import FlatIndex
from service.vectors.index import IndexClosed, VectorIndex, Vectors
from service.vectors.server import ServerStore
from service.vectors.stores import VectorStore

__all__ = [
    "EmbeddedStore",
    "FlatIndex",
    "IndexClosed",
    "ServerStore",
    "VectorIndex",
    "VectorStore",
    "Vectors",
    "folder_bytes",
]
