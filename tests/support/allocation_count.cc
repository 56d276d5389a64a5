// SPDX-License-Identifier: Apache-2.0
//
// Two ways to see every allocation: the sanitizers own malloc and offer a hook; else ours stands in
// front of glibc's, which keeps its own names for this.
#include "support/allocation_count.h"

namespace {
thread_local constinit std::size_t allocations = 0;
}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOOKHOST_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOOKHOST_TEST_SANITIZED 1
#endif
#endif

#ifdef HOOKHOST_TEST_SANITIZED

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));

namespace {
const int kIsInstalled = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++allocations; }, [](const volatile void*) {});
}  // namespace

#else

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* place, std::size_t size);
void* __libc_memalign(std::size_t align, std::size_t size);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* place, std::size_t size) {
  ++allocations;
  return __libc_realloc(place, size);
}
void* memalign(std::size_t align, std::size_t size) {
  ++allocations;
  return __libc_memalign(align, size);
}
void* aligned_alloc(std::size_t align, std::size_t size) { return memalign(align, size); }
}

#endif

namespace hookhost::test {
std::size_t allocations_of_this_thread() noexcept { return allocations; }
}  // namespace hookhost::test
