// SPDX-License-Identifier: Apache-2.0
//
// AddressPlaces: how many connections each address has open, over all loops. An exact table would
// need a mutex between loops or memory that strangers decide about; here each address counts in one
// cell of two rows, and the lower of the two counts. It is too high only where others with many
// connections share both cells, which the seed keeps strangers from arranging. One place is taken
// with a connection and given back at its end; a request costs nothing. Any thread, no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/ip_address.h"

namespace hookhost::http {

class AddressPlaces {
  struct Cells {
    std::uint16_t first = 0, second = 0;  // one of each row
  };

 public:
  // Of one connection; given back by its destructor. Does not outlive the places.
  class Place {
   public:
    Place() = default;  // of a connection that nobody counts
    Place(Place&& other) noexcept
        : places_(std::exchange(other.places_, nullptr)), cells_(other.cells_) {}
    ~Place() {
      if (places_ != nullptr) places_->give_back(cells_);
    }
    Place& operator=(Place&&) = delete;

   private:
    friend class AddressPlaces;
    Place(AddressPlaces& places, Cells cells) noexcept : places_(&places), cells_(cells) {}
    AddressPlaces* places_ = nullptr;
    Cells cells_;
  };

  // per_address_max: 0: no limit. seed: random.
  AddressPlaces(std::size_t per_address_max, std::uint64_t seed) noexcept
      : max_(per_address_max), seed_(seed) {}
  AddressPlaces(const AddressPlaces&) = delete;
  AddressPlaces& operator=(const AddressPlaces&) = delete;

  // An IPv6 address counts by its /64, which is what one subscriber has. Nothing: the address has
  // all that it may have.
  std::optional<Place> take(const IpAddress& address) noexcept;

  // Once a second for all loops: a flood is worth one line.
  bool may_log(MonotonicTime now) noexcept;

 private:
  static constexpr std::size_t kCellsOfRow = 8192;  // 64 KiB for both rows
  using Row = std::array<std::atomic<std::uint32_t>, kCellsOfRow>;

  Cells cells_of(const IpAddress& address) const noexcept;
  void give_back(Cells cells) noexcept;

  const std::size_t max_;
  const std::uint64_t seed_;
  Row first_{};
  Row second_{};
  std::atomic<MonotonicTime> quiet_until_{MonotonicTime{}};
};

}  // namespace hookhost::http
