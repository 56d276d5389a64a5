// SPDX-License-Identifier: Apache-2.0
#include "app/secret_edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/config_node.h"
#include "app/config_value.h"
#include "app/secret_entry.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBlank = " \t";

// Where a line and a column, which counts characters, are in the text.
std::size_t offset_of(std::string_view text, const Origin& origin) {
  std::size_t offset = 0;
  for (unsigned line = 1; line < origin.line; ++line) {
    const auto end = text.find('\n', offset);
    if (end == text.npos) return text.size();
    offset = end + 1;
  }
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  for (unsigned column = 1; column < origin.column && offset < text.size(); ++column) {
    do ++offset;
    while (offset < text.size() && is_inside(text[offset]));
  }
  return offset;
}

// Behind the string of TOML that begins there.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string_view thrice = quote == '"' ? R"(""")" : "'''";
  const std::string_view mark =
      text.substr(begin).starts_with(thrice) ? thrice : text.substr(begin, 1);
  for (std::size_t i = begin + mark.size(); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text.substr(i).starts_with(mark)) {
      return i + mark.size();
    }
  }
  return text.size();
}

struct ValueEnd {
  std::size_t offset = 0;
  bool has_comment = false;  // inside of it
};

// Of a string or an array, which may span lines.
ValueEnd end_of_value(std::string_view text, std::size_t begin) {
  ValueEnd end{begin};
  int depth = 0;
  do {
    const char c = text[end.offset];
    if (c == '"' || c == '\'') {
      end.offset = end_of_string(text, end.offset);
      continue;
    }
    if (c == '#') {
      end.has_comment = true;
      end.offset = std::min(text.find('\n', end.offset), text.size());
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    ++end.offset;
  } while (depth > 0 && end.offset < text.size());
  return end;
}

const ConfigNode* find_member(const ConfigNode* table, std::string_view key) {
  if (table == nullptr) return nullptr;
  const auto found = std::ranges::find(table->members, key, &ConfigMember::key);
  return found == table->members.end() ? nullptr : &found->value;
}

std::string toml_key(const std::string& name) {
  const bool is_bare = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return is_bare ? name : show(name);
}

class Editor {
 public:
  Editor(std::string_view text, const std::string& file, const SecretEdit& edit)
      : text_(text), edit_(edit) {
    for (SecretSource source : edit.sources) {
      if (source.kind == SecretKind::kFile) source.name = short_name(source.name, file);
      sources_.push_back(std::move(source));
    }
  }

  // "secrets = [...]", with the scheme in front where it is missing.
  std::string assignment(std::string_view between) const {
    std::string line;
    if (is_scheme_missing_)
      line = fmt::format("scheme = {}{}", show(*edit_.scheme), sources_.empty() ? "" : between);
    if (!sources_.empty()) line += fmt::format("secrets = {}", show_secrets(sources_));
    return line;
  }

  Status apply(const ConfigNode& root) {
    const ConfigNode* table = find_member(find_member(&root, "route"), edit_.route);
    is_scheme_missing_ = edit_.scheme && find_member(table, "scheme") == nullptr;
    if (table == nullptr) {
      if (!sources_.empty()) append_section();
      return {};
    }
    std::vector<Origin> keys;
    for (const ConfigMember& member : table->members) {
      if (member.key != "secret_file" && member.key != "secrets") continue;
      keys.push_back(member.origin);
      ends_.push_back(end_of_value(text_, offset_of(text_, member.value.origin)));
      if (ends_.back().has_comment)
        return Error{ErrorCode::kInvalid, "a comment inside the list would get lost", {}};
    }
    if (keys.empty()) {
      insert(*table);
      return {};
    }
    // From the last to the first, so that the places of the others stay right.
    for (std::size_t i = keys.size(); i-- > 0;)
      replace(offset_of(text_, keys[i]), ends_[i].offset, i == 0);
    return {};
  }

  std::string take() && { return std::move(text_); }

 private:
  static std::string short_name(const std::string& name, const std::string& file) {
    std::error_code ignored;
    const fs::path folder = fs::absolute(file, ignored).parent_path().lexically_normal();
    const fs::path path = fs::path(name).lexically_normal();
    const fs::path below = path.lexically_relative(folder);
    return below.empty() || *below.begin() == ".." ? name : below.native();
  }

  void append_section() {
    if (!text_.empty() && !text_.ends_with('\n')) text_ += '\n';
    text_ += fmt::format("{}[route.{}]\n{}\n", text_.empty() ? "" : "\n", toml_key(edit_.route),
                         assignment("\n"));
  }

  // Into a table that has no secrets: below its header, or behind its brace.
  void insert(const ConfigNode& table) {
    const std::size_t begin = offset_of(text_, table.origin);
    if (begin < text_.size() && text_[begin] == '{') {
      text_.insert(begin + 1, ' ' + assignment(", ") + (table.members.empty() ? "" : ","));
    } else if (begin < text_.size() && text_[begin] == '[') {
      const auto end = text_.find('\n', begin);
      text_.insert(std::min(end, text_.size()), '\n' + assignment("\n"));
    }
  }

  void replace(std::size_t begin, std::size_t end, bool is_first) {
    std::string line;
    if (is_first) {
      const bool is_alone = text_.find_last_not_of(kBlank, begin - 1) == text_.npos ||
                            text_[text_.find_last_not_of(kBlank, begin - 1)] == '\n';
      line = assignment(begin == 0 || is_alone ? "\n" : ", ");
    }
    text_.replace(begin, end - begin, line);
    if (line.empty()) remove_blank_line(begin);
  }

  void remove_blank_line(std::size_t inside) {
    const auto before = inside == 0 ? text_.npos : text_.rfind('\n', inside - 1);
    const std::size_t begin = before == text_.npos ? 0 : before + 1;
    const auto end = std::min(text_.find('\n', inside), text_.size() - 1);
    if (text_.find_first_not_of(" \t\r\n", begin) > end) text_.erase(begin, end + 1 - begin);
  }

  std::string text_;
  const SecretEdit& edit_;
  std::vector<SecretSource> sources_;
  std::vector<ValueEnd> ends_;
  bool is_scheme_missing_ = false;
};

bool is_same(const SecretSource& a, const SecretSource& b) {
  const bool is_same_name =
      a.kind == SecretKind::kFile
          ? fs::absolute(a.name).lexically_normal() == fs::absolute(b.name).lexically_normal()
          : a.name == b.name;
  return a.kind == b.kind && is_same_name && a.not_before == b.not_before &&
         a.not_after == b.not_after;
}

// Does the new text say what was meant, and everything else as before?
bool is_meant(const Config& before, const Config& after, const SecretEdit& edit) {
  const RouteOverrides* route = after.overrides_of(edit.route);
  const auto has = route ? route->secrets.sources() : std::vector<SecretSource>();
  if (!std::ranges::equal(has, edit.sources, is_same)) return false;
  if (edit.scheme && (!route || route->scheme != edit.scheme)) return false;
  const std::string section = fmt::format("route.{}.", edit.route);
  const auto is_of_others = [&](const EffectiveValue& row) {
    return row.key != section + "secret_file" && row.key != section + "secrets" &&
           row.key != section + "scheme";
  };
  std::vector<std::string> was, is;
  for (const EffectiveValue& row : before.effective)
    if (is_of_others(row)) was.push_back(row.key + '=' + row.value);
  for (const EffectiveValue& row : after.effective)
    if (is_of_others(row)) is.push_back(row.key + '=' + row.value);
  return was == is;
}

}  // namespace

Rotation rotate_secrets(const std::vector<SecretSource>& sources, SecretSource fresh,
                        SystemTime now, std::chrono::milliseconds overlap) {
  Rotation rotation;
  const SystemTime end =
      overlap.count() == 0 ? now : std::chrono::ceil<std::chrono::minutes>(now + overlap);
  rotation.sources.push_back(std::move(fresh));
  for (SecretSource source : sources) {
    source.not_after = std::min(source.not_after, end);
    if (source.not_after <= now || source.not_after <= source.not_before) {
      ++rotation.dropped;
      continue;
    }
    rotation.old_until = std::max(rotation.old_until, source.not_after);
    rotation.sources.push_back(std::move(source));
  }
  return rotation;
}

Result<std::string> edit_secrets(std::string_view text, const ConfigSources& sources,
                                 const std::string& file, const SecretEdit& edit) {
  Editor editor(text, file, edit);
  const auto by_hand = [&](std::string reason) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: {}", file, reason),
                 fmt::format("write by hand, in [route.{}]: {}", toml_key(edit.route),
                             editor.assignment("; "))};
  };
  const auto before = read_config(text, file, sources);
  const auto root = parse_toml(text, file);
  if (!before || !root) return by_hand("it cannot be read");
  if (Status applied = editor.apply(*root); !applied) return by_hand(applied.error().message);
  std::string edited = std::move(editor).take();
  const auto after = read_config(edited, file, sources);
  if (!after) return by_hand(after.error().front().message);
  if (!is_meant(*before, *after, edit))
    return by_hand("the route is written in a way that only its author can change");
  return edited;
}

}  // namespace hookhost::app
