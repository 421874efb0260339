"""Features, labels and time splits."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq

CLASSES = ("down", "flat", "up")
PARTS = ("train", "validation", "test")
NS_PER_MS = 1_000_000


@dataclass
class Session:
    """One instrument's ticks, in order of time."""

    symbol: str
    tick_size: str
    feature_set: str
    feature_set_version: int
    inputs: list[dict]
    feature_names: list[str]
    time_ns: np.ndarray
    features: np.ndarray
    """float32 [rows, features], before normalisation."""
    label: np.ndarray
    """Index into CLASSES, or -1 where there is none (not ready, or the horizon reaches beyond the end)."""
    part: np.ndarray
    """Index into PARTS, or -1 inside a purge gap."""


def load(path: str, horizon_ms: int, threshold_ticks: float, split: tuple[float, float]) -> Session:
    """Reads a file of `tickpath features` and labels each tick by the move of the mid over the horizon.

    `split`: fractions of the session's time at which validation and test begin. A tick whose horizon reaches into the
    next part belongs to none: otherwise its label would be known from data it is judged on.
    """
    table = pq.read_table(path)
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items() if key != b"ARROW:schema"}
    names = [name for name in table.column_names if name.startswith("f_")]
    time_ns = table["recv_time_ns"].to_numpy()
    mid_x2 = table["mid_ticks_x2"].to_numpy()
    ready = table["ready"].to_numpy() == 1

    horizon_ns = horizon_ms * NS_PER_MS
    later = np.searchsorted(time_ns, time_ns + horizon_ns, side="right") - 1
    known = ready & (time_ns + horizon_ns <= time_ns[-1])
    move_ticks = (mid_x2[later] - mid_x2) / 2
    label = np.where(move_ticks >= threshold_ticks, 2, np.where(move_ticks <= -threshold_ticks, 0, 1))
    label[~known] = -1

    begin, length = time_ns[0], time_ns[-1] - time_ns[0]
    bounds = [begin, begin + int(split[0] * length), begin + int(split[1] * length), time_ns[-1] + 1]
    part = np.full(len(time_ns), -1)
    for index in range(3):
        last = bounds[index + 1] - (horizon_ns if index < 2 else 0)
        part[(time_ns >= bounds[index]) & (time_ns < last)] = index

    return Session(
        symbol=metadata["symbol"],
        tick_size=metadata["tick_size"],
        feature_set=metadata["feature_set"],
        feature_set_version=int(metadata["feature_set_version"]),
        inputs=json.loads(metadata["inputs"]),
        feature_names=[name.removeprefix("f_") for name in names],
        time_ns=time_ns,
        features=np.stack([table[name].to_numpy() for name in names], axis=1).astype(np.float32),
        label=label,
        part=part,
    )


def rows(session: Session, part: str) -> np.ndarray:
    """Indexes of the labelled ticks of a part."""
    return np.flatnonzero((session.part == PARTS.index(part)) & (session.label >= 0))


SWAPPED = {
    "arrival_buy_trade": "arrival_sell_trade",
    "arrival_bid_add": "arrival_ask_add",
    "arrival_bid_remove": "arrival_ask_remove",
    "depth_log_ratio_bid": "depth_log_ratio_ask",
}
UNSIGNED = ("realised_volatility_1s", "realised_volatility_10s", "spread_log", "spread_to_mean_10s", "time_since_trade")


def mirror(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """How the features change when bids and asks, buyers and sellers, trade places: (permutation, sign).

    The market has no reason to prefer a direction in six minutes of data, so each tick also counts in its mirror image.
    """
    other = {**SWAPPED, **{b: a for a, b in SWAPPED.items()}}
    permutation = np.array([names.index(other.get(name, name)) for name in names])
    sign = np.array([1.0 if name in other or name in UNSIGNED else -1.0 for name in names], dtype=np.float32)
    return permutation, sign


def normalization(features: np.ndarray, weight: np.ndarray, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and reciprocal standard deviation over the data and its mirror image, float32."""
    permutation, sign = mirror(names)
    both = np.concatenate([features, features[:, permutation] * sign]).astype(np.float64)
    twice = np.concatenate([weight, weight])
    mean = np.average(both, axis=0, weights=twice)
    deviation = np.sqrt(np.average((both - mean) ** 2, axis=0, weights=twice))
    # A signed feature's mean is zero but for rounding.
    mean[sign < 0] = 0.0
    return mean.astype(np.float32), (1.0 / np.maximum(deviation, 1e-6)).astype(np.float32)


def normalize(features: np.ndarray, mean: np.ndarray, scale: np.ndarray, clamp: float) -> np.ndarray:
    """Exactly what the engine does: every step in float32."""
    return np.clip((features - mean) * scale, np.float32(-clamp), np.float32(clamp)).astype(np.float32)
