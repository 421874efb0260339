"""The files beside the model: the proof that the engine checks at start, and the manifest with the model card."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np

PROOF_ROWS = 512
PROOF_SEED = 40


def write_proof(path: Path, run, inputs: int, clamp: float, input_scale: np.float32, input_zero: int) -> None:
    """Rows on which the compiled model must equal ONNX Runtime bit for bit. They are made, not recorded: market data may
    not be handed on. Half are like normalised features, a quarter are ties of the input's rounding, a quarter saturate.

    Layout: "TPPROOF1", u32 rows, inputs, outputs, 12 zero bytes, input rows, output rows (little-endian float32).
    """
    random = np.random.default_rng(PROOF_SEED)
    quarter = PROOF_ROWS // 4
    usual = np.clip(random.normal(0.0, 1.0, (2 * quarter, inputs)), -clamp, clamp)
    ties = (random.integers(-input_zero, 256 - input_zero, (quarter, inputs)) + 0.5) * input_scale
    wide = random.normal(0.0, clamp, (quarter, inputs))
    rows = np.concatenate([usual, ties, wide]).astype("<f4")
    outputs = run(rows).astype("<f4")
    header = b"TPPROOF1" + struct.pack("<III12x", len(rows), inputs, outputs.shape[1])
    path.write_bytes(header + rows.tobytes() + outputs.tobytes())


def write_manifest(path: Path, model: Path, proof: Path, *, features: dict, normalization: dict, outputs: list[str], horizon_ms: int, thresholds: dict, card: dict) -> None:
    document = {
        "version": 1,
        "model": {"file": model.name, "sha256": sha256(model)},
        "features": features,
        "normalization": normalization,
        "outputs": outputs,
        "horizon_ms": horizon_ms,
        "proof": {"file": proof.name, "sha256": sha256(proof)},
        "thresholds": thresholds,
        "card": card,
    }
    path.write_text(json.dumps(document, indent=2) + "\n")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
