// SPDX-License-Identifier: Apache-2.0
//
// Answers the Hub's events about one kind of repository. Copy this folder, rename, and write your
// own.
#include <hookhost/hookhost.hpp>

using namespace hookhost;

HOOKHOST_PLUGIN("my_plugin", "0.1.0", .doc = "Greets new commits", .config_schema = R"({
                  "type": "object",
                  "properties": {"kind": {"type": "string", "enum": ["dataset", "model", "space"]}}
                })");

// POST /webhooks/my_plugin
HOOKHOST_ENDPOINT(my_plugin) {
  const std::string_view kind = ctx.config()["kind"].get_or("dataset");
  if (payload.repo.type != kind || !payload.event.is("repo.content", "update")) return ignored();

  ctx.info("{} is at {}", payload.repo.name, payload.repo.head_sha);
  return accepted("hello {}", payload.repo.name);
}
