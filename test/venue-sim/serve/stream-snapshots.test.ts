import { suite } from 'uvu';
import { MADE_KRAKEN_V1, MADE_KRAKEN_V2, MADE_OKX, MADE_OKX_CHECKSUM, MadeFolder } from '../../support/made-recordings.ts';
import { type ServedVenueCase, servedVenueTests } from '../../support/served-venue-tests.ts';

const test = suite('a live client of a served recording');
const folder = new MadeFolder();
test.after(() => folder.remove());

const CASES: readonly ServedVenueCase[] = [
  {
    name: 'Kraken v1',
    format: 'kraken',
    dialect: MADE_KRAKEN_V1,
    settings: { mode: 'v1' },
    pong: /"event":"pong"/,
    isChange: (text) => text.includes('"c":"'),
    refusal: /Currency pair not supported DOGE\/USD/,
  },
  {
    name: 'Kraken v2',
    format: 'kraken',
    dialect: MADE_KRAKEN_V2,
    settings: {},
    pong: /"method":"pong"/,
    isChange: (text) => text.includes('"type":"update"') && text.includes('"book"'),
    refusal: /Currency pair not supported DOGE\/USD/,
  },
  {
    name: 'OKX',
    format: 'okx',
    dialect: MADE_OKX,
    settings: {},
    pong: /^pong$/,
    isChange: (text) => text.includes('"update"'),
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
  {
    name: 'OKX by REST',
    format: 'okx',
    dialect: MADE_OKX,
    settings: { mode: 'books-rest' },
    pong: /^pong$/,
    isChange: (text) => text.includes('"update"'),
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
  {
    name: 'OKX before its numbers',
    format: 'okx',
    dialect: MADE_OKX_CHECKSUM,
    settings: {},
    pong: /^pong$/,
    isChange: (text) => text.includes('"update"'),
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
];

for (const one of CASES) servedVenueTests(test, folder, one);

test.run();
