// SPDX-License-Identifier: Apache-2.0
//
// Which payloads of the Hub are understood, and what do the others read? Rows V01 to V22 of the
// seed, one test each; the 422 bodies were recorded from FastAPI 0.141.1 and pydantic 2.13.4.
#include "payload/hub_payload.h"

#include <gmock/gmock.h>

#include "payload/payload_support.h"

namespace hookhost::payload {
namespace {

using testing::HasSubstr;

constexpr std::string_view kMissingBody =
    R"({"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]})";

// The smallest good payload, with one member replaced or added by whoever asks.
std::string payload(std::string_view event = R"({"action":"update","scope":"repo"})",
                    std::string_view repo_type = "\"model\"", std::string_view is_private = "false",
                    std::string_view version = "3", std::string_view more = "") {
  std::string text = R"({"event":)";
  text.append(event).append(R"(,"repo":{"id":"r","owner":{"id":"o"},"name":"u/n","private":)");
  text.append(is_private).append(R"(,"type":)").append(repo_type);
  text.append(R"(,"url":{"web":"w"}},"webhook":{"id":"w","version":)").append(version);
  return text.append("}").append(more).append("}");
}

std::string discussion(std::string_view num, std::string_view status = "\"open\"") {
  std::string text = R"(,"discussion":{"id":"d","num":)";
  text.append(num).append(R"(,"author":{"id":"a"},"url":{"web":"w"},"title":"T",)");
  return text.append(R"("isPullRequest":true,"status":)").append(status).append("}");
}

std::string with_discussion(std::string_view num, std::string_view status = "\"open\"") {
  return payload(R"({"action":"create","scope":"discussion"})", "\"model\"", "false", "3",
                 discussion(num, status));
}

std::string error(std::string_view type, std::string_view loc, std::string_view msg,
                  std::string_view input, std::string_view expected = "") {
  std::string text = R"({"type":")";
  text.append(type).append(R"(","loc":["body")").append(loc).append(R"(],"msg":")");
  text.append(msg).append(R"(","input":)").append(input);
  if (!expected.empty()) text.append(R"(,"ctx":{"expected":")").append(expected).append("\"}");
  return text.append("}");
}

std::string detail(std::string_view errors) {
  return R"({"detail":[)" + std::string(errors) + "]}";
}

class Understood : public testing::Test {
 protected:
  const HubFields& fields(std::string_view text, Form form = Form::kHub) {
    auto result = request_.understand(form, text);
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().body);
    if (result) document_ = *result;
    EXPECT_EQ(document_.header().has_hub, 1U);
    return document_.header().hub;
  }
  Cursor cursor() const { return Cursor(document_); }
  Understanding request_;
  Document document_;
};

TEST_F(Understood, FindsEveryFieldOfADatasetCommit) {
  const HubFields& hub = fields(hub_fixture("dataset_push.json"), Form::kHubStrict);

  EXPECT_EQ(cursor().text(hub.event_action), "update");
  EXPECT_EQ(cursor().text(hub.event_scope), "repo.content");
  EXPECT_EQ(cursor().text(hub.repo_type), "dataset");
  EXPECT_EQ(cursor().text(hub.repo_name), "some-user/multilingual-product-reviews");
  EXPECT_EQ(cursor().text(hub.repo_id), "6366c000a2abcdf2fd69a080");
  EXPECT_EQ(cursor().text(hub.repo_owner_id), "61d2000c3c2083e1c08af22d");
  EXPECT_EQ(cursor().text(hub.repo_head_sha), "c379e821c9c95d613899e8c4343e4bfee2b0c600");
  EXPECT_EQ(cursor().text(hub.repo_url_web),
            "https://huggingface.co/datasets/some-user/multilingual-product-reviews");
  EXPECT_EQ(cursor().text(hub.repo_url_api),
            "https://huggingface.co/api/datasets/some-user/multilingual-product-reviews");
  EXPECT_EQ(cursor().size(hub.repo_tags), 8U);
  EXPECT_EQ(hub.repo_is_private, 0);
  EXPECT_EQ(cursor().text(hub.webhook_id), "6390e855e30d9209411de93b");
  EXPECT_EQ(hub.webhook_version, 3);
  EXPECT_EQ(cursor().size(hub.updated_refs), 3U);
  EXPECT_EQ(hub.discussion, kNoNode);
  EXPECT_EQ(hub.comment, kNoNode);
  EXPECT_EQ(hub.moved_to, kNoNode);
  EXPECT_EQ(hub.updated_config, kNoNode);
  EXPECT_EQ(hub.repo_subdomain, kNoNode);
  EXPECT_EQ(hub.discussion_is_pinned, -1);
}

TEST_F(Understood, TellsNewAndDeletedRefsByTheAbsentValueN04) {
  const HubFields& hub = fields(hub_fixture("dataset_push.json"));
  const NodeId created = cursor().at(hub.updated_refs, 1);
  const NodeId deleted = cursor().at(hub.updated_refs, 2);

  EXPECT_EQ(cursor().text(cursor().get(created, "oldSha")).data(), nullptr);
  EXPECT_NE(cursor().text(cursor().get(created, "newSha")).data(), nullptr);
  EXPECT_EQ(cursor().text(cursor().get(deleted, "newSha")).data(), nullptr);
  EXPECT_EQ(cursor().text(cursor().get(deleted, "ref")), "refs/convert/parquet");
}

TEST_F(Understood, ShowsANewPullRequestByItsRefN03) {
  const HubFields& hub = fields(hub_fixture("pr_new_ref.json"), Form::kHubStrict);

  EXPECT_EQ(cursor().text(cursor().get(cursor().at(hub.updated_refs, 0), "ref")), "refs/pr/20");
}

TEST_F(Understood, FindsDiscussionAndComment) {
  const HubFields& hub = fields(hub_fixture("comment_create.json"), Form::kHubStrict);

  EXPECT_EQ(hub.discussion_num, 19);
  EXPECT_EQ(hub.discussion_is_pull_request, 1);
  EXPECT_EQ(hub.discussion_is_pinned, 0);
  EXPECT_EQ(cursor().text(hub.discussion_id), "639885d811ae2bad2b7ba461");
  EXPECT_EQ(cursor().text(hub.discussion_title), "Update co2 emissions");
  EXPECT_EQ(cursor().text(hub.discussion_status), "merged");
  EXPECT_EQ(cursor().text(hub.discussion_base), "refs/heads/main");
  EXPECT_EQ(cursor().text(hub.discussion_merge_commit_id),
            "c379e821c9c95d613899e8c4343e4bfee2b0c600");
  EXPECT_EQ(cursor().text(hub.discussion_author_id), "61d2000c3c2083e1c08af22d");
  EXPECT_THAT(cursor().text(hub.discussion_url_web), HasSubstr("/discussions/19"));
  EXPECT_THAT(cursor().text(hub.discussion_url_api), HasSubstr("/api/models/"));
  EXPECT_EQ(cursor().text(hub.comment_id), "6398872887bfcfb93a306f18");
  EXPECT_EQ(cursor().text(hub.comment_author_id), "61d2000c3c2083e1c08af22d");
  EXPECT_EQ(cursor().text(hub.comment_content),
            "The split is listed in the card,\nbut `test.parquet` is \"missing\". Caf\u00e9 "
            "\U0001F917");
  EXPECT_THAT(cursor().text(hub.comment_url_web), HasSubstr("#6398872887bfcfb93a306f18"));
  EXPECT_EQ(hub.comment_url_api, kNoNode);
  EXPECT_EQ(hub.comment_is_hidden, 0);
}

TEST_F(Understood, FindsWhereARepoMovedTo) {
  const HubFields& hub = fields(hub_fixture("repo_move.json"), Form::kHubStrict);

  EXPECT_EQ(cursor().text(hub.moved_to_name), "some-org/demo");
  EXPECT_EQ(cursor().text(hub.moved_to_owner_id), "5e7565348f06ed5e9d2ab8d2");
  EXPECT_EQ(cursor().text(hub.repo_subdomain), "some-user-demo");
}

TEST_F(Understood, ExposesWhatTheHubSendsBeyondTheModel) {
  const HubFields& config = fields(hub_fixture("repo_config.json"));
  EXPECT_EQ(cursor().raw(config.updated_config), R"({"private":false})");

  const HubFields& bucket = fields(hub_fixture("bucket_update.json"));
  EXPECT_EQ(cursor().text(bucket.repo_type), "bucket");
  EXPECT_EQ(bucket.repo_head_sha, kNoNode);
  EXPECT_EQ(cursor().size(bucket.updated_files), 2U);
  EXPECT_EQ(bucket.updated_files_truncated, 0);

  const HubFields& truncated =
      fields(payload(R"({"action":"update","scope":"repo.content"})", "\"bucket\"", "true", "3",
                     R"(,"updatedFiles":[],"updatedFilesTruncated":true)"));
  EXPECT_EQ(truncated.updated_files_truncated, 1);
  EXPECT_NE(truncated.updated_files, kNoNode);
}

TEST_F(Understood, TakesExtrasOfAnotherTypeForAbsent) {
  const HubFields& hub =
      fields(payload(R"({"action":"update","scope":"repo"})", "\"model\"", "true", "3",
                     R"(,"updatedConfig":[],"updatedFiles":{},"updatedFilesTruncated":"yes")"),
             Form::kHubStrict);

  EXPECT_EQ(hub.updated_config, kNoNode);
  EXPECT_EQ(hub.updated_files, kNoNode);
  EXPECT_EQ(hub.updated_files_truncated, 0);
}

TEST_F(Understood, PrefersHeadShaInTheHubsSpelling) {
  const std::string good = payload();
  const auto with = [&](std::string_view members) {
    std::string text = good;
    text.insert(text.find(R"("name")"), members);
    const HubFields& hub = fields(text);
    return std::string(cursor().text(hub.repo_head_sha));
  };

  EXPECT_EQ(with(R"("headSha":"new","head_sha":"old",)"), "new");
  EXPECT_EQ(with(R"("head_sha":"old","headSha":"new",)"), "new");
  EXPECT_EQ(with(R"("head_sha":"old",)"), "old");
  EXPECT_EQ(with(R"("head_sha":"old","headSha":null,)"), "old");
  EXPECT_EQ(with(R"("head_sha":"old","headSha":5,)"), "old");
  EXPECT_EQ(with(R"("head_sha":null,)"), "");
}

TEST(HubPayload, MissesAnEmptyOrNullBodyV01) {
  Understanding request;
  EXPECT_EQ(request.refusal(Form::kHub, ""), kMissingBody);
  EXPECT_EQ(request.refusal(Form::kHub, "null"), kMissingBody);
  EXPECT_EQ(request.refusal(Form::kHubStrict, " null\n"), kMissingBody);
  EXPECT_EQ(request.refusal(Form::kHub, "", ""), kMissingBody);
  EXPECT_EQ(request.understand(Form::kHub, "").error().status, 422);
}

TEST(HubPayload, MissesEventRepoAndWebhookOfAnEmptyObjectV02) {
  Understanding request;
  EXPECT_EQ(request.refusal(Form::kHub, "{}"),
            detail(error("missing", ",\"event\"", "Field required", "{}") + "," +
                   error("missing", ",\"repo\"", "Field required", "{}") + "," +
                   error("missing", ",\"webhook\"", "Field required", "{}")));
}

TEST(HubPayload, RefusesDocumentsThatAreNoObjectV03) {
  Understanding request;
  for (const char* text : {"[]", "5", "\"x\"", "true"}) {
    EXPECT_EQ(
        request.refusal(Form::kHub, text),
        detail(error("model_attributes_type", "",
                     "Input should be a valid dictionary or object to extract fields from", text)));
  }
}

TEST(HubPayload, RefusesJsonOfAnotherContentTypeV07) {
  Understanding request;
  for (const char* type : {"text/plain", "text/json", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=x", "application/xml", ""}) {
    EXPECT_EQ(request.refusal(Form::kHub, R"({"a":"b"})", type),
              detail(error("model_attributes_type", "",
                           "Input should be a valid dictionary or object to extract fields from",
                           R"("{\"a\":\"b\"}")")))
        << type;
  }
  const std::string long_echo = request.refusal(Form::kHub, std::string(5000, 'x'), "text/plain");
  EXPECT_THAT(long_echo, HasSubstr("\"input\":\"" + std::string(64, 'x') + "\"}"));
}

TEST(HubPayload, TakesJsonContentTypesInAnyCaseV08) {
  Understanding request;
  for (const char* type :
       {"application/json", "APPLICATION/JSON", "application/json; charset=latin1",
        "application/x+json", "application/vnd.hub.v3+JSON ; a=b"}) {
    EXPECT_EQ(request.refusal(Form::kHub, payload(), type), "") << type;
  }
  EXPECT_EQ(request.refusal(Form::kHub, "\xEF\xBB\xBF" + payload()), "");
}

TEST_F(Understood, LetsTheLastOfARepeatedKeyWinV10) {
  const HubFields& hub =
      fields(payload(R"({"action":"create","scope":"repo","action":5,"\u0061ction":"move"})"));
  EXPECT_EQ(cursor().text(hub.event_action), "move");

  Understanding request;
  EXPECT_EQ(request.refusal(Form::kHub, payload(R"({"action":"move","scope":"x","scope":null})")),
            detail(error("string_type", R"(,"event","scope")", "Input should be a valid string",
                         "null")));
}

TEST(HubPayload, IgnoresUnknownKeysV11) {
  Understanding request;
  EXPECT_EQ(request.refusal(Form::kHubStrict,
                            payload(R"({"x":{"action":1},"action":"move","scope":"repo","y":[]})",
                                    "\"model\"", "false", "3", R"(,"event2":5,"":null)")),
            "");
}

TEST_F(Understood, ToleratesAnUnknownActionV12) {
  const std::string text = payload(R"({"action":"archive","scope":"repo"})");
  fields(text);
  EXPECT_EQ(cursor().text(document_.header().hub.event_action), "archive");
  EXPECT_EQ(request_.refusal(Form::kHubStrict, text),
            detail(error("literal_error", R"(,"event","action")",
                         "Input should be 'create', 'delete', 'move' or 'update'", "\"archive\"",
                         "'create', 'delete', 'move' or 'update'")));
}

TEST(HubPayload, TakesAnyScopeV13) {
  Understanding request;
  for (const char* scope : {"\"\"", "\"repo.config.dois\"", "\"\\u0000\""}) {
    EXPECT_EQ(request.refusal(Form::kHubStrict,
                              payload(std::string(R"({"action":"move","scope":)") + scope + "}")),
              "");
  }
}

TEST_F(Understood, ToleratesAnUnknownRepoTypeV14) {
  for (const char* type : {"\"bucket\"", "\"kernel\""}) {
    const std::string text = payload(R"({"action":"move","scope":"repo"})", type);
    fields(text);
    EXPECT_EQ(cursor().raw(document_.header().hub.repo_type), type);
    EXPECT_EQ(request_.refusal(Form::kHubStrict, text),
              detail(error("literal_error", R"(,"repo","type")",
                           "Input should be 'dataset', 'model' or 'space'", type,
                           "'dataset', 'model' or 'space'")));
  }
}

TEST_F(Understood, ToleratesAnotherVersionV15) {
  const auto with = [](std::string_view version) {
    return payload(R"({"action":"move","scope":"repo"})", "\"model\"", "true", version);
  };
  EXPECT_EQ(fields(with("4")).webhook_version, 4);
  EXPECT_EQ(fields(with("2.0")).webhook_version, 2);
  EXPECT_EQ(fields(with("2147483647")).webhook_version, 2147483647);
  EXPECT_EQ(fields(with("2147483648")).webhook_version, 0);
  EXPECT_EQ(fields(with("3.5")).webhook_version, 0);
  EXPECT_EQ(fields(with("1e400")).webhook_version, 0);
  EXPECT_EQ(fields(with("30e-1"), Form::kHubStrict).webhook_version, 3);
  for (const char* version : {"2", "4", "3.5"}) {
    EXPECT_EQ(request_.refusal(Form::kHubStrict, with(version)),
              detail(error("literal_error", R"(,"webhook","version")", "Input should be 3", version,
                           "3")));
  }
  for (const Form form : {Form::kHub, Form::kHubStrict}) {
    EXPECT_EQ(request_.refusal(form, with("\"3\"")),
              detail(error("literal_error", R"(,"webhook","version")", "Input should be 3", "\"3\"",
                           "3")));
  }
}

TEST_F(Understood, ConvertsBooleansV16) {
  const auto with = [](std::string_view is_private) {
    return payload(R"({"action":"move","scope":"repo"})", "\"model\"", is_private);
  };
  for (const char* yes :
       {"true", "1", "1.0", "1e0", "\"true\"", "\"T\"", "\"yes\"", "\"y\"", "\"on\"", "\"1\""})
    EXPECT_EQ(fields(with(yes)).repo_is_private, 1) << yes;
  for (const char* no : {"false", "0", "0.0", "-0.0", "-0", "\"false\"", "\"F\"", "\"no\"", "\"n\"",
                         "\"OFF\"", "\"0\""})
    EXPECT_EQ(fields(with(no)).repo_is_private, 0) << no;
  for (const char* bad : {"2", "-1", "\"\"", "\" true\"", "\"true \"", "\"1.0\"", "\"maybe\""})
    EXPECT_EQ(request_.refusal(Form::kHub, with(bad)),
              detail(error("bool_parsing", R"(,"repo","private")",
                           "Input should be a valid boolean, unable to interpret input", bad)));
  for (const char* bad : {"0.5", "null", "[]", "{}"})
    EXPECT_EQ(
        request_.refusal(Form::kHub, with(bad)),
        detail(error("bool_type", R"(,"repo","private")", "Input should be a valid boolean", bad)));
}

TEST_F(Understood, ConvertsIntegersV17) {
  for (const char* good : {"19", "19.0", "1.9e1", "\" 19 \"", "\"+19\"", "\"019\"", "\"1_9\"",
                           "\"19.00\"", "\"\\u00a019\\u3000\""})
    EXPECT_EQ(fields(with_discussion(good)).discussion_num, 19) << good;
  EXPECT_EQ(fields(with_discussion("true")).discussion_num, 1);
  EXPECT_EQ(fields(with_discussion("\"-0\"")).discussion_num, 0);

  const auto refusal = [&](std::string_view num) {
    return request_.refusal(Form::kHubStrict, with_discussion(num));
  };
  const auto num_error = [](std::string_view type, std::string_view msg, std::string_view input) {
    return detail(error(type, R"(,"discussion","num")", msg, input));
  };
  for (const char* bad : {"19.5", "1e-1"})
    EXPECT_THAT(refusal(bad), HasSubstr("\"int_from_float\"")) << bad;
  EXPECT_EQ(
      refusal("19.5"),
      num_error("int_from_float",
                "Input should be a valid integer, got a number with a fractional part", "19.5"));
  for (const char* bad : {"\"\"", "\"abc\"", "\"19.5\"", "\"1e3\"", "\"0x13\"", "\"19.\"", "\".0\"",
                          "\"_19\"", "\"19_\"", "\"1__9\"", "\"19.0_0\"", "\"+-1\"", "\"\u0661\""})
    EXPECT_EQ(
        refusal(bad),
        num_error("int_parsing",
                  "Input should be a valid integer, unable to parse string as an integer", bad));
  for (const char* bad : {"null", "[]", "{}"})
    EXPECT_EQ(refusal(bad), num_error("int_type", "Input should be a valid integer", bad));
}

TEST_F(Understood, ReadsNumbersOf64BitsAndNotOneMoreTable81) {
  EXPECT_EQ(fields(with_discussion("9223372036854775807")).discussion_num, 9223372036854775807);
  EXPECT_EQ(fields(with_discussion("\"-9223372036854775808\"")).discussion_num,
            -9223372036854775807 - 1);
  for (const char* bad : {"9223372036854775808", "-9223372036854775809",
                          "1000000000000000000000000000000", "\"9223372036854775808\""})
    EXPECT_EQ(
        request_.refusal(Form::kHubStrict, with_discussion(bad)),
        detail(error("int_parsing_size", R"(,"discussion","num")",
                     "Unable to parse input string as an integer, exceeded maximum size", bad)));
  EXPECT_EQ(
      request_.refusal(Form::kHub, with_discussion("1e400")),
      detail(error("int_parsing_size", R"(,"discussion","num")",
                   "Unable to parse input string as an integer, exceeded maximum size", "1e400")));
  EXPECT_THAT(request_.refusal(Form::kHub, with_discussion("1e19")),
              HasSubstr("\"int_parsing_size\""));
}

TEST(HubPayload, RefusesAStringThatIsANumberOrBooleanV18) {
  Understanding request;
  for (const char* bad : {"5", "true", "null", "[]", "{}", "1.0"}) {
    EXPECT_EQ(
        request.refusal(Form::kHub,
                        payload(std::string(R"({"action":"move","scope":)") + bad + "}")),
        detail(error("string_type", R"(,"event","scope")", "Input should be a valid string", bad)));
  }
}

TEST(HubPayload, GivesThePositionInsideAnArrayV19) {
  Understanding request;
  EXPECT_EQ(
      request.refusal(Form::kHub,
                      payload(R"({"action":"move","scope":"repo"})", "\"model\"", "true", "3",
                              R"(,"updatedRefs":[{"ref":"r"},{"ref":1},5])")),
      detail(
          error("string_type", R"(,"updatedRefs",1,"ref")", "Input should be a valid string", "1") +
          "," +
          error("model_attributes_type", R"(,"updatedRefs",2)",
                "Input should be a valid dictionary or object to extract fields from", "5")));
  EXPECT_THAT(request.refusal(Form::kHub, payload(R"({"action":"move","scope":"repo"})",
                                                  "\"model\",\"tags\":[\"a\",2]")),
              HasSubstr(R"("loc":["body","repo","tags",1])"));
  EXPECT_EQ(request.refusal(Form::kHub, payload(R"({"action":"move","scope":"repo"})",
                                                "\"model\",\"tags\":{}")),
            detail(error("list_type", R"(,"repo","tags")", "Input should be a valid list", "{}")));
}

TEST(HubPayload, GivesAllErrorsInModelOrderV20) {
  Understanding request;
  EXPECT_EQ(
      request.refusal(Form::kHub, R"({"webhook":{"version":"3"},"comment":5,"event":{"scope":1}})"),
      detail(error("missing", R"(,"event","action")", "Field required", R"({"scope":1})") + "," +
             error("string_type", R"(,"event","scope")", "Input should be a valid string", "1") +
             "," +
             error("missing", R"(,"repo")", "Field required",
                   R"({"webhook":{"version":"3"},"comment":5,"event":{"scope":1}})") +
             "," +
             error("model_attributes_type", R"(,"comment")",
                   "Input should be a valid dictionary or object to extract fields from", "5") +
             "," + error("missing", R"(,"webhook","id")", "Field required", R"({"version":"3"})") +
             "," +
             error("literal_error", R"(,"webhook","version")", "Input should be 3", "\"3\"", "3")));
}

TEST_F(Understood, ToleratesAnUnknownStatusV22) {
  const std::string text = with_discussion("1", "\"reopened\"");
  fields(text);
  EXPECT_EQ(cursor().text(document_.header().hub.discussion_status), "reopened");
  EXPECT_EQ(request_.refusal(Form::kHubStrict, text),
            detail(error("literal_error", R"(,"discussion","status")",
                         "Input should be 'closed', 'draft', 'open' or 'merged'", "\"reopened\"",
                         "'closed', 'draft', 'open' or 'merged'")));
}

TEST(HubPayload, RefusesAnOpenSetThatIsNoTextInEitherForm) {
  Understanding request;
  for (const Form form : {Form::kHub, Form::kHubStrict}) {
    EXPECT_THAT(request.refusal(form, payload(R"({"action":5,"scope":"repo"})")),
                HasSubstr("\"literal_error\""));
    EXPECT_THAT(request.refusal(form, payload(R"({"action":null,"scope":"repo"})")),
                HasSubstr("\"literal_error\""));
  }
}

TEST(HubPayload, TakesNullForAnAbsentOptionalField) {
  Understanding request;
  EXPECT_EQ(request.refusal(
                Form::kHubStrict,
                payload(R"({"action":"move","scope":"repo"})",
                        "\"model\",\"tags\":null,\"subdomain\":null", "true", "3",
                        R"(,"discussion":null,"comment":null,"movedTo":null,"updatedRefs":null)")),
            "");
}

TEST(HubPayload, TakesAnyDocumentAsJsonF06) {
  Understanding request;
  for (const char* text : {"{}", "[]", "5", "null", "\"x\"", "[{\"a\":1e999}]"}) {
    const auto result = request.understand(Form::kJson, text);
    ASSERT_TRUE(result.has_value()) << text;
    EXPECT_EQ(result->header().has_hub, 0U);
  }
  EXPECT_EQ(request.refusal(Form::kJson, ""), kMissingBody);
  EXPECT_EQ(request.refusal(Form::kJson, "{}", "text/plain"),
            detail(error("dict_type", "", "Input should be a valid dictionary", "\"{}\"")));
}

TEST(HubPayload, NamesTheRuleForTheLog) {
  Understanding request;
  EXPECT_EQ(request.understand(Form::kHub, "").error().rule, "body-missing");
  EXPECT_EQ(request.understand(Form::kHub, "{}").error().rule, "model-invalid");
  EXPECT_EQ(request.understand(Form::kHub, "{").error().rule, "json-invalid");
  EXPECT_EQ(request.understand(Form::kHub, "\xff").error().rule, "json-unreadable");
  EXPECT_EQ(request.understand(Form::kHub, "{}", "text/plain").error().rule,
            "content-type-not-json");
}

}  // namespace
}  // namespace hookhost::payload
