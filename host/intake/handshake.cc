// SPDX-License-Identifier: Apache-2.0
#include "intake/handshake.h"

#include "base/encoding.h"
#include "intake/answer.h"
#include "payload/cursor.h"

namespace hookhost::intake {
namespace {

using payload::Cursor;
using payload::kRoot;

// What each sender asks, and its answer. body: of a small JSON document; else it has no node.
struct Row {
  Handshake handshake;
  std::optional<Response> (*answer)(const RequestHead& head, const Cursor& body);
};

std::optional<Response> answer_slack(const RequestHead&, const Cursor& body) {
  const std::string_view challenge = body.text(body.get(kRoot, "challenge"));
  if (body.text(body.get(kRoot, "type")) != "url_verification" || challenge.empty()) return {};
  return Response{.content_type = "text/plain; charset=utf-8", .body = challenge};
}

// Interactions ask with type 1, webhook events with type 0.
std::optional<Response> answer_discord(const RequestHead&, const Cursor& body) {
  const std::string_view type = body.raw(body.get(kRoot, "type"));
  if (type == "1") return Response{.body = R"({"type":1})"};
  if (type == "0") return Response{.status = 204, .content_type = ""};
  return {};
}

std::optional<Response> answer_github(const RequestHead& head, const Cursor&) {
  if (head.header("X-GitHub-Event") != "ping") return {};
  return Response{.body = R"({"status":"pong"})"};
}

constexpr Row kRows[] = {{Handshake::kSlack, answer_slack},
                         {Handshake::kDiscord, answer_discord},
                         {Handshake::kGithub, answer_github}};

// The value of ?crc_token=, decoded; data() == nullptr: there is none, or it is malformed.
std::string_view token_of(std::string_view query, Arena& arena) {
  constexpr std::string_view kName = "crc_token=";
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (!pair.starts_with(kName)) continue;
    return percent_decode(pair.substr(kName.size()), arena).value_or(std::string_view());
  }
  return {};
}

}  // namespace

std::optional<Response> answer_handshake(const Route& route, const RequestHead& head,
                                         std::string_view body, payload::Parser& parser,
                                         Arena& arena) {
  if (route.authenticator == nullptr) return {};
  for (const Row& row : kRows) {
    if (row.handshake != route.authenticator->facts().handshake) continue;
    payload::Document document{body, {}};
    if (body.size() <= kHandshakeBytesMax) {
      if (const auto parsed = parser.parse(body, arena)) document = *parsed;
    }
    return row.answer(head, Cursor(document));
  }
  return {};
}

Result<Response, Refusal> answer_challenge(const Route& route, const RequestHead& head,
                                           const Clock& clock, Rate& rate, Arena& arena) {
  const std::string_view token = token_of(head.query, arena);
  if (token.data() == nullptr) return refusal_of(routing::MatchError::kMethodNotAllowed);
  if (!rate.take(clock.monotonic_now()))
    return Refusal{.status = 429,
                   .body = R"({"error":"Too many challenges."})",
                   .rule = "challenges-too-many",
                   .retry_after_s = 1};
  const std::string_view answer = route.authenticator->answer_challenge(token, clock.now(), arena);
  if (!answer.empty()) return Response{.body = answer};
  return Refusal{
      .status = 400, .body = R"({"error":"Invalid crc_token."})", .rule = "challenge-malformed"};
}

}  // namespace hookhost::intake
