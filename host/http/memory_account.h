// SPDX-License-Identifier: Apache-2.0
//
// MemoryAccount: what requests hold of the host's memory, over all loops, and its ceiling. Bodies
// ask before they grow and are refused beyond it. Blocks are counted but never refused, so that
// small requests go on: connections_max bounds them. Touched when memory is had from the system or
// given back to it, which a request that fits its blocks does not. Any thread, no lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hookhost::http {

class MemoryAccount {
 public:
  explicit MemoryAccount(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}
  MemoryAccount(const MemoryAccount&) = delete;
  MemoryAccount& operator=(const MemoryAccount&) = delete;

  // False, and nothing is taken, when the account would go beyond its ceiling.
  bool take(std::size_t bytes) noexcept {
    std::uint64_t held = held_.load(std::memory_order_relaxed);
    do {
      if (held > bytes_max_ || bytes > bytes_max_ - held) return false;
    } while (!held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
    return true;
  }
  void take_always(std::size_t bytes) noexcept {
    held_.fetch_add(bytes, std::memory_order_relaxed);
  }
  void give_back(std::size_t bytes) noexcept { held_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::uint64_t held() const noexcept { return held_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_max() const noexcept { return bytes_max_; }

 private:
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> held_{0};
};

}  // namespace hookhost::http
