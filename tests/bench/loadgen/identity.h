// SPDX-License-Identifier: Apache-2.0
//
// Identity: are the answers of a host whose plugin is swapped those of the builds that may answer?
// Each says `"b 17"`: which build, which generation. A generation is of one build for ever, and on
// one connection it never goes back. One thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hookhost::bench {

class Identity {
 public:
  // The body of the next answer on a connection. newest: the newest generation that answered on it.
  void look(std::string_view body, std::uint64_t& newest) {
    const std::size_t space = body.rfind(' ');
    std::uint64_t generation = 0;
    if (space != body.npos && body.size() > space + 2)
      std::from_chars(body.data() + space + 1, body.data() + body.size() - 1, generation);
    const std::string_view build = generation == 0 ? std::string_view() : body.substr(0, space);
    if (generation == 0 || generation < newest ||
        builds_.try_emplace(generation, build).first->second != build) {
      ++wrong_;
      if (first_wrong_.empty())
        first_wrong_ = std::string(body) + " after generation " + std::to_string(newest);
      return;
    }
    newest = generation;
  }

  std::size_t generations() const noexcept { return builds_.size(); }
  std::uint64_t wrong() const noexcept { return wrong_; }
  const std::string& first_wrong() const noexcept { return first_wrong_; }  // empty: none was

 private:
  std::map<std::uint64_t, std::string> builds_;
  std::uint64_t wrong_ = 0;
  std::string first_wrong_;
};

}  // namespace hookhost::bench
