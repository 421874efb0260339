import { HISTOGRAM_BYTES, LatencyHistogram } from '../../core/histogram.hot.ts';
import { type LatencySummary, summarize } from '../../core/histogram.ts';
import { Prng } from '../../core/prng.ts';
import type { Clock } from '../../core/time.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { loadOrt, ORT_FAST, type OrtPublicSession, type OrtSession, rowDims } from './ort.ts';
import { compiledAlone } from './verify.ts';

/** Calls of one back end before the next has its turn: long enough to run warm, short enough to share the machine's phases. */
const BLOCK_CALLS = 200;
const COMPILED_CALLS_PER_BLOCK = 20 * BLOCK_CALLS;
const ROWS = 256;
const WARM_UP_ROUNDS = 25;

export interface ModelBench {
  readonly rounds: number;
  /** Cost of the two clock readings around each call; not subtracted. */
  readonly clock: LatencySummary;
  readonly wasm: LatencySummary;
  /** onnxruntime-node's own synchronous binding call. */
  readonly ort_sync: LatencySummary;
  /** onnxruntime-node's public run(), awaited. */
  readonly ort_run: LatencySummary;
  /** Compiled calls back to back, no clock between them: ns each, median of the rounds. */
  readonly wasm_back_to_back_ns: number;
  /** ort_sync p50 over the compiled p50, both less the clock's p50. */
  readonly ratio_sync_p50: number;
  readonly ratio_run_p50: number;
  /** Rows on which all three gave the same bits. */
  readonly agreeing_rows: number;
  readonly rows: number;
}

/**
 * Measures one model on the compiled back end and on ONNX Runtime (one thread, all graph optimisations, prepacked), in
 * interleaved blocks of one process for about `seconds`.
 */
export async function benchModel(graph: OnnxGraph, seconds: number, clock: Clock): Promise<ModelBench> {
  const model = compiledAlone(graph);
  const ort = loadOrt();
  const sync = ort.createSession(graph.selfContained, ORT_FAST);
  const session = await ort.publicApi.InferenceSession.create(graph.selfContained, ORT_FAST);
  const random = new Prng(1);
  const inputs = Array.from({ length: ROWS }, () => Float32Array.from({ length: graph.inputCount }, () => random.nextNormal()));
  const feeds = inputs.map((row) => ({ [graph.input]: ort.tensor(row, rowDims(graph)) }));
  const fetches = { [graph.output]: null };
  const histogram = (): LatencyHistogram => new LatencyHistogram(new SharedArrayBuffer(HISTOGRAM_BYTES), 0);
  const [clockCost, wasm, ortSync, ortRun] = [histogram(), histogram(), histogram(), histogram()];
  const backToBack: number[] = [];
  const agreeing = await agreement(graph, model, sync, session, inputs, feeds);

  const runWasm = (): void => {
    for (let i = 0; i < BLOCK_CALLS; i++) {
      model.input.set(inputs[i % ROWS]!);
      const began = clock.nowNs();
      model.run();
      wasm.record(clock.nowNs() - began);
    }
    const began = clock.nowNs();
    for (let i = 0; i < COMPILED_CALLS_PER_BLOCK; i++) model.run();
    backToBack.push((clock.nowNs() - began) / COMPILED_CALLS_PER_BLOCK);
  };
  const runSync = (): void => {
    for (let i = 0; i < BLOCK_CALLS; i++) {
      const feed = feeds[i % ROWS]!;
      const began = clock.nowNs();
      sync.run(feed, fetches, {});
      ortSync.record(clock.nowNs() - began);
    }
  };
  const runPublic = async (): Promise<void> => {
    for (let i = 0; i < BLOCK_CALLS; i++) {
      const feed = feeds[i % ROWS]!;
      const began = clock.nowNs();
      await session.run(feed);
      ortRun.record(clock.nowNs() - began);
    }
  };
  const runClock = (): void => {
    for (let i = 0; i < BLOCK_CALLS; i++) {
      const began = clock.nowNs();
      clockCost.record(clock.nowNs() - began);
    }
  };

  let rounds = 0;
  const startNs = clock.nowNs();
  while (rounds < 2 * WARM_UP_ROUNDS || clock.nowNs() - startNs < seconds * 1e9) {
    runClock();
    runWasm();
    runSync();
    await runPublic();
    if (++rounds === WARM_UP_ROUNDS) {
      for (const one of [clockCost, wasm, ortSync, ortRun]) one.reset();
      backToBack.length = 0;
    }
  }
  sync.dispose();
  model.close();
  const [clockSummary, wasmSummary, syncSummary, runSummary] = [clockCost, wasm, ortSync, ortRun].map((one) => summarize(one)) as [
    LatencySummary,
    LatencySummary,
    LatencySummary,
    LatencySummary,
  ];
  const net = (summary: LatencySummary): number => Math.max(1, summary.p50_ns - clockSummary.p50_ns);
  return {
    rounds: rounds - WARM_UP_ROUNDS,
    clock: clockSummary,
    wasm: wasmSummary,
    ort_sync: syncSummary,
    ort_run: runSummary,
    wasm_back_to_back_ns: backToBack.sort((a, b) => a - b)[Math.floor(backToBack.length / 2)]!,
    ratio_sync_p50: net(syncSummary) / net(wasmSummary),
    ratio_run_p50: net(runSummary) / net(wasmSummary),
    agreeing_rows: agreeing,
    rows: ROWS,
  };
}

async function agreement(
  graph: OnnxGraph,
  model: ReturnType<typeof compiledAlone>,
  sync: OrtSession,
  session: OrtPublicSession,
  inputs: readonly Float32Array[],
  feeds: readonly object[],
): Promise<number> {
  let agreeing = 0;
  for (const [row, input] of inputs.entries()) {
    model.input.set(input);
    model.run();
    const one = sync.run(feeds[row]!, { [graph.output]: null }, {})[graph.output]!.data;
    const two = (await session.run(feeds[row]!))[graph.output]!.data;
    if (model.output.every((value, n) => Object.is(value, one[n]) && Object.is(value, two[n]))) agreeing++;
  }
  return agreeing;
}
