// SPDX-License-Identifier: Apache-2.0
//
// One POST of a JSON text over libcurl. Blocks for at most 10 seconds. Any thread.
#pragma once

#include <string>

// Empty: a 2xx came back. Otherwise why not, as a phrase.
std::string post_json(const std::string& url, const std::string& body);
