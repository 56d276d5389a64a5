// SPDX-License-Identifier: Apache-2.0
//
// Does the reader behind Document and the fake host refuse all that is not JSON, and does Json
// answer every question about what is there and what is not?
#include <gtest/gtest.h>
#include <hookhost/hookhost.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

namespace hookhost {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Document, FollowsJsonTestSuite) {
  std::size_t accepted = 0;
  std::size_t refused = 0;
  const std::filesystem::path folder = std::filesystem::path(HOOKHOST_TEST_DATA) / "jsontestsuite";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".json") continue;
    const Document document(read_file(entry.path()));
    if (name.starts_with("y_")) {
      EXPECT_TRUE(document) << name << ": " << document.error();
      ++accepted;
    } else if (name.starts_with("n_")) {
      EXPECT_FALSE(document) << name;
      ++refused;
    }
  }
  EXPECT_EQ(accepted, 95u);
  EXPECT_EQ(refused, 188u);
}

TEST(Document, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(Document("").error(), "expected a value at byte 0");
  EXPECT_EQ(Document(R"({"a":1)").error(), "expected ',' or '}' at byte 6");
  EXPECT_EQ(Document("[1] x").error(), "more text after the value at byte 4");
  EXPECT_EQ(Document(R"("\ud800")").error(), "half a surrogate pair at byte 7");
  EXPECT_FALSE(Document("[1").root());
}

TEST(Document, NestsUpTo512) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(Document(nested(512)));
  EXPECT_FALSE(Document(nested(513)));
}

TEST(Document, DecodesEscapes) {
  const Document document(R"({"\u0061":"\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00\u0000z"})");
  EXPECT_EQ(document["a"].as<std::string>(),
            std::string("\"\\/\b\f\n\r\té\xE2\x82\xAC\xF0\x9F\x98\x80\0z", 19));
}

TEST(Document, GivesTheLastOfDuplicateKeys) {
  const Document document(R"({"a":1,"b":2,"\u0061":3})");
  EXPECT_EQ(document["a"].get_or(0), 3);
  EXPECT_EQ(document.root().size(), 3u);
  EXPECT_EQ(document.root().pointer("/a").get_or(0), 3);
}

TEST(Json, AnswersForWhatIsNotThere) {
  const Document document(R"({"a":[1]})");
  const Json nothing = document["x"]["y"][3].pointer("/z");
  EXPECT_FALSE(nothing);
  EXPECT_EQ(nothing.type(), Json::Type::kNone);
  EXPECT_EQ(nothing.get_or(7), 7);
  EXPECT_EQ(nothing.get_or("x"), "x");
  EXPECT_EQ(nothing.size(), 0u);
  EXPECT_FALSE(nothing.key().present());
  EXPECT_FALSE(nothing.as<std::string>().has_value());
  for (const Json& element : nothing) FAIL() << element.raw();
  EXPECT_FALSE(document["a"][-1]);
  EXPECT_FALSE(document["a"][1]);
  EXPECT_TRUE(document["a"][0]);
  EXPECT_FALSE(Json());
}

TEST(Json, TellsTypesApart) {
  const Document document(R"([null,true,1,"s",[],{}])");
  const std::vector<Json::Type> expected = {Json::Type::kNull,   Json::Type::kBool,
                                            Json::Type::kNumber, Json::Type::kString,
                                            Json::Type::kArray,  Json::Type::kObject};
  std::vector<Json::Type> met;
  for (const Json& element : document.root()) met.push_back(element.type());
  EXPECT_EQ(met, expected);
  EXPECT_TRUE(document[0].is_null());
  EXPECT_TRUE(document[0]);
  EXPECT_EQ(document[3].get_or(1), 1);
  EXPECT_EQ(document[2].get_or("text"), "text");
  EXPECT_EQ(document[1].as<bool>(), true);
  EXPECT_FALSE(document[1].as<int>().has_value());
}

TEST(Json, WalksMembersInOrder) {
  const Document document(R"({"b":1,"a":"x"})");
  std::string met;
  for (const Json& member : document.root())
    met += member.key().str() + "=" + member.raw().str() + ";";
  EXPECT_EQ(met, R"(b=1;a="x";)");
}

TEST(Json, ReadsIntegersWithinTheirType) {
  const auto i64 = [](const char* text) { return Document(text).root().as<std::int64_t>(); };
  const auto u64 = [](const char* text) { return Document(text).root().as<std::uint64_t>(); };
  EXPECT_EQ(i64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(i64("9223372036854775808"), std::nullopt);
  EXPECT_EQ(i64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(i64("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(u64("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(u64("18446744073709551616"), std::nullopt);
  EXPECT_EQ(u64("-1"), std::nullopt);
  EXPECT_EQ(u64("-0"), 0u);
  EXPECT_EQ(i64("19.0"), 19);
  EXPECT_EQ(i64("1.9e1"), 19);
  EXPECT_EQ(i64("1e2"), 100);
  EXPECT_EQ(i64("1200e-2"), 12);
  EXPECT_EQ(i64("19.5"), std::nullopt);
  EXPECT_EQ(i64("1e-1"), std::nullopt);
  EXPECT_EQ(i64("1e19"), std::nullopt);
  EXPECT_EQ(i64("0e99999999999999999999999"), 0);
  EXPECT_EQ(i64("1e99999999999999999999999"), std::nullopt);
  EXPECT_EQ(Document("127").root().as<std::int8_t>(), 127);
  EXPECT_EQ(Document("128").root().as<std::int8_t>(), std::nullopt);
}

TEST(Json, ReadsDoublesWithinTheirRange) {
  const auto f64 = [](const char* text) { return Document(text).root().as<double>(); };
  EXPECT_EQ(f64("0.1"), 0.1);
  EXPECT_EQ(f64("1e308"), 1e308);
  EXPECT_EQ(f64("1e309"), std::nullopt);
  EXPECT_EQ(f64("1e-400"), 0.0);
  EXPECT_EQ(f64(("0." + std::string(400, '0') + "1").c_str()), 0.0);
  EXPECT_EQ(f64((std::string(400, '9')).c_str()), std::nullopt);
  EXPECT_EQ(f64("\"1\""), std::nullopt);
}

TEST(Json, FollowsPointersOfRfc6901) {
  const Document document(
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8,"~1":9,"0":{"x":5}})");
  const Json root = document.root();
  EXPECT_EQ(root.pointer("").raw(), root.raw());
  EXPECT_EQ(root.pointer("/foo/0").get_or(""), "bar");
  EXPECT_EQ(root.pointer("/").get_or(-1), 0);
  EXPECT_EQ(root.pointer("/a~1b").get_or(-1), 1);
  EXPECT_EQ(root.pointer("/c%d").get_or(-1), 2);
  EXPECT_EQ(root.pointer("/m~0n").get_or(-1), 8);
  EXPECT_EQ(root.pointer("/~01").get_or(-1), 9);
  EXPECT_EQ(root.pointer("/0/x").get_or(-1), 5);
  for (const char* nothing :
       {"foo", "/foo/2", "/foo/00", "/foo/-", "/foo/1x", "/m~n", "/m~2n", "/foo/0/x"}) {
    EXPECT_FALSE(root.pointer(nothing)) << nothing;
  }
}

TEST(Document, MovesWithItsCursors) {
  Document document(R"({"a":"short"})");
  const Json a = document["a"];
  const Document moved = std::move(document);
  EXPECT_EQ(a.get_or(""), "short");
  EXPECT_EQ(moved["a"].get_or(""), "short");
}

}  // namespace
}  // namespace hookhost
