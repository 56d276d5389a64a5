// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest.h"

#include <fmt/format.h>
#include <hookhost/ext/config.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "payload/event_filter.h"
#include "plugin/abi_text.h"
#include "routing/route_table.h"

namespace hookhost::plugin {
namespace {

Error refuse(std::string message, std::string fix = {}) {
  return {ErrorCode::kInvalid, std::move(message), std::move(fix)};
}

constexpr std::string_view kRebuild = "build it again with the SDK of this host";

bool is_id(std::string_view id) {
  if (id.empty() || id.size() > kIdBytesMax || id[0] < 'a' || id[0] > 'z') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_identifier(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax || (name[0] >= '0' && name[0] <= '9'))
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// One text member of a table: where to put it, how long it may be, must it be there.
struct TextRule {
  std::string field;
  hookhost_str text;
  std::string& out;
  std::size_t bytes_max;
  bool is_mandatory = false;
};

Status take_text(const TextRule& rule) {
  if (rule.text.ptr == nullptr || rule.text.len == 0) {
    if (rule.is_mandatory) return refuse(fmt::format("{} is empty, needed is a text", rule.field));
    return {};
  }
  if (rule.text.len > rule.bytes_max)
    return refuse(fmt::format("{} has {} bytes, at most {} are allowed", rule.field, rule.text.len,
                              rule.bytes_max));
  const std::string_view text = view_of(rule.text);
  if (!is_utf8(text)) return refuse(fmt::format("{} is not UTF-8", rule.field));
  rule.out = text;
  return {};
}

// Reads a choice: 0 is the default, then 1 ... names.
template <class Choice>
Status take_choice(std::string_view field, std::int32_t value, std::int32_t highest, Choice& out) {
  if (value < 0 || value > highest)
    return refuse(fmt::format("{} is {}, this host knows 0 to {}", field, value, highest),
                  std::string(kRebuild));
  if (value > 0) out = static_cast<Choice>(value - 1);
  return {};
}

Status check_table(const hookhost_plugin* table, std::uint32_t host_minor) {
  if (table == nullptr)
    return refuse(fmt::format("hookhost_entry_v1({}) returned NULL: the plugin does not want this "
                              "host",
                              host_minor),
                  "ask its author which hosts it supports");
  if (reinterpret_cast<std::uintptr_t>(table) % alignof(hookhost_plugin) != 0)
    return refuse("hookhost_entry_v1 returned an address that is not aligned",
                  std::string(kRebuild));
  if (table->struct_size < sizeof(hookhost_plugin))
    return refuse(fmt::format("struct_size is {}, needed is at least {}", table->struct_size,
                              sizeof(hookhost_plugin)),
                  "set it to sizeof(hookhost_plugin)");
  if (table->magic != HOOKHOST_PLUGIN_MAGIC)
    return refuse(
        fmt::format("magic is {:#010x}, needed is {:#010x}", table->magic, HOOKHOST_PLUGIN_MAGIC),
        "set it to HOOKHOST_PLUGIN_MAGIC");
  if (table->abi_minor_required > host_minor)
    return refuse(
        fmt::format("needs ABI {}.{}, this host speaks {}.{}", HOOKHOST_ABI_MAJOR,
                    table->abi_minor_required, HOOKHOST_ABI_MAJOR, host_minor),
        fmt::format("install a newer host, or build it with HOOKHOST_TARGET_MINOR={}", host_minor));
  if (table->abi_minor_built < table->abi_minor_required)
    return refuse(fmt::format("abi_minor_built is {}, needed is at least abi_minor_required, {}",
                              table->abi_minor_built, table->abi_minor_required),
                  "set it to HOOKHOST_ABI_MINOR");
  return {};
}

Status check_endpoint_array(const hookhost_array& endpoints) {
  if (endpoints.count == 0) return refuse("endpoints is empty, needed is at least one");
  if (endpoints.count > kEndpointsMax)
    return refuse(fmt::format("endpoints has {} elements, at most {} are allowed", endpoints.count,
                              kEndpointsMax));
  if (endpoints.stride < sizeof(hookhost_endpoint))
    return refuse(fmt::format("endpoints.stride is {}, needed is at least {}", endpoints.stride,
                              sizeof(hookhost_endpoint)),
                  "set it to sizeof(hookhost_endpoint)");
  if (const char* problem = array_problem<hookhost_endpoint>(endpoints))
    return refuse(fmt::format("endpoints: {}", problem));
  return {};
}

Status take_choices(const std::string& where, const hookhost_endpoint& table,
                    EndpointManifest& out) {
  const Status checks[] = {
      take_choice(where + "form", table.form, HOOKHOST_FORM_RAW, out.form),
      take_choice(where + "place", table.place, HOOKHOST_PLACE_INLINE, out.place),
      take_choice(where + "ack", table.ack, HOOKHOST_ACK_DURABLE, out.ack),
      take_choice(where + "on_failure", table.on_failure, HOOKHOST_ON_FAILURE_FAIL, out.on_failure),
  };
  for (const Status& check : checks) {
    if (!check) return check;
  }
  return {};
}

Status take_numbers(const std::string& where, const hookhost_endpoint& table,
                    EndpointManifest& out) {
  if (table.deadline_ms > kDeadlineMsMax)
    return refuse(fmt::format("{}deadline_ms is {}, at most {} (a day) are allowed", where,
                              table.deadline_ms, kDeadlineMsMax));
  if (table.body_bytes_max > kBodyBytesMaxMax)
    return refuse(fmt::format("{}body_bytes_max is {}, at most {} (1 GiB) are allowed", where,
                              table.body_bytes_max, kBodyBytesMaxMax));
  out.deadline = std::chrono::milliseconds(table.deadline_ms);
  out.body_bytes_max = table.body_bytes_max;
  out.is_idempotent = (table.flags & HOOKHOST_ENDPOINT_IDEMPOTENT) != 0;
  out.concurrency_max = table.concurrency_max;
  if ((table.flags & HOOKHOST_ENDPOINT_SERIAL) != 0) out.concurrency_max = 1;
  return {};
}

void add_notes(std::string_view path, EndpointManifest& endpoint, std::vector<std::string>& notes) {
  if (endpoint.place == Place::kInline && endpoint.concurrency_max != 0) {
    // A loop cannot wait until another call has ended.
    endpoint.place = Place::kPool;
    notes.push_back(
        fmt::format("endpoint {}: an inline endpoint cannot have a concurrency limit; "
                    "it runs on the pool",
                    endpoint.name));
  }
  // Seed row P04: the prefix is always added.
  if (path.starts_with("/webhooks/") || path.starts_with("webhooks/"))
    notes.push_back(
        fmt::format("endpoint {}: path \"{}\" is below /webhooks/ like every other; it "
                    "is served at {}",
                    endpoint.name, printable(path), endpoint.path));
}

Result<EndpointManifest> read_endpoint(const hookhost_endpoint& table, std::uint32_t index,
                                       std::vector<std::string>& notes) {
  std::string where = fmt::format("endpoints[{}].", index);
  if (table.struct_size < sizeof(hookhost_endpoint))
    return refuse(fmt::format("{}struct_size is {}, needed is at least {}", where,
                              table.struct_size, sizeof(hookhost_endpoint)),
                  "set it to sizeof(hookhost_endpoint)");
  if (table.handle == nullptr)
    return refuse(fmt::format("{}handle is NULL, needed is a function", where));
  EndpointManifest out;
  out.table = &table;
  std::string path;
  for (const TextRule& rule :
       {TextRule{where + "name", table.name, out.name, kNameBytesMax, true},
        TextRule{where + "path", table.path, path, routing::kRoutePathBytesMax},
        TextRule{where + "events", table.events, out.events, kEventsBytesMax},
        TextRule{where + "doc", table.doc, out.doc, kDocBytesMax}}) {
    if (Status status = take_text(rule); !status) return std::move(status).error();
  }
  if (!is_identifier(out.name))
    return refuse(fmt::format("{}name is \"{}\", needed is [A-Za-z_][A-Za-z0-9_]*", where,
                              printable(out.name)));
  where = fmt::format("endpoint {}: ", out.name);
  auto routed = routing::route_path(path, out.name);
  if (!routed) {
    return refuse(fmt::format("{}path \"{}\": {}", where, printable(path), routed.error().message),
                  routed.error().fix);
  }
  out.path = std::move(*routed);
  if (Status filter = payload::validate_filter(out.events); !filter)
    return refuse(fmt::format("{}events: {}", where, filter.error().message), filter.error().fix);
  if (Status status = take_choices(where, table, out); !status) return std::move(status).error();
  if (Status status = take_numbers(where, table, out); !status) return std::move(status).error();
  add_notes(path, out, notes);
  return out;
}

Status read_endpoints(const hookhost_array& array, Manifest& out) {
  if (Status status = check_endpoint_array(array); !status) return status;
  for (std::uint32_t i = 0; i < array.count; ++i) {
    auto endpoint = read_endpoint(element_of<hookhost_endpoint>(array, i), i, out.notes);
    if (!endpoint) return std::move(endpoint).error();
    for (const EndpointManifest& other : out.endpoints) {
      if (other.name == endpoint->name)
        return refuse(fmt::format("two endpoints have the name \"{}\"", other.name));
      if (is_same_route(other.path, endpoint->path))
        return refuse(
            fmt::format("Webhook {} already exists.", endpoint->path),
            fmt::format("give endpoint {} or {} another path", other.name, endpoint->name));
    }
    out.endpoints.push_back(std::move(*endpoint));
  }
  return {};
}

}  // namespace

Result<Manifest> read_manifest(const hookhost_plugin* table, std::uint32_t host_abi_minor,
                               std::string_view elf_build_id) {
  if (Status status = check_table(table, host_abi_minor); !status) return std::move(status).error();
  Manifest out;
  out.table = table;
  out.abi_minor_built = table->abi_minor_built;
  out.abi_minor_required = table->abi_minor_required;
  out.flags = table->flags;
  for (const TextRule& rule :
       {TextRule{"id", table->id, out.id, kIdBytesMax, true},
        TextRule{"version", table->version, out.version, kVersionBytesMax, true},
        TextRule{"build_id", table->build_id, out.build_id, kDocBytesMax},
        TextRule{"license", table->license, out.license, kDocBytesMax},
        TextRule{"url", table->url, out.url, kDocBytesMax},
        TextRule{"doc", table->doc, out.doc, kDocBytesMax},
        TextRule{"config_schema_json", table->config_schema_json, out.config_schema_json,
                 HOOKHOST_CONFIG_BYTES_MAX}}) {
    if (Status status = take_text(rule); !status) return std::move(status).error();
  }
  if (!is_id(out.id))
    return refuse(
        fmt::format("id is \"{}\", needed is [a-z][a-z0-9_-]{{0,63}}", printable(out.id)));
  if (out.build_id.empty()) out.build_id = elf_build_id;
  if (Status status = read_endpoints(table->endpoints, out); !status)
    return std::move(status).error();
  return out;
}

bool is_same_route(std::string_view a, std::string_view b) noexcept {
  while (!a.empty() && !b.empty()) {
    if (a[0] == '{' && b[0] == '{') {
      a.remove_prefix(std::min(a.find('}'), a.size() - 1));
      b.remove_prefix(std::min(b.find('}'), b.size() - 1));
    }
    if (a[0] != b[0]) return false;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() && b.empty();
}

std::string_view name_of(PayloadForm form) noexcept {
  constexpr std::string_view kNames[] = {"hub", "strict", "json", "raw"};
  return kNames[static_cast<std::size_t>(form)];
}
std::string_view name_of(Place place) noexcept {
  return place == Place::kInline ? "inline" : "pool";
}
std::string_view name_of(Ack ack) noexcept { return ack == Ack::kDurable ? "durable" : "reply"; }
std::string_view name_of(OnFailure on_failure) noexcept {
  return on_failure == OnFailure::kFail ? "fail" : "retry";
}

}  // namespace hookhost::plugin
