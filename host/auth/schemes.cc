// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "auth/scheme.h"
#include "auth/sent_header.h"
#include "auth/signed_text.h"
#include "base/text.h"

namespace hookhost::auth {
namespace {

// ---- Tokens

constexpr TokenForm kHf{.header = "X-Webhook-Secret"};
constexpr TokenForm kGitlab{.header = "X-Gitlab-Token"};
constexpr TokenForm kBearer{.header = "Authorization", .prefix = "Bearer "};
constexpr TokenForm kBasic{
    .header = "Authorization", .prefix = "Basic ", .is_base64 = true, .is_pair = true};

// ---- Signatures: each with the headers, the ways to sign, and what is signed

constexpr Signing kHexOfBody[] = {{.prefix = ""}};
constexpr Signing kSha256Hex[] = {{.prefix = "sha256="}};

constexpr ProofHeaders kGithubHeaders[] = {{"X-Hub-Signature-256"}};
constexpr SignatureForm kGithub{.headers = kGithubHeaders, .signings = kSha256Hex};

// What GitHub sends beside it for receivers that know no better: only where that is asked for.
constexpr ProofHeaders kGithubSha1Headers[] = {{"X-Hub-Signature"}};
constexpr Signing kSha1Hex[] = {{.prefix = "sha1=", .algorithm = Algorithm::kSha1}};
constexpr SignatureForm kGithubSha1{.headers = kGithubSha1Headers, .signings = kSha1Hex};

// SHA-256 under the name that GitHub has for SHA-1 (adnanh/webhook #662).
constexpr ProofHeaders kBitbucketHeaders[] = {{"X-Hub-Signature"}};
constexpr SignatureForm kBitbucket{.headers = kBitbucketHeaders, .signings = kSha256Hex};

constexpr ProofHeaders kGiteaHeaders[] = {{"X-Gitea-Signature"}};
constexpr SignatureForm kGitea{.headers = kGiteaHeaders, .signings = kHexOfBody};

constexpr ProofHeaders kForgejoHeaders[] = {{"X-Forgejo-Signature"}, {"X-Gitea-Signature"}};
constexpr SignatureForm kForgejo{.headers = kForgejoHeaders, .signings = kHexOfBody};

// standardwebhooks.com, and Svix, where it comes from. whsk_ is the seed with the public key.
constexpr ProofHeaders kStandardHeaders[] = {
    {"Webhook-Signature", "Webhook-Timestamp", "Webhook-Id"},
    {"Svix-Signature", "Svix-Timestamp", "Svix-Id"}};
constexpr Signing kStandardSignings[] = {
    {"v1,", Algorithm::kSha256, Encoding::kBase64, KeyForm::kBase64, "whsec_", 24, 64},
    {"v1a,", Algorithm::kEd25519, Encoding::kBase64, KeyForm::kBase64, "whpk_", 32, 32},
    {"v1a,", Algorithm::kEd25519, Encoding::kBase64, KeyForm::kBase64, "whsk_", 64, 64}};
constexpr SignatureForm kStandard{.headers = kStandardHeaders,
                                  .signings = kStandardSignings,
                                  .text = "{id}.{ts}.{body}",
                                  .separator = ' '};

// The whsec_ of Stripe belongs to the key.
constexpr ProofHeaders kStripeHeaders[] = {{"Stripe-Signature"}};
constexpr Signing kStripeSignings[] = {{.prefix = "v1="}};
constexpr SignatureForm kStripe{.headers = kStripeHeaders,
                                .signings = kStripeSignings,
                                .text = "{ts}.{body}",
                                .separator = ',',
                                .timestamp_prefix = "t="};

constexpr ProofHeaders kSlackHeaders[] = {{"X-Slack-Signature", "X-Slack-Request-Timestamp"}};
constexpr Signing kSlackSignings[] = {{.prefix = "v0="}};
constexpr SignatureForm kSlack{
    .headers = kSlackHeaders, .signings = kSlackSignings, .text = "v0:{ts}:{body}"};

constexpr ProofHeaders kShopifyHeaders[] = {{"X-Shopify-Hmac-Sha256"}};
constexpr Signing kShopifySignings[] = {{.prefix = "", .encoding = Encoding::kBase64}};
constexpr SignatureForm kShopify{.headers = kShopifyHeaders, .signings = kShopifySignings};

constexpr ProofHeaders kDiscordHeaders[] = {{"X-Signature-Ed25519", "X-Signature-Timestamp"}};
constexpr Signing kDiscordSignings[] = {
    {"", Algorithm::kEd25519, Encoding::kHex, KeyForm::kHex, "", 32, 32}};
constexpr SignatureForm kDiscord{
    .headers = kDiscordHeaders, .signings = kDiscordSignings, .text = "{ts}{body}"};

constexpr ProofHeaders kXHeaders[] = {{"X-Twitter-Webhooks-Signature"}};
constexpr Signing kXSignings[] = {{.prefix = "sha256=", .encoding = Encoding::kBase64}};
constexpr SignatureForm kX{.headers = kXHeaders, .signings = kXSignings};

// ---- Where events say what they are

constexpr EventNames kTypeEvent{.scope = "/type"};
// GitHub's form, which others took over.
constexpr EventNames github_event(std::string_view header) {
  return {.header = header,
          .action = "/action",
          .repo = "/repository/full_name",
          .ref = "/ref",
          .authors = {"/sender/login"}};
}

constexpr Scheme kSchemes[] = {
    {.name = "hf",
     .title = "Hugging Face Hub",
     .token = &kHf,
     .delivery_ids = {"Webhook-Id"},
     .event = kHubEvent,
     .wrong_body = R"({"error":"Invalid webhook secret."})"},
    {.name = "github",
     .title = "GitHub",
     .signature = &kGithub,
     .delivery_ids = {"X-GitHub-Delivery"},
     .event = github_event("X-GitHub-Event"),
     .handshake = Handshake::kGithub},
    {.name = "standard-webhooks",
     .title = "Standard Webhooks, Svix",
     .signature = &kStandard,
     .event = kTypeEvent},
    {.name = "stripe",
     .title = "Stripe",
     .signature = &kStripe,
     .delivery_id_in_body = "/id",
     .event = kTypeEvent},
    {.name = "slack",
     .title = "Slack",
     .signature = &kSlack,
     .delivery_id_in_body = "/event_id",
     .event = kTypeEvent,
     .handshake = Handshake::kSlack},
    {.name = "shopify",
     .title = "Shopify",
     .signature = &kShopify,
     .delivery_ids = {"X-Shopify-Webhook-Id"},
     .event = {.header = "X-Shopify-Topic", .separator = '/'}},
    {.name = "gitlab",
     .title = "GitLab",
     .token = &kGitlab,
     .delivery_ids = {"Idempotency-Key"},
     .event = {.scope = "/object_kind",
               .action = "/object_attributes/action",
               .repo = "/project/path_with_namespace",
               .ref = "/ref",
               .authors = {"/user_username", "/user/username"}},
     .wrong_body = R"({"error":"Invalid token."})"},
    {.name = "bitbucket",
     .title = "Bitbucket",
     .signature = &kBitbucket,
     .delivery_ids = {"X-Request-UUID", "X-Request-Id"},
     .event = {.header = "X-Event-Key",
               .separator = ':',
               .repo = "/repository/full_name",
               .ref = "/push/changes/*/new/name",
               .authors = {"/actor/nickname", "/actor/name"}}},
    {.name = "github-sha1",
     .title = "GitHub, by SHA-1",
     .signature = &kGithubSha1,
     .delivery_ids = {"X-GitHub-Delivery"},
     .event = github_event("X-GitHub-Event"),
     .handshake = Handshake::kGithub},
    {.name = "gitea",
     .title = "Gitea",
     .signature = &kGitea,
     .delivery_ids = {"X-Gitea-Delivery"},
     .event = github_event("X-Gitea-Event")},
    {.name = "forgejo",
     .title = "Forgejo",
     .signature = &kForgejo,
     .delivery_ids = {"X-Forgejo-Delivery", "X-Gitea-Delivery"},
     .event = github_event("X-Gitea-Event")},
    {.name = "discord",
     .title = "Discord",
     .signature = &kDiscord,
     .event = {.scope = "/event/type"},
     .wrong_status = 401,
     .handshake = Handshake::kDiscord},
    {.name = "x", .title = "X", .signature = &kX, .handshake = Handshake::kX},
    {.name = kGenericHmac, .title = "the sender", .event = kTypeEvent},
    {.name = "bearer",
     .title = "bearer token",
     .token = &kBearer,
     .event = kTypeEvent,
     .wrong_body = R"({"error":"Invalid token."})",
     .challenge =
         R"(Bearer realm="webhooks")"},  // RFC 6750 3: no error code where nothing was sent
    {.name = "basic",
     .title = "user and password",
     .token = &kBasic,
     .event = kTypeEvent,
     .wrong_body = R"({"error":"Invalid user or password."})",
     .challenge = R"(Basic realm="webhooks")"},
};

// What generic-hmac's form points to, for as long as its authenticator.
struct OwnedForm {
  HmacOptions options;
  ProofHeaders headers[1];
  Signing signings[1];
};

Result<std::shared_ptr<const Authenticator>> make_hmac(const Scheme& scheme,
                                                       std::span<const Credential> credentials,
                                                       const HmacOptions& options) {
  if (Status fit = check_hmac(options); !fit) return std::move(fit).error();
  const auto owned = std::make_shared<OwnedForm>();
  const HmacOptions& own = owned->options = options;
  owned->headers[0] = {own.header, own.timestamp_header, own.id_header};
  owned->signings[0] = {.prefix = own.prefix,
                        .algorithm = static_cast<Algorithm>(own.algorithm),
                        .encoding = own.encoding,
                        .key = own.key};
  return make_signature(scheme,
                        {.headers = owned->headers,
                         .signings = owned->signings,
                         .text = own.text,
                         .window = std::chrono::duration_cast<std::chrono::seconds>(own.window)},
                        credentials, owned);
}

// Schemes that share a header tell themselves apart by what stands in front of a signature.
bool carries_proof_of(const Scheme& scheme, const RequestHead& head) noexcept {
  if (scheme.token != nullptr) return sent_header(head, scheme.token->header).count > 0;
  if (scheme.signature == nullptr) return false;
  const SentHeader sent = sent_header(head, scheme.signature->headers.front().signature);
  return sent.count > 0 &&
         std::ranges::any_of(scheme.signature->signings, [&](const Signing& signing) {
           return sent.text.find(signing.prefix) != std::string_view::npos;
         });
}

bool is_field_name(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

}  // namespace

Status check_hmac(const HmacOptions& options) {
  const auto invalid = [](std::string message, std::string fix) {
    return Error{ErrorCode::kInvalid, std::move(message), std::move(fix)};
  };
  if (!is_field_name(options.header))
    return invalid("scheme generic-hmac needs the header of the signature",
                   "hmac = { header = \"X-Signature\" }");
  auto text = SignedText::parse(options.text);
  if (!text) return std::move(text).error();
  if (Status apart = text->check_boundaries(); !apart) return apart;
  if (text->has_timestamp() && !is_field_name(options.timestamp_header))
    return invalid("template has {ts} and no header holds it", "ts_header = \"X-Timestamp\"");
  if (text->has_id() && !is_field_name(options.id_header))
    return invalid("template has {id} and no header holds it", "id_header = \"X-Delivery\"");
  if (!text->has_timestamp() && !options.timestamp_header.empty())
    return invalid("the timestamp is not signed, so it proves nothing",
                   "put {ts} into the template, or remove ts_header");
  return {};
}

std::span<const Scheme> schemes() noexcept { return kSchemes; }

const Scheme* find_scheme(std::string_view name) noexcept {
  const auto found = std::ranges::find(kSchemes, name, &Scheme::name);
  return found == std::end(kSchemes) ? nullptr : found;
}

Result<std::shared_ptr<const Authenticator>> make_authenticator(
    const Scheme& scheme, std::span<const Credential> credentials, const SchemeOptions& options) {
  if (scheme.signature != nullptr) return make_signature(scheme, *scheme.signature, credentials);
  if (scheme.token == nullptr) return make_hmac(scheme, credentials, options.hmac);
  // Elsewhere than at the Hub nobody sends a secret in an address.
  const bool in_query = options.secret_in_query && scheme.token == &kHf;
  return make_token(scheme, *scheme.token, credentials, {.in_query = in_query});
}

std::string_view sent_for_other_scheme(const RequestHead& head, const Scheme& than) noexcept {
  static const std::vector<std::string> kSentences = [] {
    std::vector<std::string> sentences;
    for (const Scheme& scheme : kSchemes)
      sentences.push_back(fmt::format("it carries the header of scheme {}", scheme.name));
    return sentences;
  }();
  for (std::size_t i = 0; i < std::size(kSchemes); ++i) {
    const Scheme& scheme = kSchemes[i];
    if (&scheme == &than) continue;
    if (carries_proof_of(scheme, head)) return kSentences[i];
  }
  return {};
}

}  // namespace hookhost::auth
