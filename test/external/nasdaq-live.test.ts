import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveMold, serveSoup } from '../../src/app/serve-nasdaq.ts';
import { ManualClock, monotonicBaseNs, systemClock } from '../../src/core/time.ts';
import { FileTransport } from '../../src/feed/transport/file.ts';
import { BinaryFileFramer } from '../../src/feed/venue/nasdaq-itch/binary-file.ts';
import { discoverItch } from '../../src/feed/venue/nasdaq-itch/discover.ts';
import { ItchFeed } from '../../src/feed/venue/nasdaq-itch/feed.hot.ts';
import { itchMoldTransport, itchSoupTransport } from '../../src/feed/venue/nasdaq-itch/live.ts';
import { dataFile } from '../support/data.ts';
import { OrderRig } from '../support/itch-rig.ts';
import { freeUdpPort, LiveRig } from '../support/udp-rig.ts';

const HOST = '127.0.0.1';
const MESSAGES = 12_012;

test('a recorded session with loss, copies and late packets up to 20 %, and over SoupBinTCP, gives the books of the file', async () => {
  const file = dataFile('itch/ex20101224.TEST_ITCH_50.gz');
  if (file === undefined) return;
  const { instruments, baseEpochNs } = await discoverItch([file]);
  const direct = new OrderRig((options) => new ItchFeed(options), { instruments, baseEpochNs });
  await new FileTransport({ files: [file], framer: new BinaryFileFramer(), clock: new ManualClock(), baseEpochNs }).run(direct.feed);
  const expected = instruments.map(({ id }) => [
    direct.feed.book(id).ordersHash(),
    direct.feed.book(id).hash(),
    direct.feed.book(id).orders,
  ]);
  const hashes = (live: LiveRig): unknown => live.hashesAtEnd.map(([orders, levels, , count]) => [orders, levels, count]);
  const ports = { clock: systemClock(monotonicBaseNs()), baseEpochNs, random: () => 0.5 };
  const source = { files: [file], format: 'itch' } as const;

  for (const percent of [0, 1, 5, 20]) {
    const line = { address: HOST, port: await freeUdpPort() };
    const requestPort = await freeUdpPort();
    const requests = { address: HOST, port: requestPort, interface: HOST };
    const transport = itchMoldTransport({ lines: [line], requests, requestTimeoutMs: 5 }, ports, 10_000);
    const live = new LiveRig(transport, { instruments, baseEpochNs });
    await live.connected();
    const share = percent / 100;
    const served = await serveMold({
      ...source,
      lines: [line],
      requestPort,
      faults: { seed: 1, drop: share, duplicate: share, delay: share },
    });
    await live.until(() => live.books.count('sessions_ended') === 1);
    await served.close();
    await live.stop();
    const counters = transport.counters.snapshot();
    assert.equal(
      [served.messages, hashes(live), live.books.count('mold_missed'), counters['mold_unrecoverable']],
      [MESSAGES, expected, 0, 0],
    );
    process.stdout.write(`${percent} %: ${counters['mold_packets']} packets, ${counters['mold_recovered']} messages recovered\n`);
  }

  const login = { username: 'reader', password: 'secret' };
  const soup = await serveSoup({ ...source, ...login });
  const live = new LiveRig(itchSoupTransport({ host: HOST, port: soup.port, ...login }, ports), { instruments, baseEpochNs });
  await live.done;
  await soup.close();
  assert.equal([hashes(live), live.books.count('mold_missed')], [expected, 0]);
});

test.run();
