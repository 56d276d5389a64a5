// SPDX-License-Identifier: Apache-2.0
//
// UseCount: how many calls, answers and posted functions still need a generation's code. Counted in
// one cell per few threads, so that threads do not share a line, and summed by whoever waits. Hot
// path: no allocation, lock or shared counter per request.
//
//   enter() ... leave()      a new call; refused once closed
//   hold()  ... leave()      something that belongs to a call that has entered
//   close(), then count() until it is 0: nobody runs the code, and nobody will before open()
//
// The same word counts the calls that ever entered, which costs nothing more: a call adds one to
// the upper 40 bits too, so that they are exact whenever the lower 24 are.
//
// Why the sum is right although the cells are read one after the other: whoever entered did so
// before close() in the order of seq_cst, so every +1 is seen; a -1 may be missed or land in
// another cell, which only makes the sum too large for a while.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "plugin/thread_cell.h"

namespace hookhost::plugin {

class UseCount {
 public:
  bool enter() noexcept {
    std::atomic<std::int64_t>& cell = own_cell();
    cell.fetch_add(kCall + 1, std::memory_order_seq_cst);
    if (!is_closed_.load(std::memory_order_seq_cst)) return true;
    cell.fetch_sub(kCall + 1, std::memory_order_release);
    return false;
  }
  void hold() noexcept { own_cell().fetch_add(1, std::memory_order_seq_cst); }
  void leave() noexcept { own_cell().fetch_sub(1, std::memory_order_release); }

  void close() noexcept { is_closed_.store(true, std::memory_order_seq_cst); }
  void open() noexcept { is_closed_.store(false, std::memory_order_seq_cst); }
  bool is_closed() const noexcept { return is_closed_.load(std::memory_order_seq_cst); }

  // Exact once closed and 0; before that a figure for people.
  std::int64_t count() const noexcept { return in_use(sum()); }
  // Calls that have entered. A figure for people, off by those that enter at the same time.
  std::uint64_t calls() const noexcept {
    const std::int64_t now = sum();
    return static_cast<std::uint64_t>(now - in_use(now)) >> kUseBits;
  }

 private:
  static constexpr int kUseBits = 24;  // 8 million uses at once; 10^12 calls in the others
  static constexpr std::int64_t kCall = std::int64_t{1} << kUseBits;
  // The lower bits with their sign: a -1 may be seen before its +1.
  static std::int64_t in_use(std::int64_t sum) noexcept {
    constexpr int kUpper = 64 - kUseBits;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) << kUpper) >> kUpper;
  }
  std::int64_t sum() const noexcept {
    std::uint64_t sum = 0;  // wraps, as the cells do
    for (const Cell& cell : cells_)
      sum += static_cast<std::uint64_t>(cell.count.load(std::memory_order_seq_cst));
    return static_cast<std::int64_t>(sum);
  }

  static constexpr std::size_t kCells = 16;  // threads of one host that call at once, about
  struct alignas(64) Cell {
    std::atomic<std::int64_t> count{0};
  };

  std::atomic<std::int64_t>& own_cell() noexcept { return cells_[thread_cell(kCells)].count; }

  std::array<Cell, kCells> cells_;
  std::atomic<bool> is_closed_{false};
};

}  // namespace hookhost::plugin
