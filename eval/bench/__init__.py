"""Speed, side by side with what people would use instead, and of Kutipan alone as it grows.

`protocol` and `peers/` run in the environment of the system under measurement and import nothing of the
project's dependencies; everything else runs in Kutipan's own.
"""
