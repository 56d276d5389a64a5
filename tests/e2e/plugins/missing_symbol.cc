// SPDX-License-Identifier: Apache-2.0
//
// Calls a function that no library has: linked without -z defs, it can be built and not loaded.
#include <hookhost/hookhost.hpp>

int train_model();

HOOKHOST_PLUGIN("missing_symbol", "1.0.0");

static int trains() { return train_model(); }
HOOKHOST_ROUTE(trains);
