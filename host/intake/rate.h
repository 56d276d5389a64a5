// SPDX-License-Identifier: Apache-2.0
//
// Rate: how often something may happen in a second, on one loop. Not shared between threads.
#pragma once

#include "base/clock.h"

namespace hookhost::intake {

class Rate {
 public:
  explicit Rate(unsigned per_second) noexcept : per_second_(per_second), left_(per_second) {}

  // False: this second has had its share.
  bool take(MonotonicTime now) noexcept {
    if (now - began_ >= std::chrono::seconds(1)) {
      began_ = now;
      left_ = per_second_;
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  unsigned per_second_;
  unsigned left_;
  MonotonicTime began_{};
};

}  // namespace hookhost::intake
