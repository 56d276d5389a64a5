// SPDX-License-Identifier: Apache-2.0
#include "plugin/config_schema.h"

#include <fmt/format.h>
#include <hookhost/ext/config.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/text.h"
#include "payload/cursor.h"
#include "payload/parse.h"

namespace hookhost::plugin {
namespace {

using payload::Cursor;
using payload::kNoNode;
using payload::kRoot;
using payload::NodeId;
using payload::NodeType;
using payload::ReadError;

// A parsed text with everything that it needs to stay readable.
class Json {
 public:
  static Status parse(std::string_view what, std::string_view text, std::optional<Json>& out);

  const Cursor& cursor() const { return cursor_; }

 private:
  Json(std::string padded, std::unique_ptr<Arena> arena, payload::Document document)
      : padded_(std::move(padded)), arena_(std::move(arena)), cursor_(document) {}
  std::string padded_;  // longer than a short string, so that moving it does not move the bytes
  std::unique_ptr<Arena> arena_;
  Cursor cursor_;
};

Status Json::parse(std::string_view what, std::string_view text, std::optional<Json>& out) {
  if (text.size() > HOOKHOST_CONFIG_BYTES_MAX)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} has {} bytes, at most {} are allowed", what, text.size(),
                             HOOKHOST_CONFIG_BYTES_MAX),
                 {}};
  std::string padded(text);
  padded.append(payload::kPaddingBytes, '\0');
  auto arena = std::make_unique<Arena>();
  payload::Parser parser;
  const auto document = parser.parse(std::string_view(padded).substr(0, text.size()), *arena);
  if (!document)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{} is not JSON: {}", what, printable(document.error().body, 256)),
                 {}};
  if (Cursor(*document).type(kRoot) != NodeType::kObject)
    return Error{ErrorCode::kInvalid, fmt::format("{} is not a JSON object", what), {}};
  out = Json(std::move(padded), std::move(arena), *document);
  return {};
}

std::string_view type_name(NodeType type) {
  constexpr std::string_view kNames[] = {"nothing",  "null",     "a boolean", "a number",
                                         "a string", "an array", "an object"};
  return kNames[static_cast<std::size_t>(type)];
}

struct TypeWord {
  std::string_view word;      // in the schema
  std::string_view expected;  // in a message
  NodeType type;
};
constexpr std::array<TypeWord, 6> kTypeWords = {{{"object", "an object", NodeType::kObject},
                                                 {"array", "an array", NodeType::kArray},
                                                 {"string", "a string", NodeType::kString},
                                                 {"integer", "an integer", NodeType::kNumber},
                                                 {"number", "a number", NodeType::kNumber},
                                                 {"boolean", "a boolean", NodeType::kBool}}};

const TypeWord* find_type(std::string_view word) {
  const auto* row = std::find_if(kTypeWords.begin(), kTypeWords.end(),
                                 [&](const TypeWord& type) { return type.word == word; });
  return row == kTypeWords.end() ? nullptr : row;
}

template <class Visit>
void for_each_child(const Cursor& cursor, NodeId container, Visit visit) {
  for (NodeId child = cursor.first(container); child != kNoNode; child = cursor.next(child))
    visit(child);
}

// ---- The schema itself

class SchemaCheck {
 public:
  explicit SchemaCheck(const Cursor& schema) : schema_(schema) {}

  Status check(NodeId node, const std::string& path) {
    if (schema_.type(node) != NodeType::kObject)
      return bad(path, fmt::format("is {}, needed is an object", type_name(schema_.type(node))));
    for (NodeId member = schema_.first(node); member != kNoNode; member = schema_.next(member)) {
      if (Status status = check_keyword(member, path); !status) return status;
    }
    return {};
  }

 private:
  using Rule = Status (SchemaCheck::*)(NodeId, const std::string&);
  struct Keyword {
    std::string_view name;
    Rule rule;
  };
  static constexpr std::size_t kKeywordCount = 13;
  static const std::array<Keyword, kKeywordCount> kKeywords;

  Status check_keyword(NodeId member, const std::string& path) {
    const std::string_view name = schema_.key(member);
    const auto* row = std::find_if(kKeywords.begin(), kKeywords.end(),
                                   [&](const Keyword& keyword) { return keyword.name == name; });
    if (row == kKeywords.end())
      return bad(path, fmt::format("uses the keyword \"{}\", which this host does not know",
                                   printable(name, 64)));
    return (this->*row->rule)(member, fmt::format("{}.{}", path, name));
  }

  Status bad(const std::string& path, std::string_view what) const {
    return Error{ErrorCode::kInvalid, fmt::format("{} {}", path, what),
                 "the keywords are listed in hookhost/ext/config.h"};
  }
  Status needs(NodeId node, NodeType type, const std::string& path) const {
    if (schema_.type(node) == type) return {};
    return bad(path,
               fmt::format("is {}, needed is {}", type_name(schema_.type(node)), type_name(type)));
  }

  Status anything(NodeId, const std::string&) { return {}; }
  Status text(NodeId node, const std::string& path) { return needs(node, NodeType::kString, path); }
  Status number(NodeId node, const std::string& path) {
    return needs(node, NodeType::kNumber, path);
  }
  Status boolean(NodeId node, const std::string& path) {
    return needs(node, NodeType::kBool, path);
  }
  Status length(NodeId node, const std::string& path) {
    std::uint64_t value = 0;
    if (schema_.read_u64(node, value) == ReadError::kOk) return {};
    return bad(path, "is not a length");
  }
  Status type(NodeId node, const std::string& path) {
    if (find_type(schema_.text(node)) != nullptr) return {};
    return bad(path, fmt::format("is {}, needed is one of object, array, string, integer, number, "
                                 "boolean",
                                 printable(schema_.raw(node), 64)));
  }
  Status properties(NodeId node, const std::string& path) {
    if (Status status = needs(node, NodeType::kObject, path); !status) return status;
    for (NodeId child = schema_.first(node); child != kNoNode; child = schema_.next(child)) {
      const std::string below = fmt::format("{}.{}", path, printable(schema_.key(child), 64));
      if (Status status = check(child, below); !status) return status;
    }
    return {};
  }
  Status required(NodeId node, const std::string& path) {
    if (Status status = needs(node, NodeType::kArray, path); !status) return status;
    for (NodeId child = schema_.first(node); child != kNoNode; child = schema_.next(child)) {
      if (Status status = needs(child, NodeType::kString, path + "[]"); !status) return status;
    }
    return {};
  }
  Status choices(NodeId node, const std::string& path) {
    if (Status status = needs(node, NodeType::kArray, path); !status) return status;
    return schema_.size(node) != 0 ? Status{} : bad(path, "is empty");
  }

  const Cursor& schema_;
};

// The list of ext/config.h.
const std::array<SchemaCheck::Keyword, SchemaCheck::kKeywordCount> SchemaCheck::kKeywords = {
    {{"type", &SchemaCheck::type},
     {"properties", &SchemaCheck::properties},
     {"required", &SchemaCheck::required},
     {"additionalProperties", &SchemaCheck::boolean},
     {"items", &SchemaCheck::check},
     {"enum", &SchemaCheck::choices},
     {"minimum", &SchemaCheck::number},
     {"maximum", &SchemaCheck::number},
     {"minLength", &SchemaCheck::length},
     {"maxLength", &SchemaCheck::length},
     {"title", &SchemaCheck::text},
     {"description", &SchemaCheck::text},
     {"default", &SchemaCheck::anything}}};

// ---- The settings against it

class ConfigCheck {
 public:
  ConfigCheck(const Cursor& schema, const Cursor& config) : schema_(schema), config_(config) {}

  void check(NodeId value, NodeId schema, const std::string& path) {
    const NodeId type = schema_.get(schema, "type");
    if (type != kNoNode && !check_type(value, *find_type(schema_.text(type)), path)) return;
    check_choices(value, schema_.get(schema, "enum"), path);
    switch (config_.type(value)) {
      case NodeType::kNumber: check_number(value, schema, path); break;
      case NodeType::kString: check_length(value, schema, path); break;
      case NodeType::kArray: check_items(value, schema_.get(schema, "items"), path); break;
      case NodeType::kObject: check_members(value, schema, path); break;
      default: break;
    }
  }

  Status result() const {
    if (count_ == 0) return {};
    std::string message = messages_;
    if (count_ > kConfigErrorsShownMax)
      message += fmt::format("; and {} more", count_ - kConfigErrorsShownMax);
    return Error{ErrorCode::kInvalid, std::move(message), fix_};
  }

 private:
  void complain(const std::string& path, std::string_view what) {
    if (++count_ > kConfigErrorsShownMax) return;
    if (!messages_.empty()) messages_ += "; ";
    messages_ += path;
    messages_ += ' ';
    messages_ += what;
  }

  bool check_type(NodeId value, const TypeWord& wanted, const std::string& path) {
    std::int64_t i = 0;
    std::uint64_t u = 0;
    const bool is_right =
        config_.type(value) == wanted.type &&
        (wanted.word != "integer" || config_.read_i64(value, i) == ReadError::kOk ||
         config_.read_u64(value, u) == ReadError::kOk);
    if (!is_right)
      complain(path, fmt::format("must be {}, it is {}", wanted.expected,
                                 config_.type(value) == wanted.type
                                     ? printable(config_.raw(value), 64)
                                     : std::string(type_name(config_.type(value)))));
    return is_right;
  }

  bool is_equal(NodeId value, NodeId choice) const {
    if (config_.type(value) != schema_.type(choice)) return false;
    double a = 0, b = 0;
    switch (config_.type(value)) {
      case NodeType::kString: return config_.text(value) == schema_.text(choice);
      case NodeType::kNumber:
        return config_.read_f64(value, a) == ReadError::kOk &&
               schema_.read_f64(choice, b) == ReadError::kOk && a == b;
      default: return config_.raw(value) == schema_.raw(choice);
    }
  }

  void check_choices(NodeId value, NodeId choices, const std::string& path) {
    if (choices == kNoNode) return;
    bool is_found = false;
    for_each_child(schema_, choices, [&](NodeId choice) { is_found |= is_equal(value, choice); });
    if (!is_found)
      complain(path, fmt::format("is {}, needed is one of {}", printable(config_.raw(value), 64),
                                 printable(schema_.raw(choices), 256)));
  }

  void check_number(NodeId value, NodeId schema, const std::string& path) {
    double number = 0, limit = 0;
    if (config_.read_f64(value, number) != ReadError::kOk)
      return complain(path, "is beyond the range of a double");
    const NodeId least = schema_.get(schema, "minimum");
    if (schema_.read_f64(least, limit) == ReadError::kOk && number < limit)
      complain(path,
               fmt::format("is {}, needed is at least {}", config_.raw(value), schema_.raw(least)));
    const NodeId most = schema_.get(schema, "maximum");
    if (schema_.read_f64(most, limit) == ReadError::kOk && number > limit)
      complain(path,
               fmt::format("is {}, needed is at most {}", config_.raw(value), schema_.raw(most)));
  }

  void check_length(NodeId value, NodeId schema, const std::string& path) {
    const std::string_view text = config_.text(value);
    const auto characters =
        static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
          return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        }));
    std::uint64_t limit = 0;
    if (schema_.read_u64(schema_.get(schema, "minLength"), limit) == ReadError::kOk &&
        characters < limit)
      complain(path, fmt::format("has {} characters, needed are at least {}", characters, limit));
    if (schema_.read_u64(schema_.get(schema, "maxLength"), limit) == ReadError::kOk &&
        characters > limit)
      complain(path, fmt::format("has {} characters, needed are at most {}", characters, limit));
  }

  void check_items(NodeId array, NodeId items, const std::string& path) {
    if (items == kNoNode) return;
    std::size_t index = 0;
    for_each_child(config_, array,
                   [&](NodeId item) { check(item, items, fmt::format("{}[{}]", path, index++)); });
  }

  void check_members(NodeId object, NodeId schema, const std::string& path) {
    const NodeId properties = schema_.get(schema, "properties");
    bool allows_more = schema != kRoot;  // at the top level a misspelt key is found
    static_cast<void>(schema_.read_bool(schema_.get(schema, "additionalProperties"), allows_more));
    for_each_child(config_, object, [&](NodeId member) {
      const std::string_view key = config_.key(member);
      const std::string below = fmt::format("{}.{}", path, printable(key, 64));
      const NodeId property = schema_.get(properties, key);
      if (property != kNoNode) return check(member, property, below);
      if (!allows_more) complain_unknown(below, key, properties);
    });
    for_each_child(schema_, schema_.get(schema, "required"), [&](NodeId name) {
      if (config_.get(object, schema_.text(name)) == kNoNode)
        complain(fmt::format("{}.{}", path, printable(schema_.text(name), 64)), "is missing");
    });
  }

  void complain_unknown(const std::string& path, std::string_view key, NodeId properties) {
    std::vector<std::string_view> known;
    for_each_child(schema_, properties, [&](NodeId name) { known.push_back(schema_.key(name)); });
    const std::string_view near = nearest(key, known.data(), known.size());
    complain(path, near.empty() ? std::string("is not a setting of this plugin")
                                : fmt::format("is not a setting of this plugin; did you mean "
                                              "\"{}\"?",
                                              printable(near, 64)));
    if (!fix_.empty() || known.empty()) return;
    fix_ = "known settings: ";
    for (std::size_t i = 0; i < known.size(); ++i)
      fix_ += (i == 0 ? "" : ", ") + printable(known[i], 64);
  }

  const Cursor& schema_;
  const Cursor& config_;
  std::size_t count_ = 0;
  std::string messages_, fix_;
};

}  // namespace

Status check_schema(std::string_view schema_json) {
  std::optional<Json> schema;
  if (Status parsed = Json::parse("config_schema_json", schema_json, schema); !parsed)
    return parsed;
  return SchemaCheck(schema->cursor()).check(kRoot, "config_schema_json");
}

Status check_config(std::string_view schema_json, std::string_view config_json) {
  std::optional<Json> config;
  if (Status parsed = Json::parse("config", config_json, config); !parsed) return parsed;
  if (schema_json.empty()) return {};
  std::optional<Json> schema;
  if (Status parsed = Json::parse("config_schema_json", schema_json, schema); !parsed)
    return parsed;
  ConfigCheck check(schema->cursor(), config->cursor());
  check.check(kRoot, kRoot, "config");
  return check.result();
}

}  // namespace hookhost::plugin
