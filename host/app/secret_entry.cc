// SPDX-License-Identifier: Apache-2.0
#include "app/secret_entry.h"

#include <fmt/format.h>

#include <array>

#include "telemetry/units.h"

namespace hookhost::app {
namespace {

constexpr std::string_view kForms =
    "expected {file = \"...\"}, {env = \"...\"} or {credential = \"...\"}";

struct KindRow {
  std::string_view key;
  SecretKind kind;
};
constexpr std::array<KindRow, 3> kKinds{{{"file", SecretKind::kFile},
                                         {"env", SecretKind::kEnvironment},
                                         {"credential", SecretKind::kCredential}}};

Complaint read_moment(const ConfigMember& member, SystemTime& out) {
  const auto moment = parse_moment(member.value.text);
  if (!moment) {
    return fmt::format("{}: expected a moment with its offset such as 2026-11-25T14:10:00Z, got {}",
                       member.key, print_node(member.value));
  }
  out = *moment;
  return std::nullopt;
}

}  // namespace

Complaint read_secret_file(const ConfigNode& node, std::optional<SecretSource>& out) {
  std::filesystem::path path;
  if (Complaint complaint = read(node, Range{}, path)) return complaint;
  if (path.empty()) {
    out.reset();
    return std::nullopt;
  }
  out = SecretSource{.kind = SecretKind::kFile, .name = path.native(), .origin = node.origin};
  return std::nullopt;
}

Complaint read_secret_entry(const ConfigNode& node, SecretSource& out) {
  if (node.type != NodeType::kTable) {
    if (node.type != NodeType::kText) return fmt::format("{}, got {}", kForms, print_node(node));
    return fmt::format("{}; a secret itself does not stand in this file", kForms);
  }
  out = SecretSource{};
  out.origin = node.origin;
  int named = 0;
  for (const ConfigMember& member : node.members) {
    bool is_known = member.key == "not_before" || member.key == "not_after";
    if (is_known) {
      SystemTime& moment = member.key == "not_before" ? out.not_before : out.not_after;
      if (Complaint complaint = read_moment(member, moment)) return complaint;
    }
    for (const KindRow& row : kKinds) {
      if (member.key != row.key) continue;
      is_known = true;
      ++named;
      std::filesystem::path name;
      if (Complaint complaint = read(member.value, Range{}, name)) return complaint;
      out.kind = row.kind;
      // Only a file's name is a path that may be relative to the configuration.
      out.name = row.kind == SecretKind::kFile ? name.native() : member.value.text;
    }
    if (!is_known) return fmt::format("unknown key '{}' of a secret", member.key);
  }
  if (named != 1 || out.name.empty()) return std::string(kForms);
  if (out.not_before >= out.not_after) return "not_before is not before not_after";
  return std::nullopt;
}

Complaint read_secret_list(const ConfigNode& node, std::vector<SecretSource>& out) {
  if (node.type != NodeType::kArray) {
    return fmt::format("expected an array of {{file = \"...\"}}, got {}", print_node(node));
  }
  std::vector<SecretSource> sources;
  for (const ConfigNode& item : node.items) {
    SecretSource source;
    if (Complaint complaint = read_secret_entry(item, source)) return complaint;
    sources.push_back(std::move(source));
  }
  out = std::move(sources);
  return std::nullopt;
}

std::string show_secret(const std::optional<SecretSource>& source) {
  return source ? show(source->name) : "\"\"";
}

std::string show_secret_entry(const SecretSource& source) {
  std::string_view key = "file";
  for (const KindRow& row : kKinds) {
    if (row.kind == source.kind) key = row.key;
  }
  std::string text = fmt::format("{{{} = {}", key, show(source.name));
  if (source.not_before != SystemTime::min()) {
    text += fmt::format(", not_before = {}", telemetry::print_timestamp(source.not_before));
  }
  if (source.not_after != SystemTime::max()) {
    text += fmt::format(", not_after = {}", telemetry::print_timestamp(source.not_after));
  }
  return text + "}";
}

std::string show_secrets(const std::vector<SecretSource>& sources) {
  std::string text = "[";
  for (const SecretSource& source : sources) {
    text += (text.size() > 1 ? ", " : "") + show_secret_entry(source);
  }
  return text + "]";
}

}  // namespace hookhost::app
