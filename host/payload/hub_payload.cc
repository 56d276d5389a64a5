// SPDX-License-Identifier: Apache-2.0
#include "payload/hub_payload.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "payload/content_type.h"
#include "payload/cursor.h"
#include "payload/hub_model.h"
#include "payload/lax_value.h"
#include "payload/number.h"
#include "payload/validation.h"

namespace hookhost::payload {
namespace {

template <class Word>
bool same_word(const char* a, const char* b) noexcept {
  Word x, y;
  std::memcpy(&x, a, sizeof(Word));
  std::memcpy(&y, b, sizeof(Word));
  return x == y;
}

// Equality of texts as short as keys are, in two overlapping words: a call of memcmp for each key
// is a tenth of the whole reading.
bool same_key(std::string_view a, std::string_view b) noexcept {
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  const auto both_ends = [&]<class Word>(Word) {
    return same_word<Word>(a.data(), b.data()) &&
           same_word<Word>(a.data() + n - sizeof(Word), b.data() + n - sizeof(Word));
  };
  if (n > 16) return std::memcmp(a.data(), b.data(), n) == 0;
  if (n >= 8) return both_ends(std::uint64_t{});
  if (n >= 4) return both_ends(std::uint32_t{});
  if (n >= 2) return both_ends(std::uint16_t{});
  return n == 0 || a[0] == b[0];
}

constexpr Place kBodyPlace{.parent = nullptr, .key = "body"};

// Reads one payload against the model. Depth is the model's (at most 4), not the document's.
class HubReader {
 public:
  HubReader(const Document& document, HubFields& fields, Strictness strictness) noexcept
      : cursor_(document), fields_(fields), is_strict_(strictness == Strictness::kStrict) {}

  // True: no error.
  bool run() {
    read_object(kHubModel, kRoot, kBodyPlace);
    return errors_.empty();
  }
  const ErrorList& errors() const noexcept { return errors_; }

 private:
  using Slots = std::array<NodeId, kFieldsMax>;

  void read_object(const ObjectModel& model, NodeId node, const Place& place) {
    if (cursor_.type(node) != NodeType::kObject)
      return errors_.add(ErrorType::kModelAttributesType, place, cursor_, node);
    Slots slots{};
    find_members(model.fields, node, slots);
    for (std::size_t i = 0; i < model.fields.size(); ++i) {
      const Field& field = model.fields[i];
      const Place field_place{.parent = &place, .key = field.key};
      const NodeId value = slots[i];
      const bool is_none = field.is_optional && cursor_.type(value) <= NodeType::kNull;
      if (is_none) continue;
      if (value == kNoNode) {
        errors_.add(ErrorType::kMissing, field_place, cursor_, node);
      } else {
        read_field(field, value, field_place);
      }
    }
  }

  // The last member of each key. Senders keep an order, mostly the model's, so the field behind the
  // one that was found before is looked at first.
  void find_members(std::span<const Field> fields, NodeId object, Slots& slots) noexcept {
    std::size_t expected = 0;
    for (NodeId child = cursor_.first(object); child != kNoNode; child = cursor_.next(child)) {
      const std::string_view key = cursor_.key(child);
      for (std::size_t tried = 0; tried < fields.size(); ++tried, ++expected) {
        if (expected >= fields.size()) expected = 0;
        if (same_key(fields[expected].key, key)) {
          slots[expected++] = child;
          break;
        }
      }
    }
  }

  void read_field(const Field& field, NodeId value, const Place& place) {
    switch (field.kind) {
      case FieldKind::kText: return read_text(field, value, place);
      case FieldKind::kFlag: return read_flag(field, value, place);
      case FieldKind::kInteger: return read_integer(field, value, place);
      case FieldKind::kObject: return keep(field, value), read_object(*field.object, value, place);
      case FieldKind::kObjects:
      case FieldKind::kTexts: return read_list(field, value, place);
      case FieldKind::kOpenSet: return read_open_set(field, value, place);
      case FieldKind::kVersion: return read_version(field, value, place);
      case FieldKind::kExtraText: return keep_if(NodeType::kString, field, value);
      case FieldKind::kExtraArray: return keep_if(NodeType::kArray, field, value);
      case FieldKind::kExtraObject: return keep_if(NodeType::kObject, field, value);
      case FieldKind::kExtraFlag: {
        bool flag = false;
        if (cursor_.read_bool(value, flag) == ReadError::kOk) fields_.*field.number = flag ? 1 : 0;
      }
    }
  }

  void keep(const Field& field, NodeId value) noexcept {
    if (field.node != nullptr) fields_.*field.node = value;
  }
  void keep_if(NodeType type, const Field& field, NodeId value) noexcept {
    if (cursor_.type(value) == type) keep(field, value);
  }

  void read_text(const Field& field, NodeId value, const Place& place) {
    if (cursor_.type(value) != NodeType::kString)
      return errors_.add(ErrorType::kStringType, place, cursor_, value);
    keep(field, value);
  }

  void read_flag(const Field& field, NodeId value, const Place& place) {
    const auto flag = to_lax_bool(cursor_, value);
    if (!flag) return errors_.add(flag.error(), place, cursor_, value);
    fields_.*field.number = *flag ? 1 : 0;
  }

  void read_integer(const Field& field, NodeId value, const Place& place) {
    const auto integer = to_lax_int(cursor_, value);
    if (!integer) return errors_.add(integer.error(), place, cursor_, value);
    fields_.*field.wide_number = *integer;
  }

  void read_list(const Field& field, NodeId value, const Place& place) {
    if (cursor_.type(value) != NodeType::kArray)
      return errors_.add(ErrorType::kListType, place, cursor_, value);
    keep(field, value);
    const Field element{.key = {}, .kind = FieldKind::kText};
    Place element_place{.parent = &place};
    for (NodeId child = cursor_.first(value); child != kNoNode; child = cursor_.next(child)) {
      if (field.kind == FieldKind::kObjects) {
        read_object(*field.object, child, element_place);
      } else {
        read_text(element, child, element_place);
      }
      ++element_place.index;
    }
  }

  // Tolerant: an unknown text is one that the Hub has learnt since.
  void read_open_set(const Field& field, NodeId value, const Place& place) {
    const auto& texts = field.choices->texts;
    const bool is_text = cursor_.type(value) == NodeType::kString;
    const bool is_fine = is_text && (!is_strict_ || std::find(texts.begin(), texts.end(),
                                                              cursor_.text(value)) != texts.end());
    if (!is_fine)
      return errors_.add(ErrorType::kLiteralError, place, cursor_, value, field.choices->expected);
    keep(field, value);
  }

  void read_version(const Field& field, NodeId value, const Place& place) {
    if (equals(cursor_, value, kHubVersion)) {
      fields_.*field.number = kHubVersion;
      return;
    }
    if (cursor_.type(value) == NodeType::kNumber) {
      if (!is_strict_) return keep_other_version(field, value);
      // pydantic turns an integer into 64 bits before it compares.
      const std::string_view source = cursor_.raw(value);
      if (is_integer_literal(source) && !to_i64(source))
        return errors_.add(ErrorType::kIntParsingSize, place, cursor_, value);
    }
    errors_.add(ErrorType::kLiteralError, place, cursor_, value, field.choices->expected);
  }

  void keep_other_version(const Field& field, NodeId value) noexcept {
    std::int64_t version = 0;
    using Limits = std::numeric_limits<std::int32_t>;
    if (cursor_.read_i64(value, version) == ReadError::kOk && version >= Limits::min() &&
        version <= Limits::max())
      fields_.*field.number = static_cast<std::int32_t>(version);
  }

  const Cursor cursor_;
  HubFields& fields_;
  const bool is_strict_;
  ErrorList errors_;
};

// A body that is not there, or is `null`, is a missing one (V01).
Refusal refuse_missing(Arena& arena) {
  ErrorList errors;
  errors.add_null(ErrorType::kMissing, kBodyPlace);
  return errors.refusal("body-missing", arena);
}

}  // namespace

Result<void, Refusal> read_hub_fields(Document& document, Strictness strictness, Arena& arena) {
  if (Cursor(document).type(kRoot) == NodeType::kNull) return refuse_missing(arena);
  // The index is the arena's, and this function is what fills its hub fields.
  auto& header = const_cast<IndexHeader&>(document.header());
  header.hub = HubFields{};
  header.hub.discussion_is_pinned = -1;
  HubReader reader(document, header.hub, strictness);
  if (!reader.run()) return reader.errors().refusal("model-invalid", arena);
  header.has_hub = 1;
  return {};
}

Result<Document, Refusal> understand(Parser& parser, Form form, std::string_view content_type,
                                     std::string_view body, Arena& arena) {
  if (body.empty()) return refuse_missing(arena);
  if (!is_json_content_type(content_type)) {
    ErrorList errors;
    errors.add_text(form == Form::kJson ? ErrorType::kDictType : ErrorType::kModelAttributesType,
                    kBodyPlace, body);
    return errors.refusal("content-type-not-json", arena);
  }
  auto document = parser.parse(body, arena);
  if (!document || form == Form::kJson) return document;
  const auto fields = read_hub_fields(
      *document, form == Form::kHubStrict ? Strictness::kStrict : Strictness::kTolerant, arena);
  if (!fields) return fields.error();
  return document;
}

}  // namespace hookhost::payload
