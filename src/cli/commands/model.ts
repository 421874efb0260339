import { type Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../../core/errors.ts';
import type { LatencySummary } from '../../core/histogram.ts';
import { monotonicBaseNs, systemClock, wallTimeMs } from '../../core/time.ts';
import { benchModel, type ModelBench } from '../../engine/model/bench-model.ts';
import { proveModel } from '../../engine/model/load.ts';
import { readManifest, readProof } from '../../engine/model/manifest.ts';
import { readOnnx } from '../../engine/model/onnx/read.ts';
import { compiledAlone, verifyModel } from '../../engine/model/verify.ts';
import { environmentLine, readEnvironment } from '../../report/environment.ts';
import { grouped, note, ProgressLine, printJson } from '../output.ts';

function countOf(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number above zero');
  return Number(text);
}

export function registerModel(program: Command): void {
  const model = program.command('model').description('prove and measure a model (docs/models.md)');
  model
    .command('verify <model>')
    .description('compare the compiled model with ONNX Runtime bit for bit, on its recorded proof and on random and adversarial inputs')
    .option('-n, --samples <count>', 'inputs to draw', countOf, 1_000_000)
    .option('--seed <seed>', 'seed of the inputs', countOf, 1)
    .option('--json', 'print one JSON document')
    .action((file: string, options: { samples: number; seed: number; json?: boolean }) => verify(file, options));
  model
    .command('bench <model>')
    .description("latency of the compiled model beside ONNX Runtime's synchronous and public call, interleaved in one process")
    .option('--seconds <seconds>', 'how long', countOf, 10)
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: { seconds: number; json?: boolean }) => {
      const bench = await benchModel(readOnnx(file), options.seconds, systemClock(monotonicBaseNs()));
      const environment = readEnvironment();
      if (options.json === true) printJson({ model: file, ...bench, environment });
      else process.stdout.write(`${benchTable(bench)}\n${environmentLine(environment)}\n`);
      if (bench.agreeing_rows !== bench.rows) {
        note(`the back ends agree on ${bench.agreeing_rows} of ${bench.rows} rows only`);
        process.exitCode = EXIT.DATA;
      }
    });
}

function verify(file: string, options: { samples: number; seed: number; json?: boolean }): void {
  const graph = readOnnx(file);
  const manifest = readManifest(file, graph.bytes);
  const proof = readProof(file, manifest, graph.inputCount, graph.outputCount);
  const model = compiledAlone(graph);
  proveModel(model, proof, file, model.tolerance);
  const progress = new ProgressLine();
  const report = verifyModel(graph, options.samples, options.seed, (done) =>
    progress.update(wallTimeMs(), `${grouped(done)} of ${grouped(options.samples)} inputs`),
  );
  progress.clear();
  if (options.json === true) printJson({ model: file, proof_rows: proof.rows, ...report });
  else {
    process.stdout.write(
      `proof: ${proof.rows} recorded rows equal\nONNX Runtime: ${report.mismatches} mismatches in ${grouped(report.inferences)} inferences (seed ${options.seed}${report.tolerance === undefined ? '' : `, float32 sums to ${report.tolerance}`})\n`,
    );
  }
  if (report.mismatches === 0) return;
  process.exitCode = EXIT.DATA;
  if (report.first !== undefined)
    note(
      `first mismatch: input [${report.first.input.join(', ')}] gives [${report.first.got.join(', ')}], expected [${report.first.expected.join(', ')}]`,
    );
}

function benchTable(bench: ModelBench): string {
  const row = (name: string, summary: LatencySummary): string =>
    [
      name.padEnd(26),
      ...[summary.count, summary.p50_ns, summary.p90_ns, summary.p99_ns, summary.p999_ns, summary.max_ns].map((value) =>
        grouped(value).padStart(11),
      ),
    ].join(' ');
  return [
    [''.padEnd(26), ...['calls', 'p50 ns', 'p90 ns', 'p99 ns', 'p99.9 ns', 'max ns'].map((title) => title.padStart(11))].join(' '),
    row('clock alone', bench.clock),
    row('compiled', bench.wasm),
    row('ONNX Runtime, synchronous', bench.ort_sync),
    row('ONNX Runtime, run()', bench.ort_run),
    '',
    `compiled, back to back: ${bench.wasm_back_to_back_ns.toFixed(0)} ns a call`,
    `p50 ratios, clock subtracted: synchronous / compiled ${bench.ratio_sync_p50.toFixed(1)}, run() / compiled ${bench.ratio_run_p50.toFixed(1)}`,
    `all three equal on ${bench.agreeing_rows} of ${bench.rows} rows; figures of a row include the clock's`,
  ].join('\n');
}
