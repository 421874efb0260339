import { suite } from 'uvu';
import { MADE_COINBASE, MADE_COINBASE_ADVANCED, MADE_COINBASE_FULL } from '../../support/made-coinbase.ts';
import { MADE_BYBIT, MADE_DERIBIT, MADE_HYPERLIQUID } from '../../support/made-derivatives.ts';
import { MADE_KRAKEN_V1, MADE_KRAKEN_V2, MADE_OKX, MADE_OKX_CHECKSUM, MadeFolder } from '../../support/made-recordings.ts';
import { type ServedCase, servedClientTests } from '../../support/served-client-tests.ts';

const test = suite('a live client of a served recording');
const folder = new MadeFolder();
test.after(() => folder.remove());

/** No secret of anybody's. */
const EXCHANGE_KEYS = { key: 'k', secret: Buffer.from('secret').toString('base64'), passphrase: 'p' };

const CASES: readonly ServedCase[] = [
  {
    name: 'Kraken v1',
    format: 'kraken',
    dialect: MADE_KRAKEN_V1,
    settings: { mode: 'v1' },
    keepalive: { ms: 20_000, side: 'client', pong: /"event":"pong"/ },
    isChange: (text) => text.includes('"c":"'),
    showsLoss: true,
    refusal: /Currency pair not supported DOGE\/USD/,
  },
  {
    name: 'Kraken v2',
    format: 'kraken',
    dialect: MADE_KRAKEN_V2,
    settings: {},
    keepalive: { ms: 20_000, side: 'client', pong: /"method":"pong"/ },
    isChange: (text) => text.includes('"type":"update"') && text.includes('"book"'),
    showsLoss: true,
    refusal: /Currency pair not supported DOGE\/USD/,
  },
  {
    name: 'OKX',
    format: 'okx',
    dialect: MADE_OKX,
    settings: {},
    keepalive: { ms: 15_000, side: 'client', pong: /^pong$/ },
    isChange: (text) => text.includes('"update"'),
    showsLoss: true,
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
  {
    name: 'OKX by REST',
    format: 'okx',
    dialect: MADE_OKX,
    settings: { mode: 'books-rest' },
    keepalive: { ms: 15_000, side: 'client', pong: /^pong$/ },
    isChange: (text) => text.includes('"update"'),
    showsLoss: true,
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
  {
    name: 'OKX before its numbers',
    format: 'okx',
    dialect: MADE_OKX_CHECKSUM,
    settings: {},
    keepalive: { ms: 15_000, side: 'client', pong: /^pong$/ },
    isChange: (text) => text.includes('"update"'),
    showsLoss: true,
    refusal: /instId:DOGE\/USD doesn't exist/,
  },
  {
    name: 'Bybit',
    format: 'bybit',
    dialect: MADE_BYBIT,
    settings: { mode: 'linear', depth: 50 },
    keepalive: { ms: 20_000, side: 'client', pong: /"pong"/ },
    isChange: (text) => text.includes('"delta"'),
    showsLoss: true,
    refusal: /handler not found,topic:orderbook.50.DOGE\/USD/,
  },
  {
    name: 'Deribit',
    format: 'deribit',
    dialect: MADE_DERIBIT,
    settings: {},
    keepalive: { ms: 1_000, side: 'server', pong: /"version"/ },
    isChange: (text) => text.includes('"type":"change"'),
    showsLoss: true,
    refusal: /book.DOGE\/USD.100ms/,
  },
  {
    name: 'Hyperliquid',
    format: 'hyperliquid',
    dialect: MADE_HYPERLIQUID,
    settings: {},
    keepalive: { ms: 30_000, side: 'client', pong: /"channel":"pong"/ },
    isChange: (text) => text.includes('"l2Book"'),
    showsLoss: false,
    refusal: /Invalid subscription .*DOGE\/USD/,
  },
  {
    name: 'Coinbase',
    format: 'coinbase',
    dialect: MADE_COINBASE,
    settings: {},
    isChange: (text) => text.includes('"l2update"'),
    showsLoss: false,
    refusal: /DOGE\/USD is not a valid product/,
  },
  {
    name: 'Coinbase with a key',
    format: 'coinbase',
    dialect: MADE_COINBASE,
    settings: { mode: 'level2', keys: EXCHANGE_KEYS },
    isChange: (text) => text.includes('"l2update"'),
    showsLoss: false,
    refusal: /DOGE\/USD is not a valid product/,
  },
  {
    name: 'Coinbase Advanced Trade',
    format: 'coinbase',
    venue: 'coinbase-advanced',
    dialect: MADE_COINBASE_ADVANCED,
    settings: {},
    isChange: (text) => text.includes('"update"'),
    showsLoss: false,
    refusal: /DOGE\/USD is not a valid product_id/,
  },
  {
    name: 'Coinbase full',
    format: 'coinbase-full',
    dialect: MADE_COINBASE_FULL,
    settings: { keys: EXCHANGE_KEYS },
    isChange: (text) => /"type":"(?:open|done|change)"/.test(text),
    showsLoss: true,
    refusal: /DOGE\/USD is not a valid product/,
  },
];

for (const one of CASES) servedClientTests(test, folder, one);

test.run();
