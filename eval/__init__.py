"""Measures Kutipan: benchmarks on public data sets."""
