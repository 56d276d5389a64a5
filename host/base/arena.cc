// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace hookhost {
namespace {

constexpr std::size_t kBlockBytesMin = 16 * 1024;  // a block that pays for its malloc
constexpr std::size_t kBlockBytesMax =
    1024 * 1024;  // doubling ends here; a larger request gets a block of its own size
constexpr std::size_t kBlockAlign = 64;  // the largest alignment that allocate() promises

}  // namespace

void Arena::reset(std::span<std::byte> first_block) noexcept {
  while (blocks_ != nullptr) {
    Block* next = blocks_->next;
    ::operator delete (blocks_, std::align_val_t{kBlockAlign});
    blocks_ = next;
  }
  block_bytes_ = 0;
  cursor_ = first_block.data();
  end_ = cursor_ + first_block.size();
}

void* Arena::allocate_in_new_block(std::size_t size, std::size_t align) {
  constexpr std::size_t kHeader = kBlockAlign;  // keeps what follows aligned
  if (align > kBlockAlign || size > static_cast<std::size_t>(-1) / 2) throw_bad_alloc();
  block_bytes_ = std::clamp(block_bytes_ * 2, kBlockBytesMin, kBlockBytesMax);
  const std::size_t bytes = kHeader + std::max(size, block_bytes_);
  auto* block = static_cast<Block*>(::operator new (bytes, std::align_val_t{kBlockAlign}));
  block->next = blocks_;
  blocks_ = block;
  std::byte* place = reinterpret_cast<std::byte*>(block) + kHeader;
  cursor_ = place + size;
  end_ = reinterpret_cast<std::byte*>(block) + bytes;
  return place;
}

void Arena::throw_bad_alloc() { throw std::bad_alloc(); }

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {"", 0};
  auto* place = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

}  // namespace hookhost
