// SPDX-License-Identifier: Apache-2.0
//
// Authenticator: does this request prove its sender? A scheme with its credentials, ready to ask.
// auth implements it, a Route holds one, intake asks it; so routing and auth need not know each
// other. Immutable: any thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "model/request.h"

namespace hookhost {

enum class Proof : std::uint8_t {
  kAccepted,
  kMissing,  // nothing was sent
  kWrong     // something was sent and it is wrong, repeated or malformed
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // True: judge() needs the body, so it is asked after the body was read; false: the head alone
  // decides and body is empty.
  virtual bool needs_body() const noexcept = 0;

  // now: the wall clock, for signed timestamps only.
  virtual Proof judge(const RequestHead& head, std::string_view body,
                      SystemTime now) const noexcept = 0;

  // The complete JSON bodies of the 401 and the 403.
  virtual std::string_view missing_body() const noexcept = 0;
  virtual std::string_view wrong_body() const noexcept = 0;

  // Name of the header with the sender's delivery id, "" when the scheme has none.
  virtual std::string_view delivery_id_header() const noexcept = 0;

  // For messages, /docs and /openapi.json: "hf", and the header that carries the proof.
  virtual std::string_view scheme() const noexcept = 0;
  virtual std::string_view header() const noexcept = 0;
};

}  // namespace hookhost
