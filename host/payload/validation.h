// SPDX-License-Identifier: Apache-2.0
//
// The 422 of FastAPI (seed table 7.2): errors are collected in the order of the model, each with
// its place, pydantic's words and what was sent. Not for the hot path: a payload without an error
// touches nothing here.
//
// What was sent (`input`) is echoed as FastAPI does, compact and with repeated keys resolved, when
// its JSON has at most kEchoBytesMax bytes. Longer, a string is cut to its first kEchoBytesMax
// bytes, anything else becomes a JSON string of the first kEchoBytesMax bytes of its JSON; both end
// with a whole character, so `input` is JSON always.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/refusal.h"
#include "payload/cursor.h"

namespace hookhost::payload {

// An array of wrong elements would make the answer a hundred times as long as the body; no correct
// sender has that many errors to correct. The rest is not listed.
inline constexpr std::size_t kErrorsMax = 1000;

enum class ErrorType : std::uint8_t {
  kMissing,
  kModelAttributesType,
  kStringType,
  kBoolType,
  kBoolParsing,
  kIntType,
  kIntParsing,
  kIntParsingSize,
  kIntFromFloat,
  kListType,
  kDictType,
  kLiteralError,
};

// A place in the document, as a chain from the innermost step outwards; steps live on the stack.
struct Place {
  const Place* parent = nullptr;
  std::string_view key = {};  // data() == nullptr: index counts
  std::size_t index = 0;
};

class ErrorList {
 public:
  bool empty() const noexcept { return count_ == 0; }

  // expected: of a literal error, pydantic's list of the choices.
  void add(ErrorType type, const Place& place, const Cursor& cursor, NodeId input,
           std::string_view expected = {});

  // The same with an input that is no part of a document: null, or a text.
  void add_null(ErrorType type, const Place& place);
  void add_text(ErrorType type, const Place& place, std::string_view input);

  // {"detail":[...]} with status 422, in the arena.
  Refusal refusal(std::string_view rule, Arena& arena) const;

 private:
  bool begin(ErrorType type, const Place& place, std::string_view expected);
  void end(std::string_view expected);

  std::string json_;  // the errors, with commas between them
  std::size_t count_ = 0;
};

}  // namespace hookhost::payload
