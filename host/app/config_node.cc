// SPDX-License-Identifier: Apache-2.0
#include "app/config_node.h"

#include <fmt/format.h>

#include <cmath>

#include "base/json_writer.h"

namespace hookhost::app {
namespace {

// False: the node that refused has been put into error.
bool write_json(const ConfigNode& node, JsonWriter& json, ConfigError& error) {
  switch (node.type) {
    case NodeType::kText:
    case NodeType::kWritten:
    case NodeType::kDate: json.string(node.text); return true;
    case NodeType::kInteger: json.integer(node.integer); return true;
    case NodeType::kBoolean: json.boolean(node.boolean); return true;
    case NodeType::kFloat:
      if (!std::isfinite(node.number)) {
        error = {node.origin,
                 "a plugin gets its configuration as JSON, which has no inf or nan",
                 {},
                 {}};
        return false;
      }
      json.number(node.number);
      return true;
    case NodeType::kArray:
      json.begin_array();
      for (const ConfigNode& item : node.items) {
        if (!write_json(item, json, error)) return false;
      }
      json.end_array();
      return true;
    case NodeType::kTable:
      json.begin_object();
      for (const ConfigMember& member : node.members) {
        json.key(member.key);
        if (!write_json(member.value, json, error)) return false;
      }
      json.end_object();
      return true;
  }
  return false;
}

}  // namespace

std::string print_node(const ConfigNode& node) {
  switch (node.type) {
    case NodeType::kText: return fmt::format("\"{}\"", node.text);
    case NodeType::kWritten: return fmt::format("'{}'", node.text);
    case NodeType::kDate: return node.text;
    case NodeType::kInteger: return std::to_string(node.integer);
    case NodeType::kFloat: return fmt::format("{}", node.number);
    case NodeType::kBoolean: return node.boolean ? "true" : "false";
    case NodeType::kArray: return "an array";
    case NodeType::kTable: return "a table";
  }
  return {};
}

Result<std::string, ConfigError> node_to_json(const ConfigNode& node) {
  std::string text;
  JsonWriter json(text);
  ConfigError error;
  if (!write_json(node, json, error)) return error;
  return text;
}

ConfigNode nested_node(std::string_view dotted_key, std::string text, const Origin& origin) {
  ConfigNode node;
  node.origin = origin;
  const auto dot = dotted_key.find('.');
  ConfigNode value;
  if (dot == std::string_view::npos) {
    value.type = NodeType::kWritten;
    value.text = std::move(text);
    value.origin = origin;
  } else {
    value = nested_node(dotted_key.substr(dot + 1), std::move(text), origin);
  }
  node.members.push_back({std::string(dotted_key.substr(0, dot)), origin, std::move(value)});
  return node;
}

}  // namespace hookhost::app
