// SPDX-License-Identifier: Apache-2.0
//
// The Hub's model version 3 as a table (seed table 7): the objects, their fields in the order in
// which pydantic reports errors, and where in HubFields each value goes. Everything that reads a
// Hub payload is driven by it; a new field is one row. Static data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "payload/hub_fields.h"

namespace hookhost::payload {

enum class FieldKind : std::uint8_t {
  kText,
  kFlag,       // bool, with pydantic's conversions (seed table 7.1)
  kInteger,    // int64, likewise
  kObject,     // object: model
  kObjects,    // array of such
  kTexts,      // array of strings
  kOpenSet,    // a text of choices; any other text when tolerant
  kVersion,    // the number 3; any other number when tolerant
  kExtraText,  // the Hub sends it, pydantic's model does not know it: of another type it counts as
  kExtraFlag,  // absent and is no error
  kExtraArray,
  kExtraObject,
};

struct ObjectModel;

// A closed set, and pydantic's words for it.
struct Choices {
  std::span<const std::string_view> texts;
  std::string_view expected;  // "'a', 'b' or 'c'"
};

struct Field {
  std::string_view key;
  FieldKind kind = FieldKind::kText;
  bool is_optional = false;  // absent and null are nothing
  const ObjectModel* object = nullptr;
  const Choices* choices = nullptr;
  // Where the value goes, at most one; all nullptr: it is validated only.
  std::uint32_t HubFields::*node = nullptr;
  std::int32_t HubFields::*number = nullptr;
  std::int64_t HubFields::*wide_number = nullptr;
};

// More would not fit the slots of the reader; the table is checked when it is compiled.
inline constexpr std::size_t kFieldsMax = 12;

struct ObjectModel {
  std::span<const Field> fields;
};

inline constexpr std::int32_t kHubVersion = 3;

// WebhookPayload, the root.
extern const ObjectModel kHubModel;

}  // namespace hookhost::payload
