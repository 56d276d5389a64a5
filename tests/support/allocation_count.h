// SPDX-License-Identifier: Apache-2.0
//
// How often this thread has asked for memory: malloc and its relatives, and so every operator new.
// Link support/allocation_count.cc into the test that asks. Works under the sanitizers too.
#pragma once

#include <cstddef>

namespace hookhost::test {

std::size_t allocations_of_this_thread() noexcept;

}  // namespace hookhost::test
