// SPDX-License-Identifier: Apache-2.0
//
// SwapBatch: what one bad file means for others that changed with it.
#pragma once

#include <cstdint>

namespace hookhost::app {

enum class SwapBatch : std::uint8_t {
  kEach,  // it keeps only itself out
  kAll,   // none of them goes live
};

}  // namespace hookhost::app
