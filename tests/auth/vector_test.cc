// SPDX-License-Identifier: Apache-2.0
//
// Does every golden signature of tests/data/signatures pass, does one changed byte of its body make
// it fail, and is the window where the table says? "public" ones are the senders' own.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "auth/scheme.h"
#include "payload/owned_document.h"

namespace hookhost::auth {
namespace {

using namespace std::chrono_literals;

struct Vector {
  std::string name, scheme, secret, public_key, body, query, expected;
  std::string text, algorithm, encoding;  // of a generic one
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t clock = 0;  // 0: no timestamp
};

std::vector<Vector> read_vectors() {
  std::ifstream file(HOOKHOST_TEST_DATA "/signatures/sig_vectors.json");
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  const auto document = payload::OwnedDocument::parse(json);
  std::vector<Vector> vectors;
  if (!document) return vectors;
  const payload::Cursor cursor = document->cursor();
  const auto all = cursor.get(payload::kRoot, "vectors");
  for (auto at = cursor.first(all); at != payload::kNoNode; at = cursor.next(at)) {
    const auto text = [&](std::string_view key) {
      return std::string(cursor.text(cursor.get(at, key)));
    };
    Vector vector{.name = text("name"),
                  .scheme = text("scheme"),
                  .secret = text("secret"),
                  .public_key = text("public_key"),
                  .body = text("body"),
                  .query = text("query"),
                  .expected = text("expected"),
                  .text = text("template"),
                  .algorithm = text("algorithm"),
                  .encoding = text("encoding"),
                  .headers = {}};
    static_cast<void>(cursor.read_i64(cursor.get(at, "clock"), vector.clock));
    const auto headers = cursor.get(at, "headers");
    for (auto one = cursor.first(headers); one != payload::kNoNode; one = cursor.next(one))
      vector.headers.emplace_back(cursor.key(one), cursor.text(one));
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

// The file's names for schemes; those that are not here are no webhooks but known answers of a
// primitive, which hmac_test.cc and ed25519_test.cc have.
const std::map<std::string, std::string> kSchemes{{"github", "github"},
                                                  {"github-sha1", "github-sha1"},
                                                  {"standard", "standard-webhooks"},
                                                  {"standard-ed25519", "standard-webhooks"},
                                                  {"stripe", "stripe"},
                                                  {"slack", "slack"},
                                                  {"shopify", "shopify"},
                                                  {"gitlab-token", "gitlab"},
                                                  {"generic", "generic-hmac"},
                                                  {"huggingface", "hf"},
                                                  {"bitbucket", "bitbucket"},
                                                  {"gitea", "gitea"},
                                                  {"discord", "discord"},
                                                  {"x", "x"}};

std::shared_ptr<const Authenticator> authenticator_of(const Vector& vector) {
  HmacOptions hmac{.header = "X-Signature"};
  if (!vector.text.empty()) {
    hmac.text = vector.text;
    hmac.timestamp_header = "X-Timestamp";
    if (vector.algorithm == "sha512") hmac.algorithm = Digest::kSha512;
    if (vector.encoding == "base64") hmac.encoding = Encoding::kBase64;
  }
  const std::string& name = kSchemes.at(vector.scheme);
  const std::string& key = name == "discord" ? vector.public_key : vector.secret;
  const std::vector credentials{Credential(Secret(key))};
  auto made = make_authenticator(*find_scheme(name), credentials, {.hmac = hmac});
  EXPECT_TRUE(made) << vector.name << ": " << (made ? "" : made.error().message);
  return made ? *made : nullptr;
}

Proof judge(const Vector& vector, std::string_view body, std::chrono::nanoseconds late = 0s) {
  std::vector<Header> headers;
  for (const auto& [name, value] : vector.headers) headers.push_back({name, value});
  RequestHead head;
  head.headers = headers;
  const SystemTime now{std::chrono::seconds(vector.clock) + late};
  return authenticator_of(vector)->judge(head, body, now).proof;
}

class Vectors : public ::testing::TestWithParam<Vector> {};

TEST_P(Vectors, PassAsTheyAre) { EXPECT_EQ(judge(GetParam(), GetParam().body), Proof::kAccepted); }
TEST_P(Vectors, FailWithAnotherBody) {
  const Vector& vector = GetParam();
  std::string changed = vector.body;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  const bool is_signed = authenticator_of(vector)->needs_body();

  for (const std::string& body : {changed, vector.body + "\n", std::string()})
    EXPECT_EQ(judge(vector, body), is_signed ? Proof::kWrong : Proof::kAccepted);
}
TEST_P(Vectors, AreFreshForFiveMinutesBothWays) {
  const Vector& vector = GetParam();
  const bool is_dated = vector.clock != 0;

  EXPECT_EQ(judge(vector, vector.body, 300s), Proof::kAccepted);
  EXPECT_EQ(judge(vector, vector.body, 301s), is_dated ? Proof::kStale : Proof::kAccepted);
  EXPECT_EQ(judge(vector, vector.body, -300s), Proof::kAccepted);
  EXPECT_EQ(judge(vector, vector.body, -301s), is_dated ? Proof::kAhead : Proof::kAccepted);
}
// The header before it decides alone; a second of the same name is refused.
TEST_P(Vectors, FailWithARepeatedOrMissingHeader) {
  const Vector& vector = GetParam();
  const std::string name(authenticator_of(vector)->facts().header);
  for (const auto& [header, value] : vector.headers) {
    const bool is_proof = header.find("ignature") != std::string::npos ||
                          header.find("imestamp") != std::string::npos ||
                          header.find("Hmac") != std::string::npos || ascii_iequals(header, name);
    if (!is_proof) continue;
    Vector repeated = vector;
    repeated.headers.emplace_back(header, value);
    EXPECT_EQ(judge(repeated, vector.body), Proof::kRepeated) << header;
    Vector missing = vector;
    std::erase_if(missing.headers, [gone = header](const auto& one) { return one.first == gone; });
    EXPECT_EQ(judge(missing, vector.body), Proof::kMissing) << header;
  }
}

std::vector<Vector> webhooks() {
  std::vector<Vector> vectors = read_vectors();
  std::erase_if(vectors, [](const Vector& vector) { return !kSchemes.contains(vector.scheme); });
  return vectors;
}
std::string name_of(const ::testing::TestParamInfo<Vector>& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Golden, Vectors, ::testing::ValuesIn(webhooks()), name_of);

TEST(VectorFile, IsReadWhole) {
  EXPECT_EQ(read_vectors().size(), 24U);
  EXPECT_EQ(webhooks().size(), 21U);
}
TEST(VectorFile, HoldsTheAnswerToXsChallenge) {
  for (const Vector& vector : read_vectors()) {
    if (vector.scheme != "x-crc") continue;
    const std::vector credentials{Credential(Secret(vector.secret))};
    const auto x = make_authenticator(*find_scheme("x"), credentials).value();
    Arena arena;
    const auto answer = x->answer_challenge(vector.query.substr(std::string("crc_token=").size()),
                                            SystemTime{}, arena);
    EXPECT_EQ(answer, vector.expected);
    return;
  }
  FAIL() << "no vector";
}

}  // namespace
}  // namespace hookhost::auth
