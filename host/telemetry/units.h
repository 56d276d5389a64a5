// SPDX-License-Identifier: Apache-2.0
//
// Times, sizes and durations as people read them, short enough for a column. Pure, except that the
// time of day is in the zone of the process. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace hookhost::telemetry {

std::string print_bytes(std::uint64_t bytes);  // "812 B", "2.6 kB", "26 MB"
std::string print_duration(
    std::chrono::nanoseconds length);            // "0.04 ms", "4.9 ms", "1.5 s", "41 s"
std::string print_time_of_day(SystemTime time);  // "12:03:41", local
std::string print_timestamp(SystemTime time);    // "2026-11-24T12:03:41.250Z"
std::string print_minute(SystemTime time);       // "2026-11-24 12:03 UTC"

}  // namespace hookhost::telemetry
