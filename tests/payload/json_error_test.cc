// SPDX-License-Identifier: Apache-2.0
//
// Does a body that is no document get Python's message at Python's offset?
#include "payload/json_error.h"

#include <gmock/gmock.h>

#include "payload/payload_support.h"

namespace hookhost::payload {
namespace {

struct Fault {
  std::string reason;
  std::size_t offset;
  bool operator==(const Fault&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.reason << " at " << fault.offset;
}

Fault fault_of(std::string_view text) {
  const JsonError error = find_json_error(text);
  EXPECT_EQ(error.fault, JsonFault::kSyntax) << text;
  return {std::string(error.reason), error.offset};
}

std::string answer(std::string_view reason, std::size_t offset) {
  return R"({"detail":[{"type":"json_invalid","loc":["body",)" + std::to_string(offset) +
         R"(],"msg":"JSON decode error","input":{},"ctx":{"error":")" + std::string(reason) +
         R"("}}]})";
}

TEST(JsonError, NamesThePlaceWhereAValueIsMissingV04) {
  EXPECT_EQ(fault_of(R"({"a":)"), (Fault{"Expecting value", 5}));
  EXPECT_EQ(fault_of("[1,]"), (Fault{"Expecting value", 3}));
}

TEST(JsonError, NamesATrailingCommaV05) {
  EXPECT_EQ(fault_of(R"({"a":1,})"),
            (Fault{"Expecting property name enclosed in double quotes", 7}));
}

TEST(JsonError, CountsCharactersNotBytes) {
  EXPECT_EQ(fault_of("[\"\u00e9\U0001F917\",x]"), (Fault{"Expecting value", 6}));
}

TEST(JsonError, HasEveryReasonOfTable72) {
  EXPECT_EQ(fault_of(R"({"a" 1})"), (Fault{"Expecting ':' delimiter", 5}));
  EXPECT_EQ(fault_of("[1 2]"), (Fault{"Expecting ',' delimiter", 3}));
  EXPECT_EQ(fault_of("1 2"), (Fault{"Extra data", 2}));
  EXPECT_EQ(fault_of("[\"abc"), (Fault{"Unterminated string starting at", 1}));
  EXPECT_EQ(fault_of("[\"a\nb\"]"), (Fault{"Invalid control character at", 3}));
  EXPECT_EQ(fault_of(R"(["\q"])"), (Fault{"Invalid \\escape", 2}));
  EXPECT_EQ(fault_of(R"(["\u12G4"])"), (Fault{"Invalid \\uXXXX escape", 3}));
}

TEST(JsonError, RefusesWhatPythonTakesForNumbersV09) {
  Understanding request;
  EXPECT_EQ(request.refusal(Form::kHub, R"({"a":NaN})"), answer("Expecting value", 5));
  EXPECT_EQ(request.refusal(Form::kHub, "[1,-Infinity]"), answer("Expecting value", 3));
  EXPECT_EQ(request.refusal(Form::kJson, "Infinity"), answer("Expecting value", 0));
}

TEST(JsonError, RefusesALoneSurrogateV21) {
  Understanding request;
  EXPECT_EQ(request.refusal(Form::kHub, R"(["\ud800"])"), answer(R"(Invalid \\uXXXX escape)", 3));
  EXPECT_EQ(request.refusal(Form::kHub, R"(["\udc00\ud83e\udd17"])"),
            answer(R"(Invalid \\uXXXX escape)", 3));
  EXPECT_EQ(request.refusal(Form::kHub, R"(["\ud83e\udd17\ud800x"])"),
            answer(R"(Invalid \\uXXXX escape)", 15));
}

TEST(JsonError, LetsPythonsFaultGoBeforeOurs) {
  EXPECT_EQ(fault_of("[NaN,]"), (Fault{"Expecting value", 5}));
  EXPECT_EQ(fault_of(R"(["\ud800",x])"), (Fault{"Expecting value", 10}));
}

TEST(JsonError, RefusesUtf16AndUtf32V08) {
  using namespace std::string_view_literals;
  Understanding request;
  for (const std::string_view text :
       {"\xFF\xFE{\0}\0"sv, "\xFE\xFF\0{\0}"sv, "{\0}\0"sv, "\0{\0}"sv, "\0\0\0{\0\0\0}"sv,
        "{\0\0\0}\0\0\0"sv, "\xFF\xFE\0\0{\0\0\0"sv, "\0\0\xFE\xFF\0\0\0{"sv, "\x31\0"sv}) {
    const auto refused = request.understand(Form::kHub, text);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().status, 422);
    EXPECT_EQ(refused.error().body, answer("Expecting value", 0));
  }
}

TEST(JsonError, FindsNothingInADocument) {
  for (const char* text : {"{}", " [1,\"\\ud83e\\udd17\"] ", "-0.5e-3", "null"}) {
    EXPECT_EQ(find_json_error(text).fault, JsonFault::kNone) << text;
  }
}

TEST(JsonError, SaysWhitespaceOnlyLacksAValueAtItsEndV01) {
  Understanding request;
  EXPECT_EQ(request.refusal(Form::kHub, " \n\t "), answer("Expecting value", 4));
}

// tests/data/payload/json_errors.json: FastAPI's answers to broken bodies, byte for byte.
TEST(JsonError, AnswersAsFastApiDidWhenItWasRecorded) {
  Understanding recorded;
  const Cursor cases(recorded.document(read_file(HOOKHOST_TEST_DATA "/payload/json_errors.json")));
  std::size_t count = 0;
  for (NodeId one = cases.first(kRoot); one != kNoNode; one = cases.next(one), ++count) {
    std::string body(cases.text(cases.get(one, "body")));
    if (const NodeId repeat = cases.get(one, "repeat"); repeat != kNoNode) {
      std::uint64_t times = 0;
      ASSERT_EQ(cases.read_u64(cases.at(repeat, 1), times), ReadError::kOk);
      body.assign(times, cases.text(cases.at(repeat, 0)).front());
    }
    const std::string_view hex = cases.text(cases.get(one, "hex"));
    for (std::size_t i = 0; i < hex.size(); i += 2)
      body += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    std::int64_t status = 0;
    ASSERT_EQ(cases.read_i64(cases.get(one, "status"), status), ReadError::kOk);

    Understanding request;
    const auto result = request.understand(Form::kHub, body);

    ASSERT_FALSE(result.has_value()) << body;
    EXPECT_EQ(result.error().status, status) << body.substr(0, 400);
    EXPECT_EQ(result.error().body, cases.text(cases.get(one, "answer"))) << body.substr(0, 400);
  }
  EXPECT_GT(count, 400U);
}

}  // namespace
}  // namespace hookhost::payload
