"""Random streams: one for each purpose, so that adding a table never shifts another's numbers."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """The generator of one purpose under one seed; the same names give the same numbers."""
    words = [zlib.crc32(str(word).encode()) for word in purpose]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def choose(rng: np.random.Generator, shares: dict[str, float], size: int) -> np.ndarray:
    """Indices into the keys of `shares`, drawn with those shares (which need not add up to 1)."""
    weights = np.fromiter(shares.values(), dtype=float)
    edges = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(weights) - 1)
