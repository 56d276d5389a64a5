// SPDX-License-Identifier: Apache-2.0
//
// Takes secrets out of texts that are about to be printed. Pure. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace hookhost::telemetry {

// The address or target with ?secret=*** where its query has a secret (seed row K06), however its
// name is percent-encoded or repeated.
std::string redact_target(std::string_view target);

}  // namespace hookhost::telemetry
