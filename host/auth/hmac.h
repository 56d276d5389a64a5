// SPDX-License-Identifier: Apache-2.0
//
// HMAC (RFC 2104) over OpenSSL's digests. The key is prepared once; a text comes in pieces and is
// read where it lies. Immutable: any thread. Hot path: no lock or shared counter per request; two
// small allocations, since OpenSSL 3.0 makes its state anew at each start of a digest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hookhost::auth {

enum class Digest : std::uint8_t { kSha1, kSha256, kSha512 };

std::size_t digest_bytes(Digest digest) noexcept;

inline constexpr std::size_t kMacBytesMax = 64;

struct Mac {
  std::array<std::byte, kMacBytesMax> bytes{};
  std::size_t size = 0;
  std::span<const std::byte> view() const noexcept { return std::span(bytes).first(size); }
};

class HmacKey {
 public:
  HmacKey(Digest digest, std::string_view key) noexcept;
  ~HmacKey();
  HmacKey(const HmacKey&) = default;
  HmacKey& operator=(const HmacKey&) = default;

  Mac mac(std::span<const std::string_view> pieces) const noexcept;

 private:
  static constexpr std::size_t kBlockBytesMax = 128;
  using Block = std::array<std::byte, kBlockBytesMax>;

  Digest digest_;
  Block inner_{}, outer_{};  // the key with each of the two pads
};

}  // namespace hookhost::auth
