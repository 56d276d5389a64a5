// SPDX-License-Identifier: Apache-2.0
//
// ConfigNode: a configuration as a tree, wherever it was written: the file, one variable of the
// environment or one flag. Every node knows its place, so that whoever refuses it can point at it.
// Plain data. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_error.h"
#include "base/result.h"

namespace hookhost::app {

enum class NodeType : std::uint8_t {
  kText,
  kWritten,  // text from the environment or a flag: it may mean a number or a boolean
  kInteger,
  kFloat,
  kBoolean,
  kDate,  // text holds it as RFC 3339 writes it, or the part of it that was given
  kArray,
  kTable
};

struct ConfigMember;

struct ConfigNode {
  NodeType type = NodeType::kTable;
  std::string text;  // of kText, kWritten and kDate
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::vector<ConfigNode> items;      // of kArray
  std::vector<ConfigMember> members;  // of kTable, in the order of the document
  Origin origin;
};

struct ConfigMember {
  std::string key;
  Origin origin;  // of the key
  ConfigNode value;
};

// The node as messages show it: `"text"`, `70000`, `a table`.
std::string print_node(const ConfigNode& node);

// The node as JSON; dates become RFC 3339 texts. kInvalid: inf or nan, which JSON cannot say.
Result<std::string, ConfigError> node_to_json(const ConfigNode& node);

// Tables around a text, for a dotted key: "listen.port", "7860" -> {listen: {port: 7860}}.
ConfigNode nested_node(std::string_view dotted_key, std::string text, const Origin& origin);

// The file's text as a tree; on a syntax error, which TOML allows to report once only, where and
// what. Pure.
Result<ConfigNode, ConfigError> parse_toml(std::string_view text, const std::string& file);

}  // namespace hookhost::app
