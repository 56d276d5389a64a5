// SPDX-License-Identifier: Apache-2.0
#include "payload/mutation.h"

#include <array>
#include <map>
#include <span>

#include "base/arena.h"
#include "base/check.h"
#include "payload/cursor.h"
#include "payload/fixtures.h"
#include "payload/parse.h"

namespace hookhost::payload {
namespace {

constexpr std::uint64_t kChangesMax = 4;  // more and the model refuses nearly every event
constexpr std::size_t kRandomBytesMax = 4096;

// What handlers stumble over. As JSON.
constexpr std::string_view kStrings[] = {
    R"("")",       R"(" ")",      R"("\u0000")", R"("a\u0000b")",     R"("\n\r\t")",
    R"("\"\\\/")", R"("%s%n%x")", R"("../..")",  R"("<b>&amp;")",     R"("'; --")",
    R"("null")",   R"("-1")",     R"("é")",      R"("\ud83d\ude00")", R"("\u202e")"};
constexpr std::string_view kNumbers[] = {
    "0", "1", "-1", "0.5", "2147483648", "9223372036854775807", "1e308", "18446744073709551616"};
constexpr std::string_view kBools[] = {"true", "false"};
constexpr std::string_view kContainers[] = {"[]", "{}", "[[]]", R"({"":{}})", "[null]"};
constexpr std::array<std::size_t, 4> kLengths = {255, 256, 4096, 64 * 1024};

std::span<const std::string_view> values_like(char first) {
  switch (first) {
    case '"': return kStrings;
    case '[':
    case '{': return kContainers;
    case 't':
    case 'f': return kBools;
    default: return kNumbers;
  }
}

}  // namespace

Mutation::Mutation(std::uint64_t seed, std::uint64_t number) {
  constexpr auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  constexpr auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  std::seed_seq words{high(seed), low(seed), high(number), low(number)};
  random_.seed(words);
}

std::string_view Mutation::odd_value() {
  constexpr std::string_view kNull[] = {"null"};
  const std::span<const std::string_view> kinds[] = {kStrings, kNumbers, kBools, kContainers,
                                                     kNull};
  const auto values = kinds[below(std::size(kinds))];
  return values[below(values.size())];
}

// Mostly of the type that the model wants: what it refuses reaches no handler.
std::string Mutation::odd_value_like(std::string_view json) {
  if (one_in(4)) return std::string(odd_value());
  if (json.front() == '"') {
    if (one_in(3)) return R"("")";  // what is most often forgotten
    if (one_in(6)) return '"' + std::string(kLengths[below(kLengths.size())], 'x') + '"';
  }
  const auto values = values_like(json.front());
  return std::string(values[below(values.size())]);
}

// Writes a document again, with changes at some of its nodes.
class EventWriter {
 public:
  EventWriter(Mutation& mutation, const Document& document)
      : mutation_(mutation), cursor_(document) {
    const std::uint64_t count = 1 + mutation_.below(kChangesMax);
    for (std::uint64_t i = 0; i < count; ++i) {
      // Any node but the root, which the model needs.
      const auto node =
          static_cast<NodeId>(kRoot + 1 + mutation_.below(document.header().node_count - 1));
      changes_[node] = static_cast<Change>(mutation_.below(kChangeCount));
    }
  }

  std::string write() {
    value(kRoot);
    return std::move(out_);
  }

 private:
  enum class Change : std::uint8_t { kRemove, kReplace, kRepeat, kAddUnknown };
  static constexpr std::uint64_t kChangeCount = 4;

  void value(NodeId node) {
    const NodeType type = cursor_.type(node);
    if (type != NodeType::kObject && type != NodeType::kArray) {
      out_ += cursor_.raw(node);
      return;
    }
    const bool is_object = type == NodeType::kObject;
    out_ += is_object ? '{' : '[';
    const std::size_t begin = out_.size();
    for (NodeId child = cursor_.first(node); child != kNoNode; child = cursor_.next(child))
      changed(child, is_object, begin);
    out_ += is_object ? '}' : ']';
  }

  void changed(NodeId node, bool is_member, std::size_t begin) {
    const auto change = changes_.find(node);
    if (change == changes_.end()) return whole(node, is_member, begin);
    switch (change->second) {
      case Change::kRemove: break;
      case Change::kReplace: odd(node, is_member, begin); break;
      case Change::kRepeat:  // the last one counts
        whole(node, is_member, begin);
        odd(node, is_member, begin);
        break;
      case Change::kAddUnknown:
        separate(begin);
        if (is_member) out_ += R"("unknown":)";
        out_ += mutation_.odd_value();
        whole(node, is_member, begin);
        break;
    }
  }

  void whole(NodeId node, bool is_member, std::size_t begin) {
    key(node, is_member, begin);
    value(node);
  }
  void odd(NodeId node, bool is_member, std::size_t begin) {
    key(node, is_member, begin);
    out_ += mutation_.odd_value_like(cursor_.raw(node));
  }
  void key(NodeId node, bool is_member, std::size_t begin) {
    separate(begin);
    if (!is_member) return;
    out_ += '"';
    out_ += cursor_.key(node);  // no key of a fixture needs an escape
    out_ += "\":";
  }
  void separate(std::size_t begin) {
    if (out_.size() != begin) out_ += ',';
  }

  Mutation& mutation_;
  Cursor cursor_;
  std::map<NodeId, Change> changes_;
  std::string out_;
};

std::string Mutation::event() {
  const auto all = fixtures();
  const std::string_view json = all[below(all.size())].json;
  std::string body(json);
  body.append(kPaddingBytes, '\0');
  Arena arena;
  Parser parser;
  const auto document = parser.parse(std::string_view(body).substr(0, json.size()), arena);
  HOOKHOST_CHECK(document);  // a fixture is JSON
  return EventWriter(*this, *document).write();
}

std::string Mutation::json() { return one_in(8) ? std::string(odd_value()) : event(); }

std::string Mutation::bytes() {
  if (one_in(8)) return {};
  std::string body;
  if (one_in(4)) {
    body.resize(below(kRandomBytesMax));
    for (char& byte : body) byte = static_cast<char>(below(256));
    return body;
  }
  body = json();
  if (one_in(3)) body.resize(below(body.size()));
  for (std::uint64_t changes = below(4); changes != 0 && !body.empty(); --changes)
    body[below(body.size())] = static_cast<char>(below(256));
  return body;
}

}  // namespace hookhost::payload
