// SPDX-License-Identifier: Apache-2.0
//
// Secret: text that nobody prints. It can be compared in constant time and handed to a primitive;
// formatting it gives ***, and its memory is wiped when it goes. Any thread may read one.
#pragma once

#include <string>
#include <string_view>

namespace hookhost {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const noexcept { return text_.empty(); }

  // For a primitive that compares in constant time, and for nothing else: the name is meant to be
  // found by a reviewer.
  std::string_view reveal() const noexcept { return text_; }

  // What a log, a page or a message shows.
  static constexpr std::string_view masked() noexcept { return "***"; }

 private:
  void wipe() noexcept;
  std::string text_;
};

}  // namespace hookhost
