// SPDX-License-Identifier: Apache-2.0
#include "intake/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <new>
#include <string>

#include "base/check.h"
#include "base/text.h"

namespace hookhost::intake {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kServerError = "Internal Server Error";  // H03, as Starlette writes it

// Every outcome but kHandled and kPending, of a request whose event is not kept. No 2xx that is not
// handled: the sender tries again when it reads a 500.
struct Answer {
  OutcomeKind kind;
  telemetry::Result result;
  int status;
  std::string_view content_type;
  std::string_view body;
  int retry_after_s;
};
constexpr std::array kAnswers{
    Answer{OutcomeKind::kHandled, telemetry::Result::kHandled, 200, kJson, "null", 0},
    Answer{OutcomeKind::kSkipped, telemetry::Result::kSkipped, 204, "", "", 0},
    Answer{OutcomeKind::kFailed, telemetry::Result::kFailed, 500, kText, kServerError, 0},
    Answer{OutcomeKind::kDead, telemetry::Result::kDead, 500, kText, kServerError, 0},
    Answer{OutcomeKind::kTimedOut, telemetry::Result::kTimedOut, 504, kJson,
           R"({"detail":"The handler did not answer in time"})", 0},
    Answer{OutcomeKind::kCancelled, telemetry::Result::kCancelled, 503, kJson,
           R"({"detail":"The webhook is not available at the moment, try again later"})",
           kCancelledRetryAfterS},
    Answer{OutcomeKind::kOverloaded, telemetry::Result::kOverloaded, 503, kJson,
           R"({"detail":"Too many requests are waiting for the webhook, try again later"})",
           kOverloadedRetryAfterS},
};

const Answer& answer_of(OutcomeKind kind) noexcept {
  for (const Answer& answer : kAnswers) {
    if (answer.kind == kind) return answer;
  }
  check_failed(__FILE__, __LINE__, "every outcome has an answer");
}

struct ProofRule {
  Proof proof;
  std::string_view rule;
};
constexpr std::array kProofRules{
    ProofRule{Proof::kMissing, "secret-missing"},
    ProofRule{Proof::kWrong, "secret-wrong"},
    ProofRule{Proof::kMalformed, "secret-malformed"},
    ProofRule{Proof::kRepeated, "secret-repeated"},
    ProofRule{Proof::kTooMany, "signatures-too-many"},
    ProofRule{Proof::kStale, "timestamp-stale"},
    ProofRule{Proof::kAhead, "timestamp-ahead"},
};

std::string_view print(std::int64_t number, Arena& arena) {
  const std::span<char> place = arena.allocate_array<char>(20);  // digits of any 64-bit number
  const auto end = std::to_chars(place.data(), place.data() + place.size(), number).ptr;
  return {place.data(), static_cast<std::size_t>(end - place.data())};
}

// A name without a value is left out.
std::span<const Header> headers_of(std::initializer_list<Header> all, Arena& arena) {
  const auto has_value = [](const Header& header) { return !header.value.empty(); };
  const auto wanted = static_cast<std::size_t>(std::ranges::count_if(all, has_value));
  if (wanted == 0) return {};
  const std::span<Header> headers = arena.allocate_array<Header>(wanted);
  std::ranges::copy_if(all, headers.begin(), has_value);
  return headers;
}

Header retry_after(std::int64_t seconds, Arena& arena) {
  return {"Retry-After", seconds > 0 ? print(seconds, arena) : std::string_view()};
}

// "null" is what FastAPI sends for nothing; an empty text would not be JSON.
bool is_nothing(const Response& response) noexcept {
  return response.status == 200 && response.body.empty() && response.chunks.empty() &&
         response.content_type == kJson;
}

}  // namespace

Refusal refusal_of(routing::MatchError error) noexcept {
  switch (error) {
    case routing::MatchError::kNotFound:
      return {.status = 404, .body = R"({"detail":"Not Found"})", .rule = "route-unknown"};
    case routing::MatchError::kMethodNotAllowed:
      return {.status = 405,
              .body = R"({"detail":"Method Not Allowed"})",
              .rule = "method-not-allowed",
              .allow = "POST"};
    case routing::MatchError::kBadEncoding:
      return {.status = 400,
              .body = R"({"detail":"The path is not percent-encoded properly"})",
              .rule = "path-encoding"};
  }
  check_failed(__FILE__, __LINE__, "every match error has a refusal");
}

Refusal refusal_of(Proof proof, const SchemeFacts& scheme) noexcept {
  for (const ProofRule& row : kProofRules) {
    if (row.proof != proof) continue;
    if (proof == Proof::kMissing)
      return {.status = 401,
              .body = scheme.missing_body,
              .rule = row.rule,
              .challenge = scheme.challenge};
    return {.status = scheme.wrong_status, .body = scheme.wrong_body, .rule = row.rule};
  }
  check_failed(__FILE__, __LINE__, "every proof that fails has a rule");
}

Response to_response(const Refusal& refusal, Arena& arena) {
  return {.status = refusal.status,
          .headers = headers_of({{"Allow", refusal.allow},
                                 {"WWW-Authenticate", refusal.challenge},
                                 retry_after(refusal.retry_after_s, arena)},
                                arena),
          .body = refusal.body,
          .close = refusal.close};
}

Response to_response(Outcome& outcome, bool is_detail_shown, Arena& arena) {
  const Answer& answer = answer_of(outcome.kind);
  if (outcome.kind == OutcomeKind::kHandled) {
    if (is_nothing(outcome.response)) outcome.response.body = answer.body;
    return outcome.response;
  }
  release_chunks(outcome.response);
  std::int64_t retry_after_s = answer.retry_after_s;
  if (outcome.kind == OutcomeKind::kFailed && outcome.retry_after.count() > 0)
    retry_after_s = std::chrono::ceil<std::chrono::seconds>(outcome.retry_after).count();

  Response response{.status = answer.status,
                    .content_type = answer.content_type,
                    .headers = headers_of({retry_after(retry_after_s, arena)}, arena),
                    .body = answer.body};
  const bool is_failure = response.body == kServerError;
  if (is_detail_shown && is_failure && !outcome.detail.empty()) {
    response.body =
        arena.copy(std::string(answer.body) + "\n\n" + printable(outcome.detail) + "\n");
  }
  return response;
}

Response to_response(Kept kept, std::string_view event_id, Arena& arena) {
  struct Row {
    Kept kept;
    int status;
    std::string_view words;
  };
  static constexpr std::array kRows{
      Row{Kept::kQueued, 202, R"("status":"queued")"},
      Row{Kept::kWillRetry, 202, R"("status":"will_retry")"},
      Row{Kept::kDead, 202, R"("status":"dead")"},
      Row{Kept::kDuplicate, 200, R"("duplicate":true)"},
  };
  for (const Row& row : kRows) {
    if (row.kept != kept) continue;
    std::string body = R"({"id":")";
    body.append(event_id).append("\",").append(row.words).append("}");
    return {.status = row.status, .body = arena.copy(body)};
  }
  check_failed(__FILE__, __LINE__, "every way to be kept has an answer");
}

const Refusal kNotStored{.status = 503,
                         .body = R"({"detail":"The event could not be stored, try again later"})",
                         .rule = "journal-unavailable",
                         .retry_after_s = kNotStoredRetryAfterS};

std::string_view print_event_id(EventId id, Arena& arena) {
  using Text = std::array<char, kEventIdChars>;
  return hookhost::print_event_id(id, *new (arena.allocate(sizeof(Text), alignof(Text))) Text);
}

telemetry::Result to_result(OutcomeKind kind) noexcept { return answer_of(kind).result; }

}  // namespace hookhost::intake
