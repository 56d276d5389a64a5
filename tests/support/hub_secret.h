// SPDX-License-Identifier: Apache-2.0
//
// The Hub's scheme with secrets that are always valid, as the table of schemes makes it.
#pragma once

#include <memory>
#include <vector>

#include "auth/scheme.h"

namespace hookhost::test {

inline std::shared_ptr<const Authenticator> hub_secret(std::vector<const char*> secrets,
                                                       bool in_query = false) {
  std::vector<auth::Credential> credentials;
  for (const char* secret : secrets) credentials.emplace_back(Secret(secret));
  return auth::make_authenticator(*auth::find_scheme("hf"), credentials,
                                  {.secret_in_query = in_query})
      .value();
}

}  // namespace hookhost::test
