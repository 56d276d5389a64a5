// SPDX-License-Identifier: Apache-2.0
//
// Mutation: payloads that no sender has sent yet, made from the fixtures by chance. The same seed
// and number give the same bytes on every machine, so that one finding can be had again alone. One
// thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace hookhost::payload {

class Mutation {
 public:
  Mutation(std::uint64_t seed, std::uint64_t number);

  // An event of the Hub with one to four changes: members removed, repeated, replaced by odd values
  // of their own type or of another, and unknown ones added. Always JSON; the Hub's model may
  // refuse it. Each call makes the next one.
  std::string event();

  // Such an event, or now and then any other JSON.
  std::string json();

  // The same, cut short or with bytes changed: anything a sender of raw bodies may send.
  std::string bytes();

 private:
  // Not std::uniform_int_distribution, whose numbers differ between standard libraries.
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::string_view odd_value();
  std::string odd_value_like(std::string_view json);

  std::mt19937_64 random_;
  friend class EventWriter;
};

}  // namespace hookhost::payload
