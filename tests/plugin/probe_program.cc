// SPDX-License-Identifier: Apache-2.0
//
// What the host's binary is to its own probes: the child side and nothing else.
#include "plugin/probe_main.h"

int main() { return hookhost::plugin::run_probe(); }
