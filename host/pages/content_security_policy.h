// SPDX-License-Identifier: Apache-2.0
//
// The Content-Security-Policy of our pages: nothing but our own files, no inline script or style,
// no HTML made from text (Trusted Types). The two differ in who may show the page in a frame.
// Constants.
#pragma once

#include <string_view>

namespace hookhost::pages {

#define HOOKHOST_PAGE_CSP                                                                      \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " \
  "connect-src 'self'; base-uri 'none'; form-action 'none'; "                                  \
  "require-trusted-types-for 'script'; trusted-types 'none'; "

inline constexpr std::string_view kPageCsp = HOOKHOST_PAGE_CSP "frame-ancestors 'none'";

// A Space shows its app in a frame of huggingface.co; without this it looks dead.
inline constexpr std::string_view kSpacePageCsp =
    HOOKHOST_PAGE_CSP "frame-ancestors 'self' https://huggingface.co https://*.hf.space";

#undef HOOKHOST_PAGE_CSP

}  // namespace hookhost::pages
