// SPDX-License-Identifier: Apache-2.0
//
// Jitter: random numbers for next_step(), so that deliveries which failed together do not come
// again together. Not for secrets. One thread.
#pragma once

#include <random>

namespace hookhost::dispatch {

class Jitter {
 public:
  explicit Jitter(unsigned seed) : source_(seed) {}

  // From [0, 1).
  double next() {
    return static_cast<double>(source_() - Source::min()) / static_cast<double>(Source::max());
  }

 private:
  using Source = std::minstd_rand;
  Source source_;
};

}  // namespace hookhost::dispatch
