// SPDX-License-Identifier: Apache-2.0
//
// The events that `hookhost send` knows without a file, and that `check` hands to handlers, whole
// and mutated: one per kind of event of the Hub (seed row N01), as the Hub sends it. Constants. Any
// thread.
#pragma once

#include <span>
#include <string_view>

namespace hookhost::payload {

struct Fixture {
  std::string_view name;  // "hf.discussion.create"
  std::string_view doc;
  std::string_view json;
};

std::span<const Fixture> fixtures() noexcept;
const Fixture* find_fixture(std::string_view name) noexcept;  // nullptr: there is none

}  // namespace hookhost::payload
