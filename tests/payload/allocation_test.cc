// SPDX-License-Identifier: Apache-2.0
//
// Does a warmed-up parser with a first arena block allocate? It must not: every allocation of this
// program is counted.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "payload/event_filter.h"
#include "payload/payload_support.h"

namespace {
std::size_t allocations = 0;

void* count_and_allocate(std::size_t size, std::size_t align) {
  ++allocations;
  void* place = nullptr;
  if (posix_memalign(&place, align, size == 0 ? 1 : size) != 0) throw std::bad_alloc();
  return place;
}
}  // namespace

void* operator new(std::size_t size) { return count_and_allocate(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) {
  return count_and_allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t align) {
  return count_and_allocate(size, static_cast<std::size_t>(align));
}
// simdjson asks for its scratch in this way.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return count_and_allocate(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return count_and_allocate(size, alignof(std::max_align_t));
}
void operator delete(void* place) noexcept { std::free(place); }
void operator delete[](void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete[](void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }

namespace hookhost::payload {
namespace {

TEST(WarmedUpPayload, AllocatesNothing) {
  constexpr std::size_t kArenaBlockBytes = 64 * 1024;
  std::vector<Body> bodies;
  for (const char* fixture : {"dataset_push.json", "discussion_create.json", "comment_create.json",
                              "repo_move.json", "bucket_update.json", "many_refs.json"})
    bodies.emplace_back(hub_fixture(fixture));
  std::vector<std::byte> block(kArenaBlockBytes);
  Arena arena;
  Parser parser;
  std::size_t understood = 0;
  const auto run = [&] {
    for (const Body& body : bodies) {
      arena.reset(block);
      const auto document = understand(parser, Form::kHub, "application/json", body.view(), arena);
      if (!document) continue;
      const HubFields& hub = document->header().hub;
      const Cursor cursor(*document);
      understood += filter_matches("repo.*,discussion.comment:create,discussion:create",
                                   cursor.text(hub.event_scope), cursor.text(hub.event_action))
                        ? 1
                        : 0;
    }
  };
  run();

  const std::size_t before = allocations;
  run();

  EXPECT_EQ(allocations - before, 0U);
  EXPECT_EQ(understood, 2 * bodies.size());
}

TEST(WarmedUpPayload, IsCountedByAProgramThatCounts) {
  const std::size_t before = allocations;
  const auto one = std::make_unique<int>(1);
  EXPECT_EQ(allocations - before, 1U);
}

}  // namespace
}  // namespace hookhost::payload
