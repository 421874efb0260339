import type { NodeOf } from '../ir/graph.ts';
import type { Value } from '../ir/types.ts';
import type { Emitter } from '../wasm/emitter.ts';
import type { Pointer } from '../wasm/encoder.ts';
import { emitGemm, FLOAT_BLOCK } from '../wasm/kernels/gemm.ts';
import { type Columns, emitColumns } from '../wasm/kernels/im2col.ts';
import { emitPack, packedBytes } from '../wasm/kernels/pack.ts';
import { emitQGemm } from '../wasm/kernels/qgemm.ts';
import { repeat } from '../wasm/loops.ts';
import type { LowerTable } from './lower.ts';
import type { Lowering } from './lowering.ts';
import { constantTensor, sizeOf, type Tensor } from './program.ts';
import { biasOf, centred, epilogueOf } from './quantized.ts';

/** Taps that are written out one after another. */
const KERNEL_MAX = 64;

interface Plan {
  readonly batch: number;
  readonly columns: Columns;
  readonly groups: number;
  /** Rows and inputs of one group's product. */
  readonly rows: number;
  readonly inputs: number;
  readonly steps: number;
  readonly x: Tensor;
  readonly target: Tensor;
  readonly scratch: Tensor;
}

function planOf(node: NodeOf<'Conv'> | NodeOf<'QConv'>, to: Lowering, x: Tensor, target: Tensor): Plan {
  const { stride, dilation, padBegin, groups } = node.attributes;
  const [, perGroup, kernel] = node.inputs[1]!.shape as [number, number, number];
  const [batch, channels, length] = x.shape as [number, number, number];
  const [, outputs, steps] = target.shape as [number, number, number];
  if (kernel > KERNEL_MAX) throw to.unsupported(node, `a kernel of ${kernel} taps, at most ${KERNEL_MAX} are compiled`);
  const columns = { channels, length, steps, kernel, stride, dilation, padBegin, bytes: sizeOf(x.format) };
  const scratch = to.scratch(x.format, [channels * kernel, steps]);
  return { batch, columns, groups, rows: outputs / groups, inputs: perGroup * kernel, steps, x, target, scratch };
}

/** For each row of the batch the columns, then for each group its product: pointers to weights, columns, result and per-row data. */
function emitGroups(
  emitter: Emitter,
  plan: Plan,
  weights: Pointer,
  perRow: readonly Pointer[],
  emit: (at: readonly Pointer[]) => void,
): void {
  const { body } = emitter;
  const { batch, columns, groups, rows, inputs, steps, x, target, scratch } = plan;
  const scratchAt = emitter.pointer(scratch);
  const images = [
    { from: emitter.pointer(x), bytes: columns.bytes * columns.channels * columns.length },
    { from: emitter.pointer(target), bytes: sizeOf(target.format) * groups * rows * steps },
  ];
  repeat(body, batch, images, ([from, to]) => {
    emitColumns(emitter, columns, from!, scratchAt);
    const streams = [
      { from: weights, bytes: columns.bytes * rows * inputs },
      { from: scratchAt, bytes: columns.bytes * inputs * steps },
      { from: to!, bytes: sizeOf(target.format) * rows * steps },
      ...perRow.map((pointer) => ({ from: pointer, bytes: 4 * rows })),
    ];
    repeat(body, groups, streams, (at) => emit(at));
  });
}

/** True when a product's last vector would reach into the next group's or image's result. */
function isExact({ batch, groups, steps, target }: Plan): boolean {
  return target.exact || (batch * groups > 1 && steps % 8 !== 0);
}

function lowerConv(node: NodeOf<'Conv'>, to: Lowering): void {
  const [xValue, wValue, biasValue] = node.inputs as [Value, Value, Value | undefined];
  const x = to.tensor(xValue);
  const w = to.tensor(wValue);
  const bias = biasValue && to.tensor(biasValue);
  const plan = planOf(node, to, x, to.result(node.outputs[0]!, 'f32'));
  const { rows, inputs, steps, target, scratch } = plan;
  to.step({
    name: node.name,
    reads: [x, w, ...(bias === undefined ? [] : [bias]), scratch],
    writes: [target, scratch],
    emit: (emitter) => {
      emitGroups(
        emitter,
        plan,
        emitter.pointer(w),
        bias === undefined ? [] : [emitter.pointer(bias)],
        ([weights, columns, result, biasAt]) => {
          emitGemm(emitter, {
            rows,
            inputs,
            outputs: steps,
            a: weights!,
            weights: columns!,
            rowBytes: 4 * steps,
            blockBytes: 4 * FLOAT_BLOCK,
            alpha: 1,
            bias: biasAt,
            perRow: true,
            activation: undefined,
            target: result!,
            exact: isExact(plan),
          });
        },
      );
    },
  });
}

function lowerQConv(node: NodeOf<'QConv'>, to: Lowering): void {
  const { attributes } = node;
  const [xValue, wValue, biasValue] = node.inputs as [Value, Value, Value | undefined];
  const { data, shape } = wValue;
  if (data === undefined) throw to.unsupported(node, 'its weights are not constant');
  const outputs = shape[0]!;
  const { zeros } = attributes.b;
  const perOutput = data.length / outputs;
  const centredWeights = Int16Array.from(data, (value, i) => value - (zeros[Math.floor(i / perOutput)] ?? zeros[0]!));
  const w = constantTensor(centredWeights, shape);
  const x = centred(to, xValue, attributes.a.zeros[0]!);
  const { epilogue, factors } = epilogueOf({ ...attributes, dequantize: false }, outputs);
  const plan = planOf(node, to, x, to.result(node.outputs[0]!, 'q16', attributes.to.zeros[0]!));
  const { rows, inputs, steps, target, scratch } = plan;
  const packed = to.scratch('q16', [packedBytes(inputs, steps) / 2]);
  const bias = biasValue === undefined ? undefined : biasOf(to, node, biasValue, outputs);
  to.step({
    name: node.name,
    reads: [x, scratch, packed],
    writes: [target, scratch, packed],
    emit: (emitter) => {
      const packedAt = emitter.pointer(packed);
      const perRow = [emitter.put(factors), ...(bias === undefined ? [] : [emitter.put(bias)])];
      emitGroups(emitter, plan, emitter.pointer(w), perRow, ([weights, columns, result, factorsAt, biasAt]) => {
        emitPack(emitter, columns!, inputs, steps, packedAt);
        emitQGemm(emitter, {
          rows,
          inputs,
          outputs: steps,
          a: weights!,
          weights: packedAt,
          bias: biasAt,
          factors: factorsAt,
          perRow: true,
          epilogue,
          target: result!,
          format: 'q16',
          exact: isExact(plan),
        });
      });
    },
  });
}

export const CONVOLUTION: LowerTable = {
  Conv: lowerConv,
  QConv: lowerQConv,
};
