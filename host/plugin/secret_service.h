// SPDX-License-Identifier: Apache-2.0
//
// hookhost.secret/1: the secrets that the operator gave to a plugin, by name. They live in the
// generation, wiped with it.
#pragma once

#include <hookhost/ext/secret.h>

namespace hookhost::plugin {

// The table behind "hookhost.secret/1".
extern const hookhost_ext_secret kSecretTable;

}  // namespace hookhost::plugin
