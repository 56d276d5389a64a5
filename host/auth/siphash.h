// SPDX-License-Identifier: Apache-2.0
//
// SipHash-2-4 with 128 bits of output (Aumasson, Bernstein 2012): a MAC that is made for short
// texts. Under a random key of this process it stands for the HMAC when credentials are compared,
// at a fifth of the cost of SHA-256. Not for anything that leaves the process. Pure, any thread.
// Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hookhost::auth {

using SipKey = std::array<std::uint64_t, 2>;
using SipMac = std::array<std::uint64_t, 2>;

// A random one, made at the first call.
const SipKey& process_key();

SipMac siphash(const SipKey& key, std::string_view text) noexcept;

}  // namespace hookhost::auth
