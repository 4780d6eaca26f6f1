#!/usr/bin/env python3
"""Compares the formats in which a gallery's tile could be sent: bytes, likeness to the picture (SSIM), time to encode.

    python3 -m venv /tmp/tiles && /tmp/tiles/bin/pip install pillow numpy
    /tmp/tiles/bin/python tools/tile_formats.py FOLDER_OF_JPEGS

Pillow brings libjpeg-turbo, libwebp and libavif, so the figures of JPEG are a little worse than those of mozjpeg, which
makes the tiles. See `TILE_QUALITY` in src/photos/analyse.rs for what came of it.
"""

import io
import sys
import time
from pathlib import Path

import numpy
from PIL import Image

SIDES = (640, 320)
WINDOW = 8
FORMATS = (
    *(("jpeg", {"format": "JPEG", "quality": q, "subsampling": 2, "optimize": True, "progressive": True}) for q in (82, 72, 65, 55)),
    *(("webp", {"format": "WEBP", "quality": q, "method": m}) for q in (80, 70, 60) for m in (2, 4)),
    *(("avif", {"format": "AVIF", "quality": q, "speed": s, "max_threads": 1}) for q, s in ((60, 8), (50, 8), (60, 10))),
)


def means(picture):
    """Of every window of the picture."""
    sums = numpy.cumsum(numpy.cumsum(numpy.pad(picture, ((1, 0), (1, 0))), 0), 1)
    k = WINDOW
    return (sums[k:, k:] - sums[:-k, k:] - sums[k:, :-k] + sums[:-k, :-k]) / (k * k)


def ssim(one, other):
    """Wang et al. 2004, of the luma, in windows of equal weight."""
    a, b = (numpy.asarray(picture.convert("L"), float) for picture in (one, other))
    mean_a, mean_b = means(a), means(b)
    var_a, var_b = means(a * a) - mean_a**2, means(b * b) - mean_b**2
    cov = means(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (((2 * mean_a * mean_b + c1) * (2 * cov + c2)) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean()


def scaled(picture, side):
    """The picture with this long side."""
    scale = side / max(picture.size)
    return picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    large = [picture for path in files if max((picture := Image.open(path).convert("RGB")).size) >= max(SIDES)]
    if not large:
        sys.exit("no JPEG of 640 pixels or more is there")
    print(f"{len(large)} pictures")
    for side in SIDES:
        tiles = [scaled(picture, side) for picture in large]
        for name, how in FORMATS:
            size, likeness, took = 0, 0.0, 0.0
            for tile in tiles:
                file = io.BytesIO()
                started = time.process_time()
                tile.save(file, **how)
                took += time.process_time() - started
                size += file.tell()
                likeness += ssim(tile, Image.open(io.BytesIO(file.getvalue())).convert("RGB"))
            detail = f"q{how['quality']} " + " ".join(f"{key[0]}{how[key]}" for key in ("method", "speed") if key in how)
            n = len(tiles)
            print(f"{side} {name} {detail:8} {size / n / 1000:6.1f} KB  ssim {likeness / n:.4f}  {1000 * took / n:5.1f} ms")


if __name__ == "__main__":
    main()
