// SPDX-License-Identifier: Apache-2.0
//
// Does every fact lead to the finding that an operator can act on, and nothing good to a warning?
#include "app/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_value.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"
#include "support/test_certificate.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using test::TempDir;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr SystemTime kNow = test::FakeClock::kStart;

SecretSource file_source(std::string name, SystemTime not_after = SystemTime::max()) {
  return {.name = std::move(name), .not_after = not_after, .origin = {}};
}
SecretFacts secret(std::string owner, SecretSource source, std::size_t bytes = 32) {
  return {.owner = std::move(owner), .source = std::move(source), .bytes = bytes, .readable = {}};
}

// Of a host with one global secret and nothing to complain of.
DoctorFacts good_facts() {
  DoctorFacts facts;
  facts.user = 1000;
  facts.config.secrets.file = file_source("key");
  facts.secrets = {secret("", file_source("key"))};
  facts.ports = {{.use = "webhooks", .address = {"127.0.0.1", 7860}, .free = {}}};
  facts.folders = {{.use = "plugins", .path = "plugins", .is_there = true, .safe = {}},
                   {.use = "stage", .path = "/tmp/stage", .safe = {}}};
  facts.plugins = {{.file = "plugins/a.so", .verdict = {}}};
  facts.clock = {.now = kNow, .is_synchronised = true};
  return facts;
}

// "warn secret key: ...", of the findings of one check that are not ok.
std::vector<std::string> complaints(const DoctorFacts& facts, std::string_view check) {
  std::vector<std::string> lines;
  for (const Finding& finding : diagnose(facts)) {
    if (finding.severity == Severity::kOk) continue;
    EXPECT_EQ(finding.check, check);
    lines.push_back(std::string(severity_name(finding.severity)) + ' ' + finding.thing + ": " +
                    finding.what);
  }
  return lines;
}

TEST(Doctor, SaysOkOfEachThingThatIsGood) {
  std::vector<std::string> things;
  for (const Finding& finding : diagnose(good_facts())) {
    EXPECT_EQ(finding.severity, Severity::kOk) << finding.thing << ": " << finding.what;
    EXPECT_EQ(finding.fix, "");
    things.push_back(finding.thing);
  }
  EXPECT_THAT(things,
              ElementsAre("configuration", "secret key", "user 1000", "webhooks at 127.0.0.1:7860",
                          "folder plugins", "folder /tmp/stage", "plugin a.so",
                          "clock 2026-09-01 12:00 UTC"));
}

// ---- Configuration

TEST(Doctor, SaysNothingElseWhenTheConfigurationCannotBeRead) {
  DoctorFacts facts;
  facts.config_errors = {{{OriginKind::kFile, "h.toml", 3, 1}, "loops: too many", "less", {}}};
  const std::vector<Finding> findings = diagnose(facts);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].thing, "h.toml:3");
  EXPECT_EQ(findings[0].fix, "less");
}

TEST(Doctor, PassesOnWhatASchemeHasAgainstItsSecret) {
  DoctorFacts facts = good_facts();
  facts.scheme_errors = {{{OriginKind::kFile, "h.toml", 3, 1}, "route.a: no whsec_", {}, {}}};
  EXPECT_THAT(complaints(facts, "configuration"), ElementsAre("fail h.toml:3: route.a: no whsec_"));
}

// ---- Secrets

TEST(Doctor, RefusesASecretThatTheHostCouldNotUse) {
  DoctorFacts facts = good_facts();
  facts.secrets[0].readable = Error{ErrorCode::kDenied, "mode 0644", "chmod 600 key"};
  EXPECT_THAT(complaints(facts, "secrets"), ElementsAre("fail secret key: mode 0644"));
}

TEST(Doctor, WarnsOfASecretOfFewerThan16Bytes) {
  DoctorFacts facts = good_facts();
  facts.secrets.push_back(secret("route ci", file_source("ci"), 16));
  EXPECT_THAT(complaints(facts, "secrets"), IsEmpty());
  facts.secrets[1].bytes = 15;
  EXPECT_THAT(complaints(facts, "secrets"),
              ElementsAre("warn route ci, secret ci: shorter than 16 bytes: it can be guessed"));
  EXPECT_EQ(diagnose(facts)[2].fix, "hookhost secret rotate ci --from-file FILE");
}

TEST(Doctor, WarnsOfTheEnvironmentUnlessASpaceHasNoOtherPlace) {
  DoctorFacts facts = good_facts();
  facts.secrets[0].source.kind = SecretKind::kEnvironment;
  EXPECT_THAT(complaints(facts, "secrets"), Contains(HasSubstr("in the environment")));
  facts.config.space.is_space = true;
  EXPECT_THAT(complaints(facts, "secrets"), IsEmpty());
}

TEST(Doctor, LooksAtTheEndOfTheLastSecretOnly) {
  DoctorFacts facts = good_facts();
  facts.secrets = {secret("", file_source("last", kNow + 7 * 24h))};
  EXPECT_THAT(complaints(facts, "secrets"),
              ElementsAre("warn secret last: the last one, and accepted until "
                          "2026-09-08 12:00 UTC only"));
  facts.secrets[0].source.not_after += 1s;
  EXPECT_THAT(complaints(facts, "secrets"), IsEmpty());

  facts.secrets = {secret("", file_source("new")), secret("", file_source("old", kNow + 1h))};
  EXPECT_THAT(complaints(facts, "secrets"), IsEmpty()) << "a rotation is no trouble";
}

TEST(Doctor, TellsASecretThatIsPastFromOneThatLeavesNobody) {
  DoctorFacts facts = good_facts();
  facts.secrets = {secret("", file_source("old", kNow - 1s)), secret("", file_source("new"))};
  EXPECT_THAT(complaints(facts, "secrets"),
              ElementsAre("warn secret old: not accepted since 2026-09-01 11:59 UTC"));
  facts.secrets.pop_back();
  EXPECT_THAT(complaints(facts, "secrets"),
              ElementsAre(HasSubstr("fail secret old: not accepted since 2026-09-01 11:59 UTC, "
                                    "and there is no other")));
  facts.secrets[0].source.not_after = kNow;  // the last moment of its life
  EXPECT_THAT(complaints(facts, "secrets"), ElementsAre(HasSubstr("warn secret old: the last")));
}

TEST(Doctor, NamesTheCommandThatTakesAPastSecretOfARouteOut) {
  DoctorFacts facts = good_facts();
  facts.secrets = {secret("route ci", file_source("new")),
                   secret("route ci", file_source("old", kNow - 1s))};
  facts.secrets[1].number = 2;
  EXPECT_EQ(diagnose(facts)[2].fix, "hookhost secret rm ci 2");
}

TEST(Doctor, DoesNotCountASecretOfAnotherOwnerAsASuccessor) {
  DoctorFacts facts = good_facts();
  facts.secrets.push_back(secret("route a", file_source("old", kNow - 1s)));
  EXPECT_THAT(complaints(facts, "secrets"), ElementsAre(HasSubstr("and there is no other")));
}

TEST(Doctor, SaysWhatARouteWithoutASecretMeansHere) {
  DoctorFacts facts = good_facts();
  facts.config.secrets = {};
  facts.secrets.clear();
  EXPECT_THAT(complaints(facts, "secrets"),
              ElementsAre("warn secret: a route without one of its own is open to whoever "
                          "reaches it"));
  facts.config.listen.host = "0.0.0.0";
  EXPECT_THAT(complaints(facts, "secrets"), ElementsAre(HasSubstr("stops the start")));
}

TEST(Doctor, RefusesAnAdminListenerBeyondLoopbackWithoutAToken) {
  DoctorFacts facts = good_facts();
  facts.config.admin_listen.host = "0.0.0.0";
  EXPECT_THAT(complaints(facts, "secrets"), ElementsAre(HasSubstr("fail admin token: no admin")));
  facts.config.admin_token.file = file_source("token");
  EXPECT_THAT(complaints(facts, "secrets"), IsEmpty());
}

TEST(Doctor, MindsRootAndMoreSoBeyondLoopback) {
  DoctorFacts facts = good_facts();
  facts.user = 0;
  EXPECT_THAT(complaints(facts, "user"), ElementsAre(HasSubstr("warn user 0: this is root")));
  facts.config.listen.host = "0.0.0.0";
  EXPECT_THAT(complaints(facts, "user"), ElementsAre(HasSubstr("fail user 0: ")));
  facts.config.allow_root = true;
  EXPECT_THAT(complaints(facts, "user"), ElementsAre(HasSubstr("warn user 0: ")));
}

// ---- Ports, folders, plugins

TEST(Doctor, TellsAPortOfAHostFromOneOfAStranger) {
  DoctorFacts facts = good_facts();
  facts.ports[0].free = Error{ErrorCode::kUnavailable, "port 7860 is in use", "another port"};
  EXPECT_THAT(complaints(facts, "ports"),
              ElementsAre("fail webhooks at 127.0.0.1:7860: port 7860 is in use"));
  facts.ports[0].is_held_by_host = true;
  EXPECT_THAT(complaints(facts, "ports"), IsEmpty());
}

TEST(Doctor, WarnsOfACertificateThirtyDaysBeforeItsEnd) {
  DoctorFacts facts = good_facts();
  facts.certificate = {.file = "cert.pem", .usable = {}, .not_after = kNow + 30 * 24h + 1s};
  EXPECT_THAT(complaints(facts, "certificate"), IsEmpty());
  facts.certificate->not_after = kNow + 30 * 24h;
  EXPECT_THAT(complaints(facts, "certificate"),
              ElementsAre("warn certificate cert.pem: "
                          "it or one behind it expires on 2026-10-01 12:00 UTC"));
}
TEST(Doctor, RefusesACertificateThatTheHostCouldNotUse) {
  DoctorFacts facts = good_facts();
  facts.certificate = {.file = "cert.pem", .usable = Error{ErrorCode::kInvalid, "it expired", ""}};
  EXPECT_THAT(complaints(facts, "certificate"),
              ElementsAre("fail certificate cert.pem: it expired"));
}
TEST(Doctor, MindsAFolderOfPluginsThatIsNotThere) {
  DoctorFacts facts = good_facts();
  facts.folders[0].is_there = false;
  EXPECT_THAT(complaints(facts, "folders"), ElementsAre(HasSubstr("warn folder plugins: ")));
  facts.folders[0].is_named = true;
  EXPECT_THAT(complaints(facts, "folders"), ElementsAre(HasSubstr("fail folder plugins: ")));
}

TEST(Doctor, MindsWhoMayWriteThereAndWhatMayRunThere) {
  DoctorFacts facts = good_facts();
  facts.folders[0].is_noexec = true;  // plugins are copied before they run
  EXPECT_THAT(complaints(facts, "folders"), IsEmpty());
  facts.folders[1].is_noexec = true;
  EXPECT_THAT(complaints(facts, "folders"), ElementsAre(HasSubstr("mounted noexec")));
  facts.folders[1].safe = Error{ErrorCode::kDenied, "writable by everybody", "chmod"};
  EXPECT_THAT(complaints(facts, "folders"), ElementsAre(HasSubstr("writable by everybody")));
}

TEST(Doctor, RefusesAPluginThatTheHostWould) {
  DoctorFacts facts = good_facts();
  facts.plugins[0].missing = {"libtrain.so.2", "libx.so.1"};
  EXPECT_THAT(complaints(facts, "plugins"),
              ElementsAre("fail plugin a.so: it needs libtrain.so.2, libx.so.1, which the linker "
                          "does not find"));
  facts.plugins[0].verdict = Error{ErrorCode::kInvalid, "no ELF file", {}};
  EXPECT_THAT(complaints(facts, "plugins"), ElementsAre("fail plugin a.so: no ELF file"));
}

// ---- Clock

TEST(Doctor, FindsAClockThatContradictsTheDayOfTheProgram) {
  DoctorFacts facts = good_facts();
  facts.clock.built = kNow + 24h;
  EXPECT_THAT(complaints(facts, "clock"), IsEmpty()) << "the zone of the commit is unknown";
  facts.clock.built += 1s;
  EXPECT_THAT(complaints(facts, "clock"), ElementsAre(HasSubstr("fail clock")));
}

TEST(Doctor, FindsAFileFromTheFuture) {
  DoctorFacts facts = good_facts();
  facts.clock.newest_file = "plugins/a.so";
  facts.clock.newest_at = kNow + 300s;
  EXPECT_THAT(complaints(facts, "clock"), IsEmpty());
  facts.clock.newest_at += 1s;
  EXPECT_THAT(complaints(facts, "clock"), ElementsAre(HasSubstr("plugins/a.so was written at ")));
}

TEST(Doctor, ClaimsNoMoreOfTheClockThanItCanKnow) {
  DoctorFacts facts = good_facts();
  facts.clock.is_synchronised = false;
  EXPECT_THAT(complaints(facts, "clock"), ElementsAre(HasSubstr("when it is 300 s off")));
  facts.clock.is_synchronised.reset();
  EXPECT_THAT(complaints(facts, "clock"), IsEmpty());
  EXPECT_THAT(diagnose(facts).back().what, HasSubstr("all that can be told here"));
}

// ---- Looking up the facts

DoctorFacts facts_of(const TempDir& folder, Environment environment = {}) {
  const test::FakeClock clock;
  return look_up_facts({.environment = std::move(environment), .folder = folder.path()}, clock);
}

TEST(DoctorFacts, AreOfEverySecretAndHoldNoText) {
  const TempDir folder;
  folder.write("key", "0123456789abcdef");
  folder.write("open", "0123456789abcdef", 0644);
  folder.write("hookhost.toml", R"(
listen = "127.0.0.1:0"
admin.listen = "127.0.0.1:0"
secret_file = "key"
[route.a]
scheme = "github"
secret_file = "open"
[plugin.bot.secrets]
token = { env = "NOT_SET" }
)");
  const DoctorFacts facts = facts_of(folder);
  EXPECT_THAT(facts.config_errors, IsEmpty());
  ASSERT_EQ(facts.secrets.size(), 3U);
  EXPECT_TRUE(facts.secrets[0].readable);
  EXPECT_EQ(facts.secrets[0].bytes, 16U);
  EXPECT_EQ(facts.secrets[1].owner, "route a");
  EXPECT_EQ(facts.secrets[1].readable.error().code, ErrorCode::kDenied);
  EXPECT_EQ(facts.secrets[1].number, 1U);
  EXPECT_EQ(facts.secrets[2].owner, "plugin bot, token");
  EXPECT_EQ(facts.secrets[2].readable.error().code, ErrorCode::kNotFound);
}

TEST(DoctorFacts, AreOfTheCertificateAtThatTime) {
  const TempDir folder;
  const auto certificate_until = [&](SystemTime end) {
    const test::TestCertificate certificate({.not_before = kNow - 24h, .not_after = end});
    folder.write("cert.pem", certificate.cert_pem(), 0644);
    folder.write("key.pem", certificate.key_pem());
    folder.write("hookhost.toml",
                 "listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\n"
                 "tls = { cert_file = \"cert.pem\", key_file = \"key.pem\" }\n");
    return facts_of(folder).certificate.value();
  };
  EXPECT_TRUE(certificate_until(kNow + 1s).usable);
  EXPECT_EQ(certificate_until(kNow + 1s).not_after, kNow + 1s);
  EXPECT_THAT(certificate_until(kNow).usable.error().message, HasSubstr("it expired on"));
}

TEST(DoctorFacts, SayWhichPartOfTheWayToAFolderIsNotSafe) {
  const TempDir folder;
  std::filesystem::create_directories(folder / "open/plugins");
  std::filesystem::permissions(folder / "open", std::filesystem::perms::all);
  folder.write("hookhost.toml",
               "listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\n"
               "plugins = \"open/plugins\"\nstage = \"made/by/us\"\n");
  const DoctorFacts facts = facts_of(folder);
  ASSERT_EQ(facts.folders.size(), 2U);
  EXPECT_TRUE(facts.folders[0].is_named);
  EXPECT_THAT(facts.folders[0].safe.error().message, HasSubstr("open\" is writable by everybody"));
  EXPECT_FALSE(facts.folders[1].is_there);
  EXPECT_TRUE(facts.folders[1].safe) << facts.folders[1].safe.error().message;
}

TEST(DoctorFacts, AreOfFilesThatThePluginFolderShows) {
  const TempDir folder;
  folder.write("plugins/text.so", "no library");
  folder.write("plugins/text.so.tmp", "no plugin");
  folder.write("hookhost.toml",
               "listen = \"127.0.0.1:0\"\nadmin.listen = \"127.0.0.1:0\"\n"
               "plugins = \"plugins\"\n");
  const DoctorFacts facts = facts_of(folder);
  ASSERT_EQ(facts.plugins.size(), 1U);
  EXPECT_FALSE(facts.plugins[0].verdict);
  EXPECT_THAT(facts.clock.newest_file.native(), Not(IsEmpty()));
}

}  // namespace
}  // namespace hookhost::app
