/**
 * What the books of a feed are built from: the incremental channels (`books`, `books-l2-tbt`, `books50-l2-tbt`) with the snapshot
 * that they begin with; the same with a snapshot by REST, since OKX announced (2026-05-21) that the first is to be
 * withdrawn; or one of the channels whose every message is a whole book.
 */
export const OKX_BOOKS = ['books', 'books-rest', 'books5', 'bbo-tbt'] as const;
export type OkxBooks = (typeof OKX_BOOKS)[number];
