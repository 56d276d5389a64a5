// SPDX-License-Identifier: Apache-2.0
//
// Throws while it is loaded, through frames in which nobody may catch. Its entry is never asked.
#include <hookhost/hookhost.h>

#include <stdexcept>

namespace {

int find_soul() { throw std::runtime_error("cannot find my soul"); }
[[maybe_unused]] const int kSoul = find_soul();

}  // namespace

extern "C" const hookhost_plugin* hookhost_entry_v1(uint32_t) { return nullptr; }
