// SPDX-License-Identifier: Apache-2.0
#include "plugin/host_services.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "plugin/abi_text.h"
#include "plugin/call.h"
#include "plugin/generation.h"
#include "plugin/pool_service.h"
#include "plugin/secret_service.h"

namespace hookhost::plugin {
namespace {

constexpr std::size_t kLogTextBytesMax = 4096;  // plugin.h, log
constexpr std::size_t kLogFieldsMax = 32;       // a line is read by people
constexpr std::string_view kDraftPrefix = "hookhost.x.";

// Every extension that this host offers: the one place where a new one is listed.
struct Extension {
  std::string_view id;
  const void* table;
};
constexpr std::array<Extension, 5> kExtensions = {{{HOOKHOST_EXT_KV, &kKvTable},
                                                   {HOOKHOST_EXT_METRICS, &kMetricsTable},
                                                   {HOOKHOST_EXT_POOL, &kPoolTable},
                                                   {HOOKHOST_EXT_SECRET, &kSecretTable},
                                                   {HOOKHOST_EXT_TIMER, &kTimerTable}}};

constexpr auto kExtensionIds = [] {
  std::array<std::string_view, kExtensions.size()> ids;
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = kExtensions[i].id;
  return ids;
}();

// Seed row A02, with the plugin's draft in the place of the server.
void warn_of_draft(Generation& generation, std::string_view id) {
  if (!generation.services().options().warns_experimental || !generation.takes_draft_warning())
    return;
  generation.report(
      HOOKHOST_LOG_WARN,
      fmt::format("'{}' is experimental and might be subject to breaking changes in the future "
                  "without prior notice. You can disable this warning by setting "
                  "`HF_HUB_DISABLE_EXPERIMENTAL_WARNING=1` as environment variable.",
                  printable(id, 128)));
}

const void* get_extension(const hookhost_host* host, hookhost_str id) {
  Generation* generation = generation_of(host);
  const std::string_view wanted = view_of(id);
  if (generation == nullptr) return nullptr;
  for (const Extension& extension : kExtensions) {
    if (extension.id == wanted) return extension.table;
  }
  if (wanted.size() < 256 && wanted.starts_with(kDraftPrefix)) {
    static_cast<void>(or_no_memory([&] {
      warn_of_draft(*generation, wanted);
      return HOOKHOST_OK;
    }));
  }
  return nullptr;
}

void write_log(const Generation& generation, const hookhost_call* call, std::int32_t level,
               std::string_view message, const hookhost_array& fields) {
  std::vector<std::string> texts;  // owns what the views of a line point to
  const std::size_t count = array_problem<hookhost_field>(fields) == nullptr
                                ? std::min<std::size_t>(fields.count, kLogFieldsMax)
                                : 0;
  texts.reserve(2 * count);
  std::vector<LogField> views;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto& field = element_of<hookhost_field>(fields, i);
    if (field.struct_size < sizeof(hookhost_field)) continue;
    texts.push_back(printable(view_of(field.name), 64));
    texts.push_back(printable(view_of(field.value), kLogTextBytesMax));
    views.push_back({texts[texts.size() - 2], texts.back()});
  }
  const std::string text = printable(message, kLogTextBytesMax);
  generation.write_line(Generation::subject_of(call),
                        std::clamp(level, HOOKHOST_LOG_DEBUG, HOOKHOST_LOG_ERROR), text, views);
}

void log(const hookhost_host* host, const hookhost_call* call, std::int32_t level,
         hookhost_str message, hookhost_array fields) {
  const Generation* generation = generation_of(host);
  if (generation == nullptr) return;
  static_cast<void>(or_no_memory([&] {
    write_log(*generation, call, level, view_of(message), fields);
    return HOOKHOST_OK;
  }));
}

// The text lies in the arena, in one buffer that later ones overwrite: the last one counts.
void set_call_error(hookhost_call& call, std::string_view detail) {
  const std::string text = printable(detail, kErrorDetailBytesMax - 4);  // room for its "..."
  if (call.detail == nullptr)
    call.detail = static_cast<char*>(call.attempt->arena->allocate(kErrorDetailBytesMax, 1));
  call.detail_bytes = std::min(text.size(), kErrorDetailBytesMax);
  std::memcpy(call.detail, text.data(), call.detail_bytes);
}

void set_error(const hookhost_host* host, hookhost_call* call, hookhost_str detail) {
  Generation* generation = generation_of(host);
  static_cast<void>(or_no_memory([&] {
    if (call != nullptr) {
      set_call_error(*call, view_of(detail));
    } else if (generation != nullptr) {
      generation->set_control_error(printable(view_of(detail), kErrorDetailBytesMax));
    }
    return HOOKHOST_OK;
  }));
}

std::uint64_t now_ns(const hookhost_host* host) {
  const Generation* generation = generation_of(host);
  if (generation == nullptr) return 0;
  const auto now = generation->services().clock().monotonic_now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

hookhost_str config_json(const hookhost_host* host) {
  const Generation* generation = generation_of(host);
  return generation == nullptr ? str_of("{}") : str_of(generation->settings().config_json);
}

}  // namespace

HostServices::HostServices(HostServicesOptions options, HostDependencies dependencies)
    : options_(std::move(options)),
      dependencies_(std::move(dependencies)),
      kv_(dependencies_.clock),
      timers_(dependencies_.clock, dependencies_.try_post, options_.has_timer_thread),
      watch_(options_.check != CheckLevel::kOff) {
  if (options_.check == CheckLevel::kGuard) tell_faults();
  // Or it would be taken for a thread of the plugin that sets the first timer.
  if (options_.check != CheckLevel::kOff) timers_.start_thread();
}

hookhost_host make_host_table(Generation& generation) {
  hookhost_host table{};
  table.struct_size = sizeof(table);
  table.abi_major = HOOKHOST_ABI_MAJOR;
  table.abi_minor = HOOKHOST_ABI_MINOR;
  table.name = str_of("hookhost");
  table.version = str_of(generation.services().options().host_version);
  table.host_data = &generation;
  table.get_extension = get_extension;
  table.log = log;
  table.set_error = set_error;
  table.now_ns = now_ns;
  table.config_json = config_json;
  fill_call_functions(table);
  return table;
}

Generation* generation_of(const hookhost_host* host) noexcept {
  if (host == nullptr || host->host_data == nullptr) return nullptr;
  auto* generation = static_cast<Generation*>(host->host_data);
  return generation->is_abandoned() ? nullptr : generation;
}

std::span<const std::string_view> offered_extensions() noexcept { return kExtensionIds; }

}  // namespace hookhost::plugin
