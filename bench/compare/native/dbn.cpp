// The C++ side of the bench `dbn-cpp`: order records of DBN (mbo) decoded as src/feed/dbn/decode.hot.ts does, with the same checks,
// into the same fields: prices in whole ticks, quantities in lots, times in seconds and nanoseconds.
#include "l3-book.h"

namespace {

template <typename T> T read(const uint8_t *p) {
  T v;
  std::memcpy(&v, p, sizeof(T));
  return v;
}

constexpr uint8_t RTYPE_MBO = 0xa0;
constexpr size_t MBO_BYTES = 56;
constexpr size_t TS_OUT_BYTES = 8;
constexpr uint8_t NOT_ORDER_FLAGS = 0x40 | 0x10;
constexpr int64_t UNDEF_PRICE = INT64_MAX;
constexpr uint64_t UNDEF_TIME = UINT64_MAX;

struct Instrument {
  uint16_t publisher;
  uint32_t number;
  int64_t tick_nanos;
  uint32_t lot_units;
};

struct Message {
  uint8_t action;
  uint8_t flags;
  int side; // 0 bid, 1 ask, -1 none
  bool has_time;
  int32_t price_ticks;
  uint32_t sequence;
  uint32_t nanos;
  uint64_t order;
  int64_t seconds;
  uint32_t lots;
};

bool read_price(const uint8_t *p, const Instrument &instrument, Message &m) {
  const int64_t price = read<int64_t>(p + 24);
  if (price == UNDEF_PRICE) return false;
  const int64_t ticks = price / instrument.tick_nanos;
  if (ticks * instrument.tick_nanos != price || ticks > INT32_MAX || ticks < -INT32_MAX) return false;
  m.price_ticks = static_cast<int32_t>(ticks);
  return true;
}

bool read_lots(const uint8_t *p, const Instrument &instrument, Message &m) {
  const uint32_t size = read<uint32_t>(p + 32);
  if (size == 0 || size % instrument.lot_units != 0) return false;
  m.lots = size / instrument.lot_units;
  return true;
}

// False when the record is refused, for what the decoder beside it refuses.
bool decode(const uint8_t *p, size_t size, const Instrument &instrument, Message &m) {
  if (size < 16 || static_cast<size_t>(p[0]) * 4 != size || p[1] != RTYPE_MBO) return false;
  if (read<uint16_t>(p + 2) != instrument.publisher || read<uint32_t>(p + 4) != instrument.number) return false;
  if (size != MBO_BYTES && size != MBO_BYTES + TS_OUT_BYTES) return false;
  const uint64_t time = read<uint64_t>(p + 8);
  m.has_time = time != UNDEF_TIME;
  m.seconds = static_cast<int64_t>(time / 1'000'000'000u);
  m.nanos = static_cast<uint32_t>(time % 1'000'000'000u);
  m.order = read<uint64_t>(p + 16);
  m.flags = p[36];
  m.action = p[38];
  m.sequence = read<uint32_t>(p + 52);
  m.price_ticks = PRICE_NONE;
  if (p[39] == 'B') m.side = 0;
  else if (p[39] == 'A') m.side = 1;
  else if (p[39] == 'N') m.side = -1;
  else return false;
  switch (m.action) {
  case 'A':
  case 'M':
    if (m.side < 0 || (m.flags & NOT_ORDER_FLAGS) != 0) return false;
    break;
  case 'T':
    break;
  case 'C':
    return (m.flags & NOT_ORDER_FLAGS) == 0 && read_lots(p, instrument, m);
  case 'F':
  case 'N':
  case 'R':
    return true;
  default:
    return false;
  }
  return read_price(p, instrument, m) && read_lots(p, instrument, m);
}

int apply(Book &book, const Message &m) {
  switch (m.action) {
  case 'A':
    return book.add(m.order, m.side, m.price_ticks, m.lots);
  case 'C':
    return book.reduce(m.order, m.lots);
  case 'M':
    return book.has(m.order) ? book.modify(m.order, m.price_ticks, m.lots) : book.add(m.order, m.side, m.price_ticks, m.lots);
  case 'R':
    book.clear();
    return OK;
  default:
    return OK;
  }
}

struct Run {
  Books books;
  Instrument instrument;
};

} // namespace

extern "C" {

void *dbn_open(int32_t publisher, uint32_t number, double tick_nanos, uint32_t lot_units, int32_t orders_max, int32_t levels_max) {
  return new Run{Books(1, orders_max, orders_max, levels_max),
                 Instrument{static_cast<uint16_t>(publisher), number, static_cast<int64_t>(tick_nanos), lot_units}};
}

void dbn_close(void *handle) { delete static_cast<Run *>(handle); }

void dbn_clear(void *handle) { static_cast<Run *>(handle)->books.clear(); }

int32_t dbn_refused(void *handle) { return static_cast<Run *>(handle)->books.refused; }

// Decodes every record; a hash of order, price, quantity, action and side of each, where `whole` of all its fields.
uint32_t dbn_decode(void *handle, const uint8_t *bytes, double size, int32_t whole) {
  Run &run = *static_cast<Run *>(handle);
  Message m = {};
  uint32_t hash = 0;
  const uint8_t *end = bytes + static_cast<size_t>(size);
  run.books.refused = 0;
  for (const uint8_t *p = bytes; p < end;) {
    const uint8_t *start = p;
    p += static_cast<size_t>(start[0]) * 4;
    if (!decode(start, static_cast<size_t>(p - start), run.instrument, m)) {
      run.books.refused++;
      continue;
    }
    const uint32_t what = static_cast<uint32_t>(m.order) ^ static_cast<uint32_t>(m.price_ticks) * 31u ^ m.lots * 961u;
    hash = (hash ^ what ^ static_cast<uint32_t>(m.action << 8 | (m.side + 1))) * 0x01000193u;
    if (whole == 0) continue;
    const uint32_t time = m.has_time ? static_cast<uint32_t>(m.seconds) ^ m.nanos * 31u : 7u;
    hash = (hash ^ static_cast<uint32_t>(m.order >> 32) ^ time ^ m.sequence * 961u ^ m.flags) * 0x01000193u;
  }
  return hash;
}

// Decodes every record and applies it; a hash over the best prices after each, where `whole` over the lots there too.
uint32_t dbn_books(void *handle, const uint8_t *bytes, double size, int32_t whole) {
  Run &run = *static_cast<Run *>(handle);
  Message m = {};
  uint32_t hash = 0;
  int64_t lots = 0;
  Book &book = run.books.all[0];
  const uint8_t *end = bytes + static_cast<size_t>(size);
  for (const uint8_t *p = bytes; p < end;) {
    const uint8_t *start = p;
    p += static_cast<size_t>(start[0]) * 4;
    if (!decode(start, static_cast<size_t>(p - start), run.instrument, m)) {
      run.books.refused++;
      continue;
    }
    if (apply(book, m) < 0) run.books.refused++;
    hash = mix_prices(hash, book);
    lots += book.bid_lots() - book.ask_lots();
    if (whole != 0) hash = mix_lots(hash, book);
  }
  return hash ^ static_cast<uint32_t>(lots);
}
}
