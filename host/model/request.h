// SPDX-License-Identifier: Apache-2.0
//
// RequestHead: an HTTP request without its body, as views into the buffer it was received in. What
// passed the head guard of the door: names are tokens, values hold no control character, credential
// and id headers stand once at most. Valid as long as its exchange. Hot path: no allocation, lock
// or shared counter per request.
#pragma once

#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/text.h"

namespace hookhost {

struct Header {
  std::string_view name;
  std::string_view value;  // without the white space around it
};

struct RequestHead {
  std::string_view method;  // case-sensitive, as sent
  std::string_view target;  // origin-form: "/path?query"; absolute-form was rewritten
  std::string_view path;    // target up to '?', not decoded
  std::string_view query;   // behind '?'; data() == nullptr: there was no '?'
  std::span<const Header>
      headers;  // of the header section, never of a trailer; in the order of the message
  std::string_view remote_address;  // client: "127.0.0.1:4711" or "[::1]:4711"; port 0: unknown
  MonotonicTime received_at{};      // when the first byte of the head was there

  // The first header of that name in any case; data() == nullptr: there is none.
  std::string_view header(std::string_view name) const noexcept {
    for (const Header& header : headers) {
      if (ascii_iequals(header.name, name)) return header.value;
    }
    return {};
  }
};

}  // namespace hookhost
