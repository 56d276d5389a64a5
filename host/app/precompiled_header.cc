// SPDX-License-Identifier: Apache-2.0
#include "app/precompiled_header.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "auth/digest.h"
#include "base/encoding.h"
#include "plugin/staging.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;

// Empty: this user has none.
fs::path cache_folder(const Environment& environment) {
  const fs::path cache = variable(environment, "XDG_CACHE_HOME");
  if (cache.is_absolute()) return cache / "hookhost";  // the specification has others ignored
  const fs::path home = variable(environment, "HOME");
  return home.is_absolute() ? home / ".cache/hookhost" : fs::path();
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_regular_file(error)) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Of everything that it depends on. The compiler itself is known by what it says, and refuses the
// file of another build of it.
std::string digest_of(const Compiler& compiler, const Sdk& sdk) {
  constexpr std::size_t kDigitsShown = 16;
  auth::Sha256 digest;
  const auto add = [&](const std::string& text) {
    digest.update(std::as_bytes(std::span(text.c_str(), text.size() + 1)));  // with its end
  };
  add(compiler.version);
  for (const std::string& word : precompile_command(compiler, sdk, {})) add(word);
  for (const fs::path& header : files_below(sdk.include / "hookhost")) {
    std::ifstream in(header, std::ios::binary);
    add(header.native());
    add({std::istreambuf_iterator<char>(in), {}});
  }
  return hex_encode(digest.finish()).substr(0, kDigitsShown);
}

void remove_oldest(const fs::path& cache) {
  std::error_code ignored;
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  for (const auto& entry : fs::directory_iterator(cache, ignored))
    entries.emplace_back(entry.last_write_time(ignored), entry.path());
  std::sort(entries.rbegin(), entries.rend());
  for (std::size_t i = kPrecompiledHeadersMax; i < entries.size(); ++i)
    fs::remove_all(entries[i].second, ignored);
}

}  // namespace

PrecompiledHeader::PrecompiledHeader(Compiler compiler, Sdk sdk, const Environment& environment)
    : compiler_(std::move(compiler)), sdk_(std::move(sdk)) {
  const fs::path cache = cache_folder(environment);
  if (compiler_.is_clang() || cache.empty()) return;
  folder_ = cache / digest_of(compiler_, sdk_);
  scratch_ = folder_;
  scratch_ += fmt::format(".{}", ::getpid());
  std::error_code ignored;
  is_there_ = is_usable();
  is_wanted_ = !fs::exists(folder_, ignored);  // what is there and not usable stays so
}

PrecompiledHeader::~PrecompiledHeader() {
  std::error_code ignored;
  if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

std::optional<CommandLine> PrecompiledHeader::begin() {
  std::error_code error;
  fs::remove_all(scratch_, error);
  const fs::path cache = scratch_.parent_path();
  if (!fs::exists(cache, error) && fs::create_directories(cache, error))
    fs::permissions(cache, fs::perms::owner_all, error);
  const fs::path file = file_in(scratch_);
  if (!error) fs::create_directories(file.parent_path(), error);
  if (!error) fs::permissions(scratch_, fs::perms::owner_all, error);
  if (error) is_wanted_ = false;
  return is_wanted_ ? std::optional(precompile_command(compiler_, sdk_, file)) : std::nullopt;
}

void PrecompiledHeader::end(bool is_good) {
  is_wanted_ = false;
  std::error_code error;
  if (is_good) {
    fs::permissions(file_in(scratch_), fs::perms::owner_read | fs::perms::owner_write, error);
    if (!error) fs::rename(scratch_, folder_, error);  // fails when there is one
    remove_oldest(folder_.parent_path());
  }
  fs::remove_all(scratch_, error);
  is_there_ = is_usable();
}

fs::path PrecompiledHeader::file_in(const fs::path& folder) const {
  return folder / "hookhost/hookhost.hpp.gch";
}

bool PrecompiledHeader::is_usable() const {
  return plugin::open_trusted(file_in(folder_)).has_value();
}

}  // namespace hookhost::app
