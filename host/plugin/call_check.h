// SPDX-License-Identifier: Apache-2.0
//
// What the levels strict and guard look at in each call of a handler, and the one place where the
// level chooses an endpoint's handler: below strict a call runs no instruction for it. For
// development: each call costs some dozens of system calls.
#pragma once

#include <hookhost/plugin.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "model/handler.h"
#include "plugin/manifest.h"

namespace hookhost::plugin {

class Generation;

// Meanwhile an event loop serves nobody: at 10,000 requests a second fifty wait for so long.
inline constexpr std::chrono::milliseconds kInlineCallMax{5};

// The handler of an endpoint at the level of the generation. Both outlive it.
std::unique_ptr<Handler> make_handler(Generation& generation, const EndpointManifest& endpoint);

// Whose call a token was, for a line about one that has ended. The newest kNames. Any thread.
class DeferredNames {
 public:
  struct Name {
    std::string route, event_id;
  };
  void add(hookhost_token token, std::string_view route, std::string_view event_id);
  std::optional<Name> find(hookhost_token token) const;

 private:
  static constexpr std::size_t kNames = 256;  // a second completion comes soon after the first
  struct Row {
    hookhost_token token = 0;
    Name name;
  };
  mutable Mutex mutex_;
  std::array<Row, kNames> rows_ HOOKHOST_GUARDED_BY(mutex_);
  std::size_t next_ HOOKHOST_GUARDED_BY(mutex_) = 0;
};

}  // namespace hookhost::plugin
