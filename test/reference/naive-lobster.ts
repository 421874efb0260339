/** A row of LOBSTER's two files joined by a tab, or by a vertical tab where it is a file's first. */
export interface NaiveLobster {
  readonly status: string;
  readonly numbers?: readonly number[];
  readonly first?: boolean;
  readonly levels?: number;
  /** Price and size by side and level, `bad` where they are not levels. */
  readonly level?: (sell: boolean, i: number) => readonly [price: number, size: number] | 'none' | 'bad';
}

const ROW = /^[^,]*,(-?\d{1,15}),(-?\d{1,15}),(-?\d{1,15}),(-?\d{1,15}),(-?\d{1,15})([\t\v])(.*)$/s;
const INTEGER = /^-?\d{1,15}$/;
const PRICE_MAX = 2 ** 31 - 1;

export function naiveLobster(text: string): NaiveLobster {
  const parts = ROW.exec(text);
  if (parts === null) return { status: 'BAD_ROW' };
  const [type, id, size, price, direction] = parts.slice(1, 6).map((one) => Number(one) + 0);
  const status = statusOf(type!, id!, size!, price!, direction!);
  if (status !== 'OK') return { status };
  const fields = parts[7]!.split(',');
  return {
    status,
    numbers: [type!, id!, size!, price!, direction!],
    first: parts[6] === '\v',
    levels: fields.length % 4 === 0 ? fields.length / 4 : 0,
    level: (sell, i) => {
      const at = 4 * i + (sell ? 0 : 2);
      const [levelPrice, levelSize] = [fields[at] ?? '', fields[at + 1] ?? ''];
      if (!INTEGER.test(levelPrice) || !INTEGER.test(levelSize)) return 'bad';
      if (Number(levelSize) === 0) return 'none';
      const wrong = Number(levelSize) < 0 || Number(levelPrice) <= 0 || Number(levelPrice) > PRICE_MAX;
      return wrong ? 'bad' : [Number(levelPrice), Number(levelSize)];
    },
  };
}

function statusOf(type: number, id: number, size: number, price: number, direction: number): string {
  if (type < 1 || type > 7) return 'BAD_TYPE';
  if (id < 0) return 'BAD_ROW';
  if (direction !== 1 && direction !== -1) return 'BAD_DIRECTION';
  if (type === 7) return 'OK';
  if (size <= 0) return 'QTY_ZERO';
  return price > 0 && price <= PRICE_MAX ? 'OK' : 'PRICE_RANGE';
}
