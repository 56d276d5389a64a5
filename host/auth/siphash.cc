// SPDX-License-Identifier: Apache-2.0
#include "auth/siphash.h"

#include <openssl/rand.h>

#include <bit>
#include <cstddef>

#include "base/check.h"

namespace hookhost::auth {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }
  std::uint64_t squeeze() noexcept {
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// Little-endian on every machine; compilers make one load of it where that is right.
std::uint64_t word_at(const char* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i)
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

}  // namespace

const SipKey& process_key() {
  static const SipKey key = [] {
    SipKey random{};
    HOOKHOST_CHECK(::RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), sizeof random) ==
                   1);
    return random;
  }();
  return key;
}

SipMac siphash(const SipKey& key, std::string_view text) noexcept {
  // The constants spell "somepseudorandomlygeneratedbytes"; 0xee and 0xdd ask for 128 bits.
  State state{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ 0xee,
              key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
  std::size_t at = 0;
  for (; text.size() - at >= 8; at += 8) state.absorb(word_at(text.data() + at, 8));
  state.absorb(word_at(text.data() + at, text.size() - at) | std::uint64_t{text.size()} << 56);
  state.v2 ^= 0xee;
  SipMac mac;
  mac[0] = state.squeeze();
  state.v1 ^= 0xdd;
  mac[1] = state.squeeze();
  return mac;
}

}  // namespace hookhost::auth
