// SPDX-License-Identifier: Apache-2.0
//
// BlockPool: the blocks that one loop lends to requests: one for head and body, one for the arena.
// Each has kBlockBytes and, behind them, kPaddingBytes that are readable. One thread. Hot path: no
// allocation once the pool is warm. Every block is on the account, those that wait here too.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>

#include "http/limits.h"
#include "http/memory_account.h"

namespace hookhost::http {

class BlockPool {
 public:
  // memory outlives this.
  explicit BlockPool(MemoryAccount& memory) noexcept : memory_(memory) {}
  ~BlockPool() {
    while (free_ != nullptr) destroy(pop());
  }
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // Aligned to a cache line. Throws std::bad_alloc.
  char* take() {
    if (free_ != nullptr) return pop();
    auto* block = static_cast<char*>(::operator new (kBytes, std::align_val_t{kAlign}));
    memory_.take_always(kBytes);
    std::memset(block + kBlockBytes, 0, kPaddingBytes);
    return block;
  }

  // nullptr is welcome.
  void give_back(char* block) noexcept {
    if (block == nullptr) return;
    if (count_ == kPooledBlocksMax) return destroy(block);
    free_ = new (block) Free{free_};
    ++count_;
  }

 private:
  struct Free {
    Free* next;
  };
  static constexpr std::size_t kAlign = 64;
  static constexpr std::size_t kBytes = kBlockBytes + kPaddingBytes;

  char* pop() noexcept {
    Free* block = free_;
    free_ = block->next;
    --count_;
    return reinterpret_cast<char*>(block);
  }
  void destroy(char* block) noexcept {
    ::operator delete (block, std::align_val_t{kAlign});
    memory_.give_back(kBytes);
  }

  MemoryAccount& memory_;
  Free* free_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace hookhost::http
