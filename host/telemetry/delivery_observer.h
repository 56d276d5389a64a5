// SPDX-License-Identifier: Apache-2.0
//
// DeliveryObserver: is told what became of every request that came to a webhook path, and of every
// attempt out of the journal. intake tells,
// metrics and the delivery log listen. Hot path: an implementation takes no lock, allocates nothing
// and copies what it wants to keep.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hookhost::telemetry {

enum class Result {
  kHandled,
  kSkipped,
  kFiltered,   // the route's event filter did not want it; no handler ran
  kDuplicate,  // the sender got its 2xx for it before; no handler ran
  kFailed,
  kDead,
  kTimedOut,
  kCancelled,
  kOverloaded,
  kQueued,     // in the journal before its handler ran; 202
  kKept,       // its handler failed, and it is in the journal to be tried again; 202
  kHandshake,  // a sender's question before its first event; the host answered
  kRefused     // never reached a handler: rule says why
};

// All views end with the call.
struct DeliveryRecord {
  unsigned loop = 0;             // index of the loop that answers
  std::string_view method;       // a stranger's text
  std::string_view path;         // a stranger's text, without the query
  std::string_view route;        // name of the route; "other": none matched
  std::uint32_t route_slot = 0;  // Route::telemetry_slot; 0: none matched. Counters go by it
  std::string_view plugin;       // file name; empty: none
  std::uint64_t generation = 0;
  std::string_view event_id;  // empty: refused before it was an event
  Result result = Result::kHandled;
  int status = 200;
  std::string_view rule;  // of kRefused
  // What the plugin said about a failure, in its own words; of kRefused what we guess about it.
  std::string_view detail;
  std::uint8_t secret = 0;  // number of the secret that proved the sender; 0: none did
  // Of an attempt out of the journal, which answers nobody: its number; 0: a request.
  std::uint32_t attempt = 0;
  std::chrono::milliseconds again_in{0};  // 0: it is not tried again
  std::size_t body_bytes = 0;
  std::chrono::nanoseconds total{};    // first byte of the head to answer
  std::chrono::nanoseconds handler{};  // inside the handler, waiting for the pool included
};

class DeliveryObserver {
 public:
  // On the loop's thread, when the answer is known and before it is written, or when an attempt has
  // ended.
  virtual void delivered(const DeliveryRecord& record) noexcept = 0;

 protected:
  ~DeliveryObserver() = default;
};

}  // namespace hookhost::telemetry
