"""One driver a system: `python -m eval.bench.peers.NAME FOLDER`, in that system's own environment."""
