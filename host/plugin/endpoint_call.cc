// SPDX-License-Identifier: Apache-2.0
#include "plugin/endpoint_call.h"

#include <array>
#include <vector>

#include "base/mutex.h"
#include "base/text.h"
#include "model/handler.h"
#include "payload/cursor.h"
#include "payload/event_filter.h"
#include "payload/fixtures.h"
#include "payload/hub_payload.h"
#include "payload/parse.h"

namespace hookhost::plugin {
namespace {

using payload::Document;

constexpr std::string_view kParameterValue = "sample";
constexpr Header kHeaders[] = {{"Content-Type", "application/json"}};

// An attempt that nobody waits for but this process.
class SampleAttempt final : public Attempt {
 public:
  SampleAttempt(const EndpointManifest& endpoint, std::string_view content) : body_(content) {
    body_.append(payload::kPaddingBytes, '\0');
    fill_path(endpoint.path);
    head_ = {"POST", path_, path_, {}, kHeaders, "127.0.0.1:1", {}};
    body = std::string_view(body_).substr(0, content.size());
    head = &head_;
    path = path_;
    parameters = parameters_;
    event_id = "evt_0000000000000";
    received_at = head_.received_at = SystemClock().monotonic_now();
    arena = &arena_;
  }

  // False: the corridor would not hand it in.
  bool understand(const EndpointManifest& endpoint) {
    if (endpoint.form == PayloadForm::kRaw) return true;
    payload::Parser parser;
    const auto document =
        payload::understand(parser, form_of(endpoint.form), kHeaders[0].value, body, arena_);
    if (!document) return false;
    index = document->index;
    if (endpoint.events.empty()) return true;
    const payload::Cursor cursor(*document);
    const payload::NodeId event = cursor.get(payload::kRoot, "event");
    return payload::filter_matches(endpoint.events, cursor.text(cursor.get(event, "scope")),
                                   cursor.text(cursor.get(event, "action")));
  }

  void finish(const Outcome& outcome) noexcept override {
    const MutexLock lock(mutex_);
    outcome_ = outcome;
    changed_.notify_all();
  }
  std::optional<Outcome> wait(std::chrono::milliseconds patience) {
    const auto until = SystemClock().monotonic_now() + patience;
    const MutexLock lock(mutex_);
    while (!outcome_ && SystemClock().monotonic_now() < until) changed_.wait_until(mutex_, until);
    return outcome_;
  }

 private:
  static payload::Form form_of(PayloadForm form) {
    if (form == PayloadForm::kHubStrict) return payload::Form::kHubStrict;
    return form == PayloadForm::kJson ? payload::Form::kJson : payload::Form::kHub;
  }

  // "/webhooks/{team}" is called as "/webhooks/sample".
  void fill_path(std::string_view pattern) {
    for (;;) {
      const std::size_t begin = pattern.find('{');
      path_ += pattern.substr(0, begin);
      if (begin == pattern.npos) return;
      const std::size_t end = pattern.find('}', begin);
      parameters_.push_back({pattern.substr(begin + 1, end - begin - 1), kParameterValue});
      path_ += kParameterValue;
      pattern.remove_prefix(end + 1);
    }
  }

  Arena arena_;
  std::string body_, path_;
  std::vector<PathParameter> parameters_;
  RequestHead head_;
  Mutex mutex_;
  Condition changed_;
  std::optional<Outcome> outcome_ HOOKHOST_GUARDED_BY(mutex_);
};

// The plugin may come back to it at any time.
void keep_for_ever(std::unique_ptr<SampleAttempt> attempt) {
  static Mutex mutex;
  static auto* const kept = new std::vector<std::unique_ptr<SampleAttempt>>;  // never destroyed
  const MutexLock lock(mutex);
  kept->push_back(std::move(attempt));
}

}  // namespace

std::optional<CallResult> call_endpoint(const std::shared_ptr<Generation>& generation,
                                        std::size_t index, std::string_view body,
                                        std::chrono::milliseconds patience) {
  const EndpointManifest& endpoint = generation->manifest().endpoints[index];
  auto attempt = std::make_unique<SampleAttempt>(endpoint, body);
  if (!attempt->understand(endpoint)) return std::nullopt;
  const auto handler = Generation::handler(generation, index);
  std::optional<Outcome> end = handler->handle(*attempt);
  bool was_cancelled = false;
  if (end->kind == OutcomeKind::kPending) {
    end = attempt->wait(patience);
    if (!end) {
      was_cancelled = true;
      handler->cancel(*attempt, CancelReason::kDeadline);
      end = attempt->wait(kCancelPatience);
    }
  }
  if (!end) {
    keep_for_ever(std::move(attempt));
    return CallResult{OutcomeKind::kPending, {}, true};
  }
  CallResult result{end->kind, printable(end->detail), was_cancelled};
  release_chunks(end->response);
  return result;
}

std::optional<CallResult> call_with_sample(const std::shared_ptr<Generation>& generation,
                                           std::size_t index) {
  for (const payload::Fixture& fixture : payload::fixtures()) {
    if (auto result = call_endpoint(generation, index, fixture.json)) return result;
  }
  return std::nullopt;
}

}  // namespace hookhost::plugin
