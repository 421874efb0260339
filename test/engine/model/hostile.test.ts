import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TickpathError } from '../../../src/core/errors.ts';
import { MODEL_BYTES_MAX, MODEL_ELEMENTS_MAX, MODEL_NODES_MAX, MODEL_RANK_MAX } from '../../../src/core/limits.ts';
import { Prng } from '../../../src/core/prng.ts';
import { compileModel } from '../../../src/engine/model/compile.ts';
import { type OnnxNamespace, onnx } from '../../../src/engine/model/onnx/protobuf.ts';
import { parseOnnx, readOnnx } from '../../../src/engine/model/onnx/read.ts';
import { ModelBuilder } from '../../support/onnx-build.ts';
import { REFERENCE_SHAPE, randomMlp } from '../../support/onnx-mlp.ts';

/** Mutated models tried; a long form: `TICKPATH_MODEL_MUTATIONS=100000 node dist/test/run.js hostile`. */
const MUTATIONS = Number(process.env['TICKPATH_MODEL_MUTATIONS'] ?? 4_000);
const { DataType } = onnx.TensorProto;

/** A model of everything, small enough that most flipped bits matter. */
function sample(): Uint8Array {
  const random = new Prng(3);
  const build = new ModelBuilder();
  const weights = (...dims: number[]): string =>
    build.constant(
      Float32Array.from({ length: dims.reduce((p, d) => p * d, 1) }, () => random.nextNormal()),
      dims,
    );
  const range = build.range(0.05, 128, false);
  const x = build.requantize(build.input([1, 3, 6]), range);
  const conv = build.requantize(build.node('Conv', [x, weights(2, 3, 2)], { pads: [1, 0] }), range);
  const sum = build.requantize(build.node('Add', [build.node('Softmax', [conv]), conv]), range);
  const cut = build.node('Slice', [sum, build.integers(1), build.integers(5), build.integers(2)]);
  const flat = build.node('Reshape', [build.node('Transpose', [cut], { perm: [0, 2, 1] }), build.integers(1, 8)]);
  const normal = build.node('LayerNormalization', [build.node('Concat', [flat, build.node('Sigmoid', [flat])], { axis: 1 }), weights(16)]);
  return build.build([{ name: build.node('Gemm', [normal, weights(16, 2), weights(2)]), dims: [1, 2] }]);
}

/** The sample with its graph changed. */
function changed(change: (graph: OnnxNamespace.IGraphProto) => void): Uint8Array {
  const model = onnx.ModelProto.decode(sample());
  change(model.graph!);
  return onnx.ModelProto.encode(model).finish();
}

function refused(bytes: Uint8Array, pattern: RegExp, code = 'ERR_MODEL_ONNX'): void {
  try {
    compileModel(parseOnnx(bytes, 'hostile.onnx'), 0);
  } catch (error) {
    assert.instance(error, TickpathError);
    assert.is((error as TickpathError).code, code, (error as Error).message);
    assert.match((error as Error).message, pattern);
    assert.ok((error as Error).message.startsWith('hostile.onnx: '));
    return;
  }
  assert.unreachable(`not refused: ${pattern}`);
}

test('the sample itself compiles', () => {
  assert.ok(compileModel(parseOnnx(sample(), 'sample'), 0).bytes > 0);
});

test('a cyclic graph names a node that waits for its own result', () => {
  const bytes = changed((graph) => {
    const reader = graph.node!.find((node) => node.opType === 'Concat')!;
    reader.input![0] = graph.node!.find((node) => node.opType === 'Gemm')!.output![0]!;
  });
  refused(bytes, /the graph is cyclic: node \w+ waits for its own result/);
});

test('a missing initializer and a value that nothing produces are named with their reader', () => {
  const missing = changed((graph) => {
    graph.initializer!.pop();
  });
  refused(missing, /node \w+ reads "c\d+", which nothing produces/);
  refused(
    changed((graph) => {
      graph.output![0]!.name = 'nowhere';
    }),
    /nothing produces the output "nowhere"/,
  );
});

test('names that are given twice are refused', () => {
  refused(
    changed((graph) => {
      graph.node![1]!.output![0] = graph.node![0]!.output![0]!;
    }),
    /is produced twice, the second time by node/,
  );
  refused(
    changed((graph) => {
      graph.initializer![1]!.name = graph.initializer![0]!.name!;
    }),
    /two initializers are named "c0"/,
  );
  refused(
    changed((graph) => {
      graph.node![0]!.output![0] = graph.initializer![0]!.name!;
    }),
    /is produced twice/,
  );
});

test('dimensions that are negative, too large, too many or not what the data holds are refused', () => {
  const dims = (given: number[]): Uint8Array =>
    changed((graph) => {
      graph.initializer![0]!.dims = given;
    });
  refused(dims([-1]), /has dimension -1/);
  refused(dims([MODEL_ELEMENTS_MAX + 1]), /has dimension/);
  refused(dims([65_536, 65_536]), /4294967296 elements, at most/);
  refused(dims(new Array<number>(MODEL_RANK_MAX + 1).fill(1)), new RegExp(`${MODEL_RANK_MAX + 1} axes, at most ${MODEL_RANK_MAX}`));
  refused(dims([7]), /does not hold the 7 elements/);
  const input = (given: number[]): Uint8Array =>
    changed((graph) => {
      graph.input![0]!.type!.tensorType!.shape!.dim = given.map((dimValue) => ({ dimValue }));
    });
  refused(input([1, -3, 6]), /has dimension -3/);
  refused(input([1, 2 ** 40, 6]), /has dimension/);
  refused(input([1, 3, 65_536]), /196608 elements, at most 65536/);
  refused(input([1, 0, 6]), /expected fixed dimensions after the first/);
  refused(input([1, 4, 6]), /operator Conv, node \w+: 4 channels/);
});

test('operators blown up beyond the limit of one tensor are refused before anything of their size is made', () => {
  const build = new ModelBuilder();
  let x = build.input([1, 60_000]);
  for (let i = 0; i < 40; i++) x = build.node('Concat', [x, x], { axis: 1 });
  refused(build.build([{ name: x, dims: [1, 1_000] }]), /elements, at most 16777216/);
});

test('an operator that is not compiled is unsupported, by operator and node, not malformed', () => {
  const bytes = changed((graph) => {
    graph.node!.find((node) => node.opType === 'Sigmoid')!.opType = 'Erf';
  });
  refused(bytes, /operator Erf, node Sigmoid_v\d+: this operator is not compiled/, 'ERR_MODEL_UNSUPPORTED');
});

test('a million nodes are refused without decoding them', () => {
  const node = onnx.NodeProto.encode({ opType: 'Relu', input: ['x'], output: ['y'] }).finish();
  const entry = [0x0a, node.length, ...node];
  const graph = new Uint8Array(entry.length * 1_000_000);
  for (let at = 0; at < graph.length; at += entry.length) graph.set(entry, at);
  const length: number[] = [];
  for (let rest = graph.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  const bytes = new Uint8Array([0x08, 8, 0x3a, ...length, ...graph.subarray(0, 0)]);
  const file = new Uint8Array(bytes.length + graph.length);
  file.set(bytes);
  file.set(graph, bytes.length);
  assert.ok(file.length < MODEL_BYTES_MAX);
  const before = process.memoryUsage().heapUsed;
  refused(file, new RegExp(`1000000 nodes and initializers, at most ${MODEL_NODES_MAX}`));
  assert.ok(process.memoryUsage().heapUsed - before < 50e6);
});

test('external data is read from below the folder of the model, and from nowhere else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickpath-model-'));
  try {
    mkdirSync(join(folder, 'model', 'data'), { recursive: true });
    const file = join(folder, 'model', 'external.onnx');
    const write = (location: string, more: Record<string, string> = {}): void => {
      const bytes = changed((graph) => {
        const tensor = graph.initializer!.find(({ dims, dataType }) => dataType === DataType.FLOAT && dims?.length === 2)!;
        writeFileSync(join(folder, 'model', 'data', 'weights.bin'), tensor.rawData!);
        writeFileSync(join(folder, 'secret.bin'), tensor.rawData!);
        tensor.rawData = new Uint8Array(0);
        tensor.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
        tensor.externalData = Object.entries({ location, ...more }).map(([key, value]) => ({ key, value }));
      });
      writeFileSync(file, bytes);
    };
    write('data/weights.bin');
    const inside = compileModel(readOnnx(file), 0);
    assert.equal(inside.segments.length, compileModel(parseOnnx(sample(), 'sample'), 0).segments.length);
    const fails = (location: string, pattern: RegExp, more: Record<string, string> = {}): void => {
      write(location, more);
      assert.throws(
        () => readOnnx(file),
        (error: unknown) => error instanceof TickpathError && error.code === 'ERR_MODEL_ONNX' && pattern.test(error.message),
        location,
      );
    };
    fails('../secret.bin', /which is not below the model's folder/);
    fails('data/../../secret.bin', /which is not below the model's folder/);
    fails(join(folder, 'secret.bin'), /which is not below the model's folder/);
    fails('', /which is not below the model's folder/);
    symlinkSync(join(folder, 'secret.bin'), join(folder, 'model', 'link.bin'));
    fails('link.bin', /which is not below the model's folder/);
    fails('data/absent.bin', /cannot be read \(ENOENT\)/);
    fails('data', /wants \d+ bytes at 0 of "data"|cannot be read/);
    fails('data/weights.bin', /wants 128 bytes at 64/, { offset: '64', length: '128' });
    fails('data/weights.bin', /external offset "-1", expected a number/, { offset: '-1' });
    fails('data/weights.bin', /does not hold/, { length: '64' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('mutated models give one clear error or a model, never a crash and never a long wait', () => {
  const samples = [sample(), randomMlp({ ...REFERENCE_SHAPE, widths: [4, 5, 3] }, 1)];
  const random = new Prng(9);
  let [refusals, compiled] = [0, 0];
  for (let i = 0; i < MUTATIONS; i++) {
    const source = samples[i % samples.length]!;
    let bytes = Uint8Array.from(source);
    for (let turns = 1 + random.nextInt(3); turns > 0; turns--) {
      const at = random.nextInt(bytes.length);
      const kind = random.nextInt(5);
      if (kind === 0) bytes = bytes.slice(0, at);
      else if (kind === 1) bytes.copyWithin(at, random.nextInt(bytes.length), random.nextInt(bytes.length));
      else if (kind === 2) bytes[at] = [0, 1, 127, 128, 255][random.nextInt(5)]!;
      else bytes[at]! ^= 1 << random.nextInt(8);
      if (bytes.length === 0) break;
    }
    try {
      compileModel(parseOnnx(bytes, 'mutated.onnx'), 0);
      compiled++;
    } catch (error) {
      assert.instance(error, TickpathError, `mutation ${i}: ${(error as Error).stack}`);
      assert.ok((error as Error).message.startsWith('mutated.onnx: '), (error as Error).message);
      refusals++;
    }
  }
  assert.ok(refusals > MUTATIONS / 4 && compiled > MUTATIONS / 50, `${refusals} refused, ${compiled} compiled`);
});

test.run();
