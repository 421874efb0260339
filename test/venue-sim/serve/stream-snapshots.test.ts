import { suite } from 'uvu';
import { MADE_BYBIT, MADE_DERIBIT, MADE_HYPERLIQUID } from '../../support/made-derivatives.ts';
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
  {
    name: 'Bybit',
    format: 'bybit',
    dialect: MADE_BYBIT,
    settings: { mode: 'linear', depth: 50 },
    pong: /"pong"/,
    isChange: (text) => text.includes('"delta"'),
    refusal: /handler not found,topic:orderbook.50.DOGE\/USD/,
  },
  {
    name: 'Deribit',
    format: 'deribit',
    dialect: MADE_DERIBIT,
    settings: {},
    pong: /"version"/,
    clientAsks: false,
    isChange: (text) => text.includes('"type":"change"'),
    refusal: /book.DOGE\/USD.100ms/,
  },
  {
    name: 'Hyperliquid',
    format: 'hyperliquid',
    dialect: MADE_HYPERLIQUID,
    settings: {},
    pong: /"channel":"pong"/,
    isChange: (text) => text.includes('"l2Book"'),
    showsLoss: false,
    refusal: /Invalid subscription .*DOGE\/USD/,
  },
];

for (const one of CASES) servedVenueTests(test, folder, one);

test.run();
