// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the configuration file, with a variable of the environment and a flag beside it: the
// first line is the value of both. It is taken, or everything that is wrong is said and can be
// printed; what was taken prints as a configuration.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/config.h"
#include "app/config_error.h"
#include "app/effective_config.h"
#include "base/check.h"
#include "fuzz/cost_limit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hookhost;
  const fuzz::CostLimit cost(size);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string value(text.substr(0, text.find('\n')));
  text.remove_prefix(std::min(text.size(), value.size() + 1));
  app::ConfigSources sources;
  if (value.find('\0') == value.npos && !value.empty()) {
    sources.environment["HOOKHOST_LIMITS__HEAD_TIMEOUT"] = value;
    sources.flags.push_back({"--port", "listen.port", value});
  }
  const auto config = app::read_config(text, "hookhost.toml", sources);
  if (config) {
    HOOKHOST_CHECK(!config.value().effective.empty());
    return 0;
  }
  HOOKHOST_CHECK(!config.error().empty());
  for (const app::ConfigError& error : config.error())
    HOOKHOST_CHECK(!app::print_config_error(error, {.width = 80}).empty());
  return 0;
}
