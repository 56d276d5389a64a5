// SPDX-License-Identifier: Apache-2.0
//
// IdentityWatch: judges what one client sees of a plugin that says in every answer which build and
// which generation gave it: "b 17". The builds a, b and c are swapped in turn, so the generation
// tells which build it must be, and for one client it never goes back. Three builds, since with two
// an old one can pass for the next. Any thread.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace hookhost::test {

// The build that generation `number` must be of.
inline char build_of(std::uint64_t number) { return "cab"[number % 3]; }

class IdentityWatch {
 public:
  // Later generations than `newest` are wrong too.
  explicit IdentityWatch(std::uint64_t newest) : newest_(newest) {}

  // The next answer. body: R"("b 17")", quotes included.
  void look(int status, std::string_view body) {
    std::uint64_t number = 0;
    if (body.size() > 4) std::from_chars(body.data() + 3, body.data() + body.size() - 1, number);
    const MutexLock lock(mutex_);
    ++answers_;
    const bool is_good = status == 200 && number != 0 && body[1] == build_of(number) &&
                         number >= generation_ && number <= newest_;
    if (!is_good && wrong_.empty())
      wrong_ = fmt::format("{} {} after generation {}", status, body, generation_);
    generation_ = std::max(generation_, number);
  }
  // There was none.
  void miss() {
    const MutexLock lock(mutex_);
    wrong_ = "no answer";
  }

  std::uint64_t answers() const {
    const MutexLock lock(mutex_);
    return answers_;
  }
  // The first that was not as it must be; empty: all were.
  std::string wrong() const {
    const MutexLock lock(mutex_);
    return wrong_;
  }

 private:
  const std::uint64_t newest_;
  mutable Mutex mutex_;
  std::uint64_t answers_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  std::uint64_t generation_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  std::string wrong_ HOOKHOST_GUARDED_BY(mutex_);
};

}  // namespace hookhost::test
