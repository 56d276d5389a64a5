// SPDX-License-Identifier: Apache-2.0
//
// DoctorFacts: what the doctor's checks judge, as plain data. look_up_facts() reads files, binds
// the ports for a moment, asks whoever holds one for its health, and reads libraries without
// running anything of them. Main thread; may take seconds when something that listens does not
// answer.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"

namespace hookhost::app {

struct SecretFacts {
  std::string owner;       // "route retrain", "admin token"; empty: the global one
  std::size_t number = 1;  // in its list
  SecretSource source;
  std::size_t bytes = 0;
  Status readable;  // an error: why the host could not use it
};

struct PortFacts {
  std::string_view use;  // "webhooks"
  http::ListenAddress address;
  Status free;                   // an error: why a host could not listen there now
  bool is_held_by_host = false;  // one that answers
};

struct FolderFacts {
  std::string_view use;  // "plugins"
  std::filesystem::path path;
  bool is_there = false;
  bool is_named = false;  // by the operator; else it is the default
  Status safe;            // it, or where it would be made: nobody else may write there, and we may
  bool is_noexec = false;
};

struct PluginFacts {
  std::filesystem::path file;
  Status verdict;                         // as the host would say before any of its code runs
  std::vector<std::string> missing = {};  // libraries that the linker would not find
};

struct CertificateFacts {
  std::filesystem::path file;
  Status usable;           // an error: why the host could not prove itself with it now
  SystemTime not_after{};  // of its chain
};

struct ClockFacts {
  SystemTime now{};
  SystemTime built{};  // day of the commit that this binary was made from; epoch: unknown
  std::filesystem::path newest_file = {};  // of the configuration and the plugins
  SystemTime newest_at{};
  std::optional<bool> is_synchronised = {};  // what the kernel was told; nothing: it does not say
};

struct DoctorFacts {
  unsigned user = 0;           // who would serve: whoever asks
  ConfigErrors config_errors;  // not empty: there are no further facts
  Config config;               // secrets as sources only
  ConfigErrors scheme_errors;  // what the schemes have against secrets that can be read
  std::vector<SecretFacts> secrets;
  std::vector<PortFacts> ports;
  std::optional<CertificateFacts> certificate;  // nothing: the host speaks plain HTTP
  std::vector<FolderFacts> folders;
  std::vector<PluginFacts> plugins;
  ClockFacts clock;
};

DoctorFacts look_up_facts(const ConfigSources& sources, const Clock& clock);

}  // namespace hookhost::app
