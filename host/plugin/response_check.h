// SPDX-License-Identifier: Apache-2.0
//
// What a plugin wants to answer, checked before anything of it is used: every length and text in it
// is a stranger's. Limits: HOOKHOST_RESPONSE_... of plugin.h. Pure but for the arena. Any thread.
// Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <hookhost/plugin.h>

#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "model/response.h"

namespace hookhost::plugin {

inline constexpr std::size_t kResponseHeaderBytesMax = 8192;  // names and values together

// Why a response was not taken. what names the rule and, where there is one, the header.
struct ResponseProblem {
  hookhost_status status = HOOKHOST_E_INVALID;  // or HOOKHOST_E_LIMIT
  std::string_view rule;  // static: "header %: its value has a control character"
  std::string_view name;  // of the header; a plugin's text. data() == nullptr: none
};

// A response whose headers and chunk list lie in the arena. Header texts are copied, since the
// plugin's are gone once its call has ended; bytes of chunks are not.
Result<Response, ResponseProblem> take_response(const hookhost_response* response, Arena& arena);

// The problem as a sentence for the log.
std::string describe(const ResponseProblem& problem);

}  // namespace hookhost::plugin
