import { SIDE } from '../../../src/core/records/market.ts';
import { LobsterRow, N_LEVEL_PRICE, N_LEVEL_SIZE } from '../../../src/feed/venue/lobster/decode.hot.ts';
import { LOBSTER } from '../../../src/feed/venue/lobster/status.ts';
import { naiveLobster } from '../../reference/naive-lobster.ts';
import { type FuzzTarget, mustEqual } from './target.ts';

const ROWS = [
  '34200.5,3,900,7,1010,1\t1020,5,1005,9,1030,6,1000,4',
  '34200.004241176,1,16113575,18,5853300,1\v5859400,200,5853300,18',
  '34200.1,4,16113798,2,5859100,-1\t5859400,200,-9999999999,0,9999999999,0,5850000,77',
  '57599.9,7,0,0,-1,-1\t1,1,2,2',
  '1,5,0,40,5857400,1\v5859400,200,5853300,18,5859500,1,5853200,2',
];
const STATUS_NAMES = new Map<number, string>(Object.entries(LOBSTER).map(([name, status]) => [status, name]));
const LEVELS_LOOKED_AT = 3;

/** Every row has the naive decoder's status, and numbers and levels alike when it is accepted. */
export function lobsterTarget(): FuzzTarget {
  const row = new LobsterRow();
  return {
    sources: ROWS.map((text) => new TextEncoder().encode(text)),
    acceptedMin: 1 / 20,
    check: (bytes, size, _which, refusals) => {
      const status = STATUS_NAMES.get(row.decode(bytes, 0, size));
      if (status !== 'OK' && !refusals) return false;
      const naive = naiveLobster(Buffer.from(bytes.buffer, 0, size).toString('latin1'));
      mustEqual(status, naive.status);
      if (status !== 'OK') return false;
      mustEqual([...row.numbers.subarray(0, 5)], naive.numbers);
      const [type, id, , , direction] = naive.numbers!;
      mustEqual([row.type, row.refHigh * 2 ** 32 + (row.refLow >>> 0), row.side], [type, id, direction === 1 ? SIDE.BUY : SIDE.SELL]);
      mustEqual(row.first === 1, naive.first);
      if (naive.first === true) mustEqual(row.levels, naive.levels);
      for (let i = 0; i < LEVELS_LOOKED_AT; i++)
        for (const side of [SIDE.BUY, SIDE.SELL]) mustEqual(levelOf(row, bytes, side, i), naive.level!(side === SIDE.SELL, i));
      return true;
    },
  };
}

function levelOf(row: LobsterRow, bytes: Uint8Array, side: number, i: number): readonly number[] | string {
  if (row.readLevel(bytes, side, i) !== LOBSTER.OK) return 'bad';
  const { numbers } = row;
  return numbers[N_LEVEL_SIZE] === 0 ? 'none' : [numbers[N_LEVEL_PRICE]!, numbers[N_LEVEL_SIZE]!];
}
