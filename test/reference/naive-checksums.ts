import type { Instrument } from '../../src/core/instrument.ts';

/** CRC32 of ASCII text, bit by bit, unsigned. */
export function naiveChecksum(text: string): number {
  let crc = 0xffffffff;
  for (const character of text) {
    crc ^= character.charCodeAt(0);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Kraken's string: asks, then bids, ten each, price then quantity in all decimals without point and leading zeros. */
export function checksumText(
  instrument: Instrument,
  bids: readonly (readonly [string, string])[],
  asks: readonly (readonly [string, string])[],
): string {
  const digits = (text: string, decimals: number): string => {
    const [whole, fraction = ''] = text.split('.');
    return `${whole}${fraction.padEnd(decimals, '0')}`.replace(/^0+/, '');
  };
  return [...asks.slice(0, 10), ...bids.slice(0, 10)]
    .map(([price, qty]) => digits(price, instrument.priceDecimals) + digits(qty, instrument.qtyDecimals))
    .join('');
}
