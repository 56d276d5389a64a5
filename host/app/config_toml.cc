// SPDX-License-Identifier: Apache-2.0
//
// parse_toml: the only file that knows toml++. It throws; nothing of that leaves here.
#include <algorithm>
#include <sstream>

#include <toml++/toml.h>

#include "app/config_node.h"

namespace hookhost::app {
namespace {

Origin origin_of(const toml::source_region& region, const std::string& file) {
  Origin origin{OriginKind::kFile, file, region.begin.line, region.begin.column, 1};
  if (region.end.line == region.begin.line && region.end.column > region.begin.column) {
    origin.width = region.end.column - region.begin.column;
  }
  return origin;
}

template <class Date>
std::string date_text(const Date& date) {
  std::ostringstream text;
  text << date;
  return std::move(text).str();
}

ConfigNode convert(const toml::node& from, const std::string& file) {
  ConfigNode node;
  node.origin = origin_of(from.source(), file);
  from.visit([&](const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (toml::is_table<Value>) {
      node.type = NodeType::kTable;
      for (const auto& [key, member] : value) {
        node.members.push_back(
            {std::string(key.str()), origin_of(key.source(), file), convert(member, file)});
      }
      // toml++ keeps its tables sorted by name; errors are read in the order of the file.
      std::stable_sort(node.members.begin(), node.members.end(), [](const auto& a, const auto& b) {
        return std::pair(a.origin.line, a.origin.column) <
               std::pair(b.origin.line, b.origin.column);
      });
    } else if constexpr (toml::is_array<Value>) {
      node.type = NodeType::kArray;
      for (const toml::node& item : value) node.items.push_back(convert(item, file));
    } else if constexpr (toml::is_string<Value>) {
      node.type = NodeType::kText;
      node.text = value.get();
    } else if constexpr (toml::is_integer<Value>) {
      node.type = NodeType::kInteger;
      node.integer = value.get();
    } else if constexpr (toml::is_floating_point<Value>) {
      node.type = NodeType::kFloat;
      node.number = value.get();
    } else if constexpr (toml::is_boolean<Value>) {
      node.type = NodeType::kBoolean;
      node.boolean = value.get();
    } else {
      node.type = NodeType::kDate;
      node.text = date_text(value.get());
    }
  });
  return node;
}

}  // namespace

Result<ConfigNode, ConfigError> parse_toml(std::string_view text, const std::string& file) {
  try {
    return convert(toml::parse(text, file), file);
  } catch (const toml::parse_error& error) {
    std::string message(error.description());
    while (message.ends_with('.')) message.pop_back();
    return ConfigError{origin_of(error.source(), file), std::move(message), {}, {}};
  }
}

}  // namespace hookhost::app
