// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "auth/hub_secret.h"
#include "auth/scheme.h"

namespace hookhost::auth {
namespace {

Result<std::shared_ptr<const Authenticator>> make_hf(std::vector<Credential> credentials,
                                                     const SchemeOptions& options) {
  return make_hub_secret(std::move(credentials), {.in_query = options.secret_in_query});
}

constexpr std::array<Scheme, 1> kSchemes{{
    {"hf", "Hugging Face Hub", make_hf},
}};

}  // namespace

std::span<const Scheme> schemes() noexcept { return kSchemes; }

const Scheme* find_scheme(std::string_view name) noexcept {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.name == name) return &scheme;
  }
  return nullptr;
}

}  // namespace hookhost::auth
