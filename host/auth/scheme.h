// SPDX-License-Identifier: Apache-2.0
//
// Scheme: a way in which senders prove themselves, by the name that the operator writes in the
// configuration. The table in schemes.cc is the one place where a scheme is listed; configuration,
// /docs, completion and the fuzzer read it from there. Constant: any thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "base/result.h"
#include "model/authenticator.h"

namespace hookhost::auth {

// What an operator may choose beside the secrets; a scheme takes what concerns it.
struct SchemeOptions {
  bool secret_in_query = false;  // hf
};

struct Scheme {
  std::string_view name;   // "hf"
  std::string_view title;  // for people: "Hugging Face Hub"
  Result<std::shared_ptr<const Authenticator>> (*make)(std::vector<Credential> credentials,
                                                       const SchemeOptions& options);
};

std::span<const Scheme> schemes() noexcept;
const Scheme* find_scheme(std::string_view name) noexcept;  // nullptr: there is none

}  // namespace hookhost::auth
