// SPDX-License-Identifier: Apache-2.0
//
// What a sender signs, as a template: "{id}.{ts}.{body}". {body} stands for the raw body, {ts} for
// the text of the timestamp, {id} for that of the delivery id; the rest is literal. Made once at
// configuration. Pure, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hookhost::auth {

inline constexpr std::size_t kPiecesMax = 8;  // of one template; the longest that is known has five

// What a request puts into the template.
struct SignedParts {
  std::string_view id, timestamp, body;
};

class SignedText {
 public:
  // kInvalid: no {body}, an unknown or repeated {part}, more than kPiecesMax pieces.
  static Result<SignedText> parse(std::string_view text);

  // kInvalid: two parts that could run together, so that a signature of one request would fit
  // another: "{id}{ts}", or a digit behind {ts}. For templates that an operator writes.
  Status check_boundaries() const;

  bool has_id() const noexcept { return has(Piece::kId); }
  bool has_timestamp() const noexcept { return has(Piece::kTimestamp); }

  // False: the id holds the literal behind {id}, and could be cut at another place.
  bool is_unambiguous(std::string_view id) const noexcept;

  using Texts = std::array<std::string_view, kPiecesMax>;
  // The pieces one after the other; what is left of the array stays empty. Hot path.
  Texts fill(const SignedParts& parts) const noexcept;

 private:
  enum class Piece : std::uint8_t { kLiteral, kId, kTimestamp, kBody };
  struct Part {
    Piece piece;
    std::string literal;
  };
  bool has(Piece piece) const noexcept;
  static Piece piece_of(std::string_view name) noexcept;

  std::vector<Part> parts_;
};

}  // namespace hookhost::auth
