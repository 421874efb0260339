"""python -m tickpath_training FEATURES.parquet... --out ../models"""

import argparse
import platform
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from . import data, export, metrics, network
from .manifest import sha256, write_manifest, write_proof

BLOCK_S = 5.0
"""Length of the blocks that confidence intervals resample."""

LIMITS = (
    "A few minutes of two instruments of one venue on two days: enough to show the path from data to a running model, not to trade. "
    "Ticks of one second share most of their label, so the intervals are wide. The moves it predicts are smaller than the fees of taking: "
    "it has no claim to profit. Other instruments, venues and market conditions were not looked at."
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tickpath_training", description=__doc__)
    parser.add_argument("files", nargs="+", help="written by `tickpath features --out FILE.parquet`, one session each")
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder for reference.onnx and reference.json")
    parser.add_argument("--horizon-ms", type=int, default=500)
    parser.add_argument("--threshold-ticks", type=float, default=1.0, help="a smaller move of the mid is flat")
    parser.add_argument("--split", type=float, nargs=2, default=(0.6, 0.8), help="fractions of time where validation and test begin")
    parser.add_argument("--clamp", type=float, default=5.0, help="bound of a normalised feature")
    parser.add_argument("--enter-margin", type=float, default=2.0, help="written as the threshold; choose it from the validation table")
    parser.add_argument("--seed", type=int, default=20240808)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    sessions = [data.load(path, options.horizon_ms, options.threshold_ticks, tuple(options.split)) for path in options.files]
    names = sessions[0].feature_names
    if len(names) != network.WIDTHS[0] or any(session.feature_names != names for session in sessions):
        raise SystemExit(f"expected the same {network.WIDTHS[0]} features in every file")

    train = gather(sessions, "train")
    mean, scale = data.normalization(train["features"], train["weight"], names)
    validation = gather(sessions, "validation")
    normalised = lambda part: torch.from_numpy(data.normalize(part["features"], mean, scale, options.clamp))
    permutation, sign = data.mirror(names)
    tensors = {
        "x": normalised(train),
        "label": torch.from_numpy(train["label"]),
        "weight": torch.from_numpy(train["weight"]),
        "x_validation": normalised(validation),
        "label_validation": torch.from_numpy(validation["label"]),
        "weight_validation": torch.from_numpy(validation["weight"]),
        "permutation": torch.from_numpy(permutation),
        "sign": torch.from_numpy(sign),
    }

    models = {"majority": majority(train)}
    queue = names.index("queue_imbalance_l1")
    models["logistic_queue_imbalance_l1"] = linear(logistic(tensors, [queue]), [queue])
    everything = list(range(len(names)))
    regression = logistic(tensors, everything)
    models["logistic_all"] = linear(regression, everything)

    torch.manual_seed(options.seed)
    mlp = network.Mlp()
    mlp.start_from(regression)
    history = network.fit(mlp, tensors, epochs=60, rate=1e-4, decay=0.05, patience=6, noise=0.3, seed=options.seed)
    print(f"float: {len(history)} epochs, best validation log loss {min(h['validation_log_loss'] for h in history):.4f}")
    models["mlp_float"] = frozen(mlp)

    network.calibrate(mlp, tensors["x"], options.clamp)
    history = network.fit(mlp, tensors, epochs=20, rate=3e-5, decay=0.05, patience=5, noise=0.3, seed=options.seed + 1)
    print(f"int8:  {len(history)} epochs, best validation log loss {min(h['validation_log_loss'] for h in history):.4f}")
    layers = export.layers_of(mlp)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "reference.onnx"
    onnx.save(export.to_onnx(layers, "tickpath-reference"), path)
    session = onnxruntime.InferenceSession(path, session_options(), providers=["CPUExecutionProvider"])
    run = lambda x: np.concatenate([session.run(None, {"x": row[None]})[0] for row in x.numpy()])
    models["mlp_int8"] = run

    report = {}
    for part in ("validation", "test"):
        report[part] = {}
        for each in sessions:
            rows = data.rows(each, part)
            x = torch.from_numpy(data.normalize(each.features[rows], mean, scale, options.clamp))
            label, time_ns = each.label[rows], each.time_ns[rows]
            result: dict = {"ticks": len(rows), "share": shares(label), "models": {}}
            for name, model in models.items():
                logits = model(x)
                result["models"][name] = metrics.evaluate(logits, label)
                if part == "test" and name != "majority":
                    result["models"][name]["interval_95"] = metrics.interval(logits, label, time_ns, BLOCK_S, options.seed)
            exact = export.run_exact(layers, x.numpy())
            result["int8_equals_integer_arithmetic"] = bool((exact == models["mlp_int8"](x)).all())
            report[part][each.symbol] = result
    print_report(report)
    print_margins(sessions, models["mlp_int8"], mean, scale, options)

    proof = options.out / "reference.proof"
    write_proof(proof, lambda x: run(torch.from_numpy(x)), len(names), options.clamp, layers[0].input_scale, layers[0].input_zero)
    write_manifest(
        options.out / "reference.json",
        path,
        proof,
        features={"set": sessions[0].feature_set, "version": sessions[0].feature_set_version, "names": names},
        normalization={"mean": [float(v) for v in mean], "scale": [float(v) for v in scale], "clamp": options.clamp},
        outputs=list(data.CLASSES),
        horizon_ms=options.horizon_ms,
        thresholds={"enter_margin": options.enter_margin, "flat_margin": 0.0, "exit_margin": options.enter_margin},
        card={
            "summary": "Perceptron 40-64-32-3 (ReLU), int8, quantization-aware training; outputs are the logits of down, flat, up.",
            "label": {
                "horizon_ms": options.horizon_ms,
                "threshold_ticks": options.threshold_ticks,
                "meaning": "up: the mid moved up by at least the threshold over the horizon; down: down by as much; flat: neither",
            },
            "limits": LIMITS,
            "data": [describe(each) for each in sessions],
            "metrics": rounded(report),
            "trained_on": {
                "python": platform.python_version(),
                "torch": torch.__version__.split("+")[0],
                "numpy": np.__version__,
                "onnx": onnx.__version__,
                "onnxruntime": onnxruntime.__version__,
                "device": "cpu, 1 thread",
                "seed": options.seed,
            },
        },
    )
    print(f"{path}: sha256 {sha256(path)}")


def gather(sessions: list[data.Session], part: str) -> dict[str, np.ndarray]:
    """The rows of a part of all sessions; each session weighs the same however many ticks it has."""
    features, label, weight = [], [], []
    for session in sessions:
        rows = data.rows(session, part)
        features.append(session.features[rows])
        label.append(session.label[rows])
        weight.append(np.full(len(rows), 1.0 / len(rows), dtype=np.float32))
    joined = np.concatenate(weight)
    return {"features": np.concatenate(features), "label": np.concatenate(label), "weight": joined / joined.mean()}


def majority(train: dict[str, np.ndarray]):
    frequency = np.bincount(train["label"], weights=train["weight"], minlength=3) / train["weight"].sum()
    return lambda x: np.tile(np.log(frequency).astype(np.float32), (len(x), 1))


def logistic(tensors: dict, columns: list[int]) -> torch.nn.Linear:
    """Multinomial logistic regression on some of the features, mirrored like the network's data."""
    model = torch.nn.Linear(len(columns), 3)
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    mirrored = tensors["x"][:, tensors["permutation"]] * tensors["sign"]
    x = torch.cat([tensors["x"], mirrored])[:, columns]
    label = torch.cat([tensors["label"], 2 - tensors["label"]])
    weight = tensors["weight"].repeat(2)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (torch.nn.functional.cross_entropy(model(x), label, reduction="none") * weight).sum() / weight.sum()
        loss = loss + 1e-4 * (model.weight**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return model


def linear(model: torch.nn.Linear, columns: list[int]):
    return lambda x: model(x[:, columns]).detach().numpy()


def frozen(model: network.Mlp):
    """The float network as it is now: quantization-aware training goes on with the same object."""
    copy = network.Mlp()
    copy.load_state_dict({name: value.clone() for name, value in model.state_dict().items()})
    copy.eval()
    return lambda x: copy(x).detach().numpy()


def session_options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return options


def shares(label: np.ndarray) -> dict[str, float]:
    counts = np.bincount(label, minlength=3) / len(label)
    return {name: round(float(count), 4) for name, count in zip(data.CLASSES, counts)}


def describe(session: data.Session) -> dict:
    def utc(ns: int) -> str:
        return str(np.datetime64(int(ns), "ns"))[:23] + "Z"

    parts = {}
    for part in data.PARTS:
        rows = data.rows(session, part)
        parts[part] = {"from": utc(session.time_ns[rows[0]]), "to": utc(session.time_ns[rows[-1]]), "ticks": len(rows), "share": shares(session.label[rows])}
    return {"symbol": session.symbol, "tick_size": session.tick_size, "inputs": session.inputs, "split": parts}


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


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


def print_margins(sessions: list[data.Session], run, mean, scale, options) -> None:
    """How often, and how rightly, each margin of `signal-taker` would speak on the validation part."""
    print("\nvalidation, int8: margin between up and down -> share of ticks that speak, of those right, of those wrong")
    for session in sessions:
        rows = data.rows(session, "validation")
        logits = run(torch.from_numpy(data.normalize(session.features[rows], mean, scale, options.clamp)))
        label = session.label[rows]
        score = logits[:, 2] - logits[:, 0]
        for margin in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0):
            best = np.where(score > 0, logits[:, 2], logits[:, 0])
            speaks = (np.abs(score) >= margin) & (best >= logits[:, 1])
            right = label[speaks] == np.where(score[speaks] > 0, 2, 0)
            wrong = label[speaks] == np.where(score[speaks] > 0, 0, 2)
            print(f"  {session.symbol} {margin:.1f}: {speaks.mean():7.4f} {right.mean() if len(right) else 0:7.3f} {wrong.mean() if len(wrong) else 0:7.3f}")


if __name__ == "__main__":
    main()
