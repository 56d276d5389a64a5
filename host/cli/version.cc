// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/build_facts.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "payload/parse.h"

namespace hookhost::cli {

ExitCode version(const Invocation& invocation, World& world) {
  const app::BuildFacts& facts = app::build_facts();
  if (!invocation.has("--json")) {
    world.out << fmt::format(
        "hookhost {} (commit {}, {}, {}, boost {}, openssl {}, simdjson {}, sdk abi {})\n",
        facts.version, facts.commit, facts.commit_date, facts.compiler, facts.boost, facts.openssl,
        payload::parser_instructions(), facts.sdk_abi);
    return ExitCode::kDone;
  }
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("version", facts.version).member("commit", facts.commit);
  json.member("commit_date", facts.commit_date).member("compiler", facts.compiler);
  json.member("boost", facts.boost).member("openssl", facts.openssl);
  json.member("simdjson_instructions", payload::parser_instructions());
  json.member("sdk_abi", fmt::format("{}.{}", facts.sdk_abi, facts.sdk_abi_minor));
  json.end_object();
  world.out << text << '\n';
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
