// SPDX-License-Identifier: Apache-2.0
//
// What a browser says about copies that it has or could read: Accept-Encoding and If-None-Match
// (RFC 9110 12.5.3 and 13.1.2). A list may be split over several headers of one name. Pure. Any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "model/request.h"

namespace hookhost::pages {

// True when gzip is listed with a weight other than 0, or "*" stands for it.
bool accepts_gzip(const RequestHead& head) noexcept;

// True when the browser has the bytes with this ETag already (weak comparison), or sends "*": 304.
// etag with its quotes.
bool has_copy(const RequestHead& head, std::string_view etag) noexcept;

// An ETag for text that is made while running: FNV-1a, 64 bits, and the length. With its quotes.
std::string etag_of(std::string_view bytes);

}  // namespace hookhost::pages
