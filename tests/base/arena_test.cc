// SPDX-License-Identifier: Apache-2.0
//
// Is what the arena hands out aligned, disjoint and alive until reset?
#include "base/arena.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>

namespace hookhost {
namespace {

bool is_aligned(const void* place, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(place) % align == 0;
}

TEST(Arena, UsesItsFirstBlockBeforeTheHeap) {
  alignas(64) std::array<std::byte, 256> block;
  Arena arena(block);

  auto* place = static_cast<std::byte*>(arena.allocate(100));

  EXPECT_GE(place, block.data());
  EXPECT_LT(place, block.data() + block.size());
}

TEST(Arena, AlignsEveryAllocation) {
  alignas(64) std::array<std::byte, 512> block;
  Arena arena(block);
  for (std::size_t align = 1; align <= 64; align *= 2) {
    arena.allocate(1, 1);
    EXPECT_TRUE(is_aligned(arena.allocate(3, align), align)) << align;
  }
}

TEST(Arena, FillsItsBlockToTheLastByteAndThenGoesToTheHeap) {
  alignas(64) std::array<std::byte, 64> block;
  Arena arena(block);

  void* all = arena.allocate(64, 64);
  void* more = arena.allocate(1, 1);
  std::memset(more, 1, 1);

  EXPECT_EQ(all, block.data());
  EXPECT_TRUE(more < block.data() || more >= block.data() + block.size());
}

TEST(Arena, ServesARequestThatIsLargerThanAnyBlock) {
  Arena arena;
  constexpr std::size_t kBytes = 5 * 1024 * 1024;

  std::memset(arena.allocate(kBytes, 64), 7, kBytes);
  std::memset(arena.allocate(10), 7, 10);
}

TEST(Arena, TheNewestAllocationShrinks) {
  alignas(64) std::array<std::byte, 128> block;
  Arena arena(block);
  auto* first = static_cast<std::byte*>(arena.allocate(100, 1));

  arena.shrink(first, 100, 10);

  EXPECT_EQ(arena.allocate(1, 1), first + 10);
}

TEST(Arena, AnOlderAllocationKeepsItsSize) {
  alignas(64) std::array<std::byte, 128> block;
  Arena arena(block);
  void* first = arena.allocate(16, 1);
  auto* second = static_cast<std::byte*>(arena.allocate(16, 1));

  arena.shrink(first, 16, 1);

  EXPECT_EQ(arena.allocate(1, 1), second + 16);
}

TEST(Arena, RefusesWhatCannotBe) {
  Arena arena;
  EXPECT_THROW(arena.allocate(static_cast<std::size_t>(-1)), std::bad_alloc);
  EXPECT_THROW(arena.allocate_array<std::uint64_t>(static_cast<std::size_t>(-1) / 4),
               std::bad_alloc);
  EXPECT_THROW(arena.allocate(1, 128), std::bad_alloc);
}

TEST(Arena, CopiesTextThatMayHoldNul) {
  Arena arena;
  const std::string_view text("a\0b", 3);
  const std::string_view copy = arena.copy(text);
  EXPECT_EQ(copy, text);
  EXPECT_NE(copy.data(), text.data());
  EXPECT_NE(arena.copy("").data(), nullptr);
}

}  // namespace
}  // namespace hookhost
