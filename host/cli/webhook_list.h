// SPDX-License-Identifier: Apache-2.0
//
// list_webhooks: asks a running host which webhooks it serves. Blocks for a few seconds at most.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/event_loops.h"

namespace hookhost::cli {

// Their paths, from /openapi.json. kUnavailable: nobody listens; kInternal: it is no hookhost.
Result<std::vector<std::string>> list_webhooks(const http::ListenAddress& address);

// The paths below "/webhooks/" of an OpenAPI document. Pure.
Result<std::vector<std::string>> webhooks_of_document(std::string_view document);

}  // namespace hookhost::cli
