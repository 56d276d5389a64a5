// SPDX-License-Identifier: Apache-2.0
//
// A host for the plugins of the tests: a log that keeps its lines, a pool, the services, and
// attempts to hand to a handler.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hookhost/hookhost.h>

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "dispatch/worker_pool.h"
#include "model/handler.h"
#include "payload/hub_payload.h"
#include "payload/parse.h"
#include "plugin/host_services.h"
#include "support/temp_dir.h"

namespace hookhost::plugin {

inline hookhost_str abi(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view text_of(hookhost_str text) { return {text.ptr, text.len}; }

// Where the build puts the plugins of the tests.
inline std::filesystem::path built_plugin(std::string_view name) {
  return std::filesystem::path(HOOKHOST_TEST_PLUGINS) / fmt::format("{}.so", name);
}

// A copy in a folder of the test's own: the build tree may be writable by the group.
inline std::filesystem::path copy_plugin(std::string_view name, const test::TempDir& to,
                                         std::string_view as = {}) {
  const auto file = to / (as.empty() ? fmt::format("{}.so", name) : std::string(as));
  std::filesystem::copy_file(built_plugin(name), file,
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::permissions(file, static_cast<std::filesystem::perms>(0700));
  return file;
}

// Keeps every line.
class LogBook final : public LogSink {
 public:
  void write(const LogLine& line) noexcept override {
    std::string text = fmt::format("{} {}.{} {}|{}|{}", static_cast<int>(line.level), line.plugin,
                                   line.generation, line.route, line.event_id, line.message);
    for (const LogField& field : line.fields)
      text += fmt::format(" {}={}", field.name, field.value);
    const MutexLock lock(mutex_);
    lines_.push_back(std::move(text));
  }
  std::vector<std::string> lines() const {
    const MutexLock lock(mutex_);
    return lines_;
  }
  bool has(std::string_view part) const {
    const MutexLock lock(mutex_);
    for (const std::string& line : lines_) {
      if (line.find(part) != line.npos) return true;
    }
    return false;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ HOOKHOST_GUARDED_BY(mutex_);
};

// The clock, the pool and the services that a generation needs. Real threads: nothing here waits
// for a time.
struct TestHost {
  explicit TestHost(HostServicesOptions options = {"9.9.9", true, true},
                    const Clock* another_clock = nullptr) {
    EXPECT_TRUE(pool.start());
    services = std::make_shared<HostServices>(
        std::move(options), HostDependencies{another_clock == nullptr ? clock : *another_clock, log,
                                             [this](Work& work) { return pool.try_post(work); }});
  }
  ~TestHost() {
    services.reset();
    pool.stop();
  }
  SystemClock clock;
  LogBook log;
  dispatch::WorkerPool pool{{4, 1024}};
  std::shared_ptr<HostServices> services;
};

// An attempt with everything that it points to.
class TestAttempt final : public Attempt {
 public:
  explicit TestAttempt(std::string_view json = {}, payload::Form form = payload::Form::kJson)
      : own_arena_(block_), body_(json) {
    body_.append(payload::kPaddingBytes, '\0');
    body = std::string_view(body_).substr(0, json.size());
    if (!json.empty()) {
      payload::Parser parser;
      auto document = payload::understand(parser, form, "application/json", body, own_arena_);
      EXPECT_TRUE(document) << document.error().body;
      if (document) index = document->index;
    }
    head_ = {"POST", "/webhooks/x?a=1", "/webhooks/x", "a=1", headers_, "127.0.0.1:4711", {}};
    head = &head_;
    path = "/webhooks/x";
    event_id = "evt_0000000000001";
    delivery_id = "delivery-1";
    received_at = MonotonicTime(std::chrono::nanoseconds(1234));
    arena = &own_arena_;
  }

  void finish(const Outcome& outcome) noexcept override {
    const MutexLock lock(mutex_);
    EXPECT_FALSE(end_) << "finished twice";
    end_ = outcome;
    changed_.notify_all();
  }
  bool is_finished() {
    const MutexLock lock(mutex_);
    return end_.has_value();
  }
  // The outcome, now or later.
  Outcome run(Handler& handler) {
    const Outcome outcome = handler.handle(*this);
    return outcome.kind == OutcomeKind::kPending ? wait() : outcome;
  }
  Outcome wait() {
    const MutexLock lock(mutex_);
    while (!end_) changed_.wait(mutex_);
    return *end_;
  }

 private:
  alignas(64) std::array<std::byte, 16 * 1024> block_{};
  Arena own_arena_;
  std::string body_;
  std::array<Header, 2> headers_ = {{{"Host", "h"}, {"X-Webhook-Secret", "s"}}};
  RequestHead head_;
  Mutex mutex_;
  Condition changed_;
  std::optional<Outcome> end_ HOOKHOST_GUARDED_BY(mutex_);
};

// Bytes of an answer, wherever they lie.
inline std::string bytes_of(const Response& response) {
  if (response.chunks.empty()) return std::string(response.body);
  std::string bytes;
  for (const Chunk& chunk : response.chunks) bytes += chunk.bytes;
  return bytes;
}

}  // namespace hookhost::plugin
