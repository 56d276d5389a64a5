// SPDX-License-Identifier: Apache-2.0
//
// Who a request comes from when proxies stand in front. A proxy appends the address that it was
// called from to X-Forwarded-For, and what is left of that anybody may have written: the list is
// read from its right end, as long as those who wrote it are trusted. RFC 7239's Forwarded is not
// read: a proxy that writes one of the two passes the other on as a stranger sent it. Pure. Any
// thread. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <span>

#include "base/ip_address.h"
#include "model/request.h"

namespace hookhost::http {

ClientAddress address_of(const sockaddr_storage& address) noexcept;

// The client of a request that peer, whose connection it is, has sent with these headers: the
// right-most address that is no trusted proxy's. Behind something that is no address nothing is
// believed, so then, and when all of them are trusted, it is the last one that was understood.
// Nothing: the peer itself.
std::optional<ClientAddress> forwarded_client(const IpAddress& peer,
                                              std::span<const Header> headers,
                                              const IpRanges& trusted) noexcept;

}  // namespace hookhost::http
