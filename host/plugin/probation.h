// SPDX-License-Identifier: Apache-2.0
//
// Probation: whether a new build has proved itself, or the build before must come back. Judged by
// what its calls came to, against what the same calls came to under the build before: a handler
// that fails because somebody else's server is down failed before the swap too. Pure. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hookhost::plugin {

struct ProbationOptions {
  std::chrono::milliseconds time{30'000};  // then it has proved itself; 0: there is no probation
  std::uint64_t calls{200};                // ended ones that prove it before that time
  unsigned failure_percent{20};   // of its calls, that may fail more than of the build before
  std::uint64_t failures_min{5};  // fewer failures are chance
};

// What became of the calls of one generation so far.
struct CallTally {
  std::uint64_t calls = 0;       // that have ended
  std::uint64_t failed = 0;      // an error, an exception, a status from 500 up, a missed deadline
  std::uint64_t violations = 0;  // of the rules of the ABI
};

struct ProbationVerdict {
  enum class Kind : std::uint8_t { kGoesOn, kProved, kFailed };
  Kind kind = Kind::kGoesOn;
  std::string reason = {};  // "6 of 8 calls failed (before: 0 of 1204)"
};

// elapsed: since the new build was published.
ProbationVerdict judge(const ProbationOptions& options, const CallTally& now,
                       const CallTally& before, std::chrono::milliseconds elapsed);

}  // namespace hookhost::plugin
