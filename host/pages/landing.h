// SPDX-License-Identifier: Apache-2.0
//
// The landing page: the seed's default UI, word for word (seed row U06), as HTML that needs no
// script. Shows which webhooks exist and where to register them; no secret, no event. Pure: the
// same table gives the same bytes. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "routing/route_table.h"

namespace hookhost::pages {

// on_space: the text for a Space (seed row U07) instead of the one for a local run.
std::string landing_page(const routing::RouteTable& table, bool on_space);

}  // namespace hookhost::pages
