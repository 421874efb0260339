import type { Graph, Node } from '../../src/engine/model/ir/graph.ts';
import type { Quantization } from '../../src/engine/model/ir/operators.ts';
import type { Shape, Value } from '../../src/engine/model/ir/types.ts';

/** A tensor of the interpreter: numbers in row-major order. */
export interface Naive {
  readonly shape: Shape;
  readonly data: number[];
}

const f = Math.fround;
type Index = readonly number[];

const count = (shape: Shape): number => shape.reduce((product, dim) => product * dim, 1);

function* indexes(shape: Shape): Generator<Index> {
  const total = count(shape);
  for (let at = 0; at < total; at++) {
    const index: number[] = [];
    let rest = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    yield index;
  }
}

/** Element of `tensor` at `index` of a shape that it broadcasts to. */
function pick(tensor: Naive, index: Index): number {
  const own = index.slice(index.length - tensor.shape.length);
  let at = 0;
  tensor.shape.forEach((dim, axis) => {
    at = at * dim + (dim === 1 ? 0 : own[axis]!);
  });
  return tensor.data[at]!;
}

function build(shape: Shape, element: (index: Index) => number): Naive {
  return { shape, data: [...indexes(shape)].map(element) };
}

/** Half to even. */
function rne(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

const LIMITS = { u8: [0, 255], i8: [-128, 127], i32: [-(2 ** 31), 2 ** 31 - 1] } as const;

/** `value`, in units of the scale, as a quantized value of `to`. */
function toQuantized(value: number, to: Quantization, channel = 0): number {
  const [min, max] = LIMITS[to.dtype];
  const zero = to.zeros[channel]!;
  if (Number.isNaN(value) || value <= min - zero) return min;
  return value >= max - zero ? max : rne(value) + zero;
}

function channel(quantization: Quantization, index: Index): number {
  return quantization.scales.length === 1 ? 0 : index[quantization.axis]!;
}

/** exp, tanh and logistic rounded from double precision: the true value to within the last bit of a float32. */
const UNARY = {
  Relu: (x: number) => (x < 0 ? 0 : x),
  Sigmoid: (x: number) => f(1 / (1 + Math.exp(-x))),
  Tanh: (x: number) => f(Math.tanh(x)),
  Sqrt: (x: number) => f(Math.sqrt(x)),
  Exp: (x: number) => f(Math.exp(x)),
  Neg: (x: number) => -x,
  Abs: (x: number) => Math.abs(x),
} as const;

const REDUCERS = {
  ReduceSum: (list: number[]) => f(list.reduce((sum, x) => sum + x, 0)),
  ReduceMean: (list: number[]) => f(list.reduce((sum, x) => sum + x, 0) / list.length),
  ReduceMax: (list: number[]) => Math.max(...list),
  ReduceMin: (list: number[]) => Math.min(...list),
  ReduceSumSquare: (list: number[]) => f(list.reduce((sum, x) => sum + x * x, 0)),
  ReduceL1: (list: number[]) => f(list.reduce((sum, x) => sum + Math.abs(x), 0)),
  ReduceL2: (list: number[]) => f(Math.sqrt(list.reduce((sum, x) => sum + x * x, 0))),
} as const;

/** Product of matrices over the last two axes; `term` is one summand, `end` turns the sum into the result. */
function product(
  a: Naive,
  b: Naive,
  shape: Shape,
  turnB: boolean,
  term: (x: number, w: number, n: number) => number,
  end: (sum: number, index: Index) => number,
): Naive {
  const inner = a.shape[a.shape.length - 1]!;
  return build(shape, (index) => {
    const [outer, m, n] = [index.slice(0, -2), index[index.length - 2]!, index[index.length - 1]!];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += term(pick(a, [...outer, m, k]), pick(b, turnB ? [...outer, n, k] : [...outer, k, n]), n);
    return end(sum, index);
  });
}

/** Int32 sums wrap around. */
const wrap = (sum: number): number => Number(BigInt.asIntN(32, BigInt(sum)));

function turn(tensor: Naive): Naive {
  return build([...tensor.shape].reverse(), (index) => pick(tensor, [...index].reverse()));
}

interface ConvShape {
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly padBegin: number;
}

/** Sum of a 1-D convolution at one place; `pad` stands beyond the ends. */
function convolve(
  x: Naive,
  w: Naive,
  { stride, dilation, groups, padBegin }: ConvShape,
  index: Index,
  pad: number,
  term: (x: number, w: number) => number,
): number {
  const [b, m, t] = index as [number, number, number];
  const [, perGroup, kernel] = w.shape as [number, number, number];
  const first = Math.floor(m / (w.shape[0]! / groups)) * perGroup;
  let sum = 0;
  for (let c = 0; c < perGroup; c++) {
    for (let k = 0; k < kernel; k++) {
      const at = t * stride + k * dilation - padBegin;
      const inside = at >= 0 && at < x.shape[2]!;
      sum += term(inside ? pick(x, [b, first + c, at]) : pad, pick(w, [m, c, k]));
    }
  }
  return sum;
}

/**
 * Interprets a graph node by node with plain numbers: float32 operators in double precision rounded once, quantized operators
 * in the exact integers and single roundings that define them. Slow, and written without looking at the compiler's kernels.
 */
export function interpret(graph: Graph, inputs: readonly (readonly number[])[]): Naive[] {
  const known = new Map<Value, Naive>();
  graph.inputs.forEach((value, i) => void known.set(value, { shape: value.shape, data: [...inputs[i]!] }));
  const read = (value: Value): Naive => known.get(value) ?? { shape: value.shape, data: [...value.data!] };
  for (const node of graph.nodes) {
    const operands = node.inputs.map((value) => (value === undefined ? undefined : read(value))) as Naive[];
    const results = DYNAMIC.has(node.op) ? dynamic(operands[0]!) : [run(node, operands, node.outputs[0]!.shape)];
    node.outputs.forEach((value, i) => void known.set(value, results[i]!));
  }
  return graph.outputs.map(read);
}

const DYNAMIC: ReadonlySet<string> = new Set(['DynamicQuantizeLinear']);

/** uint8 values, scale and zero point over the range of the data and 0. */
function dynamic(x: Naive): Naive[] {
  const [min, max] = [Math.min(0, ...x.data), Math.max(0, ...x.data)];
  const scale = max === min ? 1 : f(f(max - min) / 255);
  const zero = Math.min(255, Math.max(0, rne(f(0 - f(min / scale)))));
  const to: Quantization = { dtype: 'u8', scales: Float32Array.of(scale), zeros: Int32Array.of(zero), axis: 0 };
  return [build(x.shape, (index) => toQuantized(f(pick(x, index) / scale), to)), { shape: [], data: [scale] }, { shape: [], data: [zero] }];
}

function run(node: Node, operands: readonly Naive[], shape: Shape): Naive {
  const [x, y, z] = operands as [Naive, Naive, Naive];
  switch (node.op) {
    case 'Add':
      return build(shape, (index) => f(pick(x, index) + pick(y, index)));
    case 'Sub':
      return build(shape, (index) => f(pick(x, index) - pick(y, index)));
    case 'Mul':
      return build(shape, (index) => f(pick(x, index) * pick(y, index)));
    case 'Div':
      return build(shape, (index) => f(pick(x, index) / pick(y, index)));
    case 'Unary':
      return build(shape, (index) => UNARY[node.attributes.kind](pick(x, index)));
    case 'Clip':
      return build(shape, (index) => Math.min(Math.max(pick(x, index), node.attributes.min), node.attributes.max));
    case 'Cast':
      return build(shape, (index) => f(pick(x, index)));
    case 'Softmax':
      return softmax(x, node.attributes.axis);
    case 'LayerNormalization':
      return layerNormalization(x, y, z, node.attributes);
    case 'Reduce': {
      const { axes, kind, keepDims } = node.attributes;
      const lists = new Map<string, number[]>();
      for (const index of indexes(x.shape)) {
        const kept = index.flatMap((at, axis) => (axes.includes(axis) ? (keepDims ? [0] : []) : [at]));
        lists.set(kept.join(), [...(lists.get(kept.join()) ?? []), pick(x, index)]);
      }
      return build(shape, (index) => REDUCERS[kind](lists.get(index.join())!));
    }
    case 'Concat':
    case 'Slice':
    case 'Reshape':
    case 'Transpose':
      return layout(node, operands, shape);
    case 'Gemm': {
      const { transA, transB, alpha, beta } = node.attributes;
      const bias = (index: Index): number => (z === undefined ? 0 : beta * pick(z, index));
      return product(
        transA ? turn(x) : x,
        y,
        shape,
        transB,
        (a, b) => a * b,
        (sum, index) => f(alpha * sum + bias(index)),
      );
    }
    case 'Conv':
      return build(shape, (index) => f(convolve(x, y, node.attributes, index, 0, (a, b) => a * b) + (z?.data[index[1]!] ?? 0)));
    default:
      return quantized(node, operands, shape);
  }
}

function quantized(node: Node, operands: readonly Naive[], shape: Shape): Naive {
  const [x, y, z] = operands as [Naive, Naive, Naive];
  switch (node.op) {
    case 'QuantizeLinear': {
      const { to } = node.attributes;
      return build(shape, (index) => toQuantized(f(pick(x, index) / to.scales[channel(to, index)]!), to, channel(to, index)));
    }
    case 'DequantizeLinear': {
      const { from } = node.attributes;
      return build(shape, (index) => f((pick(x, index) - from.zeros[channel(from, index)]!) * from.scales[channel(from, index)]!));
    }
    case 'MatMulInteger': {
      const [a0, b0] = [z?.data[0] ?? 0, operands[3]];
      return product(x, y, shape, false, (a, b, n) => (a - a0) * (b - (b0?.data[n] ?? b0?.data[0] ?? 0)), wrap);
    }
    case 'QGemm': {
      const { a, b, to, transB, dequantize } = node.attributes;
      const column = (n: number): number => (b.scales.length === 1 ? 0 : n);
      return product(
        x,
        y,
        shape,
        transB,
        (p, q, n) => (p - a.zeros[0]!) * (q - b.zeros[column(n)]!),
        (sum, index) => {
          const n = index[index.length - 1]!;
          const total = wrap(sum + (z?.data[n] ?? 0));
          const scale = f(a.scales[0]! * b.scales[column(n)]!);
          if (to === undefined) return f(f(total) * scale);
          const q = toQuantized(f(f(total) * f(scale / to.scales[0]!)), to);
          return dequantize ? f((q - to.zeros[0]!) * to.scales[0]!) : q;
        },
      );
    }
    case 'QConv': {
      const { a, b, to } = node.attributes;
      return build(shape, (index) => {
        const m = b.scales.length === 1 ? 0 : index[1]!;
        const sum = convolve(x, y, node.attributes, index, a.zeros[0]!, (p, q) => (p - a.zeros[0]!) * (q - b.zeros[m]!));
        const total = wrap(sum + (z?.data[index[1]!] ?? 0));
        return toQuantized(f(f(total) * f(f(a.scales[0]! * b.scales[m]!) / to.scales[0]!)), to);
      });
    }
    case 'QBinary': {
      const { kind, a, b, to } = node.attributes;
      const [sa, sb, sc, za, zb, zc] = [a.scales[0]!, b.scales[0]!, to.scales[0]!, a.zeros[0]!, b.zeros[0]!, to.zeros[0]!];
      const [min, max] = LIMITS[to.dtype];
      // Sums of a double stand for fused multiply-adds: a byte times a float32 is exact in it.
      const fixed = f(zc - f(f(sa / sc) * za + f(f(sb / sc) * zb)));
      const value = (p: number, q: number): number =>
        kind === 'mul' ? f(f((p - za) * (q - zb) * f(f(sa * sb) / sc)) + zc) : f(p * f(sa / sc) + f(q * f(sb / sc) + fixed));
      return build(shape, (index) => Math.min(max, Math.max(min, rne(value(pick(x, index), pick(y, index))))));
    }
    case 'QLookup': {
      const { table, to } = node.attributes;
      return build(shape, (index) => (to.dtype === 'i8' ? (table[pick(x, index) & 255]! << 24) >> 24 : table[pick(x, index) & 255]!));
    }
    case 'QSoftmax': {
      const { axis, from, to } = node.attributes;
      const real = build(x.shape, (index) => (pick(x, index) - from.zeros[0]!) * from.scales[0]!);
      const steps = Math.floor(f(1 / to.scales[0]!));
      const [min, max] = LIMITS[to.dtype];
      const result = softmax(real, axis);
      return build(shape, (index) => Math.min(max, Math.max(min, rne(pick(result, index) * steps) + to.zeros[0]!)));
    }
    default:
      throw new Error(`the interpreter does not know ${node.op}`);
  }
}

function softmax(x: Naive, axis: number): Naive {
  const along = (index: Index): number[] =>
    Array.from({ length: x.shape[axis]! }, (_, at) =>
      pick(
        x,
        index.map((i, a) => (a === axis ? at : i)),
      ),
    );
  return build(x.shape, (index) => {
    const list = along(index);
    const max = Math.max(...list);
    return f(Math.exp(pick(x, index) - max) / list.reduce((sum, value) => sum + Math.exp(value - max), 0));
  });
}

function layerNormalization(x: Naive, scale: Naive, bias: Naive | undefined, { axis, epsilon }: { axis: number; epsilon: number }): Naive {
  const width = count(x.shape.slice(axis));
  const data = x.data.map((value, at) => {
    const row = x.data.slice(Math.floor(at / width) * width, (Math.floor(at / width) + 1) * width);
    const mean = row.reduce((sum, one) => sum + one, 0) / width;
    const variance = row.reduce((sum, one) => sum + (one - mean) ** 2, 0) / width;
    return f(((value - mean) / Math.sqrt(variance + epsilon)) * scale.data[at % width]! + (bias?.data[at % width] ?? 0));
  });
  return { shape: x.shape, data };
}

function layout(node: Node, operands: readonly Naive[], shape: Shape): Naive {
  const x = operands[0]!;
  switch (node.op) {
    case 'Reshape':
      return { shape, data: x.data };
    case 'Transpose':
      return build(shape, (index) =>
        pick(
          x,
          x.shape.map((_, axis) => index[node.attributes.order.indexOf(axis)]!),
        ),
      );
    case 'Slice':
      return build(shape, (index) =>
        pick(
          x,
          index.map((at, axis) => node.attributes.starts[axis]! + at * node.attributes.steps[axis]!),
        ),
      );
    case 'Concat':
      return build(shape, (index) => {
        let at = index[node.attributes.axis]!;
        const part = operands.find((operand) => {
          const inside = at < operand.shape[node.attributes.axis]!;
          if (!inside) at -= operand.shape[node.attributes.axis]!;
          return inside;
        })!;
        return pick(
          part,
          index.map((i, axis) => (axis === node.attributes.axis ? at : i)),
        );
      });
    default:
      throw new Error(`the interpreter does not know ${node.op}`);
  }
}
