// SPDX-License-Identifier: Apache-2.0
//
// Is what we write compact, escaped and valid whatever the text?
#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hookhost {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, WritesCompactObjectsAndArrays) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("a", 1)
      .key("b")
      .begin_array()
      .integer(1)
      .string("x")
      .end_array()
      .member("c", true)
      .key("d")
      .null();
  json.key("e").begin_object().end_object().key("f").begin_array().end_array().end_object();
  EXPECT_EQ(out, R"({"a":1,"b":[1,"x"],"c":true,"d":null,"e":{},"f":[]})");
}

TEST(JsonWriter, WritesNumbersThatAreNotFiniteAsNull) {
  std::string out;
  JsonWriter json(out);
  json.begin_array()
      .number(0.5)
      .number(std::nan(""))
      .number(INFINITY)
      .unsigned_integer(UINT64_MAX)
      .integer(INT64_MIN)
      .end_array();
  EXPECT_EQ(out, "[0.5,null,null,18446744073709551615,-9223372036854775808]");
}

TEST(JsonWriter, EscapesQuotesAndControlCharacters) {
  EXPECT_EQ(quoted("a\"b\\c\n\x01\x1f"), R"("a\"b\\c\n\u0001\u001f")");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonWriter, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(quoted("h\xc3\xa9 \xf0\x9f\xa4\x97"), "\"h\xc3\xa9 \xf0\x9f\xa4\x97\"");
  EXPECT_EQ(quoted("\xff"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\xc3"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
}

TEST(JsonWriterDeathTest, AnUnbalancedEndIsOurBug) {
  std::string out;
  JsonWriter json(out);
  EXPECT_DEATH(json.end_object(), "check failed");
}

}  // namespace
}  // namespace hookhost
