// SPDX-License-Identifier: Apache-2.0
#include "plugin/pool_service.h"

#include <memory>

#include "base/executor.h"
#include "plugin/abi_text.h"
#include "plugin/generation.h"

namespace hookhost::plugin {
namespace {

// Owns itself from a successful try_post until it has run.
struct PostedFunction : Work {
  PostedFunction(Generation& its_generation, hookhost_work_fn fn, void* its_user) noexcept
      : Work(&PostedFunction::run_once), generation(its_generation), function(fn), user(its_user) {}

  static void run_once(Work& work) noexcept {
    const std::unique_ptr<PostedFunction> self(static_cast<PostedFunction*>(&work));
    Generation& generation = self->generation;
    if (const auto thrown = exception_of([&] { self->function(self->user); }))
      generation.report(HOOKHOST_LOG_ERROR, "a function posted to the pool " + *thrown);
    generation.posted_functions().fetch_sub(1, std::memory_order_relaxed);
    generation.uses().leave();  // last: the generation may be gone after it
  }

  Generation& generation;
  hookhost_work_fn function;
  void* user;
};

hookhost_status post(Generation& generation, hookhost_work_fn function, void* user) {
  if (generation.posted_functions().fetch_add(1, std::memory_order_relaxed) >= kPostedMax)
    return HOOKHOST_E_LIMIT;
  auto work = std::make_unique<PostedFunction>(generation, function, user);
  if (!generation.services().try_post(*work)) return HOOKHOST_E_LIMIT;
  static_cast<void>(work.release());  // NOLINT: the pool has it now
  return HOOKHOST_OK;
}

hookhost_status pool_post(const hookhost_host* host, hookhost_work_fn function, void* user) {
  Generation* generation = generation_of(host);
  if (generation == nullptr || function == nullptr) return HOOKHOST_E_INVALID;
  // Held first, asked then: retire() looks at the count after it has said so.
  generation->uses().hold();
  const hookhost_status status =
      generation->is_quiesced() ? HOOKHOST_E_STATE
                                : or_no_memory([&] { return post(*generation, function, user); });
  if (status != HOOKHOST_OK) {
    if (status != HOOKHOST_E_STATE)
      generation->posted_functions().fetch_sub(1, std::memory_order_relaxed);
    generation->uses().leave();
  }
  return status;
}

}  // namespace

const hookhost_ext_pool kPoolTable = {sizeof(hookhost_ext_pool), 0, pool_post};

}  // namespace hookhost::plugin
