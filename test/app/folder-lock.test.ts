import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockFolder } from '../../src/app/folder-lock.ts';
import { EXIT, TickpathError } from '../../src/core/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'tickpath-lock-'));
const path = join(folder, 'recorder.pid');
test.after(() => rmSync(folder, { recursive: true }));

test('a folder is locked until it is given back', () => {
  const release = lockFolder(folder);
  assert.match(readFileSync(path, 'utf8'), new RegExp(`^${process.pid} `));
  release();
  assert.is(existsSync(path), false);
});

test('a folder that a running process holds is refused, naming it', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  try {
    writeFileSync(path, `${child.pid} \n`);
    let thrown: unknown;
    try {
      lockFolder(folder);
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, TickpathError);
    assert.is((thrown as TickpathError).exitCode, EXIT.USAGE);
    assert.match((thrown as TickpathError).message, new RegExp(`process ${child.pid} records there`));
    writeFileSync(path, `${child.pid} 1\n`);
    // The number is that of a process which was started at another time.
    if (existsSync('/proc/self/stat')) lockFolder(folder)();
  } finally {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
  }
});

test('what a killed process left, or nobody can read, is taken over', () => {
  for (const text of ['', 'x', '4194305 12\n', `${process.pid} 0\n`]) {
    writeFileSync(path, text);
    lockFolder(folder)();
    assert.is(existsSync(path), false);
  }
});

test.run();
