import { discoverGrids, type GridNotes } from '../../grid-discovery.ts';
import { isJson, type Json, parseJson } from '../../json/parse.ts';
import { LineFramer } from '../../transport/line-framer.ts';

/** Instruments of a Binance USD-M capture; what is taken from it `discoverGrids` says. */
export const discoverInstruments = discoverGrids({
  createFramer: () => new LineFramer(),
  createObserver: () => {
    const snapshots: Json[] = [];
    return {
      frame: (text, notes) => observe(text, notes, snapshots),
      // A snapshot names no symbol: it counts when there is one symbol only.
      end: (notes) => {
        const only = notes.symbols.length === 1 ? notes.symbols[0] : undefined;
        if (only !== undefined) for (const snapshot of snapshots) levelsOf(notes, only, snapshot['bids'], snapshot['asks']);
      },
    };
  },
  expected: 'depthUpdate, bookTicker or trade messages',
});

function observe(text: string, notes: GridNotes, snapshots: Json[]): void {
  const frame = parseJson(text);
  if (!isJson(frame)) return;
  const wrapped = frame['data'];
  const data = isJson(wrapped) ? wrapped : frame;
  const symbol = data['s'];
  if (typeof symbol !== 'string') {
    if (data['lastUpdateId'] !== undefined) snapshots.push(data);
    return;
  }
  const type = data['e'];
  if (type === 'depthUpdate') {
    levelsOf(notes, symbol, data['b'], data['a']);
  } else if (type === 'bookTicker') {
    notes.level(symbol, data['b'], data['B']);
    notes.level(symbol, data['a'], data['A']);
  } else if (type === 'trade') {
    notes.level(symbol, data['p'], data['q']);
  }
}

function levelsOf(notes: GridNotes, symbol: string, bids: unknown, asks: unknown): void {
  notes.levels(symbol, bids);
  notes.levels(symbol, asks);
}
