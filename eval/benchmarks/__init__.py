"""Benchmarks on public data sets that are not part of the project."""
