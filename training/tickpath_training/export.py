"""The int8 model as ONNX, written node by node, and its exact arithmetic in integers."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .network import WEIGHT_MAX, Mlp

OPSET = 13


@dataclass
class Layer:
    weight: np.ndarray
    """int8 [inputs, outputs]."""
    weight_scale: np.ndarray
    bias: np.ndarray
    """int32, at scale input_scale * weight_scale."""
    input_scale: np.float32
    input_zero: int
    output_scale: np.float32
    output_zero: int


def layers_of(model: Mlp) -> list[Layer]:
    found = []
    for index, linear in enumerate(model.layers):
        scale_in, zero_in = model.ranges[index]
        scale_out, zero_out = model.ranges[index + 1]
        weight = linear.weight.detach().numpy()
        weight_scale = np.maximum(np.abs(weight).max(axis=1) / WEIGHT_MAX, 1e-8).astype(np.float32)
        quantized = np.clip(np.rint(weight / weight_scale[:, None]), -WEIGHT_MAX, WEIGHT_MAX).astype(np.int8)
        bias_scale = np.float32(scale_in) * weight_scale
        bias = np.rint(linear.bias.detach().numpy().astype(np.float64) / bias_scale).astype(np.int32)
        found.append(Layer(quantized.T.copy(), weight_scale, bias, np.float32(scale_in), zero_in, np.float32(scale_out), zero_out))
    return found


def to_onnx(layers: list[Layer], name: str) -> onnx.ModelProto:
    """QDQ form: uint8 activations, int8 per-channel symmetric weights, int32 biases. Input x [1, n], output y [1, m]."""
    constants: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []

    def constant(label: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, label))
        return label

    def add(op: str, inputs: list[str], output: str, **attributes) -> str:
        nodes.append(helper.make_node(op, inputs, [output], name=f"{op}_{output}", **attributes))
        return output

    def quantize(value: str, label: str, scale: np.float32, zero: int, output: str) -> str:
        s = constant(f"{label}_scale", np.array(scale, dtype=np.float32))
        z = constant(f"{label}_zero", np.array(zero, dtype=np.uint8))
        return add("DequantizeLinear", [add("QuantizeLinear", [value, s, z], f"{label}_q"), s, z], output)

    value = quantize("x", "x", layers[0].input_scale, layers[0].input_zero, "x_d")
    for index, layer in enumerate(layers):
        last = index == len(layers) - 1
        outputs = layer.weight.shape[1]
        w = add(
            "DequantizeLinear",
            [
                constant(f"w{index}", layer.weight),
                constant(f"w{index}_scale", layer.weight_scale),
                constant(f"w{index}_zero", np.zeros(outputs, dtype=np.int8)),
            ],
            f"w{index}_d",
            axis=1,
        )
        b = add(
            "DequantizeLinear",
            [
                constant(f"b{index}", layer.bias),
                constant(f"b{index}_scale", (layer.input_scale * layer.weight_scale).astype(np.float32)),
                constant(f"b{index}_zero", np.zeros(outputs, dtype=np.int32)),
            ],
            f"b{index}_d",
            axis=0,
        )
        value = add("Gemm", [value, w, b], f"gemm{index}")
        if not last:
            value = add("Relu", [value], f"relu{index}")
        value = quantize(value, "y" if last else f"a{index}", layer.output_scale, layer.output_zero, "y" if last else f"a{index}_d")

    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, layers[0].weight.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, layers[-1].weight.shape[1]])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="tickpath-training")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def run_exact(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    """The model in integers, as the compiled back end computes it; float32 [rows, outputs]."""
    first = layers[0]

    def to_u8(v: np.ndarray, zero: int) -> np.ndarray:
        return (np.rint(np.clip(v, np.float32(-zero), np.float32(255 - zero))) + zero).astype(np.int32)

    q = to_u8(x / first.input_scale, first.input_zero)
    for index, layer in enumerate(layers):
        accumulator = layer.bias + (q - layer.input_zero) @ layer.weight.astype(np.int32)
        multiplier = ((layer.input_scale * layer.weight_scale).astype(np.float32) / layer.output_scale).astype(np.float32)
        q = to_u8(accumulator.astype(np.float32) * multiplier, layer.output_zero)
    return (q - layers[-1].output_zero).astype(np.float32) * layers[-1].output_scale
