import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunSummary } from '../../src/report/summary.ts';
import { CliRig } from '../support/cli.ts';

const rig = new CliRig(8_000);
test.after(() => rig.remove());

/** Ticks that must be decided before the signal, told by the size of the journal: two whole blocks of records. */
const JOURNAL_BYTES = 2 * 64 * 1_024;
const LOOK_EVERY_MS = 5;

for (const topology of ['inline', 'pipeline']) {
  test(`an interrupt ends a paced ${topology} run with 130, a readable journal and a whole report`, async () => {
    const id = `interrupted-${topology}`;
    const segment = join(rig.path('runs'), id, 'journal/000001.tpj');
    // At twice its pace the capture takes fourteen seconds; the interrupt ends it long before.
    const { code, stdout, stderr } = await rig.replay(id, ['--speed', '2', '--topology', topology], rig.capture, {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(segment) || readFileSync(segment).length < JOURNAL_BYTES) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, LOOK_EVERY_MS);
        child.on('close', () => clearInterval(timer));
      },
    });
    assert.is(code, 130, stderr);
    assert.is(stderr, 'interrupted: the run holds what was decided until then\n');
    assert.match(stdout, /^journal +[\d,]+ records/m);
    const summary = JSON.parse(rig.runFile(id, 'summary.json')) as RunSummary;
    assert.ok(summary.interrupted && summary.ticks < 8_000, `${summary.ticks} ticks`);
    assert.match(rig.runFile(id, 'report.html'), '</html>');
    const check = await rig.run(['journal', 'check', `runs/${id}`]);
    assert.equal([check.code, check.stderr], [0, '']);
    assert.match(check.stdout, `sha256 ${summary.journal.sha256}`);
    const verify = await rig.run(['verify', `runs/${id}`]);
    assert.equal([verify.code, verify.stderr], [0, '']);
    assert.match(verify.stdout, `no difference in ${summary.journal.records} records until the run was interrupted\n`);
  });
}

test.run();
