// SPDX-License-Identifier: Apache-2.0
#include "plugin/generation_status.h"

#include <algorithm>

#include "plugin/generation.h"
#include "plugin/reaper.h"

namespace hookhost::plugin {
namespace {

struct StateName {
  GenerationState state;
  std::string_view name;
};
constexpr StateName kStateNames[] = {
    {GenerationState::kLive, "live"},       {GenerationState::kProbation, "probation"},
    {GenerationState::kStandby, "standby"}, {GenerationState::kDraining, "draining"},
    {GenerationState::kEnding, "ending"},   {GenerationState::kPinned, "pinned"},
};

}  // namespace

std::string_view name_of(GenerationState state) noexcept {
  return kStateNames[static_cast<std::size_t>(state)].name;
}

GenerationStatus status_of(const Build& build, GenerationState state, SystemTime since) {
  const Generation& generation = *build.generation;
  GenerationStatus status{.id = generation.manifest().id,
                          .version = generation.manifest().version,
                          .file = generation.file_name(),
                          .build_id = generation.manifest().build_id,
                          .sha256 = build.staged.sha256,
                          .generation = generation.number(),
                          .state = state,
                          .routes = {},
                          .in_flight = std::max<std::int64_t>(0, generation.in_flight()),
                          .tally = generation.tally(),
                          .since = since};
  if (state == GenerationState::kLive || state == GenerationState::kProbation) {
    for (const EndpointManifest& endpoint : generation.manifest().endpoints)
      status.routes.push_back(endpoint.path);
  }
  return status;
}

}  // namespace hookhost::plugin
