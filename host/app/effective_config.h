// SPDX-License-Identifier: Apache-2.0
//
// The configuration as text: every value in force with its origin, and the reference of all keys.
// Secrets are *** with their source. Pure. Any thread.
#pragma once

#include <string>

#include "app/config.h"

namespace hookhost::app {

// TOML that says the same again, each line with its origin as a comment.
std::string effective_toml(const Config& config);

// [{"key":"listen","value":"\"127.0.0.1:7860\"","origin":"default"}, ...]
std::string effective_json(const Config& config);

// Every key with its default, type, range and documentation, as a hookhost.toml that is all
// comments.
std::string config_reference();

}  // namespace hookhost::app
