// SPDX-License-Identifier: Apache-2.0
//
// The HOOKHOST_... macros are set for this file alone, by CMakeLists.txt.
#include "app/build_facts.h"

namespace hookhost::app {
namespace {

#if defined(__clang__)
constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
constexpr std::string_view kCompiler = "g++ " __VERSION__;
#endif

// "14.0.6 " and "12.2.0" are what is meant; clang says more behind a space.
constexpr std::string_view short_compiler() {
  const auto space = kCompiler.find(' ', kCompiler.find(' ') + 1);
  return kCompiler.substr(0, space);
}

constexpr BuildFacts kFacts{
    .version = HOOKHOST_VERSION,
    .commit = HOOKHOST_COMMIT,
    .commit_date = HOOKHOST_COMMIT_DATE,
    .compiler = short_compiler(),
    .boost = HOOKHOST_BOOST_VERSION,
    .openssl = HOOKHOST_OPENSSL_VERSION,
    .sdk_abi = HOOKHOST_SDK_ABI_MAJOR,
    .sdk_abi_minor = HOOKHOST_SDK_ABI_MINOR,
};

}  // namespace

const BuildFacts& build_facts() noexcept { return kFacts; }

}  // namespace hookhost::app
