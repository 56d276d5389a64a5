// SPDX-License-Identifier: Apache-2.0
#include "app/swap_history.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace hookhost::app {

void SwapHistory::add(SwapEvent event) {
  // A plugin, or the child that tried it, words them.
  for (std::string* text : {&event.reason, &event.fix}) {
    if (text->size() > kSwapTextBytesMax) *text = printable(*text, kSwapTextBytesMax);
  }
  if (events_.size() == kSwapEventsMax) events_.pop_front();
  events_.push_back(std::move(event));
}

void SwapHistory::note_drain(std::string_view file, std::uint64_t generation,
                             std::chrono::milliseconds took, std::int64_t cut_off) {
  const auto one = std::find_if(events_.rbegin(), events_.rend(), [&](const SwapEvent& event) {
    return event.before == generation && event.file == file;
  });
  if (one == events_.rend()) return;
  one->is_drained = true;
  one->took = took;
  one->cut_off = cut_off;
}

}  // namespace hookhost::app
