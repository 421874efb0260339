"""Evaluation of all models on validation and test, as tables and as data for the model card."""

import numpy as np

from . import data, export, metrics

BLOCK_S = 5.0
"""Length of the blocks that confidence intervals resample."""


def evaluate_all(sessions: list[data.Session], models: dict, layers: list[export.Layer], normalise, seed: int) -> dict:
    """part -> symbol -> metrics of each model; `normalise` turns raw features into a tensor of model inputs."""
    report: dict = {}
    for part in ("validation", "test"):
        report[part] = {}
        for session in sessions:
            rows = data.rows(session, part)
            x, label, time_ns = normalise(session.features[rows]), session.label[rows], session.time_ns[rows]
            result: dict = {"ticks": len(rows), "share": shares(label), "models": {}}
            for name, model in models.items():
                logits = model(x)
                result["models"][name] = metrics.evaluate(logits, label)
                if part == "test" and name != "majority":
                    result["models"][name]["interval_95"] = metrics.interval(logits, label, time_ns, BLOCK_S, seed)
            result["int8_equals_integer_arithmetic"] = bool((export.run_exact(layers, x.numpy()) == models["mlp_int8"](x)).all())
            report[part][session.symbol] = result
    return report


def print_report(report: dict) -> None:
    columns = ("accuracy", "macro_f1", "mcc", "log_loss", "auc_up_down")
    for part, symbols in report.items():
        for symbol, result in symbols.items():
            exact = "equal to" if result["int8_equals_integer_arithmetic"] else "DIFFERENT from"
            print(f"\n{part} {symbol}: {result['ticks']} ticks, {result['share']}; int8 in ONNX Runtime {exact} integer arithmetic")
            print(f"  {'':30}" + "".join(f"{name:>13}" for name in columns))
            for name, values in result["models"].items():
                print(f"  {name:30}" + "".join(f"{values[column]:13.4f}" for column in columns))
                if "interval_95" in values:
                    low_high = {key: f"{low:.3f} to {high:.3f}" for key, (low, high) in values["interval_95"].items()}
                    print(f"  {'':30}95 %: {low_high}")


def print_margins(sessions: list[data.Session], run, normalise) -> None:
    """How often, and how rightly, each margin of `signal-taker` would speak on the validation part."""
    print("\nvalidation, int8: margin between up and down -> share of ticks that speak, of those right, of those wrong")
    for session in sessions:
        rows = data.rows(session, "validation")
        logits = run(normalise(session.features[rows]))
        label = session.label[rows]
        score = logits[:, 2] - logits[:, 0]
        for margin in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0):
            best = np.where(score > 0, logits[:, 2], logits[:, 0])
            speaks = (np.abs(score) >= margin) & (best >= logits[:, 1])
            right = label[speaks] == np.where(score[speaks] > 0, 2, 0)
            wrong = label[speaks] == np.where(score[speaks] > 0, 0, 2)
            print(f"  {session.symbol} {margin:.1f}: {speaks.mean():7.4f} {right.mean() if len(right) else 0:7.3f} {wrong.mean() if len(wrong) else 0:7.3f}")


def describe(session: data.Session) -> dict:
    def utc(ns: int) -> str:
        return str(np.datetime64(int(ns), "ns"))[:23] + "Z"

    parts = {}
    for part in data.PARTS:
        rows = data.rows(session, part)
        parts[part] = {"from": utc(session.time_ns[rows[0]]), "to": utc(session.time_ns[rows[-1]]), "ticks": len(rows), "share": shares(session.label[rows])}
    return {"symbol": session.symbol, "tick_size": session.tick_size, "inputs": session.inputs, "split": parts}


def shares(label: np.ndarray) -> dict[str, float]:
    counts = np.bincount(label, minlength=3) / len(label)
    return {name: round(float(count), 4) for name, count in zip(data.CLASSES, counts)}


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
