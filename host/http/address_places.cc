// SPDX-License-Identifier: Apache-2.0
#include "http/address_places.h"

#include <algorithm>
#include <chrono>

namespace hookhost::http {
namespace {

constexpr std::chrono::seconds kLogPause{1};

std::uint64_t number(const std::uint8_t* bytes, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

// SplitMix64's last step: every bit of the value decides about every bit of the result.
std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

}  // namespace

AddressPlaces::Cells AddressPlaces::cells_of(const IpAddress& address) const noexcept {
  const std::uint64_t network =
      is_v4(address) ? number(address.data() + 8, 8) : number(address.data(), 8);
  const std::uint64_t mixed = mix(network ^ seed_);
  return {static_cast<std::uint16_t>(mixed % kCellsOfRow),
          static_cast<std::uint16_t>((mixed >> 32) % kCellsOfRow)};
}

std::optional<AddressPlaces::Place> AddressPlaces::take(const IpAddress& address) noexcept {
  if (max_ == 0) return Place();
  const Cells cells = cells_of(address);
  // Two loops at once, each first in another row, may let one more in than they should.
  const std::uint32_t first = first_[cells.first].fetch_add(1, std::memory_order_relaxed);
  const std::uint32_t second = second_[cells.second].fetch_add(1, std::memory_order_relaxed);
  if (std::min(first, second) < max_) return Place(*this, cells);
  give_back(cells);
  return std::nullopt;
}

void AddressPlaces::give_back(Cells cells) noexcept {
  first_[cells.first].fetch_sub(1, std::memory_order_relaxed);
  second_[cells.second].fetch_sub(1, std::memory_order_relaxed);
}

bool AddressPlaces::may_log(MonotonicTime now) noexcept {
  MonotonicTime quiet_until = quiet_until_.load(std::memory_order_relaxed);
  return now >= quiet_until && quiet_until_.compare_exchange_strong(quiet_until, now + kLogPause);
}

}  // namespace hookhost::http
