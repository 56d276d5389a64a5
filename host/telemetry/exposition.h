// SPDX-License-Identifier: Apache-2.0
//
// The text form of /metrics: Prometheus text 0.0.4. Pure. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "telemetry/metrics.h"

namespace hookhost::telemetry {

inline constexpr std::string_view kExpositionContentType =
    "text/plain; version=0.0.4; charset=utf-8";

std::string exposition(std::span<const MetricFamily> families);

}  // namespace hookhost::telemetry
