// SPDX-License-Identifier: Apache-2.0
//
// The OpenAPI document of a plugin folder without serving it: loads the plugins, builds the route
// table, prints it, unloads. Main thread.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "plugin/registry.h"

namespace hookhost::app {

struct OpenapiExport {
  std::string document;
  std::vector<plugin::RefusedPlugin> refused;  // whose endpoints are missing
};

Result<OpenapiExport> export_openapi(const Config& config, const Environment& environment,
                                     const Clock& clock);

}  // namespace hookhost::app
