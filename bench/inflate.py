# SPDX-License-Identifier: Apache-2.0
"""Inflates gzip files by zlib and drops what comes out: the least that reading them can take without
a decompressor of one's own. usage: inflate.py FILE.gz...      Prints the seconds."""
import sys
import time
import zlib

PIECE = 1 << 18

start = time.perf_counter()
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while piece := stream.unconsumed_tail or file.read(PIECE):
            stream.decompress(piece, PIECE)
print(time.perf_counter() - start)
