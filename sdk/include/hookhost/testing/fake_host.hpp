// SPDX-License-Identifier: Apache-2.0
//
// A host for unit tests, in one header: no socket, no server, no clock. It calls a handler as the
// real one does and tells what the sender would get.
//
//   auto r = hookhost::test::post(trigger_training, hookhost::test::hub_event({.repo_type =
//   "dataset"})); EXPECT_EQ(r.status, 202);
//
// With a life cycle, settings, secrets, time, and for plugins in C: hookhost::test::Host.
// Strict about the ABI (answers twice, bad headers, PENDING without defer), lenient about the Hub's
// model: what is missing in an event is absent. It does not apply .events, .deadline of the
// endpoint, .serial or retries: those are the host's.
#ifndef HOOKHOST_TESTING_FAKE_HOST_HPP
#define HOOKHOST_TESTING_FAKE_HOST_HPP

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../cpp/plugin.hpp"
#include "../hookhost.h"
#include "fake_call.hpp"
#include "fake_services.hpp"

HOOKHOST_NAMESPACE_BEGIN
namespace test {

// The parts of a valid Hub event that tests vary; hub_event gives its JSON.
struct HubEvent {
  std::string action = "update";
  std::string scope = "repo.content";
  std::string repo_type = "model";
  std::string repo_name = "user/repo";
  std::string head_sha = "0000000000000000000000000000000000000001";
  std::string comment = {};  // not empty: with a discussion and this comment
  std::string comment_author = "author-id";
  bool is_pull_request = false;
  std::string webhook_id = "webhook-id";
};
inline std::string hub_event(const HubEvent& event = {}) {
  const std::string web = "https://huggingface.co/" + event.repo_name;
  Object made{{"event", Object{{"action", event.action}, {"scope", event.scope}}},
              {"repo", Object{{"type", event.repo_type},
                              {"name", event.repo_name},
                              {"id", "repo-id"},
                              {"private", false},
                              {"url", Object{{"web", web}, {"api", web + "/api"}}},
                              {"owner", Object{{"id", "owner-id"}}},
                              {"headSha", event.head_sha},
                              {"tags", Array{}}}},
              {"webhook", Object{{"id", event.webhook_id}, {"version", 3}}}};
  if (!event.comment.empty()) {
    const std::string place = web + "/discussions/1";
    made.add("discussion", Object{{"id", "discussion-id"},
                                  {"title", "A discussion"},
                                  {"url", Object{{"web", place}, {"api", place}}},
                                  {"status", "open"},
                                  {"author", Object{{"id", "author-id"}}},
                                  {"num", 1},
                                  {"isPullRequest", event.is_pull_request}});
    made.add("comment", Object{{"id", "comment-id"},
                               {"author", Object{{"id", event.comment_author}}},
                               {"content", event.comment},
                               {"hidden", false},
                               {"url", Object{{"web", place + "#1"}}}});
  }
  JsonText json;
  json.value(made);
  return std::string(json.view());
}

enum class Pool {
  kSynchronous,  // post() runs what was posted, and moves the clock, until the event is answered
  kManual,       // the test does: run_pool() and advance()
  kThreads       // a thread for each piece of work; for tests under a thread sanitizer
};

struct HostOptions {
  std::string config = "{}";
  std::map<std::string, std::string> secrets = {};
  Pool pool = Pool::kSynchronous;
  std::size_t pool_queue_max = 1024;
  std::set<std::string> without = {};  // extensions not offered: "hookhost.kv/1"
  std::uint32_t abi_minor = HOOKHOST_ABI_MINOR;
  std::uint32_t host_table_bytes = sizeof(hookhost_host);  // less: an older host
  std::uint64_t generation = 1;
};

struct LogLine {
  LogLevel level;
  std::string text;
  std::vector<Header> fields;
  bool is_about_event;
};

// One plugin, created and activated by the constructor, quiesced and destroyed by the destructor.
class Host {
 public:
  // A plugin by its table: Host host(hookhost_entry_v1(HOOKHOST_ABI_MINOR)). Throws
  // std::runtime_error with the reason when the real host would refuse it.
  explicit Host(const hookhost_plugin* plugin, HostOptions options = {})
      : options_(std::move(options)),
        plugin_(plugin),
        pool_(options_.pool == Pool::kThreads, options_.pool_queue_max) {
    load();
  }
  // The handlers and the state that are registered in this program.
  explicit Host(HostOptions options = {})
      : options_(std::move(options)),
        own_table_(std::make_unique<::hookhost::detail::PluginTable>("test", "0", PluginOptions{})),
        plugin_(&own_table_->plugin),
        pool_(options_.pool == Pool::kThreads, options_.pool_queue_max) {
    load();
  }
  ~Host() {
    quiesce();
    if (plugin_->destroy != nullptr) plugin_->destroy(instance_);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // An event on its way; a copy is the same one. Valid as long as the Host.
  class Delivery {
    struct Entry {
      std::unique_ptr<detail::FakeCall> call;  // gone once it is answered
      std::uint64_t deadline_ns = 0;           // 0: none, or passed
      Response response;
    };

   public:
    // kPending until it is answered.
    Response response() const {
      const std::lock_guard lock(host_->mutex_);
      return entry_->response;
    }
    bool is_answered() const { return response().outcome != Outcome::kPending; }
    // With Pool::kThreads: waits until it is answered.
    Response wait() const {
      std::unique_lock lock(host_->mutex_);
      host_->answered_.wait(lock, [&] { return entry_->response.outcome != Outcome::kPending; });
      return entry_->response;
    }
    // What the host does at a deadline, when the sender has gone, or when it ends.
    void cancel(CancelReason reason = CancelReason::kPeerGone) const {
      host_->cancel(*entry_, reason);
    }

   private:
    friend class Host;
    Delivery(Host* host, std::shared_ptr<Entry> entry) noexcept
        : host_(host), entry_(std::move(entry)) {}
    Host* host_;
    std::shared_ptr<Entry> entry_;
  };

  // Sends an event to the route at path ("/webhooks/echo", "echo") or to a function. post also
  // waits for the answer as Pool says; start does not.
  Response post(std::string_view path, std::string body, PostOptions options = {}) {
    return settle(start(path, std::move(body), std::move(options)));
  }
  template <class Return, class... Parameters>
  Response post(Return (*handler)(Parameters...), std::string body, PostOptions options = {}) {
    return settle(start(handler, std::move(body), std::move(options)));
  }
  Delivery start(std::string_view path, std::string body, PostOptions options = {}) {
    std::string full = "/webhooks/" + std::string(normal(path));
    const hookhost_endpoint& endpoint = match(full, options.params);
    return begin(endpoint, std::move(full), std::move(body), std::move(options));
  }
  template <class Return, class... Parameters>
  Delivery start(Return (*handler)(Parameters...), std::string body, PostOptions options = {}) {
    const hookhost_endpoint& endpoint = endpoint_of(handler);
    const std::string_view path =
        endpoint.path.len == 0 ? Text(endpoint.name) : Text(endpoint.path);
    return begin(endpoint, "/webhooks/" + std::string(normal(path)), std::move(body),
                 std::move(options));
  }

  // Runs everything that was posted to the pool, also what it posts in turn.
  void run_pool() {
    while (pool_.run_one()) {
    }
  }
  // Moves the clock, and rings timers and deadlines on the way, each at its time.
  void advance(std::chrono::milliseconds by) {
    const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(by.count()) * 1000000;
    while (ring_next(end)) {
    }
    now_ns_.store(end);
  }

  // Ends the plugin's work as a swap does. No event may be posted afterwards. Events that are still
  // deferred are cancelled first.
  void quiesce() {
    if (std::exchange(is_quiesced_, true)) return;
    for (const auto& entry : entries_) cancel(*entry, CancelReason::kDraining);
    if (plugin_->quiesce != nullptr) plugin_->quiesce(instance_);
    pool_.close();
    timers_.close();
  }
  // Runs hookhost.selftest/1. Empty: fit to serve, or it has none; otherwise the reason.
  std::string selftest() {
    const auto* const table = static_cast<const hookhost_ext_selftest*>(
        plugin_->get_extension == nullptr
            ? nullptr
            : plugin_->get_extension(instance_, HOOKHOST_STR(HOOKHOST_EXT_SELFTEST)));
    life_cycle_error_.clear();
    if (table == nullptr || table->run(instance_) == HOOKHOST_OK) return {};
    return life_cycle_error_.empty() ? "failed without a reason" : life_cycle_error_;
  }

  std::vector<LogLine> logs() const {
    const std::lock_guard lock(mutex_);
    return logs_;
  }
  // True when a line contains the text.
  bool has_logged(std::string_view text) const {
    for (const LogLine& line : logs()) {
      if (line.text.find(text) != std::string::npos) return true;
    }
    return false;
  }
  double metric(std::string_view name, const std::vector<std::string>& label_values = {}) {
    return metrics_.value(name, label_values);
  }
  std::optional<std::string> kv(std::string_view key) { return kv_.value(key, now_ns()); }
  void put_kv(std::string_view key, std::string value) {
    kv_.put(::hookhost::detail::to_c(key), std::move(value), HOOKHOST_KV_ANY, 0, now_ns());
  }
  std::uint64_t now_ns() const noexcept { return now_ns_.load(); }

  const hookhost_plugin& plugin() const noexcept { return *plugin_; }
  void* instance() const noexcept { return instance_; }
  const hookhost_host* table() const noexcept { return &table_; }

 private:
  // ---- Loading
  [[noreturn]] static void refuse(const std::string& reason) { throw std::runtime_error(reason); }
  void check_table() const {
    if (plugin_ == nullptr) refuse("hookhost_entry_v1 returned NULL");
    if (plugin_->struct_size < sizeof(hookhost_plugin)) refuse("plugin: struct_size is too small");
    if (plugin_->magic != HOOKHOST_PLUGIN_MAGIC) refuse("plugin: wrong magic");
    if (plugin_->abi_minor_required > options_.abi_minor) {
      refuse(text_of("plugin: needs ABI 1.{}, this host speaks 1.{}", plugin_->abi_minor_required,
                     options_.abi_minor));
    }
    if (plugin_->id.len == 0 || plugin_->version.len == 0) refuse("plugin: id or version is empty");
    std::set<std::string> names;
    for (std::uint32_t i = 0; i < plugin_->endpoints.count; ++i) {
      const hookhost_endpoint& endpoint = *endpoint_at(i);
      if (endpoint.handle == nullptr) refuse("endpoint: handle is NULL");
      const std::string name = Text(endpoint.name).str();
      if (!names.insert(name).second) refuse(text_of("endpoint \"{}\" is registered twice", name));
    }
    if (names.empty() && own_table_ == nullptr) refuse("plugin: it has no endpoint");
  }
  void load() {
    make_table();
    check_table();
    if (plugin_->create != nullptr) {
      check("create", plugin_->create(&table_, options_.generation, &instance_));
    }
    if (plugin_->activate == nullptr) return;
    const hookhost_status status = plugin_->activate(instance_);
    if (status == HOOKHOST_OK) return;
    if (plugin_->destroy != nullptr) plugin_->destroy(instance_);
    check("activate", status);
  }
  void check(std::string_view what, hookhost_status status) const {
    if (status == HOOKHOST_OK) return;
    refuse(text_of("{}: {}", what,
                   life_cycle_error_.empty() ? std::string(describe(status)) : life_cycle_error_));
  }
  const hookhost_endpoint* endpoint_at(std::uint32_t index) const noexcept {
    return static_cast<const hookhost_endpoint*>(hookhost_at(plugin_->endpoints, index));
  }

  // ---- Routing
  static std::string_view normal(std::string_view path) {
    constexpr std::string_view kPrefix = "/webhooks/";
    if (path.starts_with(kPrefix)) path.remove_prefix(kPrefix.size());
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    return path;
  }
  static bool matches(std::string_view pattern, std::string_view path,
                      std::vector<Header>& params) {
    std::vector<Header> found;
    while (!pattern.empty() || !path.empty()) {
      const std::string_view want = pattern.substr(0, pattern.find('/'));
      const std::string_view have = path.substr(0, path.find('/'));
      const bool is_param = want.size() > 2 && want.front() == '{' && want.back() == '}';
      if (is_param && !have.empty()) {
        found.push_back({std::string(want.substr(1, want.size() - 2)), std::string(have)});
      } else if (want != have) {
        return false;
      }
      pattern.remove_prefix(pattern.size() > want.size() ? want.size() + 1 : want.size());
      path.remove_prefix(path.size() > have.size() ? have.size() + 1 : have.size());
    }
    if (!found.empty()) params = std::move(found);
    return true;
  }
  const hookhost_endpoint& match(std::string_view path, std::vector<Header>& params) const {
    for (std::uint32_t i = 0; i < plugin_->endpoints.count; ++i) {
      const hookhost_endpoint& endpoint = *endpoint_at(i);
      const Text pattern = endpoint.path.len == 0 ? Text(endpoint.name) : Text(endpoint.path);
      if (matches(normal(pattern), normal(path), params)) return endpoint;
    }
    refuse(text_of("no endpoint at \"{}\"", path));
  }
  template <class Return, class... Parameters>
  const hookhost_endpoint& endpoint_of(Return (*handler)(Parameters...)) {
    const auto any = reinterpret_cast<::hookhost::detail::AnyFunction>(handler);
    for (std::uint32_t i = 0; i < plugin_->endpoints.count; ++i) {
      const hookhost_endpoint& endpoint = *endpoint_at(i);
      if (endpoint.handle == &::hookhost::detail::handle &&
          static_cast<const ::hookhost::detail::Registration*>(endpoint.user)->function == any) {
        return endpoint;
      }
    }
    if (plugin_->create != &::hookhost::detail::create) refuse("the plugin has no such function");
    unregistered_.push_back(::hookhost::detail::describe_handler("function", handler, "", {}));
    unregistered_endpoints_.push_back(::hookhost::detail::make_endpoint(unregistered_.back()));
    return unregistered_endpoints_.back();
  }

  // ---- Events
  Delivery begin(const hookhost_endpoint& endpoint, std::string path, std::string body,
                 PostOptions options);
  Response settle(const Delivery& delivery);
  void finish(Delivery::Entry& entry, hookhost_status status);
  void cancel(Delivery::Entry& entry, CancelReason reason);
  bool ring_next(std::uint64_t end_ns);
  std::shared_ptr<Delivery::Entry> find(hookhost_token token);

  // ---- The C table
  void make_table();
  static Host& of(const hookhost_host* host) noexcept {
    return *static_cast<Host*>(host->host_data);
  }
  void write_log(const hookhost_call* call, std::int32_t level, hookhost_str text,
                 hookhost_array fields);
  hookhost_status defer(detail::FakeCall& call, hookhost_token* token);
  hookhost_call* resume(hookhost_token token);
  hookhost_status complete(hookhost_token token, hookhost_status status);

  HostOptions options_;
  std::unique_ptr<::hookhost::detail::PluginTable> own_table_;
  const hookhost_plugin* plugin_;
  void* instance_ = nullptr;
  hookhost_host table_{};
  bool is_quiesced_ = false;

  std::atomic<std::uint64_t> now_ns_{1'000'000'000};
  detail::FakeKv kv_;
  detail::FakeMetrics metrics_;
  detail::FakeTimers timers_;
  detail::FakePool pool_;

  mutable std::mutex mutex_;  // the following, and the answer of each event
  std::condition_variable answered_;
  std::vector<std::shared_ptr<Delivery::Entry>> entries_;
  std::vector<LogLine> logs_;
  std::string life_cycle_error_;
  std::deque<::hookhost::detail::Registration> unregistered_;
  std::deque<hookhost_endpoint> unregistered_endpoints_;
};

inline Host::Delivery Host::begin(const hookhost_endpoint& endpoint, std::string path,
                                  std::string body, PostOptions options) {
  auto entry = std::make_shared<Delivery::Entry>();
  entry->call = std::make_unique<detail::FakeCall>(std::move(body), std::move(options),
                                                   std::move(path), endpoint.form, now_ns());
  detail::FakeCall& call = *entry->call;
  call.host = this;
  entry->deadline_ns = call.request.deadline_ns;
  const Delivery delivery(this, entry);
  if (call.is_refused()) {
    entry->response.outcome = Outcome::kRefused;
    entry->response.status = 422;
    entry->response.error = call.json_error();
    return delivery;
  }
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back(entry);
    call.is_in_handle = true;
  }
  const hookhost_status status =
      endpoint.handle(instance_, &endpoint, call.c_call(), &call.request);
  std::optional<hookhost_status> end;
  {
    const std::lock_guard lock(mutex_);
    call.is_in_handle = false;
    if (status != HOOKHOST_PENDING && call.token == 0) {
      end = status;
    } else if (call.is_completed) {
      end = call.completed_with;
    } else if (status != HOOKHOST_PENDING) {
      call.error = "it was deferred, but handle did not return HOOKHOST_PENDING";
      end = HOOKHOST_E_PLUGIN;
    } else if (call.token == 0) {
      call.error = "handle returned HOOKHOST_PENDING without defer";
      end = HOOKHOST_E_PLUGIN;
    }
  }
  if (end) finish(*entry, *end);
  return delivery;
}

// Takes the answer and frees the call; the release functions of chunks run without the lock.
inline void Host::finish(Delivery::Entry& entry, hookhost_status status) {
  Response response = entry.call->response(status);
  std::unique_ptr<detail::FakeCall> ended;
  {
    const std::lock_guard lock(mutex_);
    entry.response = std::move(response);
    ended = std::move(entry.call);
  }
  answered_.notify_all();
}

inline Response Host::settle(const Delivery& delivery) {
  if (options_.pool == Pool::kThreads) return delivery.wait();
  // A periodic timer would ring for ever while an event waits for something that never comes.
  constexpr int kRingsMax = 10000;
  for (int rings = 0; options_.pool == Pool::kSynchronous && !delivery.is_answered();) {
    if (pool_.run_one()) continue;
    if (++rings > kRingsMax || !ring_next(UINT64_MAX)) break;
  }
  return delivery.response();
}

// Moves the clock to the next timer or deadline up to end_ns, and rings it. False: there is none.
inline bool Host::ring_next(std::uint64_t end_ns) {
  std::optional<std::uint64_t> next = timers_.next_ns();
  std::shared_ptr<Delivery::Entry> late;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_) {
      if (entry->call == nullptr || entry->deadline_ns == 0) continue;
      if (next && *next <= entry->deadline_ns) continue;
      next = entry->deadline_ns;
      late = entry;
    }
  }
  if (!next || *next > end_ns) return false;
  if (*next > now_ns()) now_ns_.store(*next);
  if (late == nullptr) return timers_.run_one(now_ns());
  late->deadline_ns = 0;
  cancel(*late, CancelReason::kDeadline);
  return true;
}

inline void Host::cancel(Delivery::Entry& entry, CancelReason reason) {
  hookhost_token token = 0;
  {
    const std::lock_guard lock(mutex_);
    if (entry.call == nullptr) return;
    std::int32_t none = 0;
    entry.call->cancel_reason.compare_exchange_strong(none, static_cast<std::int32_t>(reason));
    if (none != 0) return;
    token = entry.call->token;
  }
  if (token != 0 && plugin_->cancel != nullptr) {
    plugin_->cancel(instance_, token, static_cast<std::int32_t>(reason));
  }
}

// A token is the position in entries_ plus 1. The caller holds the lock.
inline std::shared_ptr<Host::Delivery::Entry> Host::find(hookhost_token token) {
  if (token == 0 || token > entries_.size()) return nullptr;
  std::shared_ptr<Delivery::Entry> entry = entries_[static_cast<std::size_t>(token - 1)];
  const bool is_live = entry->call != nullptr && !entry->call->is_completed;
  return is_live && entry->call->token == token ? entry : nullptr;
}

inline hookhost_status Host::defer(detail::FakeCall& call, hookhost_token* token) {
  const std::lock_guard lock(mutex_);
  if (call.token != 0) return HOOKHOST_E_STATE;
  for (std::size_t i = entries_.size(); i-- != 0;) {
    if (entries_[i]->call.get() == &call) call.token = *token = i + 1;
  }
  return HOOKHOST_OK;
}

inline hookhost_call* Host::resume(hookhost_token token) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(token);
  return entry == nullptr ? nullptr : entry->call->c_call();
}

inline hookhost_status Host::complete(hookhost_token token, hookhost_status status) {
  if (status == HOOKHOST_PENDING) return HOOKHOST_E_INVALID;
  std::shared_ptr<Delivery::Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    entry = find(token);
    if (entry == nullptr) return HOOKHOST_E_GONE;
    entry->call->is_completed = true;
    entry->call->completed_with = status;
    if (entry->call->is_in_handle) return HOOKHOST_OK;  // begin() ends it when handle returns
  }
  finish(*entry, status);
  return HOOKHOST_OK;
}

inline void Host::write_log(const hookhost_call* call, std::int32_t level, hookhost_str text,
                            hookhost_array fields) {
  LogLine line{static_cast<LogLevel>(level), Text(text).str(), {}, call != nullptr};
  for (std::uint32_t i = 0; i < fields.count; ++i) {
    const auto& field = *static_cast<const hookhost_field*>(hookhost_at(fields, i));
    line.fields.push_back({Text(field.name).str(), Text(field.value).str()});
  }
  const std::lock_guard lock(mutex_);
  logs_.push_back(std::move(line));
}

inline void Host::make_table() {
  using detail::FakeCall;
  table_.struct_size = options_.host_table_bytes;
  table_.abi_major = HOOKHOST_ABI_MAJOR;
  table_.abi_minor = static_cast<std::uint16_t>(options_.abi_minor);
  table_.name = HOOKHOST_STR("hookhost");
  table_.version = HOOKHOST_STR("0.0.0-test");
  table_.host_data = this;
  table_.get_extension = [](const hookhost_host* host, hookhost_str id) -> const void* {
    static const hookhost_ext_kv kKv = {
        sizeof kKv,
        0,
        [](const hookhost_host* h, hookhost_str key, void* buf, std::size_t cap, std::size_t* len,
           std::uint64_t* version) {
          return of(h).kv_.get(key, buf, cap, len, version, of(h).now_ns());
        },
        [](const hookhost_host* h, hookhost_str key, const void* data, std::size_t len,
           std::uint64_t if_version, std::uint64_t ttl_ms) {
          return of(h).kv_.put(key, std::string(static_cast<const char*>(data), len), if_version,
                               ttl_ms, of(h).now_ns());
        },
        [](const hookhost_host* h, hookhost_str key, std::int64_t delta, std::int64_t* out) {
          return of(h).kv_.add(key, delta, out, of(h).now_ns());
        },
        [](const hookhost_host* h, hookhost_str key, std::uint64_t if_version) {
          return of(h).kv_.remove(key, if_version, of(h).now_ns());
        }};
    static const hookhost_ext_timer kTimer = {
        sizeof kTimer, 0,
        [](const hookhost_host* h, std::uint64_t after_ms, std::uint64_t period_ms,
           hookhost_timer_fn fn, void* user, std::uint64_t* timer) {
          return of(h).timers_.start(after_ms, period_ms, fn, user, of(h).now_ns(), timer);
        },
        [](const hookhost_host* h, std::uint64_t timer) { return of(h).timers_.stop(timer); }};
    static const hookhost_ext_metrics kMetrics = {
        sizeof kMetrics, 0,
        [](const hookhost_host* h, std::int32_t kind, hookhost_str name, hookhost_str,
           hookhost_array labels,
           std::uint32_t* metric) { return of(h).metrics_.define(kind, name, labels, metric); },
        [](const hookhost_host* h, std::uint32_t metric, double value, hookhost_array labels) {
          return of(h).metrics_.add(metric, value, labels);
        }};
    static const hookhost_ext_pool kPool = {
        sizeof kPool, 0, [](const hookhost_host* h, hookhost_work_fn fn, void* user) {
          return of(h).pool_.post(fn, user);
        }};
    static const hookhost_ext_secret kSecret = {
        sizeof kSecret, 0, [](const hookhost_host* h, hookhost_str name) {
          const auto found = of(h).options_.secrets.find(Text(name).str());
          return found == of(h).options_.secrets.end() ? hookhost_str{}
                                                       : ::hookhost::detail::to_c(found->second);
        }};
    const Text wanted(id);
    if (of(host).options_.without.contains(wanted.str())) return nullptr;
    if (wanted == HOOKHOST_EXT_KV) return &kKv;
    if (wanted == HOOKHOST_EXT_TIMER) return &kTimer;
    if (wanted == HOOKHOST_EXT_METRICS) return &kMetrics;
    if (wanted == HOOKHOST_EXT_POOL) return &kPool;
    if (wanted == HOOKHOST_EXT_SECRET) return &kSecret;
    return nullptr;
  };
  table_.log = [](const hookhost_host* host, const hookhost_call* call, std::int32_t level,
                  hookhost_str text,
                  hookhost_array fields) { of(host).write_log(call, level, text, fields); };
  table_.set_error = [](const hookhost_host* host, hookhost_call* call, hookhost_str text) {
    (call == nullptr ? of(host).life_cycle_error_ : FakeCall::of(call)->error) = Text(text).str();
  };
  table_.now_ns = [](const hookhost_host* host) { return of(host).now_ns(); };
  table_.config_json = [](const hookhost_host* host) {
    return ::hookhost::detail::to_c(of(host).options_.config);
  };
  table_.arena_alloc = &FakeCall::arena_alloc;
  table_.respond = &FakeCall::respond;
  table_.retry_after = &FakeCall::retry_after;
  table_.defer = [](hookhost_call* call, hookhost_token* token) {
    return FakeCall::of(call)->host->defer(*FakeCall::of(call), token);
  };
  table_.resume = [](const hookhost_host* host, hookhost_token token) {
    return of(host).resume(token);
  };
  table_.complete = [](const hookhost_host* host, hookhost_token token, hookhost_status status) {
    return of(host).complete(token, status);
  };
  table_.cancelled = &FakeCall::cancelled;
  ::hookhost::detail::JsonFunctions<&FakeCall::tree_of>::fill(table_);
}

// One event for one handler on a fresh host with the handlers and the state of this program.
template <class Return, class... Parameters>
Response post(Return (*handler)(Parameters...), std::string body, PostOptions options = {}) {
  Host host;
  return host.post(handler, std::move(body), std::move(options));
}

}  // namespace test
HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_TESTING_FAKE_HOST_HPP
