// SPDX-License-Identifier: Apache-2.0
//
// The usual process_* metrics, read from the kernel at the moment of the call. What cannot be read
// is left out. Any thread.
#pragma once

#include "telemetry/metrics.h"

namespace hookhost::telemetry {

void add_process_metrics(MetricSet& set);

}  // namespace hookhost::telemetry
