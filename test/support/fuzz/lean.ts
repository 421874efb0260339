import type { Instrument } from '../../../src/core/instrument.ts';
import { LeanDecoder } from '../../../src/feed/lean/decode.hot.ts';
import { RECORD } from '../../../src/feed/recorded/status.ts';
import { NaiveLean } from '../../reference/naive-lean.ts';
import { recordForm } from '../record-form.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

const SHARE: Instrument = { id: 0, symbol: 'AIG', priceDecimals: 2, qtyDecimals: 0, tickUnits: 1, lotUnits: 1, venueId: 1 };
const UNITS_PER_TICK = 100;
const ROWS = [
  '14400152,491800,300,0,0,Q,1,0',
  '14400547,491800,300,0,0,Q,1,0\n14400547,0,0,492000,3000,P,1,0\r\n',
  '14400600,491900,100,492100,50,Q,1,0\n',
  '14400601,0,0,0,0,Q,1,0',
  '14400602,491800,300,P,2000,0',
  '14400603,491900,1,P,2000,1\r\n',
];

/** Every frame is told to both, because a row of one side leaves the other as it was. */
export function leanTarget(): FuzzTarget {
  const decoder = new LeanDecoder([SHARE]);
  const naive = new NaiveLean(UNITS_PER_TICK, 1);
  return {
    sources: ROWS.map((text) => new TextEncoder().encode(text)),
    acceptedMin: 1 / 10,
    check: (bytes, size) => {
      const accepted = decoder.decode(bytes, 0, size) === RECORD.OK;
      const expected = naive.decode(Buffer.from(bytes.buffer, 0, size).toString('latin1'));
      mustEqual(accepted ? recordForm(decoder.message) : 'refused', expected ?? 'refused');
      return accepted;
    },
  };
}
