import type { FunctionBody, Pointer } from './encoder.ts';

/** Turns written out one after another; more become a loop. */
export const STRAIGHT_TURNS_MAX = 8;
/** Vectors a turn of an element loop. */
const UNROLL = 2;

/** Memory that a loop walks: `bytes` a turn (0 stays). */
export interface Stream {
  readonly from: Pointer;
  readonly bytes: number;
}

/** Runs `emit` for each of `turns` with pointers to where the streams then stand: written out when few, else as a loop. */
export function repeat(
  body: FunctionBody,
  turns: number,
  streams: readonly Stream[],
  emit: (at: readonly Pointer[], turn: number | undefined) => void,
): void {
  if (turns <= STRAIGHT_TURNS_MAX) {
    for (let turn = 0; turn < turns; turn++) {
      emit(
        streams.map(({ from, bytes }) => ({ ...from, offset: from.offset + turn * bytes })),
        turn,
      );
    }
    return;
  }
  loop(body, turns, streams, (at) => emit(at, undefined));
}

/** A loop of `turns` over streams, the last of which that moves tells the end. */
export function loop(body: FunctionBody, turns: number, streams: readonly Stream[], emit: (at: readonly Pointer[]) => void): void {
  const moving = streams.findIndex(({ bytes }) => bytes > 0);
  const locals = streams.map(({ from, bytes }) => (bytes === 0 ? undefined : setUp(body, from)));
  let counter = locals[moving];
  let end: number | { readonly local: number };
  if (counter === undefined) {
    counter = setUp(body, { offset: 0 });
    end = turns;
  } else {
    const { from, bytes } = streams[moving]!;
    end =
      from.local === undefined
        ? from.offset + turns * bytes
        : { local: setUp(body, { local: from.local, offset: from.offset + turns * bytes }) };
  }
  body.loopWhileBelow(counter, end, () => {
    emit(streams.map(({ from }, i) => (locals[i] === undefined ? from : { local: locals[i], offset: 0 })));
    streams.forEach(({ bytes }, i) => void (locals[i] !== undefined && body.advance(locals[i], bytes)));
    if (moving < 0) body.advance(counter, 1);
  });
}

function setUp(body: FunctionBody, from: Pointer): number {
  const local = body.local('I32');
  body.setAddress(local, from);
  return local;
}

/** Memory that an element loop walks: `bytes` an element (0 stays). */
export type Elements = Stream;

/**
 * Runs `emit` for groups of `width` elements; `valid` of them belong to the streams, fewer than `width` in the last group
 * only. Written out when few, else as a loop with the rest behind it.
 */
export function vectors(
  body: FunctionBody,
  count: number,
  width: number,
  streams: readonly Elements[],
  emit: (at: readonly Pointer[], valid: number) => void,
): void {
  const groups = Math.floor(count / width);
  const at = (group: number): Pointer[] => streams.map(({ from, bytes }) => ({ ...from, offset: from.offset + group * width * bytes }));
  let done = 0;
  if (groups > STRAIGHT_TURNS_MAX) {
    const turns = Math.floor(groups / UNROLL);
    loop(
      body,
      turns,
      streams.map(({ from, bytes }) => ({ from, bytes: UNROLL * width * bytes })),
      (pointers) => {
        for (let u = 0; u < UNROLL; u++) {
          emit(
            pointers.map((pointer, i) => ({ ...pointer, offset: pointer.offset + u * width * streams[i]!.bytes })),
            width,
          );
        }
      },
    );
    done = turns * UNROLL;
  }
  for (let group = done; group < groups; group++) emit(at(group), width);
  if (groups * width < count) emit(at(groups), count - groups * width);
}
