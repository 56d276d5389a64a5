// SPDX-License-Identifier: Apache-2.0
//
// Arena: memory for one exchange, given back all at once. The first block is borrowed, further ones
// come from the heap and grow, so a warmed-up request that fits its block allocates nothing. Not
// thread-safe: whoever handles the exchange owns it. Hot path: no allocation, lock or shared
// counter per request.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace hookhost {

class Arena {
 public:
  Arena() = default;
  explicit Arena(std::span<std::byte> first_block) noexcept
      : cursor_(first_block.data()), end_(cursor_ + first_block.size()) {}
  ~Arena() { reset({}); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Gives everything back and starts again in this block. Pointers from before are dead.
  void reset(std::span<std::byte> first_block) noexcept;

  // size bytes, aligned to a power of two up to 64; never null (throws std::bad_alloc, which the
  // session answers with 503).
  void* allocate(std::size_t size, std::size_t align = alignof(std::max_align_t)) {
    const std::size_t padding = (align - reinterpret_cast<std::size_t>(cursor_) % align) % align;
    const std::size_t room = static_cast<std::size_t>(end_ - cursor_);
    if (padding > room || size > room - padding) return allocate_in_new_block(size, align);
    std::byte* place = cursor_ + padding;
    cursor_ = place + size;
    return place;
  }

  // Makes the newest allocation smaller: [place, place + size) shrinks to used bytes. Anything else
  // is left alone.
  void shrink(void* place, std::size_t size, std::size_t used) noexcept {
    if (static_cast<std::byte*>(place) + size == cursor_)
      cursor_ = static_cast<std::byte*>(place) + used;
  }

  // An array without initialisation; T is trivial enough never to be destroyed.
  template <class T>
  std::span<T> allocate_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw_bad_alloc();
    return {static_cast<T*>(allocate(count * sizeof(T), alignof(T))), count};
  }

  // A copy that lives as long as the arena's contents.
  std::string_view copy(std::string_view text);

 private:
  struct Block {
    Block* next;
  };
  void* allocate_in_new_block(std::size_t size, std::size_t align);
  [[noreturn]] static void throw_bad_alloc();

  std::byte* cursor_ = nullptr;
  std::byte* end_ = nullptr;
  Block* blocks_ = nullptr;  // from the heap, newest first
  std::size_t block_bytes_ = 0;
};

}  // namespace hookhost
