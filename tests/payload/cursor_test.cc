// SPDX-License-Identifier: Apache-2.0
//
// Does the cursor find what is there, and nothing else, whatever id it is given?
#include "payload/cursor.h"

#include <gmock/gmock.h>

#include <initializer_list>
#include <limits>

#include "payload/payload_support.h"

namespace hookhost::payload {
namespace {

TEST(Cursor, FindsMembersElementsAndSiblings) {
  Understanding request;
  const Cursor cursor(request.document(R"({"a":[10,20,30],"b":{},"c":null})"));

  const NodeId array = cursor.get(kRoot, "a");
  EXPECT_EQ(cursor.type(array), NodeType::kArray);
  EXPECT_EQ(cursor.size(array), 3U);
  EXPECT_EQ(cursor.raw(array), "[10,20,30]");
  EXPECT_EQ(cursor.raw(cursor.at(array, 2)), "30");
  EXPECT_EQ(cursor.at(array, 3), kNoNode);
  EXPECT_EQ(cursor.next(cursor.at(array, 2)), kNoNode);
  EXPECT_EQ(cursor.key(cursor.next(array)), "b");
  EXPECT_EQ(cursor.first(cursor.get(kRoot, "b")), kNoNode);
  EXPECT_EQ(cursor.type(cursor.get(kRoot, "c")), NodeType::kNull);
  EXPECT_EQ(cursor.get(kRoot, "d"), kNoNode);
  EXPECT_EQ(cursor.get(array, "a"), kNoNode);
  EXPECT_EQ(cursor.at(kRoot, 0), kNoNode);
}

TEST(Cursor, GivesTheLastOfARepeatedKeyV10) {
  Understanding request;
  const Cursor cursor(request.document(R"({"a":1,"\u0061":2,"b":0,"a":3})"));

  EXPECT_EQ(cursor.raw(cursor.get(kRoot, "a")), "3");
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/a")), "3");
  EXPECT_EQ(cursor.size(kRoot), 4U);
}

TEST(Cursor, TellsAnEmptyKeyFromNone) {
  Understanding request;
  const Cursor cursor(request.document(R"({"":[1]})"));
  const NodeId member = cursor.get(kRoot, "");

  EXPECT_NE(cursor.key(member).data(), nullptr);
  EXPECT_EQ(cursor.key(member), "");
  EXPECT_EQ(cursor.key(cursor.first(member)).data(), nullptr);
  EXPECT_EQ(cursor.key(kRoot).data(), nullptr);
}

TEST(Cursor, TellsAnEmptyTextFromNone) {
  Understanding request;
  const Cursor cursor(request.document(R"(["",1,"\n"])"));

  EXPECT_NE(cursor.text(cursor.at(kRoot, 0)).data(), nullptr);
  EXPECT_EQ(cursor.text(cursor.at(kRoot, 0)), "");
  EXPECT_EQ(cursor.text(cursor.at(kRoot, 1)).data(), nullptr);
}

TEST(Cursor, FollowsPointersAsRfc6901) {
  Understanding request;
  const Cursor cursor(request.document(
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8,"~1":9,"x":{"01":[5]}})"));

  EXPECT_EQ(cursor.pointer(kRoot, ""), kRoot);
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/foo/0")), "\"bar\"");
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/")), "0");
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/a~1b")), "1");
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/c%d")), "2");
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/m~0n")), "8");
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/~01")), "9");
  EXPECT_EQ(cursor.raw(cursor.pointer(kRoot, "/x/01/0")), "5");
  for (const char* wrong : {"foo", "/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/0/", "/m~n",
                            "/m~", "/m~2n", "/foo/99999999999999999999", "/fo", "/fooo"}) {
    EXPECT_EQ(cursor.pointer(kRoot, wrong), kNoNode) << wrong;
  }
}

TEST(Cursor, AnswersForAnIdThatIsNotOfTheDocumentAsForNothing) {
  Understanding request;
  const Cursor cursor(request.document("[1,2]"));
  const NodeId last = 3;
  EXPECT_EQ(cursor.raw(last), "2");

  for (const NodeId wrong : {kNoNode, last + 1, std::numeric_limits<NodeId>::max()}) {
    std::int64_t out = 7;
    EXPECT_EQ(cursor.type(wrong), NodeType::kNone);
    EXPECT_EQ(cursor.first(wrong), kNoNode);
    EXPECT_EQ(cursor.next(wrong), kNoNode);
    EXPECT_EQ(cursor.size(wrong), 0U);
    EXPECT_EQ(cursor.get(wrong, "a"), kNoNode);
    EXPECT_EQ(cursor.at(wrong, 0), kNoNode);
    EXPECT_EQ(cursor.pointer(wrong, ""), kNoNode);
    EXPECT_EQ(cursor.key(wrong).data(), nullptr);
    EXPECT_EQ(cursor.text(wrong).data(), nullptr);
    EXPECT_EQ(cursor.raw(wrong).data(), nullptr);
    EXPECT_EQ(cursor.read_i64(wrong, out), ReadError::kType);
    EXPECT_EQ(out, 7);
  }
}

TEST(Cursor, AnswersForNoDocumentAsForNothing) {
  const Cursor cursor(Document{});
  EXPECT_EQ(cursor.type(kRoot), NodeType::kNone);
  EXPECT_EQ(cursor.raw(kRoot).data(), nullptr);
}

TEST(Cursor, ReadsBooleansOnly) {
  Understanding request;
  const Cursor cursor(request.document("[true,false,1]"));
  bool out = false;

  EXPECT_EQ(cursor.read_bool(cursor.at(kRoot, 0), out), ReadError::kOk);
  EXPECT_TRUE(out);
  EXPECT_EQ(cursor.read_bool(cursor.at(kRoot, 1), out), ReadError::kOk);
  EXPECT_FALSE(out);
  EXPECT_EQ(cursor.read_bool(cursor.at(kRoot, 2), out), ReadError::kType);
}

TEST(Cursor, ReadsIntegersToTheEdgeOfTheirRange) {
  struct Case {
    const char* source;
    ReadError i64;
    ReadError u64;
  };
  const auto kOk = ReadError::kOk;
  const auto kRange = ReadError::kRange;
  for (const Case& one :
       {Case{"0", kOk, kOk}, Case{"-0", kOk, kOk}, Case{"-1", kOk, kRange},
        Case{"9223372036854775807", kOk, kOk}, Case{"9223372036854775808", kRange, kOk},
        Case{"-9223372036854775808", kOk, kRange}, Case{"-9223372036854775809", kRange, kRange},
        Case{"18446744073709551615", kRange, kOk}, Case{"18446744073709551616", kRange, kRange},
        Case{"19.0", kOk, kOk}, Case{"1.9e1", kOk, kOk}, Case{"190e-1", kOk, kOk},
        Case{"19.5", kRange, kRange}, Case{"1e-1", kRange, kRange},
        Case{"0e999999999999999999999", kOk, kOk}, Case{"1e999999999999999999999", kRange, kRange},
        Case{"1e-999999999999999999999", kRange, kRange}, Case{"1e19", kRange, kOk},
        Case{"1e20", kRange, kRange}}) {
    Understanding request;
    const Cursor cursor(request.document(one.source));
    std::int64_t i64 = 0;
    std::uint64_t u64 = 0;
    EXPECT_EQ(cursor.read_i64(kRoot, i64), one.i64) << one.source;
    EXPECT_EQ(cursor.read_u64(kRoot, u64), one.u64) << one.source;
  }
}

TEST(Cursor, ReadsIntegersExactly) {
  Understanding request;
  const Cursor cursor(request.document(
      "[-9223372036854775808,9223372036854775807.000,18446744073709551615,-1.50e1]"));
  std::int64_t i64 = 0;
  std::uint64_t u64 = 0;

  EXPECT_EQ(cursor.read_i64(cursor.at(kRoot, 0), i64), ReadError::kOk);
  EXPECT_EQ(i64, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(cursor.read_i64(cursor.at(kRoot, 1), i64), ReadError::kOk);
  EXPECT_EQ(i64, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(cursor.read_u64(cursor.at(kRoot, 2), u64), ReadError::kOk);
  EXPECT_EQ(u64, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(cursor.read_i64(cursor.at(kRoot, 3), i64), ReadError::kOk);
  EXPECT_EQ(i64, -15);
}

TEST(Cursor, ReadsDoublesAndRefusesWhatIsTooLarge) {
  Understanding request;
  const Cursor cursor(request.document(
      "[0.1,1e308,1e-400,-1e-400,0e400,1e400,-1e309,0.00001e-5000,1000e-1,\"1\"]"));
  const auto read = [&](std::size_t index, double& out) {
    return cursor.read_f64(cursor.at(kRoot, index), out);
  };
  double out = 7;

  EXPECT_EQ(read(0, out), ReadError::kOk);
  EXPECT_EQ(out, 0.1);
  EXPECT_EQ(read(1, out), ReadError::kOk);
  EXPECT_EQ(out, 1e308);
  for (const std::size_t zero : std::initializer_list<std::size_t>{2, 3, 4, 7}) {
    out = 7;
    EXPECT_EQ(read(zero, out), ReadError::kOk);
    EXPECT_EQ(out, 0) << zero;
  }
  EXPECT_EQ(read(8, out), ReadError::kOk);
  EXPECT_EQ(out, 100);
  EXPECT_EQ(read(5, out), ReadError::kRange);
  EXPECT_EQ(read(6, out), ReadError::kRange);
  EXPECT_EQ(read(9, out), ReadError::kType);
}

}  // namespace
}  // namespace hookhost::payload
