// SPDX-License-Identifier: Apache-2.0
//
// Is every length and text of a plugin's answer judged before it is used?
#include "plugin/response_check.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "plugin/test_host.h"

namespace hookhost::plugin {
namespace {

// A response in the making.
struct Draft {
  std::vector<hookhost_field> headers;
  std::vector<hookhost_chunk> chunks;
  hookhost_response response{sizeof(hookhost_response), 200, {}, {}, {}};

  Draft& header(std::string_view name, std::string_view value) {
    headers.push_back({sizeof(hookhost_field), 0, abi(name), abi(value)});
    return *this;
  }
  Draft& chunk(const void* bytes, std::size_t size) {
    chunks.push_back({sizeof(hookhost_chunk), 0, bytes, size, nullptr, nullptr});
    return *this;
  }
  const hookhost_response* get() {
    response.headers = {headers.data(), static_cast<std::uint32_t>(headers.size()),
                        sizeof(hookhost_field)};
    response.chunks = {chunks.data(), static_cast<std::uint32_t>(chunks.size()),
                       sizeof(hookhost_chunk)};
    return &response;
  }
};

class TakeResponse : public testing::Test {
 protected:
  // "taken", or the problem as a sentence.
  std::string verdict(const hookhost_response* response) {
    auto taken = take_response(response, arena);
    if (taken) return "taken";
    status = taken.error().status;
    return describe(taken.error());
  }
  std::string verdict(Draft& draft) { return verdict(draft.get()); }

  Arena arena;
  hookhost_status status = HOOKHOST_OK;
};

TEST_F(TakeResponse, CopiesHeadersAndRefersToChunks) {
  Draft draft;
  std::string name = "X-Queue", value = "a\tb";
  value[1] = ' ';
  draft.header(name, value).chunk("body", 4);
  draft.response.status = 202;
  draft.response.content_type = abi("text/plain");

  auto taken = take_response(draft.get(), arena);

  ASSERT_TRUE(taken);
  name[0] = value[0] = '!';
  EXPECT_EQ(taken->status, 202);
  EXPECT_EQ(taken->content_type, "text/plain");
  EXPECT_EQ(taken->headers[0].name, "X-Queue");
  EXPECT_EQ(taken->headers[0].value, "a b");
  EXPECT_EQ(taken->chunks[0].bytes.data(), draft.chunks[0].ptr);
}

TEST_F(TakeResponse, HasADefaultTypeAndNoneWithoutABody) {
  Draft draft;
  EXPECT_EQ(take_response(draft.get(), arena)->content_type, "application/json");
  draft.response.status = 204;
  EXPECT_EQ(take_response(draft.get(), arena)->content_type, "");
}

TEST_F(TakeResponse, KnowsTheEdgesOfAStatus) {
  Draft draft;
  for (const auto& [code, wanted] :
       {std::pair{199, false}, {200, true}, {599, true}, {600, false}, {0, false}, {-1, false}}) {
    draft.response.status = code;
    EXPECT_EQ(verdict(draft) == "taken", wanted) << code;
  }
}

TEST_F(TakeResponse, RefusesABodyWhereNoneMayBe) {
  for (const int code : {204, 304}) {
    Draft empty, full;
    empty.response.status = full.response.status = code;
    full.chunk("x", 1);
    EXPECT_EQ(verdict(empty), "taken");
    EXPECT_EQ(verdict(full), "chunks: a 204 or 304 has no body");
  }
}

TEST_F(TakeResponse, RefusesNamesThatAreNoTokens) {
  for (const char* name : {"", "a b", "a:", "\xc3\xa9", "a\r\n", "(x)"}) {
    Draft draft;
    draft.header(name, "v");
    EXPECT_NE(verdict(draft), "taken") << name;
    EXPECT_EQ(status, HOOKHOST_E_INVALID);
  }
  Draft odd;
  odd.header("!#$%&'*+-.^_`|~9aZ", "v");
  EXPECT_EQ(verdict(odd), "taken");
}

TEST_F(TakeResponse, RefusesControlCharactersInValues) {
  for (int c = 0; c < 256; ++c) {
    Draft draft;
    const std::string value = {'a', static_cast<char>(c), 'b'};
    draft.header("X-A", value);
    const bool is_control = c < 0x20 || c == 0x7f;
    EXPECT_EQ(verdict(draft) == "taken", !is_control) << c;
    draft.headers.clear();
    draft.response.content_type = abi(value);
    EXPECT_EQ(verdict(draft) == "taken", !is_control) << c;
  }
}

TEST_F(TakeResponse, RefusesTheHeadersOfTheHostInAnyCase) {
  for (const char* name :
       {"Content-Length", "content-type", "CONNECTION", "Date", "transfer-encoding"}) {
    Draft draft;
    draft.header(name, "v");
    EXPECT_EQ(verdict(draft), "header \"" + std::string(name) + "\": the host writes it itself");
  }
}

TEST_F(TakeResponse, KnowsTheEdgesOfItsLimits) {
  Draft many, too_many;
  for (int i = 0; i < 32; ++i) many.header("X", "v"), too_many.header("X", "v");
  too_many.header("X", "v");
  EXPECT_EQ(verdict(many), "taken");
  EXPECT_EQ(verdict(too_many), "headers: more than 32");
  EXPECT_EQ(status, HOOKHOST_E_LIMIT);

  const std::string value(8191, 'v');
  Draft long_one, too_long;
  long_one.header("X", value);
  too_long.header("XY", value);
  EXPECT_EQ(verdict(long_one), "taken");
  EXPECT_EQ(verdict(too_long), "headers: more than 8192 bytes together");

  Draft chunks;
  for (int i = 0; i < 64; ++i) chunks.chunk("x", 1);
  EXPECT_EQ(verdict(chunks), "taken");
  chunks.chunk("x", 1);
  EXPECT_EQ(verdict(chunks), "chunks: more than 64");

  // Only the length is looked at.
  Draft large;
  large.chunk("x", HOOKHOST_RESPONSE_BYTES_MAX);
  EXPECT_EQ(verdict(large), "taken");
  large.chunk("x", 1);
  EXPECT_EQ(verdict(large), "chunks: more than 64 MiB together");
}

TEST_F(TakeResponse, SurvivesGarbageLengthsAndPointers) {
  EXPECT_EQ(verdict(static_cast<const hookhost_response*>(nullptr)),
            "response is NULL or not aligned");
  Draft draft;
  draft.chunk("x", 1).header("X", "v");
  const auto broken = [&](const auto& change) {
    Draft copy = draft;
    copy.get();
    change(copy);
    EXPECT_NE(verdict(&copy.response), "taken");
  };
  broken([](Draft& d) { d.response.struct_size = 8; });
  broken([](Draft& d) { d.response.headers.items = nullptr; });
  broken([](Draft& d) { d.response.headers.stride = 8; });
  broken([](Draft& d) { d.response.headers.stride = sizeof(hookhost_field) + 1; });
  broken([](Draft& d) { d.response.headers.count = UINT32_MAX; });
  broken([](Draft& d) { d.response.chunks.items = nullptr; });
  broken([](Draft& d) { d.response.chunks.stride = 0; });
  broken([](Draft& d) { d.response.chunks.count = UINT32_MAX; });
  broken([](Draft& d) { d.headers[0].struct_size = 0; });
  broken([](Draft& d) { d.headers[0].name.len = SIZE_MAX; });
  broken([](Draft& d) { d.headers[0].value.len = SIZE_MAX; });
  broken([](Draft& d) { d.headers[0].value = {nullptr, 1}; });
  broken([](Draft& d) { d.chunks[0].struct_size = 0; });
  broken([](Draft& d) { d.chunks[0].len = SIZE_MAX; });
  broken([](Draft& d) { d.chunks[0].ptr = nullptr; });
  broken([](Draft& d) { d.response.content_type = {"x", SIZE_MAX}; });
  broken([](Draft& d) { d.response.content_type = {"", 0}; });
}

TEST_F(TakeResponse, WalksElementsThatHaveGrown) {
  struct Grown {
    hookhost_field field;
    std::uint64_t newer;
  };
  const std::array<Grown, 2> headers = {
      {{{sizeof(Grown), 0, abi("A"), abi("1")}, 9}, {{sizeof(Grown), 0, abi("B"), abi("2")}, 9}}};
  Draft draft;
  draft.get();
  draft.response.headers = {headers.data(), 2, sizeof(Grown)};

  auto taken = take_response(&draft.response, arena);

  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->headers[1].name, "B");
}

}  // namespace
}  // namespace hookhost::plugin
