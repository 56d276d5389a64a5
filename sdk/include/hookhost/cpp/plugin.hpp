// SPDX-License-Identifier: Apache-2.0
//
// How a library becomes a plugin: HOOKHOST_PLUGIN once, HOOKHOST_ENDPOINT or HOOKHOST_ROUTE for
// each handler, HOOKHOST_STATE for what lives as long as the plugin. Handlers are plain functions
// that a test can call. No exception of theirs reaches the host: it fails the attempt, and its
// what() goes to the log.
//
//   HOOKHOST_PLUGIN("retrain", "1.2.0", .license = "MIT");
//
//   HOOKHOST_ENDPOINT(trigger_training) {                  // POST /webhooks/trigger_training
//     if (!payload.event.is("repo.content", "update")) return ignored();
//     return accepted("queued {}", payload.repo.name);     // payload, req and ctx are in scope
//   }
//
//   std::string raw(const Request& request);               // parameters are injected by their type
//   HOOKHOST_ROUTE(raw, "/hooks/{team}", .deadline = 2s, .run_inline = true);
//
// Parameters: const Payload& (the Hub's model), const Json& (any JSON), Request& and Context&, each
// at most once, in any order. With neither Payload nor Json the body is not looked at. Returns: see
// reply.hpp, or Task of those.
#ifndef HOOKHOST_CPP_PLUGIN_HPP
#define HOOKHOST_CPP_PLUGIN_HPP

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../ext/config.h"
#include "../ext/selftest.h"
#include "../ext/state.h"
#include "../plugin.h"
#include "context.hpp"
#include "host.hpp"
#include "namespace.hpp"
#include "payload.hpp"
#include "reply.hpp"
#include "task.hpp"
#include "wait.hpp"

HOOKHOST_NAMESPACE_BEGIN

enum class Ack : std::int32_t {
  kDefault = 0,
  kReply = HOOKHOST_ACK_REPLY,      // the handler's answer is the sender's answer
  kDurable = HOOKHOST_ACK_DURABLE,  // 202 as soon as the event is on disk, then the handler
};
enum class OnFailure : std::int32_t {
  kDefault = 0,
  kRetry = HOOKHOST_ON_FAILURE_RETRY,  // the event is kept, answered with 202 and tried again
  kFail = HOOKHOST_ON_FAILURE_FAIL,    // 500, for a missed deadline 504
};

// Options of an endpoint, named in this order. The operator may override each per route.
struct EndpointOptions {
  std::string_view events = {};             // "repo.content:update,discussion.*"; empty: all
  std::chrono::milliseconds deadline = {};  // per attempt; 0: the host's default
  bool run_inline = false;        // on the I/O thread: for handlers of microseconds that never wait
  bool strict = false;            // payload verdicts exactly as the Python server's
  bool serial = false;            // never two calls at once
  bool idempotent = false;        // may run again without harm
  std::uint32_t concurrency = 0;  // calls at once; 0: no limit but the pool's
  std::uint64_t body_bytes_max = 0;  // 0: the host's default
  Ack ack = Ack::kDefault;
  OnFailure on_failure = OnFailure::kDefault;
  std::string_view doc = {};  // one sentence for /docs
};

// Options of a plugin, named in this order.
struct PluginOptions {
  std::string_view license = {};
  std::string_view url = {};
  std::string_view doc = {};
  std::string_view config_schema =
      {};                          // JSON Schema of the settings; ext/config.h lists the keywords
  std::string_view build_id = {};  // empty: the ELF build id
  bool keep_loaded = false;        // starts threads of its own
  bool isolate_preferred = false;  // would rather run in a process of its own
  bool no_state = false;           // nothing to hand to the next generation
};

namespace detail {

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {};

template <class Wanted, class... Parameters>
inline constexpr bool kTakes = (std::is_same_v<std::remove_cvref_t<Parameters>, Wanted> || ...);

// What the parameters of a handler refer to while it runs.
template <bool kHasPayload>
struct Arguments {
  struct Nothing {};
  static auto make_payload([[maybe_unused]] const hookhost_host* host,
                           [[maybe_unused]] const hookhost_call* call,
                           [[maybe_unused]] const hookhost_request& request) {
    if constexpr (kHasPayload) {
      // Only when the operator gave this route another form than the handler's.
      if (request.payload == nullptr) {
        throw Failure(HOOKHOST_E_TYPE, "the handler takes a Payload, the route gives none");
      }
      return Payload(host, call, *request.payload, request.root);
    } else {
      return Nothing{};
    }
  }

  Arguments(Instance& instance, hookhost_call* call, const hookhost_request& c_request,
            TaskRun* run)
      : request(instance.host, call, c_request),
        context(instance, call, c_request, run),
        payload(make_payload(instance.host, call, c_request)) {}

  template <class Parameter>
  auto& get() noexcept {
    using Type = std::remove_cvref_t<Parameter>;
    static_assert(kTakes<Type, Payload, Json, Request, Context>,
                  "a handler takes const Payload&, const Json&, Request& and Context&");
    if constexpr (std::is_same_v<Type, Payload>) {
      return payload;
    } else if constexpr (std::is_same_v<Type, Json>) {
      return request.json;
    } else if constexpr (std::is_same_v<Type, Request>) {
      return request;
    } else {
      return context;
    }
  }

  Request request;
  Context context;
  std::conditional_t<kHasPayload, Payload, Nothing> payload;
};

// A handler that is a coroutine, with its arguments.
template <class T, bool kHasPayload>
class TaskRunOf final : public TaskRun {
 public:
  TaskRunOf(Instance& instance, hookhost_call* call, const hookhost_request& request)
      : TaskRun(instance, call), arguments(instance, call, request, this) {}

  Arguments<kHasPayload> arguments;
  std::optional<Task<T>> task;

 protected:
  std::coroutine_handle<> coroutine() const noexcept override { return task->handle(); }
  Reply take_reply() override {
    if constexpr (std::is_void_v<T>) {
      task->handle().promise().take();
      return ok();
    } else {
      return to_reply(task->handle().promise().take());
    }
  }
};

template <class Function>
struct Handler;

template <class Return, class... Parameters>
struct Handler<Return(Parameters...)> {
  using Function = Return(Parameters...);
  static constexpr bool kHasPayload = kTakes<Payload, Parameters...>;
  static constexpr std::int32_t kForm = kHasPayload                   ? HOOKHOST_FORM_HUB
                                        : kTakes<Json, Parameters...> ? HOOKHOST_FORM_JSON
                                                                      : HOOKHOST_FORM_RAW;

  static hookhost_status call(Instance& instance, Function* function, hookhost_call* call,
                              const hookhost_request& request) {
    if constexpr (IsTask<Return>::value) {
      using Run = TaskRunOf<decltype(std::declval<Return>().await_resume()), kHasPayload>;
      auto run = std::make_unique<Run>(instance, call, request);
      run->task.emplace(function(run->arguments.template get<Parameters>()...));
      return TaskRun::start(std::move(run));
    } else {
      Arguments<kHasPayload> arguments(instance, call, request, nullptr);
      const Context& context = arguments.context;
      try {
        if constexpr (std::is_void_v<Return>) {
          function(arguments.template get<Parameters>()...);
          return context.is_deferred() ? HOOKHOST_PENDING : HOOKHOST_OK;
        } else {
          Reply reply = to_reply(function(arguments.template get<Parameters>()...));
          if (context.is_deferred()) return HOOKHOST_PENDING;
          return reply.deliver(*instance.host, call);
        }
      } catch (...) {
        if (context.is_deferred()) return HOOKHOST_PENDING;  // the Deferred was or will be answered
        throw;
      }
    }
  }
};
template <class Return, class... Parameters>
struct Handler<Return(Parameters...) noexcept> : Handler<Return(Parameters...)> {};

using AnyFunction = void (*)();

// One handler of this library; static, linked into a list before main or dlopen returns.
struct Registration {
  std::string_view name;
  std::string_view path;
  EndpointOptions options;
  std::int32_t form = 0;
  AnyFunction function = nullptr;
  hookhost_status (*call)(Instance&, AnyFunction, hookhost_call*,
                          const hookhost_request&) = nullptr;
  Registration* next = nullptr;
};

// The list of this library, and its state class. Hidden, so each library has its own.
inline Registration* first_registration = nullptr;
inline Registration** last_registration = &first_registration;
inline const StateOperations* registered_state = nullptr;
inline bool has_two_states = false;

template <class Function>
Registration describe_handler(std::string_view name, Function* function, std::string_view path,
                              const EndpointOptions& options) noexcept {
  Registration made;
  made.name = name;
  made.path = path;
  made.options = options;
  made.form = Handler<Function>::kForm;
  if (made.form == HOOKHOST_FORM_HUB && options.strict) made.form = HOOKHOST_FORM_HUB_STRICT;
  made.function = reinterpret_cast<AnyFunction>(function);
  made.call = [](Instance& instance, AnyFunction any, hookhost_call* call,
                 const hookhost_request& request) {
    return Handler<Function>::call(instance, reinterpret_cast<Function*>(any), call, request);
  };
  return made;
}

struct Registered : Registration {
  explicit Registered(const Registration& made) noexcept : Registration(made) {
    *last_registration = this;
    last_registration = &next;
  }
};

struct RegisteredState {
  explicit RegisteredState(const StateOperations* operations) noexcept {
    has_two_states = registered_state != nullptr;
    registered_state = operations;
  }
};

// ---- The functions of the C tables. None lets an exception out.

inline hookhost_status HOOKHOST_CALL handle(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call,
                                            const hookhost_request* request) noexcept {
  auto& self = *static_cast<Instance*>(instance);
  const auto& handler = *static_cast<const Registration*>(endpoint->user);
  try {
    return handler.call(self, handler.function, call, *request);
  } catch (...) {
    return fail_with_current_exception(self.host, call);
  }
}

inline hookhost_endpoint make_endpoint(Registration& handler) noexcept {
  const EndpointOptions& options = handler.options;
  hookhost_endpoint endpoint{};
  endpoint.struct_size = sizeof endpoint;
  endpoint.flags = (options.idempotent ? HOOKHOST_ENDPOINT_IDEMPOTENT : 0u) |
                   (options.serial ? HOOKHOST_ENDPOINT_SERIAL : 0u);
  endpoint.name = to_c(handler.name);
  endpoint.path = to_c(handler.path);
  endpoint.events = to_c(options.events);
  endpoint.doc = to_c(options.doc);
  endpoint.form = handler.form;
  endpoint.place = options.run_inline ? HOOKHOST_PLACE_INLINE : HOOKHOST_PLACE_POOL;
  endpoint.ack = static_cast<std::int32_t>(options.ack);
  endpoint.on_failure = static_cast<std::int32_t>(options.on_failure);
  endpoint.concurrency_max = options.concurrency;
  endpoint.deadline_ms = static_cast<std::uint64_t>(options.deadline.count());
  endpoint.body_bytes_max = options.body_bytes_max;
  endpoint.handle = &handle;
  endpoint.user = &handler;
  return endpoint;
}

inline void check_registrations() {
  if (has_two_states) throw std::logic_error("HOOKHOST_STATE stands twice in this plugin");
  for (const Registration* a = first_registration; a != nullptr; a = a->next) {
    for (const Registration* b = a->next; b != nullptr; b = b->next) {
      if (a->name == b->name) {
        throw std::logic_error(text_of("endpoint \"{}\" is registered twice", a->name));
      }
    }
  }
}

inline hookhost_status HOOKHOST_CALL save(void* instance, hookhost_write_fn write,
                                          void* sink) noexcept {
  auto& self = *static_cast<Instance*>(instance);
  try {
    return write(sink, to_c(self.state_operations->save(self.state)));
  } catch (...) {
    return fail_with_current_exception(self.host, nullptr);
  }
}
inline hookhost_status HOOKHOST_CALL load(void* instance, std::uint32_t version,
                                          hookhost_str bytes) noexcept {
  auto& self = *static_cast<Instance*>(instance);
  try {
    const bool is_known = self.state_operations->load(self.state, version, Text(bytes));
    return is_known ? HOOKHOST_OK : HOOKHOST_E_UNSUPPORTED;
  } catch (...) {
    return fail_with_current_exception(self.host, nullptr);
  }
}

inline hookhost_status HOOKHOST_CALL create(const hookhost_host* host, std::uint64_t generation,
                                            void** instance) noexcept {
  // Everything of minor 0 must be there, or not even a reason could be given.
  if (!HOOKHOST_HAS(host, node_f64) || host->abi_major != HOOKHOST_ABI_MAJOR) {
    return HOOKHOST_E_UNSUPPORTED;
  }
  try {
    check_registrations();
    auto made = std::make_unique<Instance>(host, generation);
    if (registered_state != nullptr) {
      Host face(*made);
      made->state = registered_state->create(face);
      made->state_operations = registered_state;
      made->state_table = {sizeof(hookhost_ext_state), registered_state->version, &save, &load};
    }
    *instance = made.release();
    return HOOKHOST_OK;
  } catch (...) {
    return fail_with_current_exception(host, nullptr);
  }
}

inline hookhost_status HOOKHOST_CALL activate(void* instance) noexcept {
  auto& self = *static_cast<Instance*>(instance);
  try {
    if (self.state != nullptr && self.state_operations->activate != nullptr) {
      self.state_operations->activate(self.state);
    }
    return HOOKHOST_OK;
  } catch (...) {
    return fail_with_current_exception(self.host, nullptr);
  }
}

inline void HOOKHOST_CALL quiesce(void* instance) noexcept {
  auto& self = *static_cast<Instance*>(instance);
  Sleep::wake_all(self);
  if (self.state == nullptr || self.state_operations->quiesce == nullptr) return;
  try {
    self.state_operations->quiesce(self.state);
  } catch (...) {
    std::string memory;
    self.host->log(self.host, nullptr, HOOKHOST_LOG_ERROR, to_c(describe_current_exception(memory)),
                   hookhost_array{});
  }
}

inline void HOOKHOST_CALL destroy(void* instance) noexcept {
  auto* const self = static_cast<Instance*>(instance);
  if (self->state != nullptr) self->state_operations->destroy(self->state);
  delete self;
}

inline void HOOKHOST_CALL cancel(void* instance, hookhost_token token,
                                 [[maybe_unused]] std::int32_t reason) noexcept {
  Sleep::wake_by_token(*static_cast<Instance*>(instance), token);
}

inline hookhost_status HOOKHOST_CALL selftest(void* instance) noexcept {
  auto& self = *static_cast<Instance*>(instance);
  try {
    self.state_operations->selftest(self.state);
    return HOOKHOST_OK;
  } catch (...) {
    return fail_with_current_exception(self.host, nullptr);
  }
}
inline constexpr hookhost_ext_selftest kSelftest = {sizeof(hookhost_ext_selftest), 0, &selftest};

inline hookhost_status HOOKHOST_CALL apply(void* instance, hookhost_str config_json) noexcept {
  auto& self = *static_cast<Instance*>(instance);
  try {
    const Document config(Text(config_json).str());
    const bool is_applied = self.state_operations->configure(self.state, config.root());
    return is_applied ? HOOKHOST_OK : HOOKHOST_E_UNSUPPORTED;
  } catch (...) {
    return fail_with_current_exception(self.host, nullptr);
  }
}
inline constexpr hookhost_ext_config kConfig = {sizeof(hookhost_ext_config), 0, &apply};

inline const void* HOOKHOST_CALL get_extension(void* instance, hookhost_str id) noexcept {
  const auto& self = *static_cast<const Instance*>(instance);
  if (self.state == nullptr) return nullptr;
  const StateOperations& has = *self.state_operations;
  const Text wanted(id);
  if (has.selftest != nullptr && wanted == HOOKHOST_EXT_SELFTEST) return &kSelftest;
  if (has.configure != nullptr && wanted == HOOKHOST_EXT_CONFIG) return &kConfig;
  if (has.save != nullptr && wanted == HOOKHOST_EXT_STATE) return &self.state_table;
  return nullptr;
}

// The table of this library and the array it points to.
struct PluginTable {
  hookhost_plugin plugin{};
  std::vector<hookhost_endpoint> endpoints;

  PluginTable(std::string_view id, std::string_view version, const PluginOptions& options) {
    for (Registration* at = first_registration; at != nullptr; at = at->next) {
      endpoints.push_back(make_endpoint(*at));
    }
    plugin.struct_size = sizeof plugin;
    plugin.magic = HOOKHOST_PLUGIN_MAGIC;
    plugin.abi_minor_built = HOOKHOST_ABI_MINOR;
    plugin.abi_minor_required = HOOKHOST_TARGET_MINOR;
    plugin.flags = (options.keep_loaded ? HOOKHOST_PLUGIN_KEEP_LOADED : 0u) |
                   (options.isolate_preferred ? HOOKHOST_PLUGIN_ISOLATE_PREFERRED : 0u) |
                   (options.no_state ? HOOKHOST_PLUGIN_NO_STATE : 0u);
    plugin.id = to_c(id);
    plugin.version = to_c(version);
    plugin.build_id = to_c(options.build_id);
    plugin.license = to_c(options.license);
    plugin.url = to_c(options.url);
    plugin.doc = to_c(options.doc);
    plugin.config_schema_json = to_c(options.config_schema);
    plugin.endpoints = hookhost_array{
        endpoints.data(), static_cast<std::uint32_t>(endpoints.size()), sizeof(hookhost_endpoint)};
    plugin.create = &create;
    plugin.activate = &activate;
    plugin.quiesce = &quiesce;
    plugin.destroy = &destroy;
    plugin.cancel = &cancel;
    plugin.get_extension = &get_extension;
  }
  PluginTable(const PluginTable&) = delete;
  PluginTable& operator=(const PluginTable&) = delete;
};

// What hookhost_entry_v1 returns: the same table each time, NULL without memory.
inline const hookhost_plugin* plugin_table(std::string_view id, std::string_view version,
                                           const PluginOptions& options) noexcept {
  try {
    static const PluginTable table(id, version, options);
    return &table.plugin;
  } catch (...) {
    return nullptr;
  }
}

// The rule of hookhost_plugin::id.
consteval bool is_plugin_id(std::string_view id) {
  if (id.empty() || id.size() > 64 || id[0] < 'a' || id[0] > 'z') return false;
  for (const char c : id) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!good) return false;
  }
  return true;
}

}  // namespace detail

HOOKHOST_NAMESPACE_END

// Once in a plugin: HOOKHOST_PLUGIN("id", "version", .license = "MIT", ...). Options:
// PluginOptions.
#define HOOKHOST_PLUGIN(id, version, ...)                                                         \
  static_assert(::hookhost::detail::is_plugin_id(id),                                             \
                "the id of a plugin: a lower-case letter, then up to 63 of a-z 0-9 _ -");         \
  extern "C" HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(              \
      [[maybe_unused]] std::uint32_t host_abi_minor) {                                            \
    return ::hookhost::detail::plugin_table(id, version, ::hookhost::PluginOptions{__VA_ARGS__}); \
  }                                                                                               \
  static_assert(true)

// Registers a function: HOOKHOST_ROUTE(function[, "path"[, .option = value ...]]). Without a path,
// or with
// "", it is the function's name. The function is named without qualification.
#define HOOKHOST_ROUTE(function, ...)                                              \
  static ::hookhost::detail::Registered hookhost_endpoint_##function(              \
      ::hookhost::detail::describe_handler(                                        \
          #function, &function, "" __VA_OPT__(HOOKHOST_DETAIL_FIRST(__VA_ARGS__)), \
          ::hookhost::EndpointOptions{__VA_OPT__(HOOKHOST_DETAIL_REST(__VA_ARGS__))}))
#define HOOKHOST_DETAIL_FIRST(path, ...) path
#define HOOKHOST_DETAIL_REST(path, ...) __VA_ARGS__

// Declares an endpoint of another file, for a test.
#define HOOKHOST_DECLARE_ENDPOINT(name)                                                \
  ::hookhost::Reply name(const ::hookhost::Payload& payload, ::hookhost::Request& req, \
                         ::hookhost::Context& ctx)

// Defines and registers one: HOOKHOST_ENDPOINT(name[, "path"[, .option = value ...]]) { ... return
// Reply; }
#define HOOKHOST_ENDPOINT(name, ...)                                          \
  HOOKHOST_DECLARE_ENDPOINT(name);                                            \
  HOOKHOST_ROUTE(name __VA_OPT__(, ) __VA_ARGS__);                            \
  ::hookhost::Reply name([[maybe_unused]] const ::hookhost::Payload& payload, \
                         [[maybe_unused]] ::hookhost::Request& req,           \
                         [[maybe_unused]] ::hookhost::Context& ctx)

// Once at most: the class of which the plugin has one object, made before activate with
// (hookhost::Host&) or
// (), reached by ctx.state<State>(). What its constructor throws refuses the plugin. Optional
// members: on_activate(), on_quiesce(), selftest() (throws when unfit; run by `hookhost check`).
//
// What it remembers goes to the next generation (ext/state.h) when it has all three of
//   static constexpr std::uint32_t kVersion = 1;
//   std::string save() const;
//   bool load(std::uint32_t version, std::string_view bytes);   // false: unknown version
// and a changed setting reaches the object that runs (ext/config.h) with
//   bool on_config(hookhost::Json config);                      // false: load me again
#define HOOKHOST_STATE(State)                                            \
  static const ::hookhost::detail::RegisteredState hookhost_state_class( \
      &::hookhost::detail::kStateOperations<State>)

#endif  // HOOKHOST_CPP_PLUGIN_HPP
