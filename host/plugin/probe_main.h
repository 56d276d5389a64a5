// SPDX-License-Identifier: Apache-2.0
//
// Probe, child side: what the hidden command `hookhost probe` runs. Reads a request from stdin,
// loads, creates, activates, tests, destroys and unloads each build with the real services, and
// writes what it found to descriptor kVerdictFd. Foreign code runs here and may end this process.
#pragma once

namespace hookhost::plugin {

// The exit code: 0 when every build got a verdict, good or not; 2: started by hand.
int run_probe();

}  // namespace hookhost::plugin
