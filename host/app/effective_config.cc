// SPDX-License-Identifier: Apache-2.0
#include "app/effective_config.h"

#include <fmt/format.h>

#include <limits>

#include "app/config_key.h"
#include "app/config_layers.h"
#include "base/json_writer.h"
#include "base/secret.h"
#include "telemetry/console.h"

namespace hookhost::app {
namespace {

constexpr int kValueColumns = 44;  // of `key = "value"`, before its comment

constexpr std::size_t kDocColumns = 86;  // of a documentation line, with its form

bool is_secret(const EffectiveValue& row) { return row.value.find(Secret::masked()) == 1; }

// Handed to a plugin as JSON, which TOML cannot read back.
bool is_json(const EffectiveValue& row) {
  return row.key.starts_with("plugin.") && row.key.ends_with(".config");
}

// "limits.head_timeout" -> "limits" and "head_timeout"; a top key has no section.
std::pair<std::string, std::string> split(std::string_view key) {
  const auto dot = key.rfind('.');
  if (dot == std::string_view::npos) return {"", std::string(key)};
  return {std::string(key.substr(0, dot)), std::string(key.substr(dot + 1))};
}

template <class Target>
std::string range_note(const ConfigKey<Target>& key) {
  if (key.choices != nullptr) {
    std::string names;
    for (const std::string_view name : key.choices()) {
      names += fmt::format("{}\"{}\"", names.empty() ? ": " : ", ", name);
    }
    return names;
  }
  const bool is_number = key.type == "integer" || key.type == "bytes" || key.type == "duration";
  if (!is_number || key.range.max == std::numeric_limits<std::int64_t>::max()) return "";
  const auto edge = [&](std::int64_t value) {
    return key.type == "duration" ? show(std::chrono::milliseconds(value)) : show(value, key.range);
  };
  return fmt::format(", {}..{}", edge(key.range.min), edge(key.range.max));
}

// As comment lines of kDocColumns, cut behind commas.
std::string wrapped(std::string_view form) {
  std::string lines;
  while (form.size() > kDocColumns) {
    const auto end = form.rfind(", ", kDocColumns);
    if (end == std::string_view::npos) break;
    lines += fmt::format("{},\n# ", form.substr(0, end));
    form.remove_prefix(end + 2);
  }
  return lines.append(form);
}

template <class Target>
void describe(const ConfigKey<Target>& key, const std::string& value, std::string_view parent,
              std::string& section, std::string& out) {
  const auto [own_section, name] = split(key.name);
  if (own_section != section) {
    out += parent.empty() ? fmt::format("\n[{}]\n", own_section)
                          : fmt::format("\n# [{}.{}]\n", parent, own_section);
    section = own_section;
  }
  const std::string form = fmt::format("({}{})", key.type, range_note(key));
  const bool fits = key.doc.size() + form.size() <= kDocColumns;
  out += fmt::format("# {}{}{}\n# {} = {}\n", key.doc, fits ? " " : "\n# ", wrapped(form), name,
                     value.empty() ? "..." : value);
}

}  // namespace

std::string effective_toml(const Config& config) {
  std::string out;
  std::string section;
  for (const EffectiveValue& row : config.effective) {
    if (is_secret(row)) continue;
    const auto [own_section, name] = split(row.key);
    if (own_section != section) {
      out += fmt::format("\n[{}]\n", own_section);
      section = own_section;
    }
    const std::string line =
        fmt::format("{}{} = {}", is_json(row) ? "# as JSON: " : "", name, row.value);
    out +=
        fmt::format("{}  # {}\n", telemetry::padded(line, kValueColumns), print_origin(row.origin));
  }
  bool is_first = true;
  for (const EffectiveValue& row : config.effective) {
    if (!is_secret(row)) continue;
    if (std::exchange(is_first, false)) out += '\n';
    const std::string line = fmt::format("# {} = {}", row.key, row.value);
    out +=
        fmt::format("{}  # {}\n", telemetry::padded(line, kValueColumns), print_origin(row.origin));
  }
  return out;
}

std::string effective_json(const Config& config) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const EffectiveValue& row : config.effective) {
    json.begin_object();
    json.member("key", row.key);
    json.member("value", row.value);
    json.member("origin", print_origin(row.origin));
    json.end_object();
  }
  json.end_array();
  return out + '\n';
}

std::string config_reference() {
  std::string out =
      "# Every setting of hookhost with its default. A later source wins: default, this file,\n"
      "# environment (HOOKHOST_LIMITS__HEAD_TIMEOUT=5s is limits.head_timeout), flags.\n"
      "# Paths in this file are relative to it. Durations: \"250ms\", \"30s\", \"1m30s\", \"2h\".\n"
      "# Bytes: 4096, \"64KiB\", \"25MB\".\n\n";
  std::string section;
  const Config defaults;
  for (const auto& key : config_keys()) {
    const std::string value = key.show(defaults, key.range);
    if (!value.empty()) describe(key, value, "", section, out);
  }
  out +=
      "\n# One section per route, by the name of its endpoint: what the plugin decides, unless\n"
      "# it stands here.\n# [route.NAME]\n";
  const RouteOverrides route;
  section = "";
  for (const auto& key : route_keys())
    describe(key, key.show(route, key.range), "route.NAME", section, out);
  out +=
      "\n# One section per plugin, by its id.\n# [plugin.ID]\n"
      "# false: it is not loaded\n# enabled = true\n"
      "# Handed to the plugin as JSON\n# [plugin.ID.config]\n"
      "# Handed to the plugin by name, when it asks\n# [plugin.ID.secrets]\n"
      "# NAME = {file = \"/run/keys/token\"}   or {env = \"TOKEN\"} or {credential = \"token\"}\n";
  return out;
}

}  // namespace hookhost::app
