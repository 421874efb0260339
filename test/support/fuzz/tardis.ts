import type { Instrument } from '../../../src/core/instrument.ts';
import { RECORD } from '../../../src/feed/recorded/status.ts';
import { TardisDecoder } from '../../../src/feed/tardis/decode.hot.ts';
import { naiveTardis } from '../../reference/naive-tardis.ts';
import { recordForm } from '../record-form.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

const PERPETUAL: Instrument = { id: 0, symbol: 'BTC-PERPETUAL', priceDecimals: 1, qtyDecimals: 3, tickUnits: 5, lotUnits: 1 };
const COIN: Instrument = { id: 1, symbol: 'BTCUSDT', priceDecimals: 8, qtyDecimals: 8, tickUnits: 100, lotUnits: 10 };
const EXCHANGE = 'deribit';
const BEGIN = 'exchange,symbol,timestamp,local_timestamp';
const HEAD = 'deribit,BTC-PERPETUAL,1600000000000000,1600000000000100';
const COIN_HEAD = 'deribit,BTCUSDT,1600000000123456,1600000000123556';

/** Headers, and rows of each. */
const KINDS: readonly (readonly [header: string, rows: readonly string[]])[] = [
  [
    `${BEGIN},is_snapshot,side,price,amount`,
    [
      `${HEAD},true,bid,100.5,2.125\n${HEAD},true,ask,101,3\r\n${HEAD},true,ask,102.5,1e-3`,
      `${COIN_HEAD},false,ask,0.000123,1.5e-7\n`,
      `${COIN_HEAD},false,bid,1.000001,0`,
    ],
  ],
  [`${BEGIN},id,side,price,amount`, [`${HEAD},77,buy,100.5,2`, `${COIN_HEAD},,unknown,1.5e-6,7e-7`, `${HEAD},a,sell,99.5,0.001\r`]],
  [`${BEGIN},ask_amount,ask_price,bid_price,bid_amount`, [`${HEAD},2,100.5,100,1.5`, `${COIN_HEAD},,,0.00001,1e-7`]],
  [
    `${BEGIN},asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,bids[1].price,bids[1].amount`,
    [`${HEAD},100.5,2,100,1,101,2,99.5,1`, `${COIN_HEAD},0.1,2,0.09,0,,,0.08,1\r`],
  ],
];

/** A decoder a kind of file, each told its header first; what is refused and what is accepted is the naive decoder's word. */
export function tardisTarget(): FuzzTarget {
  const instruments = [PERPETUAL, COIN];
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const cases = KINDS.flatMap(([header, rows]) => {
    const decoder = new TardisDecoder(instruments);
    decoder.decode(encode(header), 0, header.length);
    decoder.decode(encode(rows[0]!), 0, rows[0]!.length);
    return rows.map((row) => ({ header, decoder, source: encode(row) }));
  });
  return {
    sources: cases.map(({ source }) => source),
    acceptedMin: 1 / 10,
    check: (bytes, size, which, refusals) => {
      const { header, decoder } = cases[which]!;
      const accepted = decoder.decode(bytes, 0, size) === RECORD.OK;
      if (!accepted && !refusals) return false;
      const naive = naiveTardis(Buffer.from(bytes.buffer, 0, size).toString('latin1'), header, instruments, EXCHANGE);
      mustEqual(accepted ? recordForm(decoder.message) : 'refused', naive ?? 'refused');
      return accepted;
    },
  };
}
