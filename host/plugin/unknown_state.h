// SPDX-License-Identifier: Apache-2.0
//
// UnknownState: what becomes of a build that does not know the state of the one before
// (hookhost.state/1).
#pragma once

#include <cstdint>

namespace hookhost::plugin {

enum class UnknownState : std::uint8_t {
  kFresh,   // it starts afresh
  kRefuse,  // it is refused
};

}  // namespace hookhost::plugin
