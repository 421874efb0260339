// Order-by-order books: the C++ side of the benches `itch-cpp` and `dbn-cpp`, by the same algorithm as src/feed/book/l3-book.hot.ts,
// with the same checks, the same queues and the same note of what changed. Orders of all books lie in one open-addressed table by
// reference (order-table.hot.ts), levels in one pool, and each side of a book keeps its levels in order of price, the best last,
// ask prices negated (price-ladders.hot.ts).
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr int32_t NONE = -1;
constexpr int32_t PRICE_NONE = INT32_MIN;

struct Order {
  uint64_t ref;
  int32_t level;  // 0: the place is empty
  int32_t reach;
  int32_t previous;
  int32_t next;
  int64_t lots;
};
static_assert(sizeof(Order) == 32);

struct Level {
  int32_t key;
  int32_t owner;
  int32_t orders;
  int32_t front;
  int32_t end;
  int32_t unused;
  int64_t lots;
};
static_assert(sizeof(Level) == 32);

// Lazily zeroed memory from a cache line on.
template <typename T> class Memory {
public:
  explicit Memory(size_t count) : block_(std::calloc(count * sizeof(T) + 64, 1)) {
    items_ = reinterpret_cast<T *>((reinterpret_cast<uintptr_t>(block_) + 63) & ~static_cast<uintptr_t>(63));
  }
  ~Memory() { std::free(block_); }
  Memory(const Memory &) = delete;
  T &operator[](size_t i) const { return items_[i]; }

private:
  void *block_;
  T *items_;
};

class LevelPool {
public:
  explicit LevelPool(size_t capacity) : levels_(capacity + 1) {}
  Level &operator[](int32_t level) { return levels_[level]; }
  int32_t take(int32_t owner, int32_t key) {
    int32_t level = free_;
    if (level != 0) free_ = levels_[level].front;
    else level = fresh_++;
    levels_[level] = {key, owner, 0, NONE, NONE, 0, 0};
    return level;
  }
  void give(int32_t level) {
    levels_[level].front = free_;
    free_ = level;
  }

private:
  Memory<Level> levels_;
  int32_t free_ = 0;
  int32_t fresh_ = 1;
};

class OrderPool {
public:
  OrderPool(size_t capacity, LevelPool &levels)
      : levels_(levels), orders_(places_for(capacity)), capacity_(capacity), mask_(static_cast<uint32_t>(places_for(capacity) - 1)) {}
  Order &operator[](int32_t order) { return orders_[order]; }
  bool full() const { return used_ == capacity_; }

  int32_t find(uint64_t ref, int32_t book) {
    uint32_t order = home(ref);
    for (int32_t left = orders_[order].reach; left > 0; left--) {
      const Order &one = orders_[order];
      if (one.ref == ref && one.level != 0 && levels_[one.level].owner >> 1 == book) return static_cast<int32_t>(order);
      order = (order + 1) & mask_;
    }
    return NONE;
  }
  int32_t insert(uint64_t ref) {
    const uint32_t from = home(ref);
    uint32_t order = from;
    int32_t reach = 1;
    while (orders_[order].level != 0) {
      order = (order + 1) & mask_;
      reach++;
    }
    orders_[order].ref = ref;
    if (reach > orders_[from].reach) orders_[from].reach = reach;
    used_++;
    return static_cast<int32_t>(order);
  }
  void remove(int32_t order) {
    const uint32_t from = home(orders_[order].ref);
    orders_[order].level = 0;
    used_--;
    const int32_t reach = static_cast<int32_t>((order - from) & mask_) + 1;
    if (orders_[from].reach == reach) orders_[from].reach = reach == 1 ? 0 : reach_below(from, reach);
  }

private:
  uint32_t home(uint64_t ref) const {
    const uint32_t low = static_cast<uint32_t>(ref);
    const uint32_t high = static_cast<uint32_t>(ref >> 32);
    return (low + (low >> 16) + high * 0x9e3779b1u) & mask_;
  }
  int32_t reach_below(uint32_t from, int32_t reach) const {
    for (int32_t left = reach - 1; left > 0; left--) {
      const Order &one = orders_[(from + left - 1) & mask_];
      if (one.level != 0 && home(one.ref) == from) return left;
    }
    return 0;
  }

  static size_t places_for(size_t capacity) {
    size_t places = 4;
    while (places < 2 * capacity) places *= 2;
    return places;
  }

  LevelPool &levels_;
  Memory<Order> orders_;
  size_t capacity_;
  size_t used_ = 0;
  uint32_t mask_;
};

// Levels of one side in order of price, the best last; the best stands beside the count too.
class Ladder {
public:
  explicit Ladder(int32_t capacity) : entries_(capacity), capacity_(capacity) {}
  int32_t count() const { return count_; }
  bool full() const { return count_ == capacity_; }
  int32_t best_key() const { return best_.key; }
  int32_t best_level() const { return best_.level; }
  int32_t level(int32_t at) const { return entries_[at].level; }
  void clear() { count_ = 0; }

  // First place whose key is not below `key`: sixteen one by one, then strides that double, then halves.
  int32_t place_of(int32_t key) const {
    const int32_t linear = count_ > LINEAR_MAX ? count_ - LINEAR_MAX : 0;
    int32_t at = count_;
    while (at > linear && entries_[at - 1].key >= key) at--;
    return at > linear || linear == 0 ? at : place_below(linear, key);
  }
  bool holds(int32_t place, int32_t key) const { return place < count_ && entries_[place].key == key; }
  void insert(int32_t place, int32_t key, int32_t level) {
    const Entry entry = {key, level};
    if (place == count_) best_ = entry;
    else std::memmove(&entries_[place + 1], &entries_[place], (count_ - place) * sizeof(Entry));
    entries_[place] = entry;
    count_++;
  }
  void remove(int32_t key) {
    count_--;
    if (best_.key == key) {
      if (count_ > 0) best_ = entries_[count_ - 1];
      return;
    }
    const int32_t place = place_of(key);
    std::memmove(&entries_[place], &entries_[place + 1], (count_ - place) * sizeof(Entry));
  }

private:
  struct Entry {
    int32_t key;
    int32_t level;
  };
  static constexpr int32_t LINEAR_MAX = 16;
  int32_t place_below(int32_t end, int32_t key) const {
    int32_t stride = 1;
    while (stride <= end && entries_[end - stride].key >= key) stride <<= 1;
    int32_t low = stride <= end ? end - stride + 1 : 0;
    int32_t high = end - (stride >> 1);
    while (low < high) {
      const int32_t middle = (low + high) >> 1;
      if (entries_[middle].key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  std::vector<Entry> entries_;
  int32_t capacity_;
  int32_t count_ = 0;
  Entry best_ = {0, 0};
};

enum Status { OK = 0, UNKNOWN_REF = -1, DUPLICATE_REF = -2, BELOW_ZERO = -3, BAD_QTY = -4, ORDERS_FULL = -5, LEVELS_FULL = -6 };

class Book {
public:
  Book(int32_t number, int32_t orders_max, int32_t levels_max, OrderPool &orders, LevelPool &levels)
      : orders_(orders), levels_(levels), sides_{Ladder(levels_max), Ladder(levels_max)}, number_(number), orders_max_(orders_max) {}

  int add(uint64_t ref, int side, int32_t price, int64_t lots) {
    changed_count_ = 0;
    if (lots <= 0) return BAD_QTY;
    if (orders_.find(ref, number_) >= 0) return DUPLICATE_REF;
    if (count_ == orders_max_ || orders_.full()) return ORDERS_FULL;
    const int32_t level = level_for(side, key_of(side, price));
    if (level == NONE) return LEVELS_FULL;
    const int32_t order = orders_.insert(ref);
    orders_[order].lots = lots;
    link(order, level);
    count_++;
    note(level);
    return OK;
  }
  int reduce(uint64_t ref, int64_t taken) {
    changed_count_ = 0;
    const int32_t order = orders_.find(ref, number_);
    if (order < 0) return UNKNOWN_REF;
    const int64_t left = orders_[order].lots - taken;
    if (taken <= 0) return BAD_QTY;
    if (left < 0) return BELOW_ZERO;
    if (left == 0) {
      drop(order);
      return OK;
    }
    const int32_t level = orders_[order].level;
    orders_[order].lots = left;
    levels_[level].lots -= taken;
    note(level);
    return OK;
  }
  int remove(uint64_t ref) {
    changed_count_ = 0;
    const int32_t order = orders_.find(ref, number_);
    if (order < 0) return UNKNOWN_REF;
    drop(order);
    return OK;
  }
  int replace(uint64_t ref, uint64_t new_ref, int32_t price, int64_t lots) {
    changed_count_ = 0;
    const int32_t order = orders_.find(ref, number_);
    if (order < 0) return UNKNOWN_REF;
    if (lots <= 0) return BAD_QTY;
    if (new_ref != ref && orders_.find(new_ref, number_) >= 0) return DUPLICATE_REF;
    if (!can_move(order, price)) return LEVELS_FULL;
    const int32_t from = orders_[order].level;
    const int side = levels_[from].owner & 1;
    const bool leaves = levels_[from].key != key_of(side, price);
    unlink(order);
    if (leaves) note(from);
    int32_t to = order;
    if (new_ref != ref) {
      orders_.remove(order);
      to = orders_.insert(new_ref);
    }
    const int32_t level = level_for(side, key_of(side, price));
    orders_[to].lots = lots;
    link(to, level);
    note(level);
    return OK;
  }
  // The order keeps its place unless its price changes or its quantity grows.
  int modify(uint64_t ref, int32_t price, int64_t lots) {
    changed_count_ = 0;
    const int32_t order = orders_.find(ref, number_);
    if (order < 0) return UNKNOWN_REF;
    if (lots <= 0) return BAD_QTY;
    const int32_t level = orders_[order].level;
    const int side = levels_[level].owner & 1;
    const int64_t growth = lots - orders_[order].lots;
    const bool leaves = levels_[level].key != key_of(side, price);
    if (leaves || growth > 0) {
      if (!can_move(order, price)) return LEVELS_FULL;
      unlink(order);
      if (leaves) note(level);
      const int32_t to = level_for(side, key_of(side, price));
      orders_[order].lots = lots;
      link(order, to);
      note(to);
      return OK;
    }
    orders_[order].lots = lots;
    levels_[level].lots += growth;
    note(level);
    return OK;
  }
  bool has(uint64_t ref) { return orders_.find(ref, number_) >= 0; }
  void clear() {
    count_ = 0;
    for (Ladder &ladder : sides_) {
      for (int32_t i = ladder.count() - 1; i >= 0; i--) {
        const int32_t level = ladder.level(i);
        for (int32_t order = levels_[level].front; order != NONE;) {
          const int32_t next = orders_[order].next;
          orders_.remove(order);
          order = next;
        }
        levels_.give(level);
      }
      ladder.clear();
    }
  }
  int32_t bid() const { return sides_[0].count() == 0 ? PRICE_NONE : sides_[0].best_key(); }
  int32_t ask() const { return sides_[1].count() == 0 ? PRICE_NONE : -sides_[1].best_key(); }
  int64_t bid_lots() const { return sides_[0].count() == 0 ? 0 : levels_[sides_[0].best_level()].lots; }
  int64_t ask_lots() const { return sides_[1].count() == 0 ? 0 : levels_[sides_[1].best_level()].lots; }

private:
  static int32_t key_of(int side, int32_t price) { return side == 0 ? price : -price; }
  int32_t level_for(int side, int32_t key) {
    Ladder &ladder = sides_[side];
    if (ladder.count() > 0 && ladder.best_key() == key) return ladder.best_level();
    const int32_t place = ladder.place_of(key);
    if (ladder.holds(place, key)) return ladder.level(place);
    if (ladder.full()) return NONE;
    const int32_t level = levels_.take(2 * number_ + side, key);
    ladder.insert(place, key, level);
    return level;
  }
  void link(int32_t order, int32_t level) {
    Order &one = orders_[order];
    Level &at = levels_[level];
    one.level = level;
    one.previous = at.end;
    one.next = NONE;
    if (at.end == NONE) at.front = order;
    else orders_[at.end].next = order;
    at.end = order;
    at.orders++;
    at.lots += one.lots;
  }
  void unlink(int32_t order) {
    const Order &one = orders_[order];
    Level &at = levels_[one.level];
    if (one.previous == NONE) at.front = one.next;
    else orders_[one.previous].next = one.next;
    if (one.next == NONE) at.end = one.previous;
    else orders_[one.next].previous = one.previous;
    at.lots -= one.lots;
    if (--at.orders > 0) return;
    sides_[at.owner & 1].remove(at.key);
    levels_.give(one.level);
  }
  bool can_move(int32_t order, int32_t price) {
    const Level &at = levels_[orders_[order].level];
    const int side = at.owner & 1;
    return !sides_[side].full() || at.orders == 1 || sides_[side].holds(sides_[side].place_of(key_of(side, price)), key_of(side, price));
  }
  void drop(int32_t order) {
    const int32_t level = orders_[order].level;
    unlink(order);
    orders_.remove(order);
    count_--;
    note(level);
  }
  void note(int32_t level) {
    const Level &at = levels_[level];
    changed_side_ = at.owner & 1;
    changed_ticks_[changed_count_] = key_of(changed_side_, at.key);
    changed_lots_[changed_count_] = at.lots;
    changed_count_++;
  }

  OrderPool &orders_;
  LevelPool &levels_;
  Ladder sides_[2];
  int32_t number_;
  int32_t orders_max_;
  int32_t count_ = 0;
  int32_t changed_side_ = 0;
  int32_t changed_count_ = 0;
  int32_t changed_ticks_[2];
  int64_t changed_lots_[2];
};

// A step of a hash over best prices, the same on both sides of a bench.
inline uint32_t mix_prices(uint32_t hash, const Book &book) {
  return (hash ^ static_cast<uint32_t>(book.bid()) * 31u ^ static_cast<uint32_t>(book.ask()) * 961u) * 0x01000193u;
}

// The same over the quantities there: for the pass that is not measured.
inline uint32_t mix_lots(uint32_t hash, const Book &book) {
  return (hash ^ static_cast<uint32_t>(book.bid_lots()) * 29791u ^ static_cast<uint32_t>(book.ask_lots()) * 923521u) * 0x01000193u;
}

// The books of a run and their memory.
struct Books {
  LevelPool levels;
  OrderPool orders;
  std::vector<Book> all;
  int32_t refused = 0;
  Books(int32_t count, int32_t pool_orders, int32_t orders_max, int32_t levels_max)
      : levels(static_cast<size_t>(count) * 2 * levels_max), orders(pool_orders, levels) {
    all.reserve(count);
    for (int32_t i = 0; i < count; i++) all.emplace_back(i, orders_max, levels_max, orders, levels);
  }
  void clear() {
    refused = 0;
    for (Book &book : all) book.clear();
  }
};

} // namespace
