// SPDX-License-Identifier: Apache-2.0
//
// Optional, not in hookhost.hpp: texts with format specifications, by fmt when it is installed,
// else by std::format. The plugin then links fmt itself (fmt::fmt-header-only keeps it inside).
//
//   return ok(formatted("{:.1f} % of {:>8}", percent, name));
#ifndef HOOKHOST_CPP_FORMAT_HPP
#define HOOKHOST_CPP_FORMAT_HPP

#if __has_include(<fmt/format.h>)
#include <fmt/format.h>
#define HOOKHOST_DETAIL_FORMAT ::fmt
#elif __has_include(<format>)
#include <format>
#define HOOKHOST_DETAIL_FORMAT ::std
#else
#error "hookhost/cpp/format.hpp needs fmt or <format>; texts with plain {} need neither"
#endif

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "namespace.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

namespace detail {

// Text is a view of the host's; the formatters know std::string_view.
template <class T>
using Formattable =
    std::conditional_t<std::same_as<std::remove_cvref_t<T>, Text>, std::string_view, const T&>;

}  // namespace detail

// The text; its specification is checked when it is compiled.
template <class... Arguments>
std::string formatted(
    HOOKHOST_DETAIL_FORMAT::format_string<detail::Formattable<std::type_identity_t<Arguments>>...>
        text,
    const Arguments&... arguments) {
  return HOOKHOST_DETAIL_FORMAT::format(text,
                                        static_cast<detail::Formattable<Arguments>>(arguments)...);
}

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_FORMAT_HPP
