// SPDX-License-Identifier: Apache-2.0
#include "auth/body_guess.h"

namespace hookhost::auth {
namespace {

// JSON with these texts in place of the blanks around it; strings stay as they are.
std::string respaced(std::string_view json, std::string_view comma, std::string_view colon) {
  std::string out;
  bool in_string = false, is_escaped = false;
  for (const char c : json) {
    if (in_string) {
      in_string = is_escaped || c != '"';
      is_escaped = !is_escaped && c == '\\';
      out += c;
    } else if (c == ',') {
      out += comma;
    } else if (c == ':') {
      out += colon;
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
      in_string = c == '"';
      out += c;
    }
  }
  return out;
}

std::string without_line_end(std::string_view body) {
  if (body.ends_with('\n')) body.remove_suffix(1);
  if (body.ends_with('\r')) body.remove_suffix(1);
  return std::string(body);
}

std::string with_unix_lines(std::string_view body) {
  std::string out;
  for (const char c : body) {
    if (c != '\r') out += c;
  }
  return out;
}

constexpr BodyGuess kGuesses[] = {
    {"the signature fits the body without its last line end: what sends it adds one",
     without_line_end},
    {"the signature fits the body with a line end behind it: something on the way takes it away",
     [](std::string_view body) { return std::string(body) + '\n'; }},
    {"the signature fits the body with Unix line ends: something on the way rewrites them",
     with_unix_lines},
    {"the signature fits the same JSON without blanks: something on the way writes it anew",
     [](std::string_view body) { return respaced(body, ",", ":"); }},
    {"the signature fits the same JSON with blanks: something on the way writes it anew",
     [](std::string_view body) { return respaced(body, ", ", ": "); }},
    {"the signature fits an empty body: the sender did not sign what it sent",
     [](std::string_view) { return std::string(); }},
};

}  // namespace

std::span<const BodyGuess> body_guesses() noexcept { return kGuesses; }

}  // namespace hookhost::auth
