// SPDX-License-Identifier: Apache-2.0
//
// Is a body judged as by pydantic, byte for byte, except where we are better on purpose? Rows V01
// to V22 and table 8.1 of the Python server's page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/hub_event.h"
#include "e2e/live_host.h"

namespace hookhost::e2e {
namespace {

class Validation : public SharedHost<Validation, ::testing::TestWithParam<Row>> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity")});
  }
};

TEST_P(Validation, AnswersAsTheTableSays) { expect_answer(host(), GetParam()); }

// ---- The words of the table

Request posted(std::string body, std::string handler = "tolerant",
               std::string content_type = "application/json") {
  return {"POST",
          "/webhooks/" + std::move(handler),
          {{"Content-Type", std::move(content_type)}},
          std::move(body)};
}

std::string detail(std::string errors) { return R"({"detail":[)" + std::move(errors) + "]}"; }
// loc: what follows "body", with its commas.
std::string error(std::string type, std::string loc, std::string msg, std::string input,
                  std::string ctx = "") {
  return R"({"type":")" + type + R"(","loc":["body")" + loc + R"(],"msg":")" + msg +
         R"(","input":)" + input + ctx + "}";
}
std::string missing(std::string loc, std::string input = "{}") {
  return error("missing", std::move(loc), "Field required", std::move(input));
}
std::string not_an_object(std::string input) {
  return error("model_attributes_type", "",
               "Input should be a valid dictionary or object to extract fields from",
               std::move(input));
}
std::string not_json(std::size_t offset, std::string reason) {
  return error("json_invalid", "," + std::to_string(offset), "JSON decode error", "{}",
               R"(,"ctx":{"error":")" + reason + R"("})");
}
std::string literal(std::string loc, std::string choices, std::string input) {
  return error("literal_error", std::move(loc), "Input should be " + choices, std::move(input),
               R"(,"ctx":{"expected":")" + choices + R"("})");
}

Row refused(std::string id, Request request, std::string errors) {
  return {std::move(id), std::move(request), 422, detail(std::move(errors))};
}
Row unreadable(std::string id, std::string body) {
  return {std::move(id), posted(std::move(body)), 400,
          R"({"detail":"There was an error parsing the body"})"};
}
Row accepted(std::string id, Request request, const Reading& read = {}) {
  return {std::move(id), std::move(request), 200, reading(read)};
}

constexpr const char* kActions = "'create', 'delete', 'move' or 'update'";
constexpr const char* kTypes = "'dataset', 'model' or 'space'";
constexpr const char* kStatuses = "'closed', 'draft', 'open' or 'merged'";

// ---- The table

std::string plain_event() { return hub_event(); }
std::string utf16(std::string_view text) {
  std::string wide = "\xFF\xFE";
  for (const char c : text) wide += {c, '\0'};
  return wide;
}

const Row kBodies[] = {
    refused("V01_Empty", posted(""), missing("", "null")),
    refused("V01_Null", posted("null"), missing("", "null")),
    refused("V01_WhiteSpace", posted("  "), not_json(2, "Expecting value")),
    refused("V02_EmptyObject", posted("{}"),
            missing(R"(,"event")") + "," + missing(R"(,"repo")") + "," + missing(R"(,"webhook")")),
    refused("V03_List", posted("[]"), not_an_object("[]")),
    refused("V03_Number", posted("5"), not_an_object("5")),
    refused("V03_Text", posted(R"("x")"), not_an_object(R"("x")")),
    refused("V03_True", posted("true"), not_an_object("true")),
    refused("V04_Truncated", posted(R"({"a":)"), not_json(5, "Expecting value")),
    refused("V05_TrailingComma", posted(R"({"a":1,})"),
            not_json(7, "Expecting property name enclosed in double quotes")),
    refused("V05_OffsetInCharacters", posted("{\"\xC3\xA9\":1,}"),
            not_json(7, "Expecting property name enclosed in double quotes")),
    unreadable("V06_NotUtf8", "{\"a\":\"\xFF\"}"),
    unreadable("V06_TooDeep", std::string(100'000, '[')),
    unreadable("V06_TooManyDigits", R"({"a":)" + std::string(4301, '1') + "}"),
    refused("V06_DigitsAtTheLimit", posted(R"({"a":)" + std::string(4300, '1') + "}"),
            missing(R"(,"event")", R"("{\"a\":)" + std::string(59, '1') + '"') + "," +
                missing(R"(,"repo")", R"("{\"a\":)" + std::string(59, '1') + '"') + "," +
                missing(R"(,"webhook")", R"("{\"a\":)" + std::string(59, '1') + '"')),
    refused("V07_TextPlain", posted("{}", "tolerant", "text/plain"), not_an_object(R"("{}")")),
    refused("V07_TextJson", posted("{}", "tolerant", "text/json"), not_an_object(R"("{}")")),
    refused("V07_Form", posted("a=1", "tolerant", "application/x-www-form-urlencoded"),
            not_an_object(R"("a=1")")),
    refused("V07_NoContentType", {"POST", "/webhooks/tolerant", {}, "{}"},
            not_an_object(R"("{}")")),
    accepted("V08_AnyCase", posted(plain_event(), "tolerant", "Application/JSON")),
    accepted("V08_Parameters",
             posted(plain_event(), "tolerant", "application/json; charset=latin1")),
    accepted("V08_Suffix", posted(plain_event(), "tolerant", "application/x+json")),
    accepted("V08_ByteOrderMark", posted("\xEF\xBB\xBF" + plain_event())),
    refused("V08_Utf16", posted(utf16(plain_event())), not_json(0, "Expecting value")),
    refused("V09_NaN", posted(R"({"a":NaN})"), not_json(5, "Expecting value")),
    accepted("V10_TheLastOfARepeatedKeyWins",
             posted(hub_event({.scope = R"("first","scope":"last")"})), {.scope = "last"}),
    accepted("V11_UnknownKeyIsIgnored", posted(hub_event({.in_repo = R"(,"unknown":[1])"}))),
    accepted("V11_UnknownKeyIsReadable", posted(hub_event({.rest = R"(,"extra":{"a":[1]})"})),
             {.extra = R"({"a":[1]})"}),
    accepted("V11_UnknownKeyIsIgnoredByStrict",
             posted(hub_event({.rest = R"(,"extra":{"a":[1]})"}), "strict"),
             {.extra = R"({"a":[1]})"}),
    accepted("V12_UnknownActionIsTolerated", posted(hub_event({.action = R"("rename")"})),
             {.action = "rename"}),
    refused("V12_UnknownActionIsRefusedByStrict",
            posted(hub_event({.action = R"("rename")"}), "strict"),
            literal(R"(,"event","action")", kActions, R"("rename")")),
    accepted("V13_AnyScope", posted(hub_event({.scope = R"("repo.nothing.such")"}), "strict"),
             {.scope = "repo.nothing.such"}),
    accepted("V14_BucketIsTolerated", posted(hub_event({.type = R"("bucket")"})),
             {.type = "bucket"}),
    accepted("V14_KernelIsTolerated", posted(hub_event({.type = R"("kernel")"})),
             {.type = "kernel"}),
    refused("V14_BucketIsRefusedByStrict", posted(hub_event({.type = R"("bucket")"}), "strict"),
            literal(R"(,"repo","type")", kTypes, R"("bucket")")),
    accepted("V15_Version4IsTolerated", posted(hub_event({.version = "4"})), {.version = "4"}),
    refused("V15_Version2IsRefusedByStrict", posted(hub_event({.version = "2"}), "strict"),
            literal(R"(,"webhook","version")", "3", "2")),
    accepted("V16_YesIsTrue", posted(hub_event({.is_private = R"("YES")"}), "strict"),
             {.is_private = "true"}),
    accepted("V16_MinusZeroIsFalse", posted(hub_event({.is_private = "-0.0"}), "strict")),
    refused("V16_TwoIsNothing", posted(hub_event({.is_private = "2"})),
            error("bool_parsing", R"(,"repo","private")",
                  "Input should be a valid boolean, unable to interpret input", "2")),
    refused("V16_NullIsNothing", posted(hub_event({.is_private = "null"})),
            error("bool_type", R"(,"repo","private")", "Input should be a valid boolean", "null")),
    accepted("V17_TextOfANumber",
             posted(hub_event({.rest = discussion(R"(" +1_9.00 ")")}), "strict"),
             {.num = "19", .status = "open"}),
    refused("V17_Fraction", posted(hub_event({.rest = discussion("19.5")})),
            error("int_from_float", R"(,"discussion","num")",
                  "Input should be a valid integer, got a number with a fractional part", "19.5")),
    refused("V17_NoNumber", posted(hub_event({.rest = discussion(R"("0x13")")})),
            error("int_parsing", R"(,"discussion","num")",
                  "Input should be a valid integer, unable to parse string as an integer",
                  R"("0x13")")),
    refused("V18_NumberForText", posted(hub_event({.name = "5"})),
            error("string_type", R"(,"repo","name")", "Input should be a valid string", "5")),
    refused("V18_TrueForText", posted(hub_event({.name = "true"})),
            error("string_type", R"(,"repo","name")", "Input should be a valid string", "true")),
    refused(
        "V19_ErrorInsideAnArray",
        posted(hub_event({.rest = R"(,"updatedRefs":[{"ref":"a"},{"ref":5}])"})),
        error("string_type", R"(,"updatedRefs",1,"ref")", "Input should be a valid string", "5")),
    refused("V20_AllErrorsInTheModelsOrder",
            posted(R"({"webhook":{"version":3},"repo":5,"event":{"scope":1,"action":"create"}})"),
            error("string_type", R"(,"event","scope")", "Input should be a valid string", "1") +
                "," +
                error("model_attributes_type", R"(,"repo")",
                      "Input should be a valid dictionary or object to extract fields from", "5") +
                "," + missing(R"(,"webhook","id")", R"({"version":3})")),
    refused("V21_LoneSurrogate", posted(R"({"a":"\ud800"})"),
            not_json(7, R"(Invalid \\uXXXX escape)")),
    accepted("V22_UnknownStatusIsTolerated",
             posted(hub_event({.rest = discussion("1", R"("locked")")})),
             {.num = "1", .status = "locked"}),
    refused("V22_UnknownStatusIsRefusedByStrict",
            posted(hub_event({.rest = discussion("1", R"("locked")")}), "strict"),
            literal(R"(,"discussion","status")", kStatuses, R"("locked")")),
};
INSTANTIATE_TEST_SUITE_P(Rows, Validation, ::testing::ValuesIn(kBodies), row_name);

// Table 8.1: where the JSON layer differs from Python's on purpose.
const Row kJsonLayer[] = {
    refused("T81_Infinity", posted(R"({"a":Infinity})"), not_json(5, "Expecting value")),
    refused("T81_MinusInfinity", posted(R"({"a":-Infinity})"), not_json(5, "Expecting value")),
    refused("T81_Utf32", posted(std::string("\0\0\0{\0\0\0}", 8)), not_json(0, "Expecting value")),
    accepted("T81_LargeIntegerThatNobodyReads",
             posted(hub_event({.rest = R"(,"extra":1000000000000000000000000000000)"}), "strict"),
             {.extra = "1000000000000000000000000000000"}),
    accepted("T81_LargeFloatThatNobodyReads",
             posted(hub_event({.rest = R"(,"extra":1e400)"}), "strict"), {.extra = "1e400"}),
    refused("T81_LargeIntegerThatIsRead",
            posted(hub_event({.rest = discussion("1000000000000000000000000000000")}), "strict"),
            error("int_parsing_size", R"(,"discussion","num")",
                  "Unable to parse input string as an integer, exceeded maximum size",
                  "1000000000000000000000000000000")),
};
INSTANTIATE_TEST_SUITE_P(JsonLayer, Validation, ::testing::ValuesIn(kJsonLayer), row_name);

// Rows V12, V14, V22: the code of a value that this host does not know is 0, "other".
TEST_F(Validation, V12_V14_V22_UnknownValuesHaveTheKindOther) {
  const RawAnswer known =
      host().post("/webhooks/kinds", hub_event({.action = R"("create")", .rest = discussion()}));
  const RawAnswer unknown = host().post(
      "/webhooks/kinds",
      hub_event(
          {.action = R"("x")", .type = R"("kernel")", .rest = discussion("1", R"("locked")")}));

  EXPECT_EQ(known.body, R"({"action":1,"type":1,"status":3})");
  EXPECT_EQ(unknown.body, R"({"action":0,"type":0,"status":0})");
}

}  // namespace
}  // namespace hookhost::e2e
