// SPDX-License-Identifier: Apache-2.0
//
// What one delivery looks like in the log: two aligned lines on a terminal (and one more for a
// failure or a guess about a refusal), one record elsewhere. Pure. Texts in it are strangers' and
// are escaped here.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/clock.h"
#include "telemetry/console.h"
#include "telemetry/delivery_observer.h"
#include "telemetry/log_line.h"
#include "telemetry/metrics.h"

namespace hookhost::telemetry {

// `  12:03:41  --> POST /webhooks/retrain   evt_...   2.6 kB` and
// `  12:03:41  <-- 200 ok                   evt_...   4.9 ms  (handler 4.5)`, with line ends; of
// an attempt out of the journal `  12:03:41  ==> done, attempt 2           evt_...   4.9 ms`. The
// times of day are the answer's and, earlier by record.total, the arrival's. What does not fit into
// the width is left out or moves to an indented line.
std::string delivery_text(const DeliveryRecord& record, SystemTime answered_at,
                          const Console& console);

// Failures of handlers are errors, the rest is information: what strangers send is no trouble of
// ours.
Level delivery_level(Result result) noexcept;

// The fields of the JSON record, with the message "delivery". The views in them are those of the
// record.
std::size_t delivery_fields(const DeliveryRecord& record, std::span<Field> fields);
inline constexpr std::size_t kDeliveryFieldsMax = 15;

// How many deliveries of each result had no line of their own.
using Omitted = std::array<std::uint64_t, kResults>;

// `  12:03:42  ... 950 more: 948 handled, 2 failed` with its line end.
std::string omitted_text(const Omitted& omitted, SystemTime now, const Console& console);

}  // namespace hookhost::telemetry
