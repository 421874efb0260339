import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dumpBook } from '../../../../src/feed/book-dump.ts';
import { discoverLobster } from '../../../../src/feed/venue/lobster/files.ts';

const test = suite('lobster files');
let folder = '';
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickpath-lobster-'));
});
test.after(() => rmSync(folder, { recursive: true }));

const MESSAGES = ['34200.000000001,1,1,5,1020000,-1', '34200.1,5,0,2,1015050,1', '34201,3,1,5,1020000,-1'];
const BOOK = ['1020000,5,1010000,7', '1020000,5,1010000,7', '9999999999,0,1010000,7'];

function files(ticker: string, messages: readonly string[] = MESSAGES, book: readonly string[] | undefined = BOOK, gzip = false): string {
  const name = (kind: string): string => join(folder, `${ticker}_2012-06-21_34200000_57600000_${kind}_1.csv`);
  const put = (path: string, lines: readonly string[]): void => {
    const text = `${lines.join('\n')}\n`;
    writeFileSync(gzip ? `${path}.gz` : path, gzip ? gzipSync(text) : text);
  };
  put(name('message'), messages);
  if (book !== undefined) put(name('orderbook'), book);
  return gzip ? `${name('message')}.gz` : name('message');
}

async function dump(file: string): Promise<string> {
  let text = '';
  const write = (piece: string): void => {
    text += piece;
  };
  await dumpBook({ files: [file], format: 'lobster', depth: 1, every: 'event', out: 'csv', write });
  return text;
}
const errorOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => '',
    (error: Error) => error.message,
  );

const MIDNIGHT = BigInt(Date.UTC(2012, 5, 21, 4)) * 1_000_000n;
const at = (ns: bigint): string => `${MIDNIGHT + ns},${MIDNIGHT + ns}`;
const LINES = [
  `1,${at(34_200_000_000_001n)},101.0000,7,102.0000,5`,
  `2,${at(34_200_100_000_000n)},101.0000,7,102.0000,5`,
  `3,${at(34_201_000_000_000n)},101.0000,7,,`,
];

test('every row of a message file writes a line, with its time on the date of the file', async () => {
  assert.is(await dump(files('ABC')), `${LINES.join('\n')}\n`);
  assert.is(await dump(files('GZ', MESSAGES, BOOK, true)), `${LINES.join('\n')}\n`);
});

test('the ticker is the one in the name; a configured grid is taken', async () => {
  const file = files('BRK.B');
  assert.is((await discoverLobster([file])).instruments[0]!.symbol, 'BRK.B');
  const configured = [{ symbol: 'BRK.B', tickSize: '0.01', lotSize: '1' }];
  const { instruments, discovered } = await discoverLobster([file], configured);
  assert.equal([instruments[0]!.priceDecimals, discovered], [2, []]);
  assert.match(await errorOf(discoverLobster([file, files('ABC')])), /of several tickers \(BRK\.B, ABC\)/);
});

test('files that do not belong together are an error that names them', async () => {
  writeFileSync(join(folder, 'rows.csv'), 'x');
  assert.match(await errorOf(dump(join(folder, 'rows.csv'))), /rows\.csv: expected a LOBSTER message file, named like TICKER_DATE/);
  const alone = files('ALONE');
  rmSync(alone.replace('message', 'orderbook'));
  assert.match(await errorOf(dump(alone)), /ALONE_.*_orderbook_1\.csv: no such file; a LOBSTER message file is read with/);
  assert.match(
    await errorOf(dump(files('SHORT', MESSAGES, BOOK.slice(1)))),
    /SHORT_.*_orderbook_1\.csv: ends after 2 lines, .*_message_1\.csv has more/,
  );
  assert.match(
    await errorOf(dump(files('LONG', MESSAGES.slice(1)))),
    /LONG_.*_message_1\.csv: ends after 2 lines, .*_orderbook_1\.csv has more/,
  );
  assert.match(await errorOf(dump(files('EMPTY', [''], ['']))), /EMPTY_.*: no row; expected a LOBSTER message file/);
  assert.match(
    await errorOf(dump(files('TIME', [...MESSAGES.slice(0, 2), '34201.0000000001,3,1,5,1020000,-1']))),
    /TIME_.*_message_1\.csv:3: expected a time of seconds after midnight with at most 9 decimals, found "34201\.0000000001/,
  );
});

test.run();
