// SPDX-License-Identifier: Apache-2.0
#include "telemetry/redact.h"

#include "base/arena.h"
#include "base/encoding.h"
#include "base/secret.h"
#include "base/text.h"

namespace hookhost::telemetry {

std::string redact_target(std::string_view target) {
  const auto question = target.find('?');
  if (question == std::string_view::npos) return std::string(target);
  std::string out(target.substr(0, question + 1));
  std::string_view rest = target.substr(question + 1);
  Arena arena;
  for (;;) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::string_view name = pair.substr(0, pair.find('='));
    // A name that cannot be decoded is no secret that we would accept, but may be meant as one.
    const auto decoded = percent_decode(name, arena);
    if (!decoded || ascii_iequals(*decoded, "secret")) {
      out.append(name).append("=").append(Secret::masked());
    } else {
      out += pair;
    }
    if (end == std::string_view::npos) break;
    out += '&';
    rest.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace hookhost::telemetry
