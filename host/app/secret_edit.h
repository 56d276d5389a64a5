// SPDX-License-Identifier: Apache-2.0
//
// How `hookhost secret` changes the secrets of a route: in memory, and in the text of the user's
// configuration, of which everything else stays as it was written, comments included. Sources only;
// no secret comes near. Pure. Any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/secret_source.h"
#include "base/clock.h"
#include "base/result.h"

namespace hookhost::app {

struct Rotation {
  std::vector<SecretSource> sources;  // the new one first
  SystemTime old_until{};             // whole minutes; when the last of the old ones ends
  std::size_t dropped = 0;            // not valid any more, so not among them
};

// The new source, then those of now, none of which is valid longer than for `overlap` (0: they go).
Rotation rotate_secrets(const std::vector<SecretSource>& sources, SecretSource fresh,
                        SystemTime now, std::chrono::milliseconds overlap);

struct SecretEdit {
  std::string route;
  std::vector<SecretSource> sources;  // all of them; none: the route has no own ones any more
  std::optional<std::string> scheme;  // written when it does not stand there yet
};

// The text of the configuration `file` with the route's `secret_file` and `secrets` replaced by one
// `secrets = [...]`; a section that is missing is added at the end. Files below the folder of the
// configuration are named relative to it. The result is read again: kInvalid, with the line to
// write by hand, when it does not say what was meant or says anything else differently, or when a
// comment inside the list would get lost.
Result<std::string> edit_secrets(std::string_view text, const ConfigSources& sources,
                                 const std::string& file, const SecretEdit& edit);

}  // namespace hookhost::app
