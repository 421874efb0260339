import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, TickpathError } from '../../core/errors.ts';
import { monotonicBaseNs, systemClock } from '../../core/time.ts';
import { formatFromText } from '../../feed/formats.ts';
import { systemTimers } from '../../feed/transport/timers.ts';
import { SERVE_PROTOCOLS, type ServeProtocol } from '../../venue-sim/serve/served-formats.ts';
import { RecordingServer } from '../../venue-sim/serve/server.ts';
import { addInputOptions, speedOf } from '../config-options.ts';
import { grouped, note, printJson } from '../output.ts';

interface ServeOptions {
  input?: string[];
  format?: string;
  protocol: ServeProtocol;
  symbol?: string;
  host: string;
  port: number;
  speed: string;
  loop?: boolean;
  json?: boolean;
  quiet?: boolean;
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('expected a port from 0 to 65535; 0 takes any free one');
  return port;
}

export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .description("replay a recording on loopback in its venue's own websocket and REST protocol (docs/serve.md)");
  addInputOptions(command)
    .addOption(
      new Option('--protocol <protocol>', "the venue's own, or tickpath (docs/feed-protocol.md)")
        .choices([...SERVE_PROTOCOLS])
        .default('venue'),
    )
    .option('--host <address>', 'loopback address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on, 0 for any free one', portOf, 0)
    .option('--speed <speed>', 'times the recorded pace, or max: as fast as the clients read', '1')
    .option('--loop', 'begin again at the end, as a venue that restarts')
    .option('-q, --quiet', 'say nothing of clients')
    .option('--json', 'print where it listens as one document on stdout')
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  if (options.input === undefined) throw new TickpathError('ERR_USAGE', 'serve: --input is needed', EXIT.USAGE);
  const format = formatFromText(options.format ?? 'binance-usdm');
  const server = await RecordingServer.listen({
    files: options.input,
    format,
    protocol: options.protocol,
    ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
    host: options.host,
    port: options.port,
    speed: speedOf(options.speed) ?? 1,
    loop: options.loop === true,
    clock: systemClock(monotonicBaseNs()),
    timers: systemTimers,
    onNote: (text) => {
      if (options.quiet !== true) note(text);
    },
  });
  describe(server, format, options);
  // Not once: a second signal must not end the program before its connections are.
  let interrupt: () => void = () => {};
  const interrupted = new Promise<void>((resolve) => (interrupt = resolve));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const ended = server.ended.then(() => {
      note(`the recording ended after ${grouped(server.playback.frames)} frames; its last books are served until interrupted`);
      return interrupted;
    });
    await Promise.race([interrupted, ended]);
  } finally {
    await server.close();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  note(`interrupted: ${grouped(server.playback.frames)} frames were played`);
  process.exitCode = EXIT.INTERRUPTED;
}

/** Says where to connect and what to send there. */
function describe(server: RecordingServer, format: string, options: ServeOptions): void {
  const { stream, subscribe, rest } = server.venue.access;
  const streamBase = `ws://${server.address}`;
  const restBase = `http://${server.address}`;
  note(
    `serving ${format} ${options.protocol === 'venue' ? '' : `in the protocol ${options.protocol} `}on ${server.address}, loopback only; the recording begins with the first subscription`,
  );
  note(`stream     ${streamBase}${stream}`);
  for (const text of subscribe) note(`subscribe  ${text}`);
  for (const path of rest) note(`snapshot   ${restBase}${path}`);
  if (options.json !== true) return;
  printJson({
    format,
    protocol: options.protocol,
    files: options.input,
    speed: options.speed,
    loop: options.loop === true,
    address: server.address,
    stream_base: streamBase,
    rest_base: restBase,
    stream_url: `${streamBase}${stream}`,
    subscribe,
    snapshot_urls: rest.map((path) => `${restBase}${path}`),
  });
}
