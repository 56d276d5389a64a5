// SPDX-License-Identifier: Apache-2.0
#include "plugin/generation.h"

#include <fmt/format.h>
#include <hookhost/ext/config.h>
#include <hookhost/ext/selftest.h>
#include <hookhost/ext/state.h>

#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "plugin/abi_text.h"
#include "plugin/call.h"
#include "plugin/config_schema.h"
#include "plugin/manifest_note.h"

namespace hookhost::plugin {
namespace {

using EntryFunction = const hookhost_plugin*(HOOKHOST_CALL*)(std::uint32_t host_abi_minor);

Error refuse(std::string message, std::string fix = {}) {
  return {ErrorCode::kInvalid, std::move(message), std::move(fix)};
}

constexpr const char* kKeep =
    "what belongs to the whole process is not a plugin's; --check=off does not look";

void timer_failed(TimerOwner& owner, std::string_view what) noexcept;

// The owner is a member of the generation; this is the way back.
struct GenerationTimerOwner : TimerOwner {
  GenerationTimerOwner(UseCount& its_uses, Generation& its_generation)
      : TimerOwner{its_uses, timer_failed}, generation(its_generation) {}
  Generation& generation;
};

void timer_failed(TimerOwner& owner, std::string_view what) noexcept {
  static_cast<GenerationTimerOwner&>(owner).generation.report(
      HOOKHOST_LOG_ERROR, fmt::format("a timer's function {}", printable(what)));
}

}  // namespace

Result<std::shared_ptr<Generation>> Generation::load(GenerationSource source,
                                                     std::shared_ptr<HostServices> services) {
  ProcessWatch::Look look(services->watch(), ProcessWatch::Scope::kComingUp);
  auto library = Library::load(source.library);
  if (!library) return std::move(library).error();
  const auto entry = reinterpret_cast<EntryFunction>(library->symbol("hookhost_entry_v1"));
  if (entry == nullptr) return refuse("the dynamic linker finds no symbol hookhost_entry_v1");
  const hookhost_plugin* table = nullptr;
  if (const auto thrown = exception_of([&] { table = entry(HOOKHOST_ABI_MINOR); }))
    return refuse("hookhost_entry_v1 " + printable(*thrown));
  auto manifest = read_manifest(table, HOOKHOST_ABI_MINOR, source.elf.build_id);
  if (!manifest) return std::move(manifest).error();
  if (Status note = check_manifest_note(source.elf.manifest_note, *manifest); !note)
    return std::move(note).error();
  if (!manifest->config_schema_json.empty()) {
    if (Status schema = check_schema(manifest->config_schema_json); !schema)
      return std::move(schema).error();
  }
  ProcessWatch::Finding finding = look.end();
  if (!finding.words.empty() && finding.is_sole) return refuse("loading " + finding.words, kKeep);
  std::shared_ptr<Generation> generation(new Generation(std::move(source), std::move(services),
                                                        std::move(*library), std::move(*manifest)));
  generation->belongings_ = std::move(finding.added);
  if (!finding.words.empty()) generation->tell_change("loading", finding);
  return generation;
}

Generation::Generation(GenerationSource source, std::shared_ptr<HostServices> services,
                       Library library, Manifest manifest)
    : source_(std::move(source)),
      services_(std::move(services)),
      library_(std::move(library)),
      manifest_(std::move(manifest)),
      kv_(&services_->kv().space(manifest_.id)),
      metrics_(&services_->metrics().space(manifest_.id)),
      timer_owner_(std::make_unique<GenerationTimerOwner>(uses_, *this)) {
  if (check() >= CheckLevel::kStrict) deferred_names_ = std::make_unique<DeferredNames>();
  for (const EndpointManifest& endpoint : manifest_.endpoints)
    handlers_.push_back(make_handler(*this, endpoint));
}

Generation::~Generation() { HOOKHOST_CHECK(stage_ == Stage::kLoaded || stage_ == Stage::kRetired); }

std::shared_ptr<Handler> Generation::handler(const std::shared_ptr<Generation>& self,
                                             std::size_t index) {
  HOOKHOST_CHECK(index < self->handlers_.size());
  return {self, self->handlers_[index].get()};
}

Handler* Generation::find_handler(std::string_view path) noexcept {
  for (std::size_t i = 0; i < handlers_.size(); ++i) {
    if (manifest_.endpoints[i].path == path) return handlers_[i].get();
  }
  return nullptr;
}

Generation::LineSubject Generation::subject_of(const hookhost_call* call) noexcept {
  if (call == nullptr) return {};
  return {call->endpoint->path, call->attempt->event_id};
}

void Generation::break_rule(const hookhost_call& call, std::string_view rule) noexcept {
  count_violation();
  if (check() >= CheckLevel::kStrict) report_call(call, HOOKHOST_LOG_ERROR, rule);
}

void Generation::break_rule(hookhost_token ended, std::string_view rule) noexcept {
  count_violation();
  if (deferred_names_ == nullptr) return;
  const auto name = deferred_names_->find(ended).value_or(DeferredNames::Name{});
  write_line({name.route, name.event_id}, HOOKHOST_LOG_ERROR, rule, {});
}

void Generation::write_line(LineSubject subject, std::int32_t level, std::string_view message,
                            std::span<const LogField> fields) const noexcept {
  if (is_abandoned()) return;
  LogLine line;
  line.level = static_cast<LogLevel>(level);
  line.plugin = manifest_.id;
  line.generation = number_;
  line.route = subject.route;
  line.event_id = subject.event_id;
  line.message = message;
  line.fields = fields;
  services_->log().write(line);
}

void Generation::set_control_error(std::string_view text) {
  const MutexLock lock(control_error_mutex_);
  control_error_ = text;
}

// Runs one life-cycle function; the reason of a failure is what it said with set_error.
Status Generation::call_lifecycle(std::string_view name,
                                  const std::function<hookhost_status()>& call) {
  set_control_error({});
  hookhost_status status = HOOKHOST_OK;
  ProcessWatch::Look look(services_->watch(), ProcessWatch::Scope::kComingUp);
  const auto thrown = exception_of([&] { status = call(); });
  ProcessWatch::Finding finding = look.end();
  belongings_.add(std::move(finding.added));
  const bool is_refused = !finding.words.empty() && finding.is_sole;
  if (is_refused && !thrown && status == HOOKHOST_OK) {
    count_violation();
    return refuse(fmt::format("{} {}", name, finding.words), kKeep);
  }
  if (!finding.words.empty()) tell_change(name, finding);
  if (thrown)
    return refuse(fmt::format("{} {}", name, printable(*thrown)),
                  "no exception may leave a plugin: hookhost.hpp catches them");
  if (status == HOOKHOST_OK) return {};
  const MutexLock lock(control_error_mutex_);
  return refuse(control_error_.empty()
                    ? fmt::format("{} returned {} and gave no reason", name, status)
                    : fmt::format("{} failed: {}", name, control_error_));
}

void Generation::tell_change(std::string_view name, const ProcessWatch::Finding& finding) {
  count_violation();
  report(HOOKHOST_LOG_ERROR, fmt::format("{} {}{}", name, finding.words, finding.aside()));
}

void Generation::call_at_end(std::string_view name, const std::function<void()>& call) {
  ProcessWatch::Look look(services_->watch(), ProcessWatch::Scope::kAnything);
  if (const auto thrown = exception_of(call))
    report(HOOKHOST_LOG_ERROR, fmt::format("{} {}", name, printable(*thrown)));
  if (const ProcessWatch::Finding finding = look.end(); !finding.words.empty())
    tell_change(name, finding);
}

// One that keeps itself loaded may keep its threads.
void Generation::tell_belongings() {
  if ((manifest_.flags & HOOKHOST_PLUGIN_KEEP_LOADED) != 0) belongings_.threads.clear();
  const std::string left = belongings_.remaining();
  if (left.empty()) return;
  count_violation();
  report(HOOKHOST_LOG_WARN, fmt::format("destroy left {}", left));
}

Status Generation::create(std::uint64_t number, PluginSettings settings) {
  HOOKHOST_CHECK(stage_ == Stage::kLoaded && number != 0);
  if (settings.config_json.empty()) settings.config_json = "{}";
  if (Status valid = check_config(manifest_.config_schema_json, settings.config_json); !valid)
    return valid;
  number_ = number;
  settings_ = std::move(settings);
  host_table_ = make_host_table(*this);
  if (check() == CheckLevel::kGuard)
    guarded_library_.emplace(source_.library, fmt::format("plugin {} gen {}, {}", manifest_.id,
                                                          number_, source_.file_name));
  if (table().create != nullptr) {
    Status created = call_lifecycle(
        "create", [this] { return table().create(&host_table_, number_, &instance_); });
    if (!created) {
      is_create_failed_ = true;  // nothing else of it is called
      stage_ = Stage::kCreated;  // but what it started has to end
      return created;
    }
  }
  stage_ = Stage::kCreated;
  return {};
}

Status Generation::activate() {
  HOOKHOST_CHECK(stage_ == Stage::kCreated && !is_create_failed_);
  if (table().activate != nullptr) {
    if (Status activated =
            call_lifecycle("activate", [this] { return table().activate(instance_); });
        !activated)
      return activated;
  }
  stage_ = Stage::kActive;
  return {};
}

// ---- Extensions of the plugin

template <class Table>
Result<const Table*> Generation::extension(std::string_view id) {
  HOOKHOST_CHECK(stage_ == Stage::kCreated || stage_ == Stage::kActive);
  if (table().get_extension == nullptr) return nullptr;
  const Table* found = nullptr;
  if (const auto thrown = exception_of(
          [&] { found = static_cast<const Table*>(table().get_extension(instance_, str_of(id))); }))
    return refuse("get_extension " + printable(*thrown));
  if (found != nullptr && found->struct_size < sizeof(Table))
    return refuse(fmt::format("{}: struct_size is {}, needed is at least {}", id,
                              found->struct_size, sizeof(Table)));
  return found;
}

Status Generation::run_selftest() {
  const auto selftest = extension<hookhost_ext_selftest>(HOOKHOST_EXT_SELFTEST);
  if (!selftest) return selftest.error();
  if (*selftest == nullptr) return {};
  if ((*selftest)->run == nullptr) return refuse(HOOKHOST_EXT_SELFTEST ": run is NULL");
  return call_lifecycle("the self-test", [&] { return (*selftest)->run(instance_); });
}

Result<bool> Generation::has_state() {
  const auto state = extension<hookhost_ext_state>(HOOKHOST_EXT_STATE);
  if (!state) return state.error();
  if (*state == nullptr) return false;
  if ((*state)->save == nullptr || (*state)->load == nullptr)
    return refuse(HOOKHOST_EXT_STATE ": save or load is NULL");
  return true;
}

Result<Generation::State> Generation::save_state() {
  const auto extension = this->extension<hookhost_ext_state>(HOOKHOST_EXT_STATE);
  if (!extension) return extension.error();
  saved_state_.open();
  const Status saved = call_lifecycle(
      "save", [&] { return (*extension)->save(instance_, &SavedState::write, &saved_state_); });
  SavedState::Bytes written = saved_state_.close();
  if (!written.is_whole)
    return refuse(
        fmt::format("save of gen {} wrote more than {} bytes", number_, HOOKHOST_STATE_BYTES_MAX),
        "keep what is large in hookhost.kv/1 or in a file");
  if (!saved) return saved.error();
  return State{(*extension)->version, std::move(written.bytes)};
}

Status Generation::load_state(const State& state) {
  const auto extension = this->extension<hookhost_ext_state>(HOOKHOST_EXT_STATE);
  if (!extension) return extension.error();
  bool is_unknown = false;
  Status loaded = call_lifecycle("load", [&] {
    const hookhost_status status =
        (*extension)->load(instance_, state.version, str_of(state.bytes));
    is_unknown = status == HOOKHOST_E_UNSUPPORTED;
    return status;
  });
  if (!is_unknown) return loaded;
  return Error{ErrorCode::kNotFound, fmt::format("version {} is unknown", state.version), {}};
}

Result<bool> Generation::apply_config(const std::string& config_json) {
  HOOKHOST_CHECK(stage_ == Stage::kActive);
  if (Status valid = check_config(manifest_.config_schema_json, config_json); !valid)
    return valid.error();
  const auto config = extension<hookhost_ext_config>(HOOKHOST_EXT_CONFIG);
  if (!config) return config.error();
  if (*config == nullptr) return false;
  if ((*config)->apply == nullptr) return refuse(HOOKHOST_EXT_CONFIG ": apply is NULL");
  bool is_for_another = false;
  Status applied = call_lifecycle("apply", [&] {
    const hookhost_status status = (*config)->apply(instance_, str_of(config_json));
    is_for_another = status == HOOKHOST_E_UNSUPPORTED;
    return status;
  });
  if (is_for_another) return false;
  if (!applied) return applied.error();
  applied_config_ = config_json;
  return true;
}

void Generation::announce_cancel(hookhost_token token, std::int32_t reason) noexcept {
  if (!tokens_.announce_cancel(token, uses_)) return;
  if (table().cancel != nullptr) {
    if (const auto thrown = exception_of([&] { table().cancel(instance_, token, reason); }))
      report(HOOKHOST_LOG_ERROR, "cancel " + printable(*thrown));
  }
  uses_.leave();  // last: the generation may be gone after it
}

void Generation::cancel_deferred() {
  std::vector<hookhost_token> tokens;
  tokens_.for_each([&](hookhost_token token, hookhost_call* call) {
    std::int32_t none = 0;
    call->cancelled.compare_exchange_strong(none, HOOKHOST_CANCEL_DRAINING);
    tokens.push_back(token);
  });
  for (const hookhost_token token : tokens) announce_cancel(token, HOOKHOST_CANCEL_DRAINING);
}

// Polls: those who count are on the hot path and do not wake anybody.
bool Generation::wait_until_unused(std::chrono::steady_clock::time_point until) const {
  constexpr std::chrono::milliseconds kStep{1};
  while (uses_.count() != 0) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kStep);
  }
  return true;
}

void Generation::quiesce() {
  if (stage_ == Stage::kActive && table().quiesce != nullptr)
    call_at_end("quiesce", [this] { table().quiesce(instance_); });
  is_quiesced_.store(true, std::memory_order_seq_cst);
  if (const std::size_t timers = services_->timers().stop_all(*timer_owner_); timers != 0)
    report(HOOKHOST_LOG_WARN,
           fmt::format("quiesce left {} timer{} running; the host stopped {}", timers,
                       timers == 1 ? "" : "s", timers == 1 ? "it" : "them"));
}

void Generation::destroy() noexcept {
  if (stage_ == Stage::kLoaded || is_create_failed_ || table().destroy == nullptr) return;
  call_at_end("destroy", [this] { table().destroy(instance_); });
}

RetireReport Generation::unload() {
  RetireReport report;
  if ((manifest_.flags & HOOKHOST_PLUGIN_KEEP_LOADED) != 0) {
    library_.keep_for_ever();
    report.is_meant_to_stay = true;
    report.pinned_reason = "the plugin says KEEP_LOADED";
    return report;
  }
  library_.close();
  report.was_unmapped = try_unmap(source_.library);
  if (report.was_unmapped) return report;
  if (source_.elf.is_nodelete) {
    report.pinned_reason = "it was linked with -z nodelete";
  } else if (source_.elf.unique_count != 0) {
    report.pinned_reason =
        fmt::format("it defines {} STB_GNU_UNIQUE symbols, such as {}", source_.elf.unique_count,
                    source_.elf.unique_symbols.front());
  } else if (source_.elf.has_thread_local_destructor) {
    report.pinned_reason =
        "a thread-local destructor of it waits for the end of a thread that it ran on";
  } else {
    report.pinned_reason = "something still holds it: a library that it opened, perhaps";
  }
  return report;
}

RetireReport Generation::retire(std::chrono::milliseconds patience) noexcept {
  const auto unused_in_time = [&] {
    return wait_until_unused(std::chrono::steady_clock::now() + patience);
  };
  if (stage_ == Stage::kRetired || stage_ == Stage::kHeld) return {};
  uses_.close();
  if (stage_ != Stage::kLoaded) {
    if (!unused_in_time()) cancel_deferred();
    quiesce();
    if (!unused_in_time()) {
      RetireReport held;
      held.held = uses_.count();
      held.pinned_reason =
          fmt::format("{} calls, answers or functions of it have not ended", held.held);
      library_.keep_for_ever();
      is_abandoned_.store(true, std::memory_order_release);
      stage_ = Stage::kHeld;
      return held;
    }
    destroy();
  }
  stage_ = Stage::kRetired;
  guarded_library_.reset();
  RetireReport report = unload();
  // A destructor of the library may be what gives something back.
  if (report.was_unmapped || report.is_meant_to_stay) tell_belongings();
  return report;
}

CallTally Generation::tally() const noexcept {
  const std::int64_t running = uses_.count();
  const std::uint64_t calls = uses_.calls();
  const auto open = static_cast<std::uint64_t>(running < 0 ? 0 : running);
  return {calls > open ? calls - open : 0, failures_.load(std::memory_order_relaxed),
          violations_.load(std::memory_order_relaxed)};
}

void Generation::keep_for_ever(std::shared_ptr<Generation> generation) {
  static Mutex mutex;
  static auto* const kept = new std::vector<std::shared_ptr<Generation>>;  // never destroyed
  const MutexLock lock(mutex);
  kept->push_back(std::move(generation));
}

}  // namespace hookhost::plugin
