// SPDX-License-Identifier: Apache-2.0
//
// What the commands say to a running host: requests to the API of its admin listener, found through
// the configuration, with the token when there is one. Main thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/config.h"
#include "base/result.h"
#include "cli/command_line.h"
#include "payload/cursor.h"
#include "payload/owned_document.h"

namespace hookhost::cli {

struct AdminAnswer {
  int status = 0;
  std::string body;  // JSON
  payload::OwnedDocument json;
};

// body: JSON; empty: none. kUnavailable: nobody listens there. kInternal: it is not a host's
// answer. kDenied: it wants another token.
Result<AdminAnswer> ask_admin(const app::Config& config, std::string_view method,
                              const std::string& target, std::string body = {});

// A member of an object in its answer; "" and 0: it is not there.
std::string text_of(const payload::Cursor& answer, payload::NodeId object, std::string_view key);
std::uint64_t number_of(const payload::Cursor& answer, payload::NodeId object,
                        std::string_view key);

// The body of a GET, whatever it is. kNotFound: there is none. Other errors as ask_admin.
Result<std::string> ask_bytes(const app::Config& config, const std::string& target);

// The command's way: loads the configuration, asks, prints what is wrong. Prints the body and is
// done when --json was given. show: prints an answer with status 200; what the host refuses is
// printed as every error.
ExitCode run_admin_command(const Invocation& invocation, World& world, std::string_view method,
                           const std::string& target, std::string body,
                           void (*show)(World& world, const payload::OwnedDocument& answer));

}  // namespace hookhost::cli
