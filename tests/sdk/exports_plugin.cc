// SPDX-License-Identifier: Apache-2.0
//
// A plugin full of what makes symbols that keep a library in memory: inline variables, statics of
// inline functions and templates, iostream, regex, shared_ptr. exports_test.cmake looks at the
// result.
#include <hookhost/hookhost.hpp>

#include <iostream>
#include <memory>
#include <regex>
#include <sstream>
#include <string>

inline int inline_variable = 1;
inline int& static_of_inline() {
  static int value = 2;
  return value;
}
template <class T>
int& static_of_template() {
  static int value = 3;
  return value;
}

using namespace hookhost;

HOOKHOST_PLUGIN("exports", "1.0.0");

HOOKHOST_ENDPOINT(exports) {
  static const std::regex pattern("[a-z]+");
  std::ostringstream stream;
  stream << std::regex_match(payload.repo.name.str(), pattern) << *std::make_shared<int>(1);
  return ok("{} {}", stream.str(),
            inline_variable + static_of_inline() + static_of_template<int>());
}

Task<std::string> waits(Context& ctx) {
  co_await ctx.sleep(std::chrono::milliseconds(1));
  co_return "done";
}
HOOKHOST_ROUTE(waits);
