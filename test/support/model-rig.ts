import { Arena } from '../../src/core/memory.ts';
import type { Prng } from '../../src/core/prng.ts';
import { bindModel, type CompiledModel, compileModel, viewOf } from '../../src/engine/model/compile.ts';
import type { OnnxGraph } from '../../src/engine/model/onnx/graph.ts';
import { loadOrt, ORT_EXACT } from '../../src/engine/model/ort.ts';

/** A compiled model in memory of its own, with views of all inputs and outputs. */
export interface BoundModel {
  readonly compiled: CompiledModel;
  readonly inputs: readonly Float32Array[];
  readonly outputs: readonly Float32Array[];
  run(): void;
}

/** Compiles and binds; the region begins at an odd place so that no address is right by chance. */
export function bindAlone(graph: OnnxGraph, batch = 1): BoundModel {
  const { bytes } = compileModel(graph, 0, batch);
  const arena = new Arena(bytes + 8_192);
  arena.allocate('ahead', 384);
  const compiled = compileModel(graph, arena.allocate('model', bytes), batch);
  const model = bindModel(compiled, arena.memory);
  return {
    compiled,
    inputs: compiled.inputs.map((tensor) => viewOf(compiled, arena.buffer, tensor)),
    outputs: compiled.outputs.map((tensor) => viewOf(compiled, arena.buffer, tensor)),
    run: () => void model.run(),
  };
}

/** ONNX Runtime on a model, all graph optimisations, exact sums. */
export class Oracle {
  private readonly session;
  private readonly graph: OnnxGraph;
  private readonly ort = loadOrt();

  constructor(graph: OnnxGraph) {
    this.graph = graph;
    this.session = this.ort.createSession(graph.selfContained, { ...ORT_EXACT, logSeverityLevel: 3 });
  }

  run(inputs: readonly Float32Array[]): Float32Array[] {
    const feeds = Object.fromEntries(this.graph.inputs.map(({ name, dims }, i) => [name, this.ort.tensor(inputs[i]!.slice(), dims)]));
    const fetches = Object.fromEntries(this.graph.outputs.map(({ name }) => [name, null]));
    const results = this.session.run(feeds, fetches, {});
    return this.graph.outputs.map(({ name }) => results[name]!.data);
  }

  close(): void {
    this.session.dispose();
  }
}

/** Distance of two float32 in units of the last place; NaN equals NaN. */
export function ulps(a: number, b: number): number {
  if (Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY;
  const order = (value: number): number => {
    const bits = new Int32Array(Float32Array.of(value).buffer)[0]!;
    return bits < 0 ? -(bits & 0x7fffffff) : bits;
  };
  return Math.abs(order(a) - order(b));
}

export interface Difference {
  readonly rows: number;
  readonly values: number;
  /** Values whose bits differ. */
  readonly different: number;
  readonly worstUlps: number;
  /** Largest difference over the largest magnitude of its output. */
  readonly worstRelative: number;
  readonly first?: { readonly inputs: number[][]; readonly expected: number; readonly got: number };
}

/** Compares the compiled model with ONNX Runtime on `rows` drawn inputs. */
export function compareWithOrt(graph: OnnxGraph, random: Prng, rows: number, draw: Draw): Difference {
  const model = bindAlone(graph);
  const oracle = new Oracle(graph);
  let [values, different, worstUlps, worstRelative] = [0, 0, 0, 0];
  let first: Difference['first'];
  for (let row = 0; row < rows; row++) {
    for (const input of model.inputs) for (let i = 0; i < input.length; i++) input[i] = draw(random, row);
    model.run();
    oracle.run(model.inputs).forEach((expected, at) => {
      const got = model.outputs[at]!;
      const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-30);
      for (let i = 0; i < expected.length; i++) {
        values++;
        if (Object.is(expected[i], got[i])) continue;
        different++;
        worstUlps = Math.max(worstUlps, ulps(expected[i]!, got[i]!));
        worstRelative = Math.max(worstRelative, Math.abs(expected[i]! - got[i]!) / scale);
        first ??= { inputs: model.inputs.map((input) => [...input]), expected: expected[i]!, got: got[i]! };
      }
    });
  }
  oracle.close();
  return { rows, values, different, worstUlps, worstRelative, ...(first === undefined ? {} : { first }) };
}

/** Draws one input element of a row. */
export type Draw = (random: Prng, row: number) => number;

/** Inputs for a model that quantizes them: ties between two values, both saturations, zeros, NaN and infinities among others. */
export function adversarial(scale: number, low: number): Draw {
  const special = [0, -0, 1e-45, -1e-45, 3.4028235e38, -3.4028235e38, Infinity, -Infinity, Number.NaN];
  return (random, row) => {
    switch (row % 6) {
      case 0:
        return Math.fround((random.nextInt(256) + low + 0.5) * scale);
      case 1:
        return (random.nextInt(2) * 2 - 1) * 1000 * scale;
      case 2:
        return random.nextInt(6) === 0 ? special[random.nextInt(special.length)]! : Math.fround(random.nextNormal() * 60 * scale);
      default:
        return Math.fround(random.nextNormal() * 60 * scale * 2 ** (random.nextInt(4) - 2));
    }
  };
}

/** Ordinary numbers. */
export const ordinary: Draw = (random, row) => Math.fround(random.nextNormal() * 2 ** ((row % 5) - 2));
