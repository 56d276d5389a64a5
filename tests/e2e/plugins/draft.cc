// SPDX-License-Identifier: Apache-2.0
//
// Asks for a draft extension, twice: that is worth one warning.
#include <hookhost/hookhost.hpp>

HOOKHOST_PLUGIN("draft", "1.0.0");

struct Draft {
  explicit Draft(hookhost::Host& host) {
    constexpr std::string_view kId = "hookhost.x.nothing/1";
    for (int i = 0; i < 2; ++i) host.table()->get_extension(host.table(), {kId.data(), kId.size()});
  }
};
HOOKHOST_STATE(Draft);

static std::string draft() { return "draft"; }
HOOKHOST_ROUTE(draft);
