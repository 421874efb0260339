import { instrumentFromText } from '../../core/instrument.ts';
import type { Discover } from '../discovery.ts';
import { readSegmentHeader } from './scan.ts';

/**
 * Instruments as the header of the first segment has them; a configured one takes the place of the recorded one of the same
 * symbol. The base of all times is that of the first segment, so that they are what they were live.
 */
export const discoverSegments: Discover = async (files, configured = []) => {
  const { document } = await readSegmentHeader(files[0]!);
  const given = new Map(configured.map((text) => [text.symbol, text]));
  const instruments = document.instruments.map((one) => {
    const text = given.get(one.symbol);
    return text === undefined ? one : { ...one, ...instrumentFromText(one.id, text) };
  });
  const { venue, depth, mode, baseEpochNs } = document;
  const discovered = instruments.map((one) => one.symbol).filter((symbol) => !given.has(symbol));
  return { instruments, baseEpochNs, discovered, source: { venue, depth, mode } };
};
