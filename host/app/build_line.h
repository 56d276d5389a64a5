// SPDX-License-Identifier: Apache-2.0
//
// What a build of `run handler.cpp` looks like in the log: one line on a terminal with the
// compiler's own below it, or a record. Pure, but for log_build().
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "telemetry/console.h"
#include "telemetry/log.h"

namespace hookhost::app {

// Of a compiler's output on a terminal: one error, one screen. A record has them all.
inline constexpr int kBuildLinesShownMax = 20;

struct BuildLine {
  enum class Kind : std::uint8_t { kBuilt, kWarned, kFailed };
  Kind kind = Kind::kBuilt;
  std::string plugin = {};       // "handler.so"
  std::uint64_t generation = 0;  // of a failure: that stays; 0: none
  std::chrono::nanoseconds took{0};
  std::string output = {};  // the compiler's, as it is
};

// `  built handler.so   1.4 s`, or
// `  12:10:40  ✕   build failed, gen 2 stays`
// `            handler.cpp:6:10: error: 'paylod' was not declared in this scope`
std::string build_text(const BuildLine& line, SystemTime now, const telemetry::Console& console);

// The text on a terminal, else the record "built", "build has warnings" or "build failed".
void log_build(const BuildLine& line, telemetry::Log& log, SystemTime now);

}  // namespace hookhost::app
