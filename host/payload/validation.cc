// SPDX-License-Identifier: Apache-2.0
#include "payload/validation.h"

#include <fmt/format.h>

#include <iterator>

#include "base/json_writer.h"
#include "payload/echo.h"

namespace hookhost::payload {
namespace {

struct Words {
  std::string_view type;
  std::string_view msg;
};

// In the order of ErrorType.
constexpr Words kWords[] = {
    {"missing", "Field required"},
    {"model_attributes_type",
     "Input should be a valid dictionary or object to extract fields from"},
    {"string_type", "Input should be a valid string"},
    {"bool_type", "Input should be a valid boolean"},
    {"bool_parsing", "Input should be a valid boolean, unable to interpret input"},
    {"int_type", "Input should be a valid integer"},
    {"int_parsing", "Input should be a valid integer, unable to parse string as an integer"},
    {"int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size"},
    {"int_from_float", "Input should be a valid integer, got a number with a fractional part"},
    {"list_type", "Input should be a valid list"},
    {"dict_type", "Input should be a valid dictionary"},
    {"literal_error", "Input should be "},  // and the choices
};
static_assert(std::size(kWords) == static_cast<std::size_t>(ErrorType::kLiteralError) + 1);

void append_place(std::string& out, const Place& place) {
  if (place.parent != nullptr) {
    append_place(out, *place.parent);
    out += ',';
  }
  if (place.key.data() == nullptr) {
    fmt::format_to(std::back_inserter(out), "{}", place.index);
  } else {
    append_json_string(out, place.key);
  }
}

}  // namespace

// Everything up to the input. False: the answer is full.
bool ErrorList::begin(ErrorType type, const Place& place, std::string_view expected) {
  if (count_ == kErrorsMax) return false;
  if (count_++ != 0) json_ += ',';
  const Words& words = kWords[static_cast<std::size_t>(type)];
  fmt::format_to(std::back_inserter(json_), R"({{"type":"{}","loc":[)", words.type);
  append_place(json_, place);
  fmt::format_to(std::back_inserter(json_), R"(],"msg":"{}{}","input":)", words.msg, expected);
  return true;
}

void ErrorList::end(std::string_view expected) {
  if (!expected.empty())
    fmt::format_to(std::back_inserter(json_), R"(,"ctx":{{"expected":"{}"}})", expected);
  json_ += '}';
}

void ErrorList::add(ErrorType type, const Place& place, const Cursor& cursor, NodeId input,
                    std::string_view expected) {
  if (!begin(type, place, expected)) return;
  append_echo(json_, cursor, input);
  end(expected);
}

void ErrorList::add_null(ErrorType type, const Place& place) {
  if (!begin(type, place, {})) return;
  json_ += "null";
  end({});
}

void ErrorList::add_text(ErrorType type, const Place& place, std::string_view input) {
  if (!begin(type, place, {})) return;
  append_text_echo(json_, input);
  end({});
}

Refusal ErrorList::refusal(std::string_view rule, Arena& arena) const {
  return {
      .status = 422, .body = arena.copy(fmt::format(R"({{"detail":[{}]}})", json_)), .rule = rule};
}

}  // namespace hookhost::payload
