// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <string.h>

namespace hookhost {

void Secret::wipe() noexcept {
  // The whole capacity: a short string lives inside the object, a longer one may have been longer
  // before.
  ::explicit_bzero(text_.data(), text_.size());
  text_.clear();
}

}  // namespace hookhost
