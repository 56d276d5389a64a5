// SPDX-License-Identifier: Apache-2.0
#include "auth/signed_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hookhost::auth {

SignedText::Piece SignedText::piece_of(std::string_view name) noexcept {
  if (name == "{id}") return Piece::kId;
  if (name == "{ts}") return Piece::kTimestamp;
  if (name == "{body}") return Piece::kBody;
  return Piece::kLiteral;
}

bool SignedText::has(Piece piece) const noexcept {
  return std::ranges::any_of(parts_, [&](const Part& part) { return part.piece == piece; });
}

Result<SignedText> SignedText::parse(std::string_view text) {
  const auto invalid = [&](std::string_view why) {
    return Error{ErrorCode::kInvalid, fmt::format("template \"{}\" {}", printable(text, 128), why),
                 "write {body}, {ts}, {id} and literal text, for example \"{ts}.{body}\""};
  };
  SignedText made;
  for (std::string_view rest = text; !rest.empty();) {
    const bool is_part = rest.front() == '{';
    const std::size_t end = is_part ? rest.find('}') + 1 : std::min(rest.find('{'), rest.size());
    const std::string_view token = rest.substr(0, end);
    const Piece piece = piece_of(token);
    if (is_part && piece == Piece::kLiteral) return invalid("has a {part} that is unknown");
    if (is_part && made.has(piece)) return invalid("has a {part} twice");
    if (made.parts_.size() == kPiecesMax) return invalid("has too many parts");
    made.parts_.push_back({piece, is_part ? std::string() : std::string(token)});
    rest.remove_prefix(token.size());
  }
  if (!made.has(Piece::kBody)) return invalid("leaves the body unsigned");
  return made;
}

Status SignedText::check_boundaries() const {
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    const Part &before = parts_[i - 1], &here = parts_[i];
    if (before.piece == Piece::kLiteral) continue;
    const bool is_digit_behind_digits = before.piece == Piece::kTimestamp &&
                                        here.piece == Piece::kLiteral &&
                                        here.literal.front() >= '0' && here.literal.front() <= '9';
    if (here.piece == Piece::kLiteral && !is_digit_behind_digits) continue;
    return Error{ErrorCode::kInvalid, "template has parts that could run together",
                 "put a text between them that neither may hold, as in \"{id}.{ts}.{body}\""};
  }
  return {};
}

bool SignedText::is_unambiguous(std::string_view id) const noexcept {
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    if (parts_[i - 1].piece == Piece::kId && parts_[i].piece == Piece::kLiteral &&
        id.find(parts_[i].literal) != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

SignedText::Texts SignedText::fill(const SignedParts& parts) const noexcept {
  Texts texts;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    switch (parts_[i].piece) {
      case Piece::kLiteral: texts[i] = parts_[i].literal; break;
      case Piece::kId: texts[i] = parts.id; break;
      case Piece::kTimestamp: texts[i] = parts.timestamp; break;
      case Piece::kBody: texts[i] = parts.body; break;
    }
  }
  return texts;
}

}  // namespace hookhost::auth
