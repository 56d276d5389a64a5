// SPDX-License-Identifier: Apache-2.0
//
// The layers above the file as trees: variables of the environment and flags. Pure.
#pragma once

#include <vector>

#include "app/config.h"
#include "app/config_node.h"

namespace hookhost::app {

// PORT, then every HOOKHOST_<KEY> with "__" for a dot, in the order of their names: the later tree
// wins. A route or plugin is named in lower case there.
std::vector<ConfigNode> environment_layers(const Environment& environment);

std::vector<ConfigNode> flag_layers(const std::vector<ConfigFlag>& flags);

// "HOOKHOST_LIMITS__HEAD_TIMEOUT".
std::string variable_of(std::string_view key);

SpaceFacts read_space(const Environment& environment);

}  // namespace hookhost::app
