// SPDX-License-Identifier: Apache-2.0
//
// A plugin's settings against its schema: the subset of JSON Schema that ext/config.h lists. Every
// complaint names the setting by its path, "config.watch.repos[2]". Not for the hot path. Any
// thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace hookhost::plugin {

inline constexpr std::size_t kConfigErrorsShownMax = 5;  // a screen; the rest is counted

// kInvalid: the schema is not JSON, too large, or uses a keyword that is not in the list.
Status check_schema(std::string_view schema_json);

// schema_json: one that check_schema accepts; empty: any object is fine. kInvalid: the settings do
// not fit; the message lists every complaint, the fix names what can be set.
Status check_config(std::string_view schema_json, std::string_view config_json);

}  // namespace hookhost::plugin
