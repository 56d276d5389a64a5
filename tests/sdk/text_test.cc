// SPDX-License-Identifier: Apache-2.0
//
// Is what a handler writes always valid JSON, whatever it was given, and does a small text cost no
// memory?
#include <gtest/gtest.h>
#include <hookhost/hookhost.hpp>

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hookhost {
namespace {

struct Job {
  int id;
};
void write_json(JsonText& out, const Job& job) { out.value(Object{{"job", job.id}}); }

template <class T>
std::string json_of(const T& value) {
  JsonText out;
  out.value(value);
  return std::string(out.view());
}

TEST(Text, KnowsAbsentFromEmpty) {
  EXPECT_FALSE(Text().present());
  EXPECT_FALSE(Text(hookhost_str{nullptr, 0}).present());
  EXPECT_TRUE(Text(hookhost_str{"", 0}).present());
  EXPECT_EQ(Text(), "");
  EXPECT_EQ(Text(hookhost_str{"ab", 2}).str(), "ab");
}

TEST(JsonText, WritesEveryScalar) {
  EXPECT_EQ(json_of(nullptr), "null");
  EXPECT_EQ(json_of(true), "true");
  EXPECT_EQ(json_of('x'), R"("x")");
  EXPECT_EQ(json_of(std::uint8_t{200}), "200");
  EXPECT_EQ(json_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(json_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json_of(std::string("a")), R"("a")");
  EXPECT_EQ(json_of("literal"), R"("literal")");
}

TEST(JsonText, WritesDoublesAsPythonDoes) {
  EXPECT_EQ(json_of(5.0), "5.0");
  EXPECT_EQ(json_of(0.1), "0.1");
  EXPECT_EQ(json_of(-0.0), "-0.0");
  EXPECT_EQ(json_of(1e22), "1e+22");
  EXPECT_EQ(json_of(1.5f), "1.5");
}

TEST(JsonText, WritesNullForWhatJsonLacks) {
  EXPECT_EQ(json_of(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(json_of(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonText, EscapesWhatAJsonStringForbids) {
  EXPECT_EQ(json_of(std::string_view("\"\\/\b\f\n\r\t\x01\x1F\x7F\0z", 13)),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\\u0000z\"");
}

TEST(JsonText, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(json_of("é\xE2\x82\xAC\xF0\x9F\x98\x80"), "\"é\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  const std::string replaced = "\xEF\xBF\xBD";
  for (const char* bad : {"\x80", "\xC1", "\xC3", "\xE2", "\xF5", "\xFF"}) {
    EXPECT_EQ(json_of(std::string(bad)), "\"" + replaced + "\"");
  }
  // Overlong, a surrogate, beyond U+10FFFF, cut off: each byte is replaced.
  EXPECT_EQ(json_of("\xC0\xAF"), "\"" + replaced + replaced + "\"");
  EXPECT_EQ(json_of("\xE0\x80\xAF"), "\"" + replaced + replaced + replaced + "\"");
  EXPECT_EQ(json_of("\xED\xA0\x80"), "\"" + replaced + replaced + replaced + "\"");
  EXPECT_EQ(json_of("\xF4\x90\x80\x80"), "\"" + replaced + replaced + replaced + replaced + "\"");
  EXPECT_EQ(json_of("a\xE2\x82"), "\"a" + replaced + replaced + "\"");
}

TEST(JsonText, TakesTheLastCodePointsOfEachLength) {
  for (const char* good : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(json_of(std::string(good)), "\"" + std::string(good) + "\"");
  }
}

TEST(JsonText, WritesContainers) {
  EXPECT_EQ(json_of(std::vector<int>{}), "[]");
  EXPECT_EQ(json_of(std::vector<int>{1, 2}), "[1,2]");
  EXPECT_EQ(json_of(std::vector<bool>{true, false}), "[true,false]");
  EXPECT_EQ(json_of(std::map<std::string, int>{}), "{}");
  EXPECT_EQ(json_of(std::map<std::string, std::vector<std::string>>{{"a\"", {"b"}}}),
            R"({"a\"":["b"]})");
  EXPECT_EQ(json_of(std::optional<int>()), "null");
  EXPECT_EQ(json_of(std::optional<int>(3)), "3");
}

TEST(JsonText, WritesATypeOfTheAuthors) {
  EXPECT_EQ(json_of(Job{7}), R"({"job":7})");
  EXPECT_EQ(json_of(std::vector<Job>{{1}, {2}}), R"([{"job":1},{"job":2}])");
}

TEST(JsonText, NestsObjectsAndArrays) {
  Object object{{"a", 1}, {"b", Array{1, "x", nullptr, Object{}}}};
  object.add("c", Object{{"d", std::vector<int>{2}}}).add("e", std::string("f"));
  EXPECT_EQ(json_of(object), R"({"a":1,"b":[1,"x",null,{}],"c":{"d":[2]},"e":"f"})");
  EXPECT_EQ(json_of(Array{}), "[]");
}

TEST(JsonText, GrowsPastItsInlineBytesWithoutLosingAny) {
  for (const std::size_t size : {JsonText::kInlineBytes - 1, JsonText::kInlineBytes,
                                 JsonText::kInlineBytes + 1, 10 * JsonText::kInlineBytes}) {
    JsonText text;
    std::string expected;
    for (std::size_t i = 0; i < size; ++i) {
      const char c = static_cast<char>('a' + i % 26);
      text.raw(std::string_view(&c, 1));
      expected += c;
    }
    EXPECT_EQ(text.view(), expected);
    EXPECT_EQ(text.bytes().is_small(), size <= JsonText::kInlineBytes);
    JsonText moved = std::move(text);
    EXPECT_EQ(moved.view(), expected);
    const JsonText copy = moved;
    EXPECT_EQ(copy.view(), expected);
  }
}

TEST(Format, FillsEachPlaceInOrder) {
  EXPECT_EQ(text_of("plain"), "plain");
  EXPECT_EQ(text_of("{} of {}: {}", 1, std::string("two"), 3.5), "1 of two: 3.5");
  EXPECT_EQ(text_of("{}{}", 'a', true), "atrue");
  EXPECT_EQ(text_of("{}", Text(hookhost_str{"x", 1})), "x");
  EXPECT_EQ(text_of("{}", std::vector<std::string>{"a"}), R"(["a"])");
}

TEST(Format, TakesDoubledBracesAsBraces) {
  EXPECT_EQ(text_of("{{}}"), "{}");
  EXPECT_EQ(text_of("{{{}}}", 1), "{1}");
  EXPECT_EQ(text_of("a }} b {{"), "a } b {");
}

TEST(Format, EscapesOnlyWhatStandsInsideAJsonString) {
  EXPECT_EQ(text_of("\"{}\"", "a\"b"), "\"a\"b\"");
  EXPECT_EQ(ok("say \"{}\"", "a\"b").body(), R"("say \"a\"b\"")");
  EXPECT_EQ(ok("{}", std::vector<std::string>{"a"}).body(), R"("[\"a\"]")");
}

}  // namespace
}  // namespace hookhost
