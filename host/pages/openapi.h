// SPDX-License-Identifier: Apache-2.0
//
// OpenAPI 3.1.0 from the route table, in the seed's form (seed row H04): one POST per webhook, with
// FastAPI's operationId, so that links made for the seed's /docs keep working. Compact JSON. Pure:
// the same table gives the same bytes. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "routing/route_table.h"

namespace hookhost::pages {

// The whole document. version: of the product.
std::string openapi_document(const routing::RouteTable& table, std::string_view version);

// The operationId of each route of the table, in its order: "<name>_webhooks_<path>_post" with
// every ASCII character that is no letter, digit or underscore as "_". Two that would be equal are
// told apart by "_2", "_3" at the end: OpenAPI wants them unique.
std::vector<std::string> operation_ids(const routing::RouteTable& table);

// The path of a route as it is shown and put into an OpenAPI document: percent-encoded,
// {parameters} kept as they are.
std::string printed_path(std::string_view path);

}  // namespace hookhost::pages
