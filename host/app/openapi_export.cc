// SPDX-License-Identifier: Apache-2.0
#include "app/openapi_export.h"

#include "app/route_plan.h"
#include "pages/openapi.h"

namespace hookhost::app {
namespace {

// Nothing serves, so nobody has to read what plugins say meanwhile.
class SilentLog final : public plugin::LogSink {
 public:
  void write(const plugin::LogLine&) noexcept override {}
};

}  // namespace

Result<OpenapiExport> export_openapi(const Config& config, const Environment& environment,
                                     const Clock& clock) {
  SilentLog log;
  plugin::Registry registry({.stage_dir = stage_folder(config, environment),
                             .host_version = HOOKHOST_VERSION,
                             .probe = {.host_version = HOOKHOST_VERSION},
                             .warns_experimental = false},
                            {clock, log, [](Work&) { return false; }},
                            [&](std::string_view id) { return config.settings_of(id); });
  plugin::LoadReport report = registry.load_directory(config.plugins);
  OpenapiExport out;
  {
    // The table's handlers belong to the registry: it goes first.
    auto plan = plan_routes(registry.routes(), config);
    if (!plan) return std::move(plan).error();
    out.document = pages::openapi_document(*plan->table, HOOKHOST_VERSION);
  }
  out.refused = std::move(report.refused);
  registry.shut_down();
  return out;
}

}  // namespace hookhost::app
