"""What a model is judged by."""

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Probability that a positive scores above a negative, ties counting half (Mann and Whitney 1947)."""
    if len(positive) == 0 or len(negative) == 0:
        return float("nan")
    values = np.concatenate([positive, negative])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative)))


def mcc(confusion: np.ndarray) -> float:
    """Matthews correlation for several classes (Gorodkin 2004)."""
    total, correct = confusion.sum(), np.trace(confusion)
    actual, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    denominator = np.sqrt(float(total**2 - (predicted**2).sum()) * float(total**2 - (actual**2).sum()))
    return float((correct * total - (actual * predicted).sum()) / denominator) if denominator > 0 else 0.0


def evaluate(logits: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Metrics of one part; `logits` [rows, 3] in the order down, flat, up."""
    probability = softmax(logits)
    predicted = logits.argmax(axis=1)
    confusion = np.zeros((3, 3), dtype=np.int64)
    np.add.at(confusion, (label, predicted), 1)
    f1 = [2 * confusion[c, c] / max(confusion[c].sum() + confusion[:, c].sum(), 1) for c in range(3)]
    score = logits[:, 2] - logits[:, 0]
    return {
        "accuracy": float(np.trace(confusion) / len(label)),
        "macro_f1": float(np.mean(f1)),
        "mcc": mcc(confusion),
        "log_loss": float(-np.log(np.maximum(probability[np.arange(len(label)), label], 1e-12)).mean()),
        "auc_up_down": auc(score[label == 2], score[label == 0]),
    }


def interval(logits: np.ndarray, label: np.ndarray, time_ns: np.ndarray, block_s: float, seed: int, draws: int = 200) -> dict[str, list[float]]:
    """95 % interval of MCC and AUC by resampling whole blocks of time: neighbouring ticks share most of their label."""
    block = ((time_ns - time_ns[0]) / (block_s * 1e9)).astype(np.int64)
    members = [np.flatnonzero(block == b) for b in np.unique(block)]
    random = np.random.default_rng(seed)
    found: dict[str, list[float]] = {"mcc": [], "auc_up_down": []}
    for _ in range(draws):
        chosen = np.concatenate([members[i] for i in random.integers(0, len(members), len(members))])
        result = evaluate(logits[chosen], label[chosen])
        for name in found:
            found[name].append(result[name])
    return {name: [float(q) for q in np.nanquantile(values, [0.025, 0.975])] for name, values in found.items()}
