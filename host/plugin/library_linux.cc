// SPDX-License-Identifier: Apache-2.0
//
// The part of Library that asks Linux: the list of loaded objects and the list of mappings. Both,
// since an object can have left the first while its pages are still in the second.
#include <dlfcn.h>
#include <link.h>

#include <fstream>
#include <string>
#include <string_view>

#include "plugin/library.h"

namespace hookhost::plugin {
namespace {

struct Search {
  std::string_view path;
  bool is_found = false;
};

int look(dl_phdr_info* object, std::size_t, void* argument) {
  auto& search = *static_cast<Search*>(argument);
  if (object->dlpi_name != nullptr && search.path == object->dlpi_name) search.is_found = true;
  return search.is_found ? 1 : 0;
}

}  // namespace

bool is_mapped(const std::filesystem::path& file) {
  Search search{file.native()};
  {
    const MutexLock lock(linker_mutex());
    ::dl_iterate_phdr(look, &search);
  }
  if (search.is_found) return true;
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line)) {
    if (line.find(file.native()) != line.npos) return true;
  }
  return false;
}

bool try_unmap(const std::filesystem::path& file) {
  {
    const MutexLock lock(linker_mutex());
    if (void* still = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)) ::dlclose(still);
  }
  return !is_mapped(file);
}

}  // namespace hookhost::plugin
