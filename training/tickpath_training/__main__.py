"""python -m tickpath_training FEATURES.parquet... --out ../models"""

import argparse
import platform
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from . import data, export, network
from .baselines import linear, logistic, majority
from .manifest import sha256, write_manifest, write_proof
from .report import describe, evaluate_all, print_margins, print_report, rounded

LIMITS = (
    "A few minutes of two instruments of one venue on two days: enough to show the path from data to a running model, not to trade. "
    "Ticks of one second share most of their label, so the intervals are wide. The moves it predicts are smaller than the fees of taking: "
    "it has no claim to profit. Other instruments, venues and market conditions were not looked at."
)


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    sessions = [data.load(path, options.horizon_ms, options.threshold_ticks, tuple(options.split)) for path in options.files]
    names = sessions[0].feature_names
    if len(names) != network.WIDTHS[0] or any(session.feature_names != names for session in sessions):
        raise SystemExit(f"expected the same {network.WIDTHS[0]} features in every file")
    train, validation = gather(sessions, "train"), gather(sessions, "validation")
    mean, scale = data.normalization(train["features"], train["weight"], names)

    def normalise(features: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(data.normalize(features, mean, scale, options.clamp))

    models, mlp = train_models(tensors_of(train, validation, names, normalise), names, train, options)
    layers = export.layers_of(mlp)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "reference.onnx"
    onnx.save(export.to_onnx(layers, "tickpath-reference"), path)
    models["mlp_int8"] = runtime(path)

    report = evaluate_all(sessions, models, layers, normalise, options.seed)
    print_report(report)
    print_margins(sessions, models["mlp_int8"], normalise)

    proof = options.out / "reference.proof"
    first = layers[0]
    write_proof(proof, lambda x: models["mlp_int8"](torch.from_numpy(x)), len(names), options.clamp, first.input_scale, first.input_zero)
    write_manifest(
        options.out / "reference.json",
        path,
        proof,
        features={"set": sessions[0].feature_set, "version": sessions[0].feature_set_version, "names": names},
        normalization={"mean": [float(v) for v in mean], "scale": [float(v) for v in scale], "clamp": options.clamp},
        outputs=list(data.CLASSES),
        horizon_ms=options.horizon_ms,
        thresholds={"enter_margin": options.enter_margin, "flat_margin": 0.0, "exit_margin": options.enter_margin},
        card=card(sessions, report, options),
    )
    print(f"{path}: sha256 {sha256(path)}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tickpath_training", description=__doc__)
    parser.add_argument("files", nargs="+", help="written by `tickpath features --out FILE.parquet`, one session each")
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder for reference.onnx and reference.json")
    parser.add_argument("--horizon-ms", type=int, default=500)
    parser.add_argument("--threshold-ticks", type=float, default=1.0, help="a smaller move of the mid is flat")
    parser.add_argument("--split", type=float, nargs=2, default=(0.6, 0.8), help="fractions of time where validation and test begin")
    parser.add_argument("--clamp", type=float, default=5.0, help="bound of a normalised feature")
    parser.add_argument("--enter-margin", type=float, default=2.0, help="written as the threshold; choose it from the validation table")
    parser.add_argument("--seed", type=int, default=20240808)
    return parser.parse_args()


def tensors_of(train: dict, validation: dict, names: list[str], normalise) -> dict[str, torch.Tensor]:
    permutation, sign = data.mirror(names)
    return {
        "x": normalise(train["features"]),
        "label": torch.from_numpy(train["label"]),
        "weight": torch.from_numpy(train["weight"]),
        "x_validation": normalise(validation["features"]),
        "label_validation": torch.from_numpy(validation["label"]),
        "weight_validation": torch.from_numpy(validation["weight"]),
        "permutation": torch.from_numpy(permutation),
        "sign": torch.from_numpy(sign),
    }


def train_models(tensors: dict, names: list[str], train: dict, options: argparse.Namespace) -> tuple[dict, network.Mlp]:
    """The baselines and the float network as functions from inputs to logits, and the network ready for export."""
    queue, everything = [names.index("queue_imbalance_l1")], list(range(len(names)))
    regression = logistic(tensors, everything)
    models = {
        "majority": majority(train),
        "logistic_queue_imbalance_l1": linear(logistic(tensors, queue), queue),
        "logistic_all": linear(regression, everything),
    }
    torch.manual_seed(options.seed)
    mlp = network.Mlp()
    mlp.start_from(regression)
    history = network.fit(mlp, tensors, epochs=60, rate=1e-4, decay=0.05, patience=6, noise=0.3, seed=options.seed)
    print(f"float: {len(history)} epochs, best validation log loss {min(history):.4f}")
    models["mlp_float"] = frozen(mlp)
    network.calibrate(mlp, tensors["x"], options.clamp)
    history = network.fit(mlp, tensors, epochs=20, rate=3e-5, decay=0.05, patience=5, noise=0.3, seed=options.seed + 1)
    print(f"int8:  {len(history)} epochs, best validation log loss {min(history):.4f}")
    return models, mlp


def card(sessions: list[data.Session], report: dict, options: argparse.Namespace) -> dict:
    return {
        "summary": "Perceptron 40-64-32-3 (ReLU), int8, quantization-aware training; outputs are the logits of down, flat, up.",
        "label": {
            "horizon_ms": options.horizon_ms,
            "threshold_ticks": options.threshold_ticks,
            "meaning": "up: the mid moved up by at least the threshold over the horizon; down: down by as much; flat: neither",
        },
        "limits": LIMITS,
        "data": [describe(session) for session in sessions],
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
    }


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


def frozen(model: network.Mlp):
    """The float network as it is now: quantization-aware training goes on with the same object."""
    copy = network.Mlp()
    copy.load_state_dict({name: value.clone() for name, value in model.state_dict().items()})
    copy.eval()
    return lambda x: copy(x).detach().numpy()


def runtime(path: Path):
    """The exported model on ONNX Runtime, row by row as the engine would run it."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    return lambda x: np.concatenate([session.run(None, {"x": row[None]})[0] for row in x.numpy()])


if __name__ == "__main__":
    main()
