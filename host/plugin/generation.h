// SPDX-License-Identifier: Apache-2.0
//
// Generation: one loaded build of a plugin, from its library to its handlers. The life-cycle
// functions are called one at a time; handlers run on any thread.
//
//   load() -> loaded -> create() -> created -> activate() -> active -> retire() -> retired or held
//
// retire() may be called in every state and does what that state owes. Held: somebody still runs
// the plugin's code, so nothing was destroyed and the code stays mapped until the process ends.
#pragma once

#include <hookhost/plugin.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "model/handler.h"
#include "plugin/call_check.h"
#include "plugin/elf_reader.h"
#include "plugin/guard_slab.h"
#include "plugin/held_calls.h"
#include "plugin/host_services.h"
#include "plugin/library.h"
#include "plugin/manifest.h"
#include "plugin/probation.h"
#include "plugin/probe.h"
#include "plugin/process_watch.h"
#include "plugin/saved_state.h"
#include "plugin/timer_service.h"
#include "plugin/token_table.h"
#include "plugin/use_count.h"

namespace hookhost::plugin {

// One endpoint of a generation, as dispatch sees it below the level strict; see make_handler(). Hot
// path: no allocation, lock or shared counter per request.
class EndpointHandler final : public Handler {
 public:
  EndpointHandler(Generation& generation, const EndpointManifest& endpoint) noexcept
      : generation_(generation), endpoint_(endpoint) {}
  Outcome handle(Attempt& attempt) noexcept override;
  void cancel(Attempt& attempt, CancelReason reason) noexcept override;

 private:
  Generation& generation_;
  const EndpointManifest& endpoint_;
};

struct GenerationSource {
  std::filesystem::path library;  // the staged copy
  std::string file_name;          // "retrain.so", for messages
  ElfReport elf;
};

// What became of a generation that was let go.
struct RetireReport {
  bool was_unmapped = false;
  std::string pinned_reason;      // why its code is still mapped
  bool is_meant_to_stay = false;  // the plugin says KEEP_LOADED
  std::int64_t held = 0;          // calls, answers and functions that did not end; 0: destroyed
};

class Generation {
 public:
  // Loads the library, asks its entry and checks its table. Nothing of the plugin but constructors
  // and the entry has run. Errors name field, value and need.
  static Result<std::shared_ptr<Generation>> load(GenerationSource source,
                                                  std::shared_ptr<HostServices> services);
  ~Generation();  // retired, or never created
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // Checks the settings against the plugin's schema, then makes the instance. number: counts the
  // loaded builds of this plugin from 1.
  Status create(std::uint64_t number, PluginSettings settings);
  Status activate();
  // hookhost.selftest/1 of an active plugin; success when it has none.
  Status run_selftest();

  // hookhost.state/1 (ext/state.h), of a created plugin. has_state: it can save and load.
  Result<bool> has_state();
  struct State {
    std::uint32_t version = 0;
    std::string bytes;
  };
  Result<State> save_state();             // while nobody calls it
  Status load_state(const State& state);  // before activate; kNotFound: an unknown version
  // hookhost.config/1 (ext/config.h), of an active plugin: false when it wants to be loaded again.
  Result<bool> apply_config(const std::string& config_json);
  // What it goes by: what create was given, or what it has applied since. settings() stays.
  const std::string& config() const noexcept {
    return applied_config_.empty() ? settings_.config_json : applied_config_;
  }

  // Nobody runs its code. Exact while its calls are held or after retire().
  bool wait_until_unused(std::chrono::steady_clock::time_point until) const;

  // Waits at most patience for calls to end, cancels the deferred ones, and waits as long again for
  // the plugin to let go.
  RetireReport retire(std::chrono::milliseconds patience) noexcept;

  // Tells the plugin that its deferred calls are cancelled; it goes on as it is.
  void cancel_deferred();

  // For one that is held: its code may come back to its object at any time, so it is never freed.
  static void keep_for_ever(std::shared_ptr<Generation> generation);

  const Manifest& manifest() const noexcept { return manifest_; }
  const std::string& file_name() const noexcept { return source_.file_name; }
  const std::filesystem::path& library_path() const noexcept { return source_.library; }
  const ElfReport& elf() const noexcept { return source_.elf; }
  std::uint64_t number() const noexcept { return number_; }
  const PluginSettings& settings() const noexcept { return settings_; }

  // The handler of manifest().endpoints[index]. It keeps the generation's object, not its code:
  // once retired it answers kCancelled.
  static std::shared_ptr<Handler> handler(const std::shared_ptr<Generation>& self,
                                          std::size_t index);
  // The same by path; nullptr: no such endpoint. Valid as long as the generation's object.
  Handler* find_handler(std::string_view path) noexcept;

  // ---- For the files of this room that speak for a generation. Any thread.

  HostServices& services() const noexcept { return *services_; }
  CheckLevel check() const noexcept { return services_->options().check; }
  KvSpace& kv() const noexcept { return *kv_; }
  MetricSpace& metrics() const noexcept { return *metrics_; }
  UseCount& uses() noexcept { return uses_; }
  HeldCalls& held_calls() noexcept { return held_calls_; }
  TokenTable& tokens() noexcept { return tokens_; }
  TimerOwner& timer_owner() noexcept { return *timer_owner_; }
  std::atomic<int>& posted_functions() noexcept { return posted_functions_; }
  void* instance() const noexcept { return instance_; }
  const hookhost_plugin& table() const noexcept { return *manifest_.table; }
  bool is_quiesced() const noexcept { return is_quiesced_.load(std::memory_order_seq_cst); }
  // Held at the end: the host's services may be gone, and its functions answer with nothing.
  bool is_abandoned() const noexcept { return is_abandoned_.load(std::memory_order_acquire); }

  // Tells the plugin that a deferred call is cancelled, once; nothing when it has ended.
  void announce_cancel(hookhost_token token, std::int32_t reason) noexcept;

  // One line of the log about this generation. level: HOOKHOST_LOG_...
  void report(std::int32_t level, std::string_view message) const noexcept {
    write_line({}, level, message, {});
  }
  // The same about a call, with its route and event. [call owner]
  void report_call(const hookhost_call& call, std::int32_t level,
                   std::string_view message) const noexcept {
    write_line(subject_of(&call), level, message, {});
  }
  // What a line is about; empty: the generation.
  struct LineSubject {
    std::string_view route, event_id;
  };
  static LineSubject subject_of(const hookhost_call* call) noexcept;  // nullptr: of no call
  void write_line(LineSubject subject, std::int32_t level, std::string_view message,
                  std::span<const LogField> fields) const noexcept;
  // set_error without a call: why create, activate or the self-test fails.
  void set_control_error(std::string_view text);
  // A rule of the ABI was broken. Counted; what says it was broken says so itself.
  void count_violation() noexcept { violations_.fetch_add(1, std::memory_order_relaxed); }
  // The same by a call whose outcome tells it, or nothing does: logged from the level strict on.
  void break_rule(const hookhost_call& call, std::string_view rule) noexcept;
  // By one that was deferred and has ended.
  void break_rule(hookhost_token ended, std::string_view rule) noexcept;
  // nullptr below the level strict.
  DeferredNames* deferred_names() noexcept { return deferred_names_.get(); }
  std::uint64_t violations() const noexcept { return violations_.load(std::memory_order_relaxed); }
  // Of a call: an error, an exception, a status from 500 up, a missed deadline.
  void count_failure() noexcept { failures_.fetch_add(1, std::memory_order_relaxed); }
  CallTally tally() const noexcept;
  std::int64_t in_flight() const noexcept { return uses_.count(); }
  // True once, for the warning about drafts (seed row A02).
  bool takes_draft_warning() noexcept { return !has_warned_of_drafts_.exchange(true); }

 private:
  enum class Stage { kLoaded, kCreated, kActive, kRetired, kHeld };

  Generation(GenerationSource source, std::shared_ptr<HostServices> services, Library library,
             Manifest manifest);
  Status call_lifecycle(std::string_view name, const std::function<hookhost_status()>& call);
  // Calls what cannot fail: quiesce or destroy.
  void call_at_end(std::string_view name, const std::function<void()>& call);
  void tell_change(std::string_view name, const ProcessWatch::Finding& finding);
  void tell_belongings();
  // The plugin's table of that name; nullptr: it has none.
  template <class Table>
  Result<const Table*> extension(std::string_view id);
  void quiesce();
  void destroy() noexcept;
  RetireReport unload();

  GenerationSource source_;
  std::shared_ptr<HostServices> services_;
  Library library_;
  Manifest manifest_;
  std::vector<std::unique_ptr<Handler>> handlers_;
  Stage stage_ = Stage::kLoaded;
  bool is_create_failed_ = false;
  std::uint64_t number_ = 0;
  PluginSettings settings_;
  std::string applied_config_;  // empty: none
  hookhost_host host_table_{};
  void* instance_ = nullptr;
  KvSpace* kv_ = nullptr;
  MetricSpace* metrics_ = nullptr;

  UseCount uses_;
  HeldCalls held_calls_{*this};
  SavedState saved_state_;
  TokenTable tokens_;
  std::unique_ptr<TimerOwner> timer_owner_;
  std::unique_ptr<DeferredNames> deferred_names_;
  std::optional<GuardedLibrary> guarded_library_;  // at the level guard, from create on
  Belongings belongings_;
  std::atomic<int> posted_functions_{0};
  std::atomic<std::uint64_t> violations_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<bool> is_quiesced_{false};
  std::atomic<bool> is_abandoned_{false};
  std::atomic<bool> has_warned_of_drafts_{false};
  Mutex control_error_mutex_;
  std::string control_error_ HOOKHOST_GUARDED_BY(control_error_mutex_);
};

}  // namespace hookhost::plugin
