import type { TextLevel } from './kraken-frames.ts';

const levelsOf = (text: string): TextLevel[] => text.split(' ').map((one) => `0${one}`.split('/') as unknown as TextLevel);

/** The published snapshot of MATIC/USD (API documentation, WebSocket v2, channel `book`), as JSON numbers write it. */
export const MATIC = {
  bids: levelsOf(
    '.5666/4831.75496356 .5665/6658.22734739 .5664/18724.91513344 .5663/11563.92544914 .5662/14006.65365711 .5661/17454.85679807 .566/18097.1547 .5659/33644.89175666 .5658/148.3464 .5657/606.70854372',
  ),
  asks: levelsOf(
    '.5668/4410.79769741 .5669/4655.40412487 .567/49844.89424998 .5671/24306.41678 .5672/29783.25223475 .5673/57234.71239278 .5674/45065.04744 .5675/5912.76380354 .5676/42514.92434778 .5677/36304.0847022',
  ),
  /** Of the snapshot, and after the bid at 0.5657 became 1098.3947558. */
  checksums: [2439117997, 2114181697],
} as const;
