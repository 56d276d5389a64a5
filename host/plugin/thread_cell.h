// SPDX-License-Identifier: Apache-2.0
//
// A small number for each thread, handed out in turn, to choose a cell of a counter that is split
// over several cache lines. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <atomic>
#include <cstddef>

namespace hookhost::plugin {

inline std::size_t thread_cell(std::size_t cells) noexcept {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t number = threads.fetch_add(1, std::memory_order_relaxed);
  return number % cells;
}

}  // namespace hookhost::plugin
