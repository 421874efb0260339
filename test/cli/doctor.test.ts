import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tickpath } from '../support/cli.ts';

test('doctor gives each check a status and, unless it is ok, the line that mends it', async () => {
  const { code, stdout, stderr } = await tickpath(['doctor', '--json']);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; found: string; mend: string }[] };
  assert.equal([code, stderr], [checks.some((check) => check.status === 'fail') ? 1 : 0, '']);
  const names = checks.map((check) => check.name);
  for (const name of ['node', 'cores', 'clock cost', 'pinning', 'V8 flags', 'shared memory', 'onnxruntime-node'])
    assert.ok(names.includes(name), name);
  assert.is(new Set(names).size, names.length);
  for (const { name, status, found, mend } of checks) {
    assert.ok(['ok', 'warn', 'fail'].includes(status), name);
    assert.ok(found !== '' && (status === 'ok') === (mend === ''), name);
  }
  assert.is(checks.find((check) => check.name === 'V8 flags')!.status, 'ok', 'bin/tickpath sets them');
  const text = await tickpath(['doctor']);
  for (const name of names) assert.match(text.stdout, `  ${name} `);
});

test.run();
