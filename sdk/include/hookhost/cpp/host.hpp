// SPDX-License-Identifier: Apache-2.0
//
// Host: what the host offers to a plugin, from any thread, from create until destroy has returned.
// The state of a plugin gets one in its constructor and may keep it; Context is one as well.
#ifndef HOOKHOST_CPP_HOST_HPP
#define HOOKHOST_CPP_HOST_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "../ext/kv.h"
#include "../ext/metrics.h"
#include "../ext/pool.h"
#include "../ext/secret.h"
#include "../ext/state.h"
#include "../ext/timer.h"
#include "../plugin.h"
#include "document.hpp"
#include "failure.hpp"
#include "json.hpp"
#include "kv.hpp"
#include "metrics.hpp"
#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

enum class LogLevel : std::int32_t {
  kDebug = HOOKHOST_LOG_DEBUG,
  kInfo = HOOKHOST_LOG_INFO,
  kWarn = HOOKHOST_LOG_WARN,
  kError = HOOKHOST_LOG_ERROR
};

class Host;

namespace detail {

struct StateOperations;
class Sleep;

// The table of an extension, when the host has all of its first revision.
template <class Table>
const Table* extension(const hookhost_host* host, std::string_view id) noexcept {
  const auto* const table = static_cast<const Table*>(host->get_extension(host, to_c(id)));
  return table != nullptr && table->struct_size >= sizeof(Table) ? table : nullptr;
}

// One loaded generation of the plugin: the `instance` of the C table.
struct Instance {
  Instance(const hookhost_host* host_table, std::uint64_t generation_number);

  const hookhost_host* const host;
  const std::uint64_t generation;
  const hookhost_ext_kv* const kv;
  const hookhost_ext_metrics* const metrics;
  const hookhost_ext_pool* const pool;
  const hookhost_ext_secret* const secret;
  const hookhost_ext_timer* const timer;
  const Document config;
  const StateOperations* state_operations = nullptr;
  void* state = nullptr;
  hookhost_ext_state state_table{};  // when it hands over

  // Coroutines that sleep: see wait.hpp.
  std::mutex mutex;
  Sleep* sleepers = nullptr;  // guarded by mutex
  bool is_quiescing = false;  // guarded by mutex
};

inline std::string_view describe_current_exception(std::string& memory) noexcept {
  try {
    throw;
  } catch (const std::exception& e) {
    try {
      memory = e.what();
      return memory;
    } catch (...) {
      return "an exception, and no memory for its text";
    }
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

// In a catch block: gives the exception's text to the host. call may be NULL in create and
// activate.
inline hookhost_status fail_with_current_exception(const hookhost_host* host,
                                                   hookhost_call* call) noexcept {
  std::string memory;
  host->set_error(host, call, to_c(describe_current_exception(memory)));
  return HOOKHOST_E_PLUGIN;
}

// A callable of the plugin's that the host calls as fn(user). What it throws is logged, since
// nobody waits for its result.
template <class Function>
struct Callback {
  const hookhost_host* host;
  Function function;

  void call() noexcept {
    try {
      function();
    } catch (...) {
      std::string memory;
      host->log(host, nullptr, HOOKHOST_LOG_ERROR, to_c(describe_current_exception(memory)),
                hookhost_array{});
    }
  }
  static void HOOKHOST_CALL call_and_keep(void* user) noexcept {
    static_cast<Callback*>(user)->call();
  }
  static void HOOKHOST_CALL call_and_free(void* user) noexcept {
    const std::unique_ptr<Callback> self(static_cast<Callback*>(user));
    self->call();
  }
};

}  // namespace detail

// A running timer; stops it when destroyed, and returns from that only when the function is not
// running. So do not destroy or assign one inside its own function: call cancel() there.
class Timer {
 public:
  Timer() noexcept = default;
  Timer(Timer&& other) noexcept
      : host_(other.host_),
        table_(other.table_),
        id_(std::exchange(other.id_, 0)),
        callback_(std::move(other.callback_)) {}
  Timer& operator=(Timer&& other) noexcept {
    if (this == &other) return *this;
    cancel();
    host_ = other.host_;
    table_ = other.table_;
    id_ = std::exchange(other.id_, 0);
    callback_ = std::move(other.callback_);
    return *this;
  }
  ~Timer() { cancel(); }

  // No further call; harmless when it has ended.
  void cancel() noexcept {
    if (id_ != 0) table_->stop(host_, std::exchange(id_, 0));
  }

 private:
  friend class Host;
  const hookhost_host* host_ = nullptr;
  const hookhost_ext_timer* table_ = nullptr;
  std::uint64_t id_ = 0;
  std::shared_ptr<void> callback_;
};

class Host {
 public:
  explicit Host(detail::Instance& instance) noexcept : instance_(&instance) {}
  Host(const Host& other) noexcept
      : instance_(other.instance_) {}  // of a Context: without its event
  Host& operator=(const Host& other) noexcept {
    instance_ = other.instance_;
    return *this;
  }

  // Writes a line to the host's log: info("{} of {}", i, n). About the event when called on a
  // Context.
  template <Writable... Arguments>
  void log(LogLevel level, FormatOf<Arguments...> text, const Arguments&... arguments) const {
    JsonText line;
    detail::format(line, text.text(), {Value(arguments)...}, false);
    table()->log(table(), call_, static_cast<std::int32_t>(level), detail::to_c(line.view()),
                 hookhost_array{});
  }
  template <Writable... Arguments>
  void debug(FormatOf<Arguments...> text, const Arguments&... arguments) const {
    log<Arguments...>(LogLevel::kDebug, text, arguments...);
  }
  template <Writable... Arguments>
  void info(FormatOf<Arguments...> text, const Arguments&... arguments) const {
    log<Arguments...>(LogLevel::kInfo, text, arguments...);
  }
  template <Writable... Arguments>
  void warn(FormatOf<Arguments...> text, const Arguments&... arguments) const {
    log<Arguments...>(LogLevel::kWarn, text, arguments...);
  }
  template <Writable... Arguments>
  void error(FormatOf<Arguments...> text, const Arguments&... arguments) const {
    log<Arguments...>(LogLevel::kError, text, arguments...);
  }

  // The operator's settings, an object that matches the plugin's config_schema.
  Json config() const noexcept { return instance_->config.root(); }
  // A secret of the operator's; absent when none is configured under that name.
  Text secret(std::string_view name) const noexcept {
    return instance_->secret == nullptr ? Text()
                                        : Text(instance_->secret->get(table(), detail::to_c(name)));
  }
  Kv kv() const noexcept { return Kv(table(), instance_->kv); }
  Metrics metrics() const noexcept { return Metrics(table(), instance_->metrics); }

  // Runs function once on a thread of the host. False: the queue is full, or the plugin is ending;
  // it will not run. Throws Failure when the host has no pool.
  template <class Function>
  bool post(Function function) const {
    if (instance_->pool == nullptr) throw Failure(HOOKHOST_E_UNSUPPORTED, HOOKHOST_EXT_POOL);
    using Posted = detail::Callback<Function>;
    auto posted = std::make_unique<Posted>(Posted{table(), std::move(function)});
    const auto status = instance_->pool->post(table(), &Posted::call_and_free, posted.get());
    if (status == HOOKHOST_E_LIMIT || status == HOOKHOST_E_STATE) return false;
    if (status != HOOKHOST_OK) throw Failure(status, "pool.post");
    static_cast<void>(posted.release());
    return true;
  }

  // Calls function once after a delay, or again and again, on a thread of the host, until the Timer
  // is destroyed. Throws Failure: no timers on this host, or E_LIMIT, or E_STATE when the plugin is
  // ending.
  template <class Function>
  [[nodiscard]] Timer after(std::chrono::milliseconds delay, Function function) const {
    return start_timer(delay, std::chrono::milliseconds{0}, std::move(function));
  }
  template <class Function>
  [[nodiscard]] Timer every(std::chrono::milliseconds period, Function function) const {
    return start_timer(period, period, std::move(function));
  }

  // The host's monotonic clock.
  std::chrono::nanoseconds now() const noexcept {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(table()->now_ns(table())));
  }
  // Counts the loaded builds of this plugin from 1.
  std::uint64_t generation() const noexcept { return instance_->generation; }
  Text host_version() const noexcept { return table()->version; }

  // The C table, for what has no form here.
  const hookhost_host* table() const noexcept { return instance_->host; }

 protected:
  detail::Instance& instance() const noexcept { return *instance_; }
  detail::Instance* instance_;
  const hookhost_call* call_ = nullptr;  // the event that log lines are about

 private:
  template <class Function>
  Timer start_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                    Function function) const {
    if (instance_->timer == nullptr) throw Failure(HOOKHOST_E_UNSUPPORTED, HOOKHOST_EXT_TIMER);
    using Called = detail::Callback<Function>;
    const auto called = std::make_shared<Called>(Called{table(), std::move(function)});
    Timer timer;
    timer.host_ = table();
    timer.table_ = instance_->timer;
    timer.callback_ = called;
    const auto status = instance_->timer->start(table(), static_cast<std::uint64_t>(delay.count()),
                                                static_cast<std::uint64_t>(period.count()),
                                                &Called::call_and_keep, called.get(), &timer.id_);
    if (status != HOOKHOST_OK) throw Failure(status, "timer.start");
    return timer;
  }
};

inline detail::Instance::Instance(const hookhost_host* host_table, std::uint64_t generation_number)
    : host(host_table),
      generation(generation_number),
      kv(extension<hookhost_ext_kv>(host, HOOKHOST_EXT_KV)),
      metrics(extension<hookhost_ext_metrics>(host, HOOKHOST_EXT_METRICS)),
      pool(extension<hookhost_ext_pool>(host, HOOKHOST_EXT_POOL)),
      secret(extension<hookhost_ext_secret>(host, HOOKHOST_EXT_SECRET)),
      timer(extension<hookhost_ext_timer>(host, HOOKHOST_EXT_TIMER)),
      config(Text(host->config_json(host)).str()) {}

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_HOST_HPP
