// SPDX-License-Identifier: Apache-2.0
//
// Tables 7, 7.1 and 7.2 over the wire: every payload that pydantic 2.13.4 has judged
// (tests/data/payload/record.py), sent to the tolerant and to the strict handler, gets pydantic's
// bytes back.
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "payload/payload_support.h"

namespace hookhost::e2e {
namespace {

using payload::Cursor;
using payload::kNoNode;
using payload::kRoot;
using payload::NodeId;

class Conversions : public SharedHost<Conversions> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(std::vector<std::string>{
        "serve", "--plugins", plugin_folder("parity"), "--log-format", "json"});
  }

 protected:
  // One connection for all: one request after the other.
  RawAnswer post(std::string_view target, std::string_view body) {
    client_.send(bytes_of(
        {"POST", std::string(target), {{"Content-Type", "application/json"}}, std::string(body)},
        false));
    return client_.read_answer().value_or(RawAnswer{});
  }

  RawClient client_{host().process().port()};
};

TEST_F(Conversions, T7_T71_T72_AreThoseOfPydanticOnEveryRecordedPayload) {
  payload::Understanding recorded;
  const Cursor cases(
      recorded.document(payload::read_file(HOOKHOST_TEST_DATA "/payload/model_verdicts.json")));
  int accepted = 0, refused = 0;

  for (NodeId one = cases.first(kRoot); one != kNoNode && !HasFailure(); one = cases.next(one)) {
    const std::string_view body = cases.text(cases.get(one, "body"));
    const RawAnswer strict = post("/webhooks/strict", body);
    const RawAnswer tolerant = post("/webhooks/tolerant", body);
    if (cases.get(one, "values") != kNoNode) {
      EXPECT_EQ(strict.status, 200) << body;
      EXPECT_EQ(tolerant.status, 200) << body;
      ++accepted;
      continue;
    }
    const std::string_view expected = cases.text(cases.get(one, "strict"));
    const NodeId other = cases.get(one, "tolerant");
    EXPECT_EQ(strict.body, expected) << body;
    const std::string_view lenient = other == kNoNode ? expected : cases.text(other);
    if (!lenient.empty()) {
      EXPECT_EQ(tolerant.body, lenient) << body;
    }
    EXPECT_EQ(tolerant.status, lenient.empty() ? 200 : 422) << body;
    ++refused;
  }

  EXPECT_GT(accepted, 200);
  EXPECT_GT(refused, 2000);
}

TEST_F(Conversions, T72_NameTheFaultsOfJsonAsPythonDoes) {
  payload::Understanding recorded;
  const Cursor cases(
      recorded.document(payload::read_file(HOOKHOST_TEST_DATA "/payload/json_errors.json")));
  int judged = 0;

  for (NodeId one = cases.first(kRoot); one != kNoNode && !HasFailure(); one = cases.next(one)) {
    const std::string_view body = cases.text(cases.get(one, "body"));
    if (body.empty()) continue;  // no document at all: V01
    const RawAnswer answer = post("/webhooks/tolerant", body);
    EXPECT_EQ(answer.body, cases.text(cases.get(one, "answer"))) << body;
    ++judged;
  }

  EXPECT_GT(judged, 400);
}

}  // namespace
}  // namespace hookhost::e2e
