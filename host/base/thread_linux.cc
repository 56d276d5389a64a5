// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/thread.h"

namespace hookhost {

void name_this_thread(std::string_view role, unsigned index) noexcept {
  std::array<char, 16> name{};  // with the zero at its end
  constexpr std::size_t kRoleMax = 8;
  const std::string_view shown = role.substr(0, kRoleMax);
  char* end = std::copy(shown.begin(), shown.end(), name.begin());
  *end++ = '-';
  std::to_chars(end, name.data() + name.size() - 1, index);
  ::pthread_setname_np(::pthread_self(), name.data());
}

void wait_for_turn_when_woken() noexcept {
  const sched_param none{};
  ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &none);  // refused: slower, not wrong
}

}  // namespace hookhost
