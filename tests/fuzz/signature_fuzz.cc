// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the headers of a proof: the first byte picks the scheme, the lines after it are the
// values of its headers ("-": not sent), the rest is the body. Nobody gets in who does not know
// the key.
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "auth/scheme.h"
#include "base/check.h"
#include "fuzz/cost_limit.h"

namespace hookhost::auth {
namespace {

constexpr SystemTime kNow{std::chrono::seconds(1'614'265'330)};

// One that the scheme takes.
std::string_view secret_of(const Scheme& scheme) {
  if (scheme.name == "discord")
    return "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
  if (scheme.name == "standard-webhooks") return "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  return "a user:and a password that no input holds";
}

const Authenticator& authenticator_of(const Scheme& scheme) {
  static std::map<std::string_view, std::shared_ptr<const Authenticator>> made;
  auto& one = made[scheme.name];
  if (one == nullptr) {
    const std::vector credentials{Credential(Secret(std::string(secret_of(scheme))))};
    one = make_authenticator(scheme, credentials,
                             {.secret_in_query = true,
                              .hmac = {.header = "X-Sign",
                                       .text = "{id}.{ts}.{body}",
                                       .timestamp_header = "X-Time",
                                       .id_header = "X-Id"}})
              .value();
  }
  return *one;
}

std::vector<std::string_view> names_of(const Scheme& scheme) {
  std::vector<std::string_view> names{"X-Sign", "X-Time", "X-Id"};
  if (scheme.token != nullptr) names = {scheme.token->header};
  if (scheme.signature != nullptr) {
    names.clear();
    for (const ProofHeaders& headers : scheme.signature->headers)
      names.insert(names.end(), {headers.signature, headers.timestamp, headers.id});
  }
  std::erase(names, "");
  return names;
}

void check(std::string_view input) {
  if (input.empty()) return;
  const Scheme& scheme = schemes()[static_cast<unsigned char>(input.front()) % schemes().size()];
  input.remove_prefix(1);
  std::vector<Header> headers;
  RequestHead head;
  for (const std::string_view name : names_of(scheme)) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    if (line != "-") headers.push_back({name, line});
    head.query = line;
  }
  head.headers = headers;
  const Authenticator& authenticator = authenticator_of(scheme);
  const Verdict verdict = authenticator.judge(head, input, kNow);
  HOOKHOST_CHECK(verdict.proof != Proof::kAccepted && verdict.secret == 0);
  static_cast<void>(authenticator.diagnose(head, input, kNow));
  static_cast<void>(authenticator.delivery_id(head));
  Arena arena;
  static_cast<void>(authenticator.answer_challenge(input, kNow, arena));
}

}  // namespace
}  // namespace hookhost::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hookhost::fuzz::CostLimit cost(size);
  hookhost::auth::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
