// SPDX-License-Identifier: Apache-2.0
//
// ConfigReload: what of a configuration that was read again a running host takes over, and what
// waits for its next start. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"

namespace hookhost::app {

struct ConfigReload {
  Config config;                     // the running one, with what is taken over
  std::vector<std::string> plugins;  // ids of plugins whose settings are others now
  std::vector<std::string> waiting;  // keys that changed and wait for a restart
};

// Taken over are routes, secrets, plugins' settings, the files of a certificate and the few keys of
// kTakenOver: what is asked for each connection, request or swap. Listeners, threads and limits are
// made once, and so is the choice between http and https.
ConfigReload reload_config(const Config& running, Config read);

}  // namespace hookhost::app
