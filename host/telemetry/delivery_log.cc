// SPDX-License-Identifier: Apache-2.0
#include "telemetry/delivery_log.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "base/json_writer.h"

namespace hookhost::telemetry {
namespace {

// Deliveries that one loop keeps between two looks of the log's thread. Far more than one look may
// show: the rest of a burst is counted.
constexpr std::size_t kRingSlots = 64;

// At most N bytes of a text; a longer one is cut.
template <std::size_t N>
class ShortText {
 public:
  void assign(std::string_view text) noexcept {
    size_ = static_cast<std::uint16_t>(std::min(text.size(), N));
    std::copy_n(text.data(), size_, bytes_);
  }
  std::string_view view() const noexcept { return {bytes_, size_}; }

 private:
  std::uint16_t size_ = 0;
  char bytes_[N];
};

// A record that owns its texts.
struct Slot {
  ShortText<16> method;
  ShortText<160> path;
  ShortText<64> route, plugin;
  ShortText<32> event_id, rule;
  ShortText<256> detail;
  DeliveryRecord record;  // its views are set when it is read
  SystemTime answered_at;

  void fill(const DeliveryRecord& from, SystemTime now) noexcept {
    method.assign(from.method);
    path.assign(from.path);
    route.assign(from.route);
    plugin.assign(from.plugin);
    event_id.assign(from.event_id);
    rule.assign(from.rule);
    detail.assign(from.detail);
    record = from;
    answered_at = now;
  }
  const DeliveryRecord& read() noexcept {
    record.method = method.view();
    record.path = path.view();
    record.route = route.view();
    record.plugin = plugin.view();
    record.event_id = event_id.view();
    record.rule = rule.view();
    record.detail = detail.view();
    return record;
  }
};

}  // namespace

// One loop writes, the log's thread reads. head and tail only grow; the slot is their value modulo
// kRingSlots.
struct DeliveryLog::Ring {
  alignas(64) std::atomic<std::uint64_t> head{0};           // the loop's: next to write
  std::array<std::atomic<std::uint64_t>, kResults> lost{};  // the loop's: no room
  alignas(64) std::atomic<std::uint64_t> tail{0};           // the thread's: next to read
  Omitted lost_seen{};
  alignas(64) std::array<Slot, kRingSlots> slots;
};

DeliveryLog::DeliveryLog(Log& log, Metrics& metrics, const Clock& clock, unsigned loop_count)
    : log_(log), metrics_(metrics), clock_(clock), second_began_(clock.monotonic_now()) {
  for (unsigned i = 0; i < loop_count; ++i) rings_.push_back(std::make_unique<Ring>());
}

DeliveryLog::~DeliveryLog() = default;

void DeliveryLog::delivered(const DeliveryRecord& record) noexcept {
  metrics_.count(record);
  turned_away(record);
}

void DeliveryLog::turned_away(const DeliveryRecord& record) noexcept {
  if (!log_.wants(delivery_level(record.result))) return;
  Ring& ring = *rings_[record.loop];
  const std::uint64_t head = ring.head.load(std::memory_order_relaxed);
  if (is_full_.load(std::memory_order_relaxed) ||
      head - ring.tail.load(std::memory_order_acquire) == kRingSlots) {
    auto& lost = ring.lost[static_cast<std::size_t>(record.result)];
    lost.store(lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return;
  }
  ring.slots[head % kRingSlots].fill(record, clock_.now());
  ring.head.store(head + 1, std::memory_order_release);
  log_.wake();
}

std::string DeliveryLog::take_lines() {
  std::string out;
  for (const auto& ring : rings_) {
    for (std::size_t i = 0; i < kResults; ++i) {
      const std::uint64_t lost = ring->lost[i].load(std::memory_order_relaxed);
      omitted_[i] += lost - std::exchange(ring->lost_seen[i], lost);
    }
  }
  begin_second(clock_.monotonic_now(), out);
  const auto has_room = [this] { return lines_in_second_ < kLinesPerSecondMax; };
  for (const auto& owned : rings_) {
    Ring& ring = *owned;
    const std::uint64_t head = ring.head.load(std::memory_order_acquire);
    std::uint64_t tail = ring.tail.load(std::memory_order_relaxed);
    for (; tail != head; ++tail) {
      Slot& slot = ring.slots[tail % kRingSlots];
      const DeliveryRecord& record = slot.read();
      if (has_room()) {
        write(record, slot.answered_at, out);
      } else {
        ++omitted_[static_cast<std::size_t>(record.result)];
      }
      ring.tail.store(tail + 1, std::memory_order_release);
    }
  }
  is_full_.store(!has_room(), std::memory_order_relaxed);
  return out;
}

void DeliveryLog::begin_second(MonotonicTime now, std::string& out) {
  if (now - second_began_ < std::chrono::seconds(1)) return;
  second_began_ = now;
  lines_in_second_ = 0;
  if (std::all_of(omitted_.begin(), omitted_.end(), [](auto count) { return count == 0; })) return;
  if (log_.is_pretty()) {
    out += omitted_text(omitted_, clock_.now(), log_.console());
  } else {
    std::string counts;
    JsonWriter json(counts);
    json.begin_object();
    for (std::size_t i = 0; i < kResults; ++i) {
      if (omitted_[i] > 0) json.member(result_name(static_cast<Result>(i)), omitted_[i]);
    }
    json.end_object();
    const Field field("outcomes", Field::Json{counts});
    out += log_.written({.time = clock_.now(),
                         .level = Level::kInfo,
                         .message = "deliveries without a line of their own",
                         .fields = {&field, 1}});
  }
  omitted_ = {};
}

void DeliveryLog::write(const DeliveryRecord& record, SystemTime answered_at, std::string& out) {
  const std::size_t before = out.size();
  if (log_.is_pretty()) {
    out += delivery_text(record, answered_at, log_.console());
  } else {
    std::vector<Field> fields(kDeliveryFieldsMax, Field("", ""));
    const std::size_t count = delivery_fields(record, fields);
    out += log_.written({.time = answered_at,
                         .level = delivery_level(record.result),
                         .message = "delivery",
                         .fields = std::span<const Field>(fields).first(count)});
  }
  lines_in_second_ += static_cast<unsigned>(
      std::count(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(), '\n'));
}

}  // namespace hookhost::telemetry
