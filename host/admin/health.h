// SPDX-License-Identifier: Apache-2.0
//
// Health: /healthz says that the loops turn, /readyz that deliveries can be taken, each check by
// its name. The public listener answers /healthz too, through answer_healthz. What is asked comes
// in as functions, which are called on the loop of the request: thread-safe and quick. Any loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/exchange.h"

namespace hookhost::admin {

// A loop turns at least every 10 ms; one that did not for a whole second hangs in something.
inline constexpr std::chrono::seconds kTickAgeMax{1};

struct HealthSources {
  std::function<std::chrono::nanoseconds()> oldest_tick_age;  // of the slowest loop
  std::function<std::size_t()> endpoint_count;
  std::function<bool()> is_draining;

  // Further checks of /readyz: an error's message is shown to whoever asks, so it holds no secret.
  struct Check {
    std::string name;
    std::function<Status()> ask;
  };
  std::vector<Check> ready_checks = {};
};

class Health {
 public:
  explicit Health(HealthSources sources) : sources_(std::move(sources)) {}

  // 200 {"status":"ok"} or 503 {"status":"stalled"}; 405 for another method than GET or HEAD.
  Response answer_healthz(Exchange& exchange) const;

  // 200 or 503 with {"status":"ready","checks":{"endpoints":"ok",...}}: a check that fails is its
  // reason.
  Response answer_readyz(Exchange& exchange) const;

  bool is_alive() const { return sources_.oldest_tick_age() < kTickAgeMax; }

 private:
  HealthSources sources_;
};

}  // namespace hookhost::admin
