// SPDX-License-Identifier: Apache-2.0
#include "admin/events_api.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "admin/plugins_api.h"
#include "base/awaited_reply.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "pages/answers.h"
#include "telemetry/units.h"

namespace hookhost::admin {
namespace {

constexpr std::string_view kRoot = "/api/v1/events";
constexpr std::size_t kLimitDefault = 50, kLimitMax = 500;
constexpr std::string_view kBytes = "application/octet-stream";

struct Reply {
  int status = 500;
  std::string_view content_type = "application/json";
  std::string body = {};
};

Reply refused(int status, std::string_view detail) {
  Reply reply{.status = status};
  JsonWriter(reply.body).begin_object().member("detail", detail).end_object();
  return reply;
}

Reply refused(const Error& error) {
  constexpr auto status_of = [](ErrorCode code) {
    switch (code) {
      case ErrorCode::kNotFound: return 404;
      case ErrorCode::kInvalid: return 422;
      default: return 503;
    }
  };
  return refused(status_of(error.code), error.message);
}

// ---- The query
// -----------------------------------------------------------------------------------

struct Query {
  store::Filter filter = {};
  EventId before = 0;
  std::size_t limit = kLimitDefault;
};

template <class Number>
bool read_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_time(std::string_view text, std::optional<SystemTime>& time) {
  std::int64_t ms = 0;
  constexpr std::int64_t kEnd = 4'102'444'800'000;  // the year 2100
  if (!read_number(text, ms) || ms < 0 || ms > kEnd) return false;
  time = SystemTime(std::chrono::milliseconds(ms));
  return true;
}

struct Parameter {
  std::string_view name;
  bool (*read)(Query& query, std::string_view text);
  std::string_view expected;
};
constexpr std::array kParameters{
    Parameter{"state",
              [](Query& query, std::string_view text) {
                query.filter.state = store::state_of(text);
                return query.filter.state.has_value();
              },
              "ready, running, done, dead, paused or skipped"},
    Parameter{
        "failed",
        [](Query& query, std::string_view text) { return query.filter.is_failed = text == "1"; },
        "1"},
    Parameter{"route",
              [](Query& query, std::string_view text) {
                query.filter.route = text;
                return true;
              },
              "the name of a route"},
    Parameter{"type",
              [](Query& query, std::string_view text) {
                query.filter.type = text;
                return true;
              },
              "a type such as repo.content:update"},
    Parameter{"text",
              [](Query& query, std::string_view text) {
                query.filter.text = text;
                return !text.empty();
              },
              "a text to look for"},
    Parameter{
        "since_ms",
        [](Query& query, std::string_view text) { return read_time(text, query.filter.since); },
        "milliseconds since 1970"},
    Parameter{
        "until_ms",
        [](Query& query, std::string_view text) { return read_time(text, query.filter.until); },
        "milliseconds since 1970"},
    Parameter{"before",
              [](Query& query, std::string_view text) {
                const auto id = parse_event_id(text);
                query.before = id.value_or(0);
                return id.has_value();
              },
              "the id of an event"},
    Parameter{"limit",
              [](Query& query, std::string_view text) {
                return read_number(text, query.limit) && query.limit >= 1 &&
                       query.limit <= kLimitMax;
              },
              "1 to 500"},
};

// The sentence that says what is wrong with it; empty: nothing.
std::string read_query(std::string_view text, Arena& arena, Query& query) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), arena);
    const auto parameter = std::ranges::find(kParameters, name, &Parameter::name);
    if (parameter == kParameters.end()) {
      std::string known;
      for (const Parameter& one : kParameters)
        known.append(known.empty() ? "" : ", ").append(one.name);
      return "unknown parameter; known are " + known;
    }
    if (!value || !parameter->read(query, *value))
      return std::string(name) + ": expected " + std::string(parameter->expected);
  }
  return {};
}

// ---- The answers
// ---------------------------------------------------------------------------------

std::string print(EventId id) {
  std::array<char, kEventIdChars> text;
  return std::string(print_event_id(id, text));
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<SystemTime>& time) {
  json.key(name);
  time ? json.string(telemetry::print_timestamp(*time)) : json.null();
}

void write_row(JsonWriter& json, const store::EventRow& row) {
  json.member("id", print(row.id))
      .member("received_at", telemetry::print_timestamp(row.received_at));
  json.member("route", row.route).member("type", row.type).member("sender_id", row.sender_id);
  json.member("handler", row.handler).member("body_bytes", std::uint64_t{row.body_bytes});
  json.member("run", std::uint64_t{row.run}).member("attempts", std::uint64_t{row.attempts});
  json.member("state", store::name_of(row.state));
  write_time(json, "due_at",
             row.state == store::State::kReady ? std::optional(row.due_at) : std::nullopt);
  write_time(json, "last_attempt_at", row.last_attempt_at);
  json.member("error", row.error).member("generation", row.generation);
}

Reply list(store::Journal& journal, const Query& query) {
  const auto page = journal.page(query.filter, query.before, query.limit);
  if (!page) return refused(page.error());
  Reply reply{.status = 200};
  JsonWriter json(reply.body);
  json.begin_object().key("events").begin_array();
  for (const store::EventRow& row : *page) {
    json.begin_object();
    write_row(json, row);
    json.end_object();
  }
  json.end_array().key("before");
  page->size() < query.limit ? json.null() : json.string(print(page->back().id));
  json.end_object();
  return reply;
}

Reply show(store::Journal& journal, EventId id) {
  const auto found = journal.find(id);
  if (!found) return refused(found.error());
  Reply reply{.status = 200};
  JsonWriter json(reply.body);
  json.begin_object();
  write_row(json, found->row);
  json.member("head", found->head).key("failed_attempts").begin_array();
  for (const store::AttemptRow& one : found->attempts) {
    json.begin_object();
    json.member("run", std::uint64_t{one.run}).member("number", std::uint64_t{one.number});
    json.member("started_at", telemetry::print_timestamp(one.started_at));
    json.member("took_s", std::chrono::duration<double>(one.took).count());
    json.member("error", one.error).member("generation", one.generation);
    json.end_object();
  }
  json.end_array().end_object();
  return reply;
}

Reply body_of(store::Journal& journal, EventId id) {
  auto found = journal.find(id);
  if (!found) return refused(found.error());
  return {.status = 200, .content_type = kBytes, .body = std::move(found->body)};
}

Reply changed(const Status& status, EventId id) {
  if (!status) return refused(status.error());
  Reply reply{.status = 200};
  JsonWriter(reply.body).begin_object().member("id", print(id)).end_object();
  return reply;
}

// ---- Asking in the pool
// --------------------------------------------------------------------------

struct Job : Work {
  explicit Job(std::function<void()> what)
      : Work([](Work& work) noexcept {
          const std::unique_ptr<Job> self(&static_cast<Job&>(work));
          self->function();
        }),
        function(std::move(what)) {}
  std::function<void()> function;
};

Response response_of(Reply reply, Arena& arena) {
  static constexpr Header kNoStore[] = {{"Cache-Control", "no-store"}};
  Response response;
  response.status = reply.status;
  response.content_type = reply.content_type;
  response.headers = kNoStore;
  response.kind = ResponseKind::kPage;
  pages::set_owned_body(response, arena, std::move(reply.body));
  return response;
}

using Question = std::function<Reply(store::Journal& journal)>;

// What the path and the query ask for, or why not.
Result<Question, Reply> question_of(const RequestHead& head, Arena& arena) {
  const std::string_view rest = head.path.substr(kRoot.size());
  if (rest.empty()) {
    if (!pages::is_read(head.method)) return refused(405, "Method Not Allowed");
    Query query;
    if (const std::string wrong = read_query(head.query, arena, query); !wrong.empty())
      return refused(422, wrong);
    return Question([query](store::Journal& journal) { return list(journal, query); });
  }
  const std::string_view name = rest.substr(1, rest.find('/', 1) - 1);
  const std::string_view verb = rest.substr(std::min(name.size() + 2, rest.size()));
  const auto id = parse_event_id(name);
  if (!id) return refused(404, "there is no event of that id");

  const bool is_change = verb == "replay" || verb == "drop";
  if (is_change && head.method != "POST") return refused(405, "Method Not Allowed");
  if (is_change && !is_own_change(head))
    return refused(403,
                   "a change needs Content-Type: application/json or X-Hookhost: 1, and may "
                   "not come from another site");
  if (!is_change && !pages::is_read(head.method)) return refused(405, "Method Not Allowed");

  if (verb.empty()) return Question([id = *id](auto& journal) { return show(journal, id); });
  if (verb == "body") return Question([id = *id](auto& journal) { return body_of(journal, id); });
  if (verb == "replay")
    return Question([id = *id](auto& journal) { return changed(journal.replay(id), id); });
  if (verb == "drop")
    return Question([id = *id](auto& journal) { return changed(journal.drop_dead(id), id); });
  return refused(404, "Not Found");
}

}  // namespace

bool EventsApi::has(std::string_view path) noexcept {
  return path == kRoot || (path.starts_with(kRoot) && path[kRoot.size()] == '/');
}

Task<Response> EventsApi::answer(Exchange& exchange) {
  if (journal_ == nullptr)
    co_return response_of(refused(404, "this host keeps no journal (journal.dir is none)"),
                          exchange.arena());
  auto question = question_of(exchange.head(), exchange.arena());
  if (!question) co_return response_of(std::move(question).error(), exchange.arena());

  Reply reply = co_await AwaitedReply<Reply>(exchange.loop(), [&](AwaitedReply<Reply>::Reply told) {
    auto job = std::make_unique<Job>([ask = *std::move(question), journal = journal_,
                                      told = std::move(told)] { told(ask(*journal)); });
    pool_.post(*job.release());
    return true;
  });
  co_return response_of(std::move(reply), exchange.arena());
}

}  // namespace hookhost::admin
