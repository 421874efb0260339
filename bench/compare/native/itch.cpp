// The C++ side of the bench `itch-cpp`: ITCH 5.0 messages decoded as src/feed/venue/nasdaq-itch/decode.hot.ts does, with the same
// checks, and applied to order-by-order books.
#include "l3-book.h"

namespace {

uint16_t u16(const uint8_t *p) {
  uint16_t v;
  std::memcpy(&v, p, 2);
  return __builtin_bswap16(v);
}
uint32_t u32(const uint8_t *p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}
uint64_t u64(const uint8_t *p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}

constexpr uint64_t DAY_NS = 86'400'000'000'000ull;
constexpr uint32_t PRICE_MAX = INT32_MAX;
constexpr uint64_t SAFE_MAX = (1ull << 53) - 1;

struct Lengths {
  uint8_t bytes[256] = {};
  Lengths() {
    const char *types = "SRHYLVWKJhAFECXDUPQBINO";
    const uint8_t lengths[] = {12, 39, 25, 20, 26, 35, 12, 28, 35, 21, 36, 40, 31, 36, 23, 19, 35, 44, 40, 19, 50, 20, 48};
    for (size_t i = 0; types[i] != 0; i++) bytes[static_cast<uint8_t>(types[i])] = lengths[i];
  }
};
const Lengths LENGTHS;

struct Message {
  uint8_t type;
  int side;
  uint16_t locate;
  uint16_t tracking;
  bool printable;
  uint32_t shares;
  uint32_t price;
  uint64_t time_ns;
  uint64_t ref;
  uint64_t new_ref;
  uint64_t match;
};

// False when the message is refused, for what the decoder beside it refuses.
bool decode(const uint8_t *p, size_t length, Message &m) {
  if (length == 0) return false;
  m.type = p[0];
  if (LENGTHS.bytes[m.type] != length || length == 0) return false;
  m.locate = u16(p + 1);
  m.tracking = u16(p + 3);
  m.time_ns = (static_cast<uint64_t>(u16(p + 5)) << 32) | u32(p + 7);
  if (m.time_ns >= DAY_NS) return false;
  switch (m.type) {
  case 'A':
  case 'F':
  case 'P':
    m.ref = u64(p + 11);
    if (p[19] != 'B' && p[19] != 'S') return false;
    m.side = p[19] == 'B' ? 0 : 1;
    m.shares = u32(p + 20);
    m.price = u32(p + 32);
    if (m.shares == 0 || m.price == 0 || m.price > PRICE_MAX) return false;
    if (m.type != 'P') return true;
    m.match = u64(p + 36);
    return m.match <= SAFE_MAX;
  case 'D':
    m.ref = u64(p + 11);
    return true;
  case 'U':
    m.ref = u64(p + 11);
    m.new_ref = u64(p + 19);
    m.shares = u32(p + 27);
    m.price = u32(p + 31);
    return m.shares != 0 && m.price != 0 && m.price <= PRICE_MAX;
  case 'E':
  case 'C':
  case 'X':
    m.ref = u64(p + 11);
    m.shares = u32(p + 19);
    m.printable = true;
    if (m.type == 'X') return true;
    m.match = u64(p + 23);
    if (m.match > SAFE_MAX) return false;
    if (m.type == 'E') return true;
    if (p[31] != 'Y' && p[31] != 'N') return false;
    m.printable = p[31] == 'Y';
    m.price = u32(p + 32);
    return m.price <= PRICE_MAX;
  default:
    return true;
  }
}

int apply(Book &book, const Message &m) {
  switch (m.type) {
  case 'A':
  case 'F':
    return book.add(m.ref, m.side, static_cast<int32_t>(m.price), m.shares);
  case 'D':
    return book.remove(m.ref);
  case 'U':
    return book.replace(m.ref, m.new_ref, static_cast<int32_t>(m.price), m.shares);
  case 'E':
  case 'C':
  case 'X':
    return book.reduce(m.ref, m.shares);
  default:
    return OK;
  }
}

} // namespace

extern "C" {

void *itch_open(int32_t books, int32_t pool_orders, int32_t orders_max, int32_t levels_max) {
  return new Books(books, pool_orders, orders_max, levels_max);
}

void itch_close(void *handle) { delete static_cast<Books *>(handle); }

void itch_clear(void *handle) { static_cast<Books *>(handle)->clear(); }

int32_t itch_refused(void *handle) { return static_cast<Books *>(handle)->refused; }

// Applies every message of `bytes`, each after two bytes of length; a hash over the best prices of its stock after each, and
// where `whole` over the lots there too.
uint32_t itch_run(void *handle, const uint8_t *bytes, double size, int32_t whole) {
  Books &books = *static_cast<Books *>(handle);
  Message m = {};
  uint32_t hash = 0;
  int64_t lots = 0;
  const uint8_t *end = bytes + static_cast<size_t>(size);
  for (const uint8_t *p = bytes; p < end;) {
    const uint8_t *start = p + 2;
    const size_t length = u16(p);
    p = start + length;
    if (!decode(start, length, m) || m.locate >= books.all.size()) {
      books.refused++;
      continue;
    }
    Book &book = books.all[m.locate];
    if (apply(book, m) < 0) books.refused++;
    hash = mix_prices(hash, book);
    lots += book.bid_lots() - book.ask_lots();
    if (whole != 0) hash = mix_lots(hash, book);
  }
  return hash ^ static_cast<uint32_t>(lots);
}

// Decodes every message and looks at little of it.
uint32_t itch_decode(const uint8_t *bytes, double size) {
  Message m = {};
  uint32_t sum = 0;
  const uint8_t *end = bytes + static_cast<size_t>(size);
  for (const uint8_t *p = bytes; p < end;) {
    const uint8_t *start = p + 2;
    p = start + u16(p);
    if (decode(start, static_cast<size_t>(p - start), m)) sum += static_cast<uint32_t>(m.ref) + m.locate;
  }
  return sum;
}
}
