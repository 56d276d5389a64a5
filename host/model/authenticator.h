// SPDX-License-Identifier: Apache-2.0
//
// Authenticator: does this request prove its sender? A scheme with its credentials, ready to ask.
// auth implements it, a Route holds one, intake asks it; so routing and auth need not know each
// other. Immutable: any thread. Hot path: no lock or shared counter per request; no allocation
// where a secret is compared, and few small ones, OpenSSL's, where a signature is computed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "model/request.h"

namespace hookhost {

enum class Proof : std::uint8_t {
  kAccepted,
  kMissing,    // nothing was sent
  kWrong,      // well-formed, and of no secret that is valid now
  kMalformed,  // not written as the scheme writes it
  kRepeated,   // a header of the proof stands twice: readers may disagree which one counts
  kTooMany,    // more signatures than anybody tries
  kStale,      // signed too long ago: a replay, or a clock that is wrong
  kAhead       // signed in the future: a clock that is wrong
};

struct Verdict {
  Proof proof = Proof::kMissing;
  std::uint8_t secret = 0;  // of kAccepted: the number of the secret in its list, from 1
};

// A question that a sender asks before its first event; the host answers it (intake/handshake).
enum class Handshake : std::uint8_t { kNone, kSlack, kDiscord, kX, kGithub };

// Where an event says what it is, for the route's filter. Pointers are of RFC 6901, into the body.
struct EventNames {
  std::string_view header = {};  // holds the scope; "": the body does
  char separator = '\0';         // in the header: the action stands behind it
  std::string_view scope = {};
  std::string_view action = {};
  // What the operator may filter by (routing/event_wish.h). "/a/*/b": the b of each element of a.
  std::string_view repo = {};                    // its full name
  std::string_view ref = {};                     // "refs/heads/main"
  std::array<std::string_view, 2> authors = {};  // who did it: the first that is there
};

// The Hub's, also where no scheme says otherwise.
inline constexpr EventNames kHubEvent{.scope = "/event/scope",
                                      .action = "/event/action",
                                      .repo = "/repo/name",
                                      .ref = "/updatedRefs/*/ref",
                                      .authors = {"/comment/author/id", "/discussion/author/id"}};

// What a scheme says about itself. Views live as long as the authenticator.
struct SchemeFacts {
  std::string_view name;    // "hf"; for messages, /docs and /openapi.json
  std::string_view header;  // that carries the proof: "X-Webhook-Secret"
  // The complete JSON bodies of the two answers. Missing is 401.
  std::string_view missing_body;
  std::string_view wrong_body;
  int wrong_status = 403;
  std::string_view challenge = {};  // WWW-Authenticate of a 401 (RFC 9110 11.6.1); "": none
  EventNames event = {};
  Handshake handshake = Handshake::kNone;
  std::string_view delivery_id_in_body = {};  // RFC 6901; "": a header holds it, or nothing does
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;

  virtual const SchemeFacts& facts() const noexcept = 0;

  // True: judge() needs the body, so it is asked after the body was read; false: the head alone
  // decides and body is empty.
  virtual bool needs_body() const noexcept = 0;

  // now: the wall clock, for signed timestamps and the lives of secrets. Throws std::bad_alloc
  // alone.
  virtual Verdict judge(const RequestHead& head, std::string_view body, SystemTime now) const = 0;

  // The sender's delivery id, the signed one where one is signed; data() == nullptr: none was sent
  // in a header (see SchemeFacts::delivery_id_in_body).
  virtual std::string_view delivery_id(const RequestHead& head) const noexcept = 0;

  // For the log, never for the sender: what a request that judge() refused looks like, as a
  // constant sentence without a secret; "": nothing that we know. Tries several guesses over the
  // whole body, so whoever calls bounds the body and the rate.
  virtual std::string_view diagnose(const RequestHead& head, std::string_view body,
                                    SystemTime now) const = 0;

  // The answer's body for X's challenge, in the arena; "": the token is none that X would send, or
  // the scheme knows no challenge. Nobody has proved anything here.
  virtual std::string_view answer_challenge(std::string_view /*token*/, SystemTime /*now*/,
                                            Arena& /*arena*/) const {
    return {};
  }
};

}  // namespace hookhost
