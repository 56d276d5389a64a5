// SPDX-License-Identifier: Apache-2.0
#include "plugin/secret_service.h"

#include "plugin/abi_text.h"
#include "plugin/generation.h"

namespace hookhost::plugin {
namespace {

hookhost_str secret_get(const hookhost_host* host, hookhost_str name) {
  const Generation* generation = generation_of(host);
  const std::string_view wanted = view_of(name);
  if (generation == nullptr) return {nullptr, 0};
  for (const auto& [known, secret] : generation->settings().secrets) {
    if (known == wanted && !secret.empty()) return str_of(secret.reveal());
  }
  return {nullptr, 0};
}

}  // namespace

const hookhost_ext_secret kSecretTable = {sizeof(hookhost_ext_secret), 0, secret_get};

}  // namespace hookhost::plugin
