// SPDX-License-Identifier: Apache-2.0
//
// ld.so(8) says where glibc looks, and in which order; the order does not matter here.
#include "plugin/needed_libraries.h"

#include <fstream>
#include <iterator>
#include <system_error>

namespace hookhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSystemFolders[] = {
    "/lib",
    "/usr/lib",
    "/lib64",
    "/usr/lib64",
#if defined(__x86_64__)
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
#elif defined(__aarch64__)
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
#endif
};

// "a:b;c", with $ORIGIN for the folder of the library.
void add_folders(std::string_view path, const fs::path& origin, std::vector<fs::path>& folders) {
  while (!path.empty()) {
    const std::size_t end = path.find_first_of(":;");
    std::string folder(path.substr(0, end));
    for (const std::string_view token : {"${ORIGIN}", "$ORIGIN"}) {
      if (const std::size_t at = folder.find(token); at != folder.npos)
        folder.replace(at, token.size(), origin.native());
    }
    folders.emplace_back(folder.empty() ? "." : folder);  // an empty one is the current folder
    path.remove_prefix(end == path.npos ? path.size() : end + 1);
  }
}

// Names stand in the cache as C strings; its tables around them are not needed for a yes or no.
std::string read_cache() {
  std::ifstream file("/etc/ld.so.cache", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

}  // namespace

std::vector<std::string> missing_libraries(const ElfReport& report, const fs::path& origin,
                                           std::string_view library_path) {
  std::vector<fs::path> folders(std::begin(kSystemFolders), std::end(kSystemFolders));
  add_folders(report.search_path, origin, folders);
  add_folders(library_path, origin, folders);
  const std::string cache = read_cache();
  const auto is_found = [&](const std::string& name) {
    if (name.find('/') != name.npos) return is_there(name);
    if (cache.find('\0' + name + '\0') != cache.npos) return true;
    for (const fs::path& folder : folders) {
      if (is_there(folder / name)) return true;
    }
    return false;
  };
  std::vector<std::string> missing;
  for (const std::string& name : report.needed) {
    if (!is_found(name)) missing.push_back(name);
  }
  return missing;
}

}  // namespace hookhost::plugin
