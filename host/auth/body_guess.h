// SPDX-License-Identifier: Apache-2.0
//
// What may have become of a body between the sender's signature and us: each guess says how the
// body looked before, and what that means. For diagnosis alone. Pure, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hookhost::auth {

struct BodyGuess {
  std::string_view sentence;  // when the signature fits what made() gives
  std::string (*made)(std::string_view body);
};

std::span<const BodyGuess> body_guesses() noexcept;

}  // namespace hookhost::auth
