import { join } from 'node:path';
import { packageFolder } from '../../src/app/bundled.ts';
import { benchModel } from '../../src/engine/model/bench-model.ts';
import { readOnnx } from '../../src/engine/model/onnx/read.ts';
import { type BenchContext, type BenchFindings, type Figure, same } from '../harness/bench.ts';
import { spreadOf } from '../harness/rounds.ts';

const MODEL = 'models/reference.onnx';
const SECONDS = { full: 8, smoke: 0.1 };

/** The reference model compiled to WebAssembly beside ONNX Runtime, by the code of `tickpath model bench`. */
export async function bench(context: BenchContext): Promise<BenchFindings> {
  context.pin();
  const result = await benchModel(readOnnx(join(packageFolder(), MODEL)), context.smoke ? SECONDS.smoke : SECONDS.full, context.clock);
  const clockNs = result.clock.p50_ns;
  const net = (p50Ns: number): number => Math.max(1, p50Ns - clockNs);
  const beside = (what: string, name: string, p50Ns: number, ratio: number): Figure => ({
    what,
    unit: 'ns',
    ours: spreadOf([net(result.wasm.p50_ns)]),
    beside: { name, value: spreadOf([net(p50Ns)]) },
    ratio: spreadOf([ratio]),
  });
  const figures: Record<string, Figure> = {
    back_to_back: { what: 'an inference, back to back', unit: 'ns', ours: spreadOf([result.wasm_back_to_back_ns]) },
    sync: beside("an inference, p50 less the clock's", 'ONNX Runtime, synchronous', result.ort_sync.p50_ns, result.ratio_sync_p50),
    run: beside("an inference, p50 less the clock's", 'ONNX Runtime, run()', result.ort_run.p50_ns, result.ratio_run_p50),
  };
  const latencies = {
    wasm: { what: 'compiled, clock included', ...result.wasm },
    ort_sync: { what: 'ONNX Runtime, synchronous binding', ...result.ort_sync },
    ort_run: { what: 'ONNX Runtime, public run() awaited', ...result.ort_run },
    clock: { what: 'one clock reading', ...result.clock },
  };
  const checks = [same(`rows on which all three give the same bits, of ${result.rows}`, result.agreeing_rows, result.rows)];
  const notes = [`${MODEL}, ${result.rounds} interleaved blocks; ONNX Runtime with one thread and all graph optimisations`];
  return { figures, latencies, checks, notes };
}
