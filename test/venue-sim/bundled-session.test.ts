import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestSession, type SessionManifest } from '../../src/venue-sim/record-session.ts';
import { checkSession } from '../reference/naive-session.ts';
import { projectFile } from '../support/project.ts';

const FILE_BYTES_MAX = 4_000_000;

const manifest = JSON.parse(readFileSync(projectFile('replay-data/manifest.json'), 'utf8')) as SessionManifest;

test('every bundled file is the one in the manifest, small, long and busy enough', () => {
  assert.ok(manifest.sessions.length > 0);
  for (const entry of manifest.sessions) {
    const file = readFileSync(projectFile(`replay-data/${entry.file}`));
    assert.is(createHash('sha256').update(file).digest('hex'), entry.sha256, entry.file);
    assert.is(createHash('sha256').update(gunzipSync(file)).digest('hex'), entry.contentSha256, entry.file);
    assert.ok(file.length <= FILE_BYTES_MAX, `${entry.file} has ${file.length} bytes`);
    assert.ok(entry.durationS >= 60 && entry.messages >= 50_000);
  }
});

test('the generator writes the bundled sessions again, byte for byte', () => {
  for (const entry of manifest.sessions) {
    assert.equal(digestSession({ seed: entry.seed, durationNs: entry.durationS * 1e9 }), {
      messages: entry.messages,
      contentSha256: entry.contentSha256,
    });
  }
});

test('in a bundled session bookTicker equals the book wherever the two carry the same update id', () => {
  for (const entry of manifest.sessions) {
    const text = gunzipSync(readFileSync(projectFile(`replay-data/${entry.file}`))).toString('latin1');
    const check = checkSession(text.trimEnd().split('\n'));
    assert.equal(check.problems.slice(0, 5), []);
    assert.is(check.messages, entry.messages);
    assert.ok(check.compared >= 200, `too few updates carried both kinds: ${check.compared}`);
  }
});

test.run();
