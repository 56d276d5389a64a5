// SPDX-License-Identifier: Apache-2.0
//
// What stops a start, and what is worth a warning. Pure but for a look at folders and
// certificates. Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace hookhost::app {

// 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view host) noexcept;

// K02: a route without a secret on an address that others can reach. kInvalid unless insecure_open.
// For after the plugins are loaded and before anything listens.
Status check_exposure(const Config& config, bool has_open_route);

// An admin listener on an address that others can reach, without a token. kInvalid.
Status check_admin_exposure(const Config& config);

// Root serves loopback only, unless allow_root: whoever broke in would have all of the machine.
// kDenied.
Status check_root(const Config& config, unsigned user);

// A plugin folder that was named and is not there, and one that others may write to, are refused;
// the default one may be missing (U05). The same for the folder of --ui.
Status check_folders(const Config& config);

// What the listener speaks TLS with; nullptr: it speaks plain HTTP. Errors as of http::load_tls.
Result<http::TlsContext> open_tls(const Config& config, SystemTime now);

// The most important one first: an open host, root, then what the configuration found.
std::vector<ConfigWarning> start_warnings(const Config& config, bool has_open_route, unsigned user);

}  // namespace hookhost::app
