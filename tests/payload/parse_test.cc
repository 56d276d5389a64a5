// SPDX-License-Identifier: Apache-2.0
//
// Which bodies are documents, and where do their strings lie?
#include "payload/parse.h"

#include <gmock/gmock.h>

#include "payload/payload_support.h"

namespace hookhost::payload {
namespace {

using testing::HasSubstr;

constexpr std::string_view kUnreadable = R"({"detail":"There was an error parsing the body"})";

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Parser, TakesEveryKindOfValueAsTheWholeDocument) {
  Understanding request;
  for (const char* text : {"null", "true", "false", "0", "-0", "-12.5e+3", "\"\"", "\"x\"", "[]",
                           "{}", " [ ] ", "\t{\n}\r", " 1 ", "1E400", "[1,[2,{\"a\":[]}],{}]"}) {
    EXPECT_TRUE(request.parse(text).has_value()) << text;
  }
}

TEST(Parser, RefusesWhatIsGluedToAScalar) {
  Understanding request;
  for (const char* text : {"[1x]",
                           "[truex]",
                           "[1\"a\"]",
                           "[true\"\"]",
                           "[null1]",
                           "[1 2]",
                           "[\"a\"\"b\"]",
                           "[\"a\"b]",
                           "[1\\]",
                           "1\"",
                           "nullnull",
                           "[-]",
                           "[01]",
                           "[1.]",
                           "[.5]",
                           "[1e]",
                           "[+1]",
                           "[1_0]",
                           "[\"a\"\\]",
                           "[\x0c]",
                           "[1\x0c"
                           "2]",
                           "{\"a\"\x1a"
                           "1}",
                           "[1}",
                           "{\"a\":1]"}) {
    EXPECT_FALSE(request.parse(text).has_value()) << text;
  }
}

TEST(Parser, NeverReadsANumberIntoTheBytesBehindTheBody) {
  Understanding request;  // The padding of a test body is full of sevens.

  const Cursor cursor(request.document("12"));

  EXPECT_EQ(cursor.raw(kRoot), "12");
  EXPECT_FALSE(request.parse("-").has_value());
  EXPECT_FALSE(request.parse("tru").has_value());
}

TEST(Parser, NeverCompletesADocumentFromTheBytesBehindTheBody) {
  const std::string whole =
      R"({"a":[1,"b",{"c":true}],"d":{},"e":"\u00e9","f":[],"g":[[-1.5e3,null]]})";
  Parser parser;
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) {
    const Body body(std::string_view(whole).substr(0, bytes), whole.substr(bytes));
    Arena arena;
    EXPECT_FALSE(parser.parse(body.view(), arena).has_value()) << body.view();
  }
}

// Behind the positions of a document stand those of the one before; ASan sees a walk that follows
// them.
TEST(Parser, NeverFollowsThePositionsOfTheDocumentBefore) {
  std::string wide;
  for (int i = 0; i < 50; ++i) wide += "[" + std::string(100, ' ');
  Parser parser;
  Arena arena;
  const Body before(wide + std::string(50, ']'));
  ASSERT_TRUE(parser.parse(before.view(), arena).has_value());
  for (const char* open : {"[", "[[[", "{\"a\":", "{\"a\"", "{\"a\":1,", "[1,", "[\"x\""}) {
    for (const char behind : {'[', '{', ']', '}', ',', ':', '"'}) {
      const Body body(open, std::string(kPaddingBytes, behind));
      EXPECT_FALSE(parser.parse(body.view(), arena).has_value()) << open << " and " << behind;
    }
  }
}

TEST(Parser, DecodesEachEscape) {
  Understanding request;
  const struct {
    const char* source;
    std::string_view text;
  } kCases[] = {
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"}, {R"("a\u0041b")", "aAb"},
      {R"("\u00e9\u20AC")", "\u00e9\u20AC"},        {R"("\ud83e\udd17")", "\U0001F917"},
      {R"("\u0000")", std::string_view("\0", 1)},   {R"("x\\")", "x\\"},
  };
  for (const auto& one : kCases) {
    const Cursor cursor(request.document(one.source));
    EXPECT_EQ(cursor.text(kRoot), one.text) << one.source;
    EXPECT_EQ(cursor.raw(kRoot), one.source);
  }
}

TEST(Parser, RefusesEscapesThatAreNone) {
  Understanding request;
  for (const char* text :
       {R"(["\x"])", R"(["\u12G4"])", R"(["\u123"])", R"(["\ud800"])", R"(["\udc00"])",
        R"(["\ud800\u0041"])", R"(["\ud800x"])", R"({"\q":1})", R"({"\ud800":1})"}) {
    EXPECT_FALSE(request.parse(text).has_value()) << text;
  }
}

TEST(Parser, ReadsStringsWithAndWithoutEscapesSideBySide) {
  Understanding request;
  const Document document =
      request.document(R"({"plain":"a","\u006bey":"b\n","last":"c","\u006bey2":2})");
  const Cursor cursor(document);

  EXPECT_EQ(cursor.text(cursor.get(kRoot, "plain")), "a");
  EXPECT_EQ(cursor.text(cursor.get(kRoot, "key")), "b\n");
  EXPECT_EQ(cursor.raw(cursor.get(kRoot, "key")), R"("b\n")");
  EXPECT_EQ(cursor.text(cursor.get(kRoot, "last")), "c");
  EXPECT_EQ(cursor.raw(cursor.get(kRoot, "key2")), "2");
}

TEST(Parser, LeavesUnescapedStringsInsideTheBody) {
  Understanding request;
  for (const char* fixture : {"dataset_push.json", "comment_create.json", "many_refs.json"}) {
    const Document document = request.document(hub_fixture(fixture));
    const Body& body = request.last_body();
    const Cursor cursor(document);
    std::size_t decoded = 0;
    for (NodeId node = kRoot; node <= document.header().node_count; ++node) {
      if (cursor.key(node).data() != nullptr) {
        EXPECT_TRUE(body.holds(cursor.key(node)));
      }
      if (cursor.type(node) != NodeType::kString) continue;
      EXPECT_TRUE(body.holds(cursor.raw(node)));
      const bool has_escape = cursor.raw(node).find('\\') != std::string_view::npos;
      decoded += has_escape ? 1 : 0;
      EXPECT_NE(body.holds(cursor.text(node)), has_escape) << cursor.raw(node);
    }
    EXPECT_EQ(decoded, std::string_view(fixture) == "comment_create.json" ? 1U : 0U);
  }
}

TEST(Parser, CopiesOnlyTheStringsThatHoldAnEscape) {
  Understanding request;
  const Document document =
      request.document(R"({"k\t1":"plain","k2":"v\t","k3":"plain too","k4":["x"]})");
  const Cursor cursor(document);
  const Body& body = request.last_body();

  EXPECT_FALSE(body.holds(cursor.key(cursor.get(kRoot, "k\t1"))));
  EXPECT_TRUE(body.holds(cursor.text(cursor.get(kRoot, "k\t1"))));
  EXPECT_FALSE(body.holds(cursor.text(cursor.get(kRoot, "k2"))));
  for (const char* plain : {"k2", "k3", "k4"})
    EXPECT_TRUE(body.holds(cursor.key(cursor.get(kRoot, plain)))) << plain;
  EXPECT_TRUE(body.holds(cursor.text(cursor.get(kRoot, "k3"))));
  EXPECT_TRUE(body.holds(cursor.text(cursor.pointer(kRoot, "/k4/0"))));
}

TEST(Parser, GivesAnIndexThatCanMoveWithItsBody) {
  Understanding request;
  const Document document = request.document(R"({"a":["x\ty",1],"b":"z"})");
  const Body body(document.body);
  const std::vector<std::byte> index(document.index.begin(), document.index.end());

  const Cursor cursor(Document{.body = body.view(), .index = index});

  EXPECT_EQ(cursor.text(cursor.pointer(kRoot, "/a/0")), "x\ty");
  EXPECT_EQ(cursor.text(cursor.get(kRoot, "b")), "z");
  EXPECT_TRUE(body.holds(cursor.text(cursor.get(kRoot, "b"))));
}

TEST(Parser, SkipsAByteOrderMarkV08) {
  Understanding request;
  const Cursor cursor(request.document("\xEF\xBB\xBF{\"a\":\"x\",\"b\":\"\\n\"}"));

  EXPECT_EQ(cursor.text(cursor.get(kRoot, "a")), "x");
  EXPECT_EQ(cursor.raw(cursor.get(kRoot, "b")), "\"\\n\"");
  EXPECT_EQ(cursor.raw(kRoot), "{\"a\":\"x\",\"b\":\"\\n\"}");
}

TEST(Parser, TakesTheDepthLimitAndNotOneMoreV06) {
  Understanding request;

  EXPECT_TRUE(request.parse(nested(kDepthMax)).has_value());
  EXPECT_TRUE(request.parse(nested(kDepthMax - 1) + " ").has_value());
  const auto refused = request.parse(nested(kDepthMax + 1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(refused.error().body, kUnreadable);
}

TEST(Parser, RefusesAHundredThousandBracketsV06) {
  Understanding request;

  const auto refused = request.parse(std::string(100'000, '['));

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().status, 400);
}

TEST(Parser, TakesTheDigitLimitAndNotOneMoreV06) {
  Understanding request;
  const std::string digits(kIntegerDigitsMax, '9');

  EXPECT_TRUE(request.parse(digits).has_value());
  EXPECT_TRUE(request.parse("[-" + digits + "]").has_value());
  EXPECT_TRUE(request.parse("{\"a\":" + digits + "9.0}").has_value());
  EXPECT_TRUE(request.parse("[0." + digits + digits + "]").has_value());
  const auto refused = request.parse("{\"a\":" + digits + "9}");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(refused.error().body, kUnreadable);
}

TEST(Parser, RefusesBadUtf8EverywhereV06) {
  Understanding request;
  for (const char* text :
       {"\xff", "[\"\xc3\"]", "{\"\x80\":1}", "[\"\xed\xa0\x80\"]", "[1] \xc0"}) {
    const auto refused = request.parse(text);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().status, 400) << text;
  }
}

TEST(Parser, AcceptsNumbersThatNobodyReadsTable81) {
  Understanding request;
  const std::string googol = "1" + std::string(100, '0');

  EXPECT_TRUE(request.parse("[1e400,-1e400," + googol + ",1e-400]").has_value());
}

TEST(Parser, ReadsManyDocumentsWithOneScratch) {
  Understanding request;
  const std::string text(kScratchKeptBodyBytes, 'x');

  EXPECT_TRUE(request.parse("[1]").has_value());
  EXPECT_TRUE(request.parse("\"" + text + "\"").has_value());
  EXPECT_TRUE(request.parse("[\"" + text + text + "\"]").has_value());
  EXPECT_TRUE(request.parse("[1,2]").has_value());
  EXPECT_FALSE(request.parse("[1,2").has_value());
  EXPECT_TRUE(request.parse("{\"a\":{}}").has_value());
}

TEST(Parser, KeepsEveryElementOfABigArray) {
  constexpr std::size_t kElements = 50'000;
  Understanding request;
  std::string text = "[0";
  for (std::size_t i = 1; i < kElements; ++i) text += i % 2 == 0 ? ",[]" : ",\"k\"";

  const Cursor cursor(request.document(text + "]"));

  EXPECT_EQ(cursor.size(kRoot), kElements);
}

TEST(Parser, SaysWhichInstructionsItUses) { EXPECT_FALSE(parser_instructions().empty()); }

}  // namespace
}  // namespace hookhost::payload
