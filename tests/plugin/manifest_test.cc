// SPDX-License-Identifier: Apache-2.0
//
// Is a plugin's table judged in a known order, and copied out of it? The clauses with a sentence of
// their own have a plugin each in tests/bad_plugins; here are the edges.
#include "plugin/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/test_host.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    add("first");
    table.struct_size = sizeof(table);
    table.magic = HOOKHOST_PLUGIN_MAGIC;
    table.id = abi("id");
    table.version = abi("1");
  }
  hookhost_endpoint& add(std::string_view name) {
    hookhost_endpoint endpoint{};
    endpoint.struct_size = sizeof(endpoint);
    endpoint.name = abi(name);
    endpoint.handle = [](void*, const hookhost_endpoint*, hookhost_call*, const hookhost_request*) {
      return hookhost_status{HOOKHOST_OK};
    };
    endpoints.push_back(endpoint);
    return endpoints.back();
  }
  Result<Manifest> read(std::uint32_t host_minor = 0) {
    table.endpoints = {endpoints.data(), static_cast<std::uint32_t>(endpoints.size()),
                       sizeof(hookhost_endpoint)};
    return read_manifest(&table, host_minor, "elf-build-id");
  }
  std::string refusal(std::uint32_t host_minor = 0) {
    auto manifest = read(host_minor);
    return manifest ? "accepted" : manifest.error().message;
  }

  std::vector<hookhost_endpoint> endpoints;
  hookhost_plugin table{};
};

TEST_F(ManifestTest, CopiesWhatAPluginSays) {
  table.license = abi("MIT");
  table.flags = HOOKHOST_PLUGIN_NO_STATE;
  endpoints[0].path = abi("/a/{b}/");

  auto manifest = read();

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->id, "id");
  EXPECT_EQ(manifest->license, "MIT");
  EXPECT_EQ(manifest->build_id, "elf-build-id");
  EXPECT_EQ(manifest->endpoints[0].path, "/webhooks/a/{b}");
  EXPECT_EQ(manifest->endpoints[0].form, PayloadForm::kHub);
  EXPECT_EQ(manifest->endpoints[0].table, &endpoints[0]);
  EXPECT_THAT(manifest->notes, IsEmpty());
}

TEST_F(ManifestTest, ThePluginsOwnBuildIdWins) {
  table.build_id = abi("nightly-7");
  EXPECT_EQ(read()->build_id, "nightly-7");
}

TEST_F(ManifestTest, LooksAtTheSizeBeforeAnythingElse) {
  table.magic = 0;
  table.struct_size = sizeof(table) - 1;
  EXPECT_THAT(refusal(), StartsWith("struct_size is 199"));
  table.struct_size = sizeof(table) + 64;  // a newer plugin
  EXPECT_THAT(refusal(), StartsWith("magic is "));
}

TEST_F(ManifestTest, AMinorOfTheHostIsEnoughAndOneMoreIsNot) {
  table.abi_minor_built = 5;
  table.abi_minor_required = 3;
  EXPECT_EQ(refusal(3), "accepted");
  EXPECT_EQ(refusal(2), "needs ABI 1.3, this host speaks 1.2");
  table.abi_minor_built = 2;
  EXPECT_EQ(refusal(3), "abi_minor_built is 2, needed is at least abi_minor_required, 3");
}

TEST_F(ManifestTest, RefusesATableThatIsNotAligned) {
  alignas(16) std::array<std::byte, sizeof(hookhost_plugin) + 16> memory{};
  const auto* shifted = reinterpret_cast<const hookhost_plugin*>(memory.data() + 4);
  EXPECT_THAT(read_manifest(shifted, 0, "").error().message, HasSubstr("not aligned"));
}

TEST_F(ManifestTest, RefusesTwoEndpointsThatMeet) {
  add("second").path = abi("first");
  EXPECT_EQ(refusal(), "Webhook /webhooks/first already exists.");
  endpoints[1].path = {nullptr, 0};
  endpoints[1].name = abi("first");
  EXPECT_EQ(refusal(), "two endpoints have the name \"first\"");
}

TEST_F(ManifestTest, KnowsTheEdgesOfNamesAndNumbers) {
  const std::string id(64, 'a'), long_id(65, 'a'), name(128, 'n'), long_name(129, 'n');
  table.id = abi(id);
  EXPECT_EQ(refusal(), "accepted");
  table.id = abi(long_id);
  EXPECT_EQ(refusal(), "id has 65 bytes, at most 64 are allowed");
  for (const char* bad : {"1a", "-a", "a.b", "a b", "\xc3\xa9"}) {
    table.id = abi(bad);
    EXPECT_THAT(refusal(), StartsWith("id is ")) << bad;
  }
  table.id = abi("a_b-1");
  EXPECT_EQ(refusal(), "accepted");
  table.id = abi("id\xff");
  EXPECT_EQ(refusal(), "id is not UTF-8");
  table.id = abi("id");

  endpoints[0].name = abi(name);
  EXPECT_EQ(refusal(), "accepted");
  endpoints[0].name = abi(long_name);
  EXPECT_EQ(refusal(), "endpoints[0].name has 129 bytes, at most 128 are allowed");
  endpoints[0].name = abi("first");
  endpoints[0].deadline_ms = 24ULL * 3600 * 1000;
  EXPECT_EQ(refusal(), "accepted");
  endpoints[0].deadline_ms += 1;
  EXPECT_THAT(refusal(), HasSubstr("deadline_ms is 86400001"));
  endpoints[0].deadline_ms = 0;
  endpoints[0].body_bytes_max = UINT64_MAX;
  EXPECT_THAT(refusal(), HasSubstr("body_bytes_max is 18446744073709551615"));
}

TEST_F(ManifestTest, EveryChoiceHasItsRange) {
  for (std::int32_t hookhost_endpoint::*choice :
       {&hookhost_endpoint::form, &hookhost_endpoint::place, &hookhost_endpoint::ack,
        &hookhost_endpoint::on_failure}) {
    for (const std::int32_t value : {-1, 5, INT32_MAX}) {
      endpoints[0].*choice = value;
      EXPECT_THAT(refusal(), HasSubstr("this host knows 0 to ")) << value;
    }
    endpoints[0].*choice = 1;
    EXPECT_EQ(refusal(), "accepted");
  }
}

TEST_F(ManifestTest, ElementsMayHaveGrown) {
  struct Grown {
    hookhost_endpoint endpoint;
    std::uint64_t newer;
  };
  Grown grown[2] = {{endpoints[0], 1}, {endpoints[0], 2}};
  grown[0].endpoint.struct_size = grown[1].endpoint.struct_size = sizeof(Grown);
  grown[1].endpoint.name = abi("second");
  table.endpoints = {grown, 2, sizeof(Grown)};

  auto manifest = read_manifest(&table, 0, "");

  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->endpoints[1].name, "second");
}

TEST(SameRoute, ParametersCountByPlace) {
  EXPECT_TRUE(is_same_route("/webhooks/{a}/x", "/webhooks/{bcd}/x"));
  EXPECT_FALSE(is_same_route("/webhooks/{a}/x", "/webhooks/{a}/y"));
  EXPECT_FALSE(is_same_route("/webhooks/{a}", "/webhooks/a"));
  EXPECT_FALSE(is_same_route("/webhooks/a", "/webhooks/ab"));
}

}  // namespace
}  // namespace hookhost::plugin
