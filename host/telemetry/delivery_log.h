// SPDX-License-Identifier: Apache-2.0
//
// DeliveryLog: counts every delivery and gives it a line in the log. The loop copies what a line
// needs into a ring of its own; the log's thread fetches it from there. When lines come faster than
// anybody reads them, or than the thread fetches them, the rest is counted and told in one line a
// second.
//
// Hot path (delivered): no allocation, lock or shared counter per request.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "telemetry/delivery_line.h"
#include "telemetry/delivery_observer.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace hookhost::telemetry {

class DeliveryLog final : public DeliveryObserver, public LineSource {
 public:
  // Nobody reads more than 50 lines in a second; a flood must not fill a disk either.
  static constexpr unsigned kLinesPerSecondMax = 50;

  // All of it outlives this. Attach it to the log before the log starts.
  DeliveryLog(Log& log, Metrics& metrics, const Clock& clock, unsigned loop_count);
  ~DeliveryLog();
  DeliveryLog(const DeliveryLog&) = delete;
  DeliveryLog& operator=(const DeliveryLog&) = delete;

  void delivered(const DeliveryRecord& record) noexcept override;
  // A request that the door turned away, and has counted, before it came to a webhook path: a line
  // only. As delivered() otherwise.
  void turned_away(const DeliveryRecord& record) noexcept;

  std::string take_lines() override;

 private:
  struct Ring;
  void begin_second(MonotonicTime now, std::string& out);
  void write(const DeliveryRecord& record, SystemTime answered_at, std::string& out);

  Log& log_;
  Metrics& metrics_;
  const Clock& clock_;
  // This second has all its lines: loops only count, and wake nobody for it. Written twice a second
  // at most, so that reading it costs nothing.
  std::atomic<bool> is_full_{false};
  std::vector<std::unique_ptr<Ring>> rings_;

  // The log thread's.
  MonotonicTime second_began_{};
  unsigned lines_in_second_ = 0;
  Omitted omitted_{};
};

}  // namespace hookhost::telemetry
