// SPDX-License-Identifier: Apache-2.0
//
// Boost.DLL with a fence (1.81): its default is RTLD_LAZY, its error codes all say "Bad file
// descriptor" while dlerror() still has the reason, and it never reports whether unloading worked.
#define BOOST_DLL_USE_STD_FS
#include "plugin/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"
#include "base/text.h"

namespace hookhost::plugin {
namespace {

constexpr std::size_t kReasonBytesMax = 1024;

// glibc begins its text with the path of the private copy, which says nothing to anybody.
std::string reason_of(const std::filesystem::path& file) {
  const char* text = ::dlerror();
  std::string_view reason = text == nullptr ? "dlopen failed without a reason" : text;
  const std::string prefix = file.native() + ": ";
  if (reason.starts_with(prefix)) reason.remove_prefix(prefix.size());
  return printable(reason, kReasonBytesMax);
}

std::string fix_for(std::string_view reason) {
  if (reason.find("undefined symbol") != reason.npos)
    return "link what defines it into the plugin; hookhost_add_plugin finds this at build time "
           "(-Wl,-z,defs)";
  if (reason.find("cannot open shared object file") != reason.npos)
    return "install the library that it names, or link it statically";
  if (reason.find("failed to map segment") != reason.npos)
    return "the stage folder may be mounted noexec: choose another one";
  if (reason.find("GLIBC_") != reason.npos || reason.find("GLIBCXX_") != reason.npos)
    return "build it on a system as old as this one";
  return {};
}

}  // namespace

struct Library::Handle {
  boost::dll::shared_library library;
};

Library::Library(std::unique_ptr<Handle> handle) noexcept : handle_(std::move(handle)) {}
Library::Library(Library&&) noexcept = default;
Library& Library::operator=(Library&&) noexcept = default;
Library::~Library() {
  if (handle_ != nullptr) close();
}

Mutex& linker_mutex() noexcept {
  static Mutex mutex;
  return mutex;
}

Result<Library> Library::load(const std::filesystem::path& file) {
  HOOKHOST_CHECK(file.is_absolute());
  auto handle = std::make_unique<Handle>();
  std::error_code error;
  const MutexLock lock(linker_mutex());
  handle->library.load(file, error,
                       boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    std::string reason = reason_of(file);
    std::string fix = fix_for(reason);
    return Error{ErrorCode::kInvalid, std::move(reason), std::move(fix)};
  }
  return Library(std::move(handle));
}

void* Library::symbol(const char* name) const noexcept {
  return handle_ == nullptr ? nullptr : ::dlsym(handle_->library.native(), name);
}

void Library::close() noexcept {
  const MutexLock lock(linker_mutex());
  handle_.reset();
}

void Library::keep_for_ever() noexcept {
  if (handle_ == nullptr) return;
  static Mutex mutex;
  static auto* const kept = new std::vector<std::unique_ptr<Handle>>;  // never destroyed
  const MutexLock lock(mutex);
  kept->push_back(std::move(handle_));
}

}  // namespace hookhost::plugin
