// SPDX-License-Identifier: Apache-2.0
//
// Where a secret comes from: a file, a variable of the environment or a systemd credential; never
// an argument, never the configuration file itself (seed rows K01, K07, K08). Reading one happens
// once, at the start.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "app/config_error.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "base/secret.h"

namespace hookhost::app {

enum class SecretKind : std::uint8_t { kFile, kEnvironment, kCredential };

struct SecretSource {
  SecretKind kind = SecretKind::kFile;
  std::string name;  // the path, the variable, the credential
  SystemTime not_before = SystemTime::min();
  SystemTime not_after = SystemTime::max();
  Origin origin;  // where it was named
};

// A shorter one can be guessed: 16 bytes of a good generator are 128 bits.
inline constexpr std::size_t kSecretBytesShort = 16;

// No sender has longer ones; a larger file is not a secret.
inline constexpr std::size_t kSecretFileBytesMax = 16 * 1024;

// The credentials of a unit with `LoadCredential=webhook-secret:...` and the variables that stand
// in when the configuration names no secret.
inline constexpr std::string_view kAdminTokenCredential = "admin-token";
inline constexpr std::string_view kAdminTokenVariable = "WEBHOOK_ADMIN_TOKEN";
inline constexpr std::string_view kWebhookCredential = "webhook-secret";
inline constexpr std::string_view kWebhookVariable = "WEBHOOK_SECRET";

// "/run/keys/retrain", "$WEBHOOK_SECRET", "credential webhook-secret".
std::string print_secret_source(const SecretSource& source);

// Its text without one line end at the end of a file. kNotFound, kDenied: there is none to read, or
// others than the owner and the group may read the file; kInvalid: empty, or a NUL or a line end
// inside. The message names the source, the fix is a command.
Result<Secret> read_secret(const SecretSource& source, const Environment& environment);

// Whether the Hub could send it: kInvalid when it is not printable ASCII (K07) or has a space at an
// end, which HTTP takes away.
Status check_hub_secret(const Secret& secret, const SecretSource& source);

// Where systemd put a credential; nothing when there is none of that name.
std::filesystem::path credential_path(std::string_view name, const Environment& environment);

}  // namespace hookhost::app
