"""Villages of the old communes, their names and today's commune of each.

A village moves whole. Its name is its own among all villages that may ever share a commune, so
that a list of today's communes never shows two villages under one name.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from pipelines.sample.communes import Communes

_FIRST = [
    "Nà",
    "Bản",
    "Khuổi",
    "Pác",
    "Cốc",
    "Lũng",
    "Phiêng",
    "Khau",
    "Đồng",
    "Tân",
    "Làng",
    "Kéo",
    "Thâm",
    "Vằng",
    "Đon",
    "Co",
    "Bó",
    "Thôm",
    "Keo",
    "Cạm",
]
_SECOND = [
    "Mòn",
    "Chang",
    "Đẩy",
    "Lẹng",
    "Phường",
    "Vàng",
    "Sáo",
    "Pẻn",
    "Đeng",
    "Cáy",
    "Mu",
    "Hoài",
    "Luông",
    "Slao",
    "Khoang",
    "Ngần",
    "Tháp",
    "Giàng",
    "Chùa",
    "Lầm",
    "Sơn",
    "Tiến",
    "Thịnh",
    "Lập",
    "Thành",
    "Quang",
    "Cả",
    "Mới",
    "Hạ",
    "Thượng",
    "Trung",
    "Đoài",
    "Vẻn",
    "Lốc",
    "Kiêng",
    "Phặc",
    "Tỏ",
    "Chợ",
    "Cà",
    "Duồng",
]


def make_villages(
    rng: np.random.Generator, communes: Communes, kept: np.ndarray, households: np.ndarray
) -> pd.DataFrame:
    """One row a village: old, new and before_1, before_2 … (row numbers of its communes), name, weight.

    `kept` are the old communes of the sample, `households` their sizes.
    """
    counts = np.clip(np.round(np.sqrt(households) / 3), 3, 18).astype(int)
    frame = pd.DataFrame({"old": np.repeat(kept, counts)})
    frame["new"] = _successors(communes, frame["old"])
    for number, earlier in enumerate(communes.earlier, 1):
        frame[f"before_{number}"] = _turns(earlier.origins, frame["old"])
    frame["cluster"] = frame["old"].map(communes.clusters())
    urban = frame["old"].map(communes.old["is_urban"]).to_numpy(dtype=bool)
    frame["name"] = ""
    for _, rows in frame.groupby("cluster").groups.items():
        frame.loc[rows, "name"] = _names(rng, urban[rows])
    frame["weight"] = rng.uniform(0.6, 1.6, len(frame))
    return frame.drop(columns="cluster")


def _successors(communes: Communes, old: pd.Series) -> np.ndarray:
    """Today's commune of each village; the villages of a split commune take turns."""
    return _turns(communes.edges.groupby("old")["new"].agg(tuple).to_dict(), old)


def _turns(options: Mapping[Hashable, Sequence[int]] | Sequence[Sequence[int]], old: pd.Series) -> np.ndarray:
    turn = old.groupby(old).cumcount()
    return np.array([options[o][t % len(options[o])] for o, t in zip(old, turn, strict=True)], dtype=int)


def _names(rng: np.random.Generator, urban: np.ndarray) -> list[str]:
    pool = [" ".join(pair) for pair in itertools.product(_FIRST, _SECOND)]
    order = iter(rng.permutation(len(pool)))
    number = itertools.count(1)
    word = rng.choice(["Xóm", "Thôn", "Bản"], len(urban), p=[0.6, 0.3, 0.1])
    return [
        f"Tổ dân phố số {next(number)}" if town else f"{word[i]} {pool[next(order)]}"
        for i, town in enumerate(urban)
    ]
