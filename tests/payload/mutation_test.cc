// SPDX-License-Identifier: Apache-2.0
//
// Are mutated payloads the same again for the same seed, and do they reach the handlers that forget
// something?
#include "payload/mutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "payload/payload_support.h"

namespace hookhost::payload {
namespace {

constexpr std::uint64_t kSeed = 42;
constexpr std::uint64_t kCount = 2000;

TEST(Mutation, IsTheSameForTheSameSeedAndNumber) {
  for (std::uint64_t number = 1; number <= 100; ++number) {
    Mutation one(kSeed, number), two(kSeed, number);
    EXPECT_EQ(one.event(), two.event());
    EXPECT_EQ(one.event(), two.event()) << "the next one too";
    EXPECT_EQ(one.json(), two.json());
    EXPECT_EQ(one.bytes(), two.bytes());
  }
}

TEST(Mutation, IsAnotherForAnotherSeedOrNumber) {
  std::set<std::string> seen;
  for (std::uint64_t number = 1; number <= 100; ++number) {
    seen.insert(Mutation(kSeed, number).event());
    seen.insert(Mutation(kSeed + 1, number).event());
    seen.insert(Mutation(kSeed + (std::uint64_t{1} << 32), number).event());
  }
  EXPECT_GT(seen.size(), 290u);
}

TEST(Mutation, OfAnEventIsJson) {
  Understanding json;
  for (std::uint64_t number = 1; number <= kCount; ++number) {
    Mutation mutation(kSeed, number);
    const std::string event = mutation.event(), other = mutation.json();
    EXPECT_TRUE(json.parse(event)) << event.substr(0, 400);
    EXPECT_TRUE(json.parse(other)) << other.substr(0, 400);
  }
}

TEST(Mutation, OfBytesIsOftenNoJson) {
  Understanding json;
  std::size_t refused = 0;
  for (std::uint64_t number = 1; number <= kCount; ++number) {
    if (!json.parse(Mutation(kSeed, number).bytes())) ++refused;
  }
  EXPECT_GT(refused, kCount / 4);
  EXPECT_LT(refused, kCount);
}

// What the model refuses reaches no handler: of four events at least one has to pass.
TEST(Mutation, OftenPassesTheModel) {
  Understanding hub;
  std::size_t passed = 0;
  for (std::uint64_t number = 1; number <= kCount; ++number) {
    if (hub.understand(Form::kHub, Mutation(kSeed, number).event())) ++passed;
  }
  EXPECT_GT(passed, kCount / 4);
}

struct Oddity {
  const char* name;
  const char* pointer;
  NodeType type;
  std::string_view text;  // of a string or number; data() == nullptr: any
};

TEST(Mutation, ReachesWhatHandlersForget) {
  const Oddity rows[] = {
      {"a comment without a text", "/comment/content", NodeType::kNone, {}},
      {"a text of nothing", "/comment/content", NodeType::kString, "\"\""},
      {"a repository without a head", "/repo/headSha", NodeType::kNone, {}},
      {"a negative number", "/discussion/num", NodeType::kNumber, "-1"},
      {"a number that fits no int", "/discussion/num", NodeType::kNumber, "2147483648"},
      {"a text with a NUL", "/repo/name", NodeType::kString, R"("a\u0000b")"},
      {"no tags", "/repo/tags", NodeType::kNone, {}},
      {"an unknown member", "/unknown", NodeType::kNull, {}},
  };
  Understanding hub;
  for (const Oddity& row : rows) {
    bool is_reached = false;
    for (std::uint64_t number = 1; number <= 10 * kCount && !is_reached; ++number) {
      const auto document = hub.understand(Form::kHub, Mutation(kSeed, number).event());
      if (!document) continue;
      const Cursor cursor(*document);
      const std::string_view pointer = row.pointer;
      // The object that it would stand in has to be there.
      if (cursor.pointer(kRoot, pointer.substr(0, pointer.rfind('/'))) == kNoNode) continue;
      const NodeId node = cursor.pointer(kRoot, pointer);
      is_reached = cursor.type(node) == row.type &&
                   (row.text.data() == nullptr || cursor.raw(node) == row.text);
    }
    EXPECT_TRUE(is_reached) << row.name;
  }
}

}  // namespace
}  // namespace hookhost::payload
