import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { same } from '../../bench/harness/bench.ts';
import { interleave, spreadOf } from '../../bench/harness/rounds.ts';
import { renderBench } from '../../bench/harness/table.ts';
import { measure } from '../../bench/main.ts';
import { BENCHES, COMPARE_BENCHES, MEASURED_FORMATS } from '../../bench/registry.ts';
import { ManualClock } from '../../src/core/time.ts';
import { projectFile } from '../support/project.ts';

/** Figures and latencies by key: what scripts read from the JSON document and docs/benchmarks.md describes. */
const KEYS: Readonly<Record<string, { readonly figures: readonly string[]; readonly latencies: readonly string[] }>> = {
  ring: { figures: ['publish_8', 'publish_1', 'round_trip'], latencies: ['round_trip', 'round_trip_naive', 'clock'] },
  decode: {
    figures: ['depth', 'depth_rate', 'ticker', 'ticker_rate', 'trade', 'trade_rate', 'mix', 'mix_rate', 'alone', 'book'],
    latencies: ['decode_book', 'parse', 'clock'],
  },
  ...Object.fromEntries(
    MEASURED_FORMATS.map((format) => [
      `decode-${format}`,
      { figures: format === 'coinbase-full' ? ['alone'] : ['alone', 'book', 'numbers'], latencies: ['decode_book', 'parse', 'clock'] },
    ]),
  ),
  book: { figures: ['level', 'message', 'message_level'], latencies: [] },
  features: { figures: ['tick', 'tick_p50'], latencies: ['tick', 'naive', 'clock'] },
  model: { figures: ['back_to_back', 'sync', 'run'], latencies: ['wasm', 'ort_sync', 'ort_run', 'clock'] },
  risk: { figures: ['approved', 'refused_quantity', 'refused_collar', 'mixed'], latencies: [] },
  path: {
    figures: ['tick', 'ticks', 'collections'],
    latencies: [
      'closed',
      'closed_best',
      'closed_wait',
      'closed_decode',
      'closed_ring',
      'closed_features',
      'closed_inference',
      'closed_risk',
      'closed_encode',
      'closed_tick_to_decision',
      'closed_tick_to_order',
      'open_10000',
      'open_100000',
      'jitter_floor',
    ],
  },
  'itch-cpp': { figures: ['message', 'decode'], latencies: [] },
  'dbn-cpp': { figures: ['decode', 'decode_rate', 'book'], latencies: [] },
  peers: { figures: ['tardis', 'ccxt'], latencies: [] },
};

test('the benches are ring, decode, decode of each recording, book, features, model, risk and path, and those beside other programs', () => {
  assert.equal(
    [...BENCHES, ...COMPARE_BENCHES].map((bench) => bench.name),
    Object.keys(KEYS),
  );
});

for (const [name, keys] of Object.entries(KEYS)) {
  test(`the ${name} bench runs on small inputs, gives right results and has its keys`, async () => {
    const document = await measure([name], true);
    const result = document.benches.find((bench) => bench.name === name)!;
    assert.equal(
      result.checks.filter((check) => !check.ok),
      [],
    );
    assert.ok(document.ok && document.smoke && result.ok && result.checks.length > 0);
    assert.match(document.environment_line, document.environment.node);
    // A machine with one core has no second thread to measure against, another no recordings, and one without a compiler or packages no other side.
    if (result.notes.some((note) => note.startsWith('skipped: '))) return;
    assert.equal(Object.keys(result.figures), keys.figures);
    assert.equal(Object.keys(result.latencies), keys.latencies);
    for (const { ours, beside, ratio } of Object.values(result.figures)) {
      for (const spread of [ours, beside?.value, ratio]) {
        if (spread === undefined) continue;
        assert.equal(Object.keys(spread), ['median', 'mad', 'min', 'max', 'rounds']);
        assert.ok(spread.min <= spread.median && spread.median <= spread.max && spread.min >= 0 && spread.rounds >= 1);
      }
    }
    for (const row of Object.values(result.latencies)) assert.ok(row.p50_ns <= row.p99_ns && row.p99_ns <= row.p9999_ns);
    assert.match(renderBench(document), 'smoke run');
  });
}

test('two sides that differ in one round fail the comparison, however fast', () => {
  let calls = 0;
  const right = { name: 'right', run: () => 7 };
  const wrong = { name: 'wrong', run: () => (++calls === 4 ? 8 : 7) };
  const { check } = interleave(new ManualClock(), 'the result', right, wrong, 5);
  assert.equal(check, { what: 'the result', ok: false, detail: '7, expected 8' });
  assert.ok(interleave(new ManualClock(), 'the result', right, right, 5).check.ok);
});

test('the two sides take turns and change places, and warm-up rounds are not counted', () => {
  const order: string[] = [];
  const side = (name: string) => ({ name, run: () => order.push(name) * 0 });
  const { ours, theirs } = interleave(new ManualClock(), 'nothing', side('a'), side('b'), 2, 2);
  assert.is(order.join(''), 'abbaabba');
  assert.equal([ours.length, theirs.length], [2, 2]);
});

test('a spread is median, median absolute deviation and range', () => {
  assert.equal(spreadOf([5, 1, 3, 100]), { median: 4, mad: 2, min: 1, max: 100, rounds: 4 });
  assert.not.ok(same('a', Number.NaN, 1).ok);
});

test('an unknown bench is refused with exit code 2 and the names there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [projectFile('dist/src/cli/main.js'), 'bench', 'ring', 'rign'], {
    encoding: 'utf8',
  });
  assert.is(status, 2);
  assert.match(
    stderr,
    /no bench "rign"; expected some of: ring, decode, decode-binance-usdm, .*, book, features, model, risk, path, itch-cpp, dbn-cpp, peers, compare/,
  );
});

test.run();
