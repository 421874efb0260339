import { suite } from 'uvu';
import { MADE_COINBASE, MADE_COINBASE_ADVANCED, MADE_COINBASE_FULL } from '../../support/made-coinbase.ts';
import { MadeFolder } from '../../support/made-recordings.ts';
import { type ServedVenueCase, servedVenueTests } from '../../support/served-venue-tests.ts';

const test = suite('a live client of a served recording of Coinbase');
const folder = new MadeFolder();
test.after(() => folder.remove());

/** No secret of anybody's. */
const KEYS = { key: 'k', secret: Buffer.from('secret').toString('base64'), passphrase: 'p' };

const CASES: readonly ServedVenueCase[] = [
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
    settings: { mode: 'level2', keys: KEYS },
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
    settings: { keys: KEYS },
    isChange: (text) => /"type":"(?:open|done|change)"/.test(text),
    refusal: /DOGE\/USD is not a valid product/,
  },
];

for (const one of CASES) servedVenueTests(test, folder, one);

test.run();
