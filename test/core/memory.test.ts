import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena, CACHE_PAIR_BYTES } from '../../src/core/memory.ts';

const PAGE_BYTES = 65_536;

test('regions lie on pairs of cache lines, in order, apart from each other and inside the memory', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 12 }), (sizes) => {
      const arena = new Arena(4 * PAGE_BYTES);
      let end = 0;
      sizes.forEach((bytes, i) => {
        const offset = arena.allocate(`region ${i}`, bytes);
        assert.is(offset % CACHE_PAIR_BYTES, 0);
        assert.ok(offset >= CACHE_PAIR_BYTES && offset >= end, 'no valid offset is 0 and nothing overlaps');
        end = offset + bytes;
        assert.ok(end <= arena.buffer.byteLength);
        assert.equal(arena.regions[i], { name: `region ${i}`, offset, bytes });
      });
    }),
  );
});

test('the last byte can be taken and not one more', () => {
  const arena = new Arena(PAGE_BYTES);
  const offset = arena.allocate('all', PAGE_BYTES - CACHE_PAIR_BYTES);
  assert.is(offset + PAGE_BYTES - CACHE_PAIR_BYTES, arena.buffer.byteLength);
  assert.throws(() => arena.allocate('more', 1), 'Invariant: the pipeline memory was sized for all its regions');
  assert.throws(() => new Arena(PAGE_BYTES).allocate('too large', PAGE_BYTES - CACHE_PAIR_BYTES + 1), 'Invariant');
  assert.throws(() => new Arena(PAGE_BYTES).allocate('empty', 0), 'Invariant');
});

test('a refused region leaves the arena as it was', () => {
  const arena = new Arena(PAGE_BYTES);
  const first = arena.allocate('first', 100);
  assert.throws(() => arena.allocate('too large', PAGE_BYTES), 'Invariant');
  assert.equal([arena.regions.length, arena.allocate('second', 100)], [1, first + CACHE_PAIR_BYTES]);
});

test('bytes are rounded up to pages and the memory is shared and never grows', () => {
  const arena = new Arena(PAGE_BYTES + 1);
  assert.is(arena.buffer.byteLength, 2 * PAGE_BYTES);
  assert.instance(arena.buffer, SharedArrayBuffer);
  assert.throws(() => (arena.memory as unknown as { grow(pages: number): number }).grow(1));
});

test.run();
