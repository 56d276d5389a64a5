// SPDX-License-Identifier: Apache-2.0
//
// Library: one shared library in this process. Loaded with RTLD_NOW | RTLD_LOCAL from a full path
// that was never used before; never copied, since every copy is a reference that silently keeps the
// code mapped. Control thread. Owner of Boost.DLL.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/result.h"

namespace hookhost::plugin {

class Library {
 public:
  // Runs the library's constructors. kInvalid: what the dynamic linker said ("undefined symbol:
  // nope").
  static Result<Library> load(const std::filesystem::path& file);

  Library(Library&&) noexcept;
  Library& operator=(Library&&) noexcept;
  ~Library();  // closes

  // nullptr: there is no such symbol.
  void* symbol(const char* name) const noexcept;

  // Runs the destructors and gives the code back, unless something holds it: ask is_mapped().
  void close() noexcept;

  // The code stays until the process ends.
  void keep_for_ever() noexcept;

 private:
  struct Handle;  // boost::dll::shared_library
  explicit Library(std::unique_ptr<Handle> handle) noexcept;
  std::unique_ptr<Handle> handle_;
};

// Held by everything that asks the dynamic linker to change or to list what is loaded. glibc has a
// lock of its own for that, which the thread sanitizer cannot see.
Mutex& linker_mutex() noexcept;

// After close(): asks the dynamic linker to look again whether a library is still needed, which it
// does only when something is closed, and says whether it is gone.
bool try_unmap(const std::filesystem::path& file);

// Is a file of that path mapped as code of this process? dlclose never says.
bool is_mapped(const std::filesystem::path& file);

}  // namespace hookhost::plugin
