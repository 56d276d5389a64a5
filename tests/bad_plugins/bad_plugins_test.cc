// SPDX-License-Identifier: Apache-2.0
//
// What does the operator read about a plugin that breaks a clause of the ABI, and does the host
// outlive it? One source of this folder per clause.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "plugin/inspect.h"
#include "plugin/test_registry.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// ---- Refused at load

struct Refusal {
  const char* plugin;
  const char* reason;
};

class RefusedPluginTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedPluginTest, TellsFieldValueAndNeed) {
  TestRegistry host;
  host.settings["bad_config"].config_json = R"({"comand":1})";

  EXPECT_EQ(host.refusal(GetParam().plugin).reason, GetParam().reason);
  EXPECT_TRUE(host.registry->routes().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Clause, RefusedPluginTest,
    testing::Values(
        Refusal{"no_entry", "it exports no symbol hookhost_entry_v1: it is not a hookhost plugin"},
        Refusal{"other_major", "needs ABI 2, this host speaks 1.0"},
        Refusal{"minor_too_new", "needs ABI 1.3, this host speaks 1.0"},
        Refusal{"null_table",
                "hookhost_entry_v1(0) returned NULL: the plugin does not want this host"},
        Refusal{"short_struct", "struct_size is 64, needed is at least 200"},
        Refusal{"wrong_magic", "magic is 0x4b4f4f42, needed is 0x484b4831"},
        Refusal{"no_endpoints", "endpoints is empty, needed is at least one"},
        Refusal{"short_stride", "endpoints.stride is 8, needed is at least 128"},
        Refusal{"null_handle", "endpoints[0].handle is NULL, needed is a function"},
        Refusal{"bad_name", "endpoints[0].name is \"two words\", needed is [A-Za-z_][A-Za-z0-9_]*"},
        Refusal{"bad_id", "id is \"Bad.Id\", needed is [a-z][a-z0-9_-]{0,63}"},
        Refusal{"note_differs", "manifest note: version is \"2.0.0\", the plugin says \"1.0.0\""},
        Refusal{"no_version", "version is empty, needed is a text"},
        Refusal{"garbage_id", "id has 18446744073709551615 bytes, at most 64 are allowed"},
        Refusal{"unknown_form", "endpoint x: form is 9, this host knows 0 to 4"},
        Refusal{"bad_schema",
                "config_schema_json uses the keyword \"oneOf\", which this host does not know"},
        Refusal{"bad_config",
                "config.comand is not a setting of this plugin; did you mean \"command\"?; "
                "config.command is missing"},
        Refusal{"create_fails", "create failed: the model \"m\" is not there"},
        Refusal{"create_fails_silently", "create returned -9 and gave no reason"},
        Refusal{"create_throws", "create threw an exception: out of luck"},
        Refusal{"activate_fails", "activate failed: port 9 is taken"},
        Refusal{"leaves_thread", "a thread of it still runs after destroy, and its code is gone"},
        Refusal{"selftest_fails", "the self-test failed: no GPU"},
        Refusal{"text_relocation",
                "it has text relocations (DT_TEXTREL): its code would have to be writable"},
        Refusal{"exec_stack", "it asks for an executable stack (PT_GNU_STACK)"},
        Refusal{"undefined_symbol", "undefined symbol: nobody_defines_this"}),
    [](const auto& test) { return std::string(test.param.plugin); });

TEST(RefusedPluginTest, TheRootPathIsRefusedP06) {
  TestRegistry host;
  EXPECT_THAT(host.refusal("root_path").reason, StartsWith("endpoint x: path \"/\": "));
}

TEST(RefusedPluginTest, AnEventFilterIsCheckedAtLoad) {
  TestRegistry host;
  EXPECT_THAT(host.refusal("bad_events").reason, StartsWith("endpoint x: events: "));
}

TEST(RefusedPluginTest, AMissingLibraryIsNamed) {
  TestRegistry host;
  const RefusedPlugin refused = host.refusal("missing_library");
  EXPECT_EQ(refused.reason,
            "libgone.so: cannot open shared object file: No such file or directory");
  EXPECT_EQ(refused.fix, "install the library that it names, or link it statically");
}

// ---- Stopped by the probe, so that the host goes on

struct Death {
  const char* plugin;
  const char* reason;
};

class DeadlyPlugin : public testing::TestWithParam<Death> {};

TEST_P(DeadlyPlugin, CostsAChildAndNothingElse) {
  TestRegistry host;
  host.add("good");
  host.add(GetParam().plugin);
  host.add("prefixed_path", "zz_last.so");

  const LoadReport report = host.load();

  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_THAT(report.refused[0].reason, HasSubstr(GetParam().reason));
  ASSERT_EQ(report.loaded.size(), 2u);
  TestAttempt attempt;
  EXPECT_EQ(host.post(attempt).kind, OutcomeKind::kHandled);
}

INSTANTIATE_TEST_SUITE_P(
    Probe, DeadlyPlugin,
    testing::Values(
        Death{"exits_in_constructor", "ended the process with exit code "},
        Death{"aborts_in_constructor", "crashed with signal 6 (Aborted) during loading"},
        Death{"throws_in_constructor", "crashed with signal 6 (Aborted) during loading"},
        // Without room for spares (RLIMIT_NOFILE) its child cannot even say so: exit code 3.
        Death{"closes_descriptors", "create"}),
    [](const auto& test) { return std::string(test.param.plugin); });

TEST(DeadlyPlugin, AnExitInAConstructorIsNamed) {
  TestRegistry host;
  EXPECT_THAT(host.refusal("exits_in_constructor").reason,
              testing::AnyOf("ended the process with exit code 7 during loading",
                             // ThreadSanitizer puts its own in the place of a plugin's.
                             "ended the process with exit code 66 during loading"));
}

TEST(DeadlyPlugin, ACrashInCreateIsNamed) {
  TestRegistry host;
  EXPECT_THAT(host.refusal("crashes_in_create").reason,
              // A sanitizer turns the signal into an exit code of its own.
              testing::AnyOf("crashed with signal 11 (Segmentation fault) during create",
                             StartsWith("ended the process with exit code ")));
}

TEST(DeadlyPlugin, OneThatNeverReturnsDelaysNoOther) {
  RegistryOptions options;
  options.probe.timeout = std::chrono::seconds(2);
  TestRegistry host(options);
  host.add("never_returns", "a.so");
  host.add("sleeps_in_constructor", "b.so");
  host.add("good", "c.so");

  const LoadReport report = host.load();

  ASSERT_EQ(report.refused.size(), 2u);
  EXPECT_EQ(report.refused[0].reason, "did not come back from create within 2 s");
  EXPECT_EQ(report.refused[1].reason, "did not come back from loading within 2 s");
  ASSERT_EQ(report.loaded.size(), 1u);
  EXPECT_EQ(report.loaded[0].id, "good");
}

TEST(DeadlyPlugin, SaysItsLastWordsInACheck) {
  TestRegistry host;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();

  const ProbeReport report = check_file(host.add("aborts_in_constructor"), host.folder / "stage",
                                        options, [](std::string_view) { return PluginSettings{}; });

  EXPECT_FALSE(report.is_good);
  EXPECT_THAT(report.output, HasSubstr("cannot find my soul"));
}

TEST(DeadlyPlugin, ATruncatedCopyIsRefusedBeforeItIsLoaded) {
  TestRegistry host;
  const auto whole = host.add("good");
  std::filesystem::resize_file(whole, std::filesystem::file_size(whole) / 2);

  const LoadReport report = host.load();

  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_THAT(report.refused[0].reason, StartsWith("the file is not complete: "));
}

// ---- Loaded, with a note

TEST(NotedPlugin, ThePrefixIsAlwaysAddedP04) {
  TestRegistry host;
  const LoadReport report = host.registry->load_file(host.add("prefixed_path"));

  ASSERT_EQ(report.loaded.size(), 1u);
  EXPECT_THAT(report.loaded[0].routes, ElementsAre("/webhooks/webhooks/x2"));
  EXPECT_THAT(report.loaded[0].notes,
              ElementsAre("endpoint x: path \"/webhooks/x2\" is below /webhooks/ like every other; "
                          "it is served at /webhooks/webhooks/x2"));
}

TEST(NotedPlugin, InlineWithALimitRunsOnThePool) {
  TestRegistry host;
  const LoadReport report = host.registry->load_file(host.add("inline_serial"));

  ASSERT_EQ(report.loaded.size(), 1u);
  EXPECT_THAT(report.loaded[0].notes,
              ElementsAre("endpoint x: an inline endpoint cannot have a concurrency limit; it runs "
                          "on the pool"));
  EXPECT_EQ(host.registry->routes()[0].place, Place::kPool);
  EXPECT_EQ(host.registry->routes()[0].concurrency_max, 1u);
}

TEST(NotedPlugin, ADraftWarnsOncePerLoadA02) {
  TestRegistry host;
  host.registry->load_file(host.add("uses_draft"));

  EXPECT_THAT(host.log.lines(),
              ElementsAre("3 uses_draft.1 ||'hookhost.x.dream/1' is experimental and might be "
                          "subject to breaking changes in the future without prior notice. You can "
                          "disable this warning by setting `HF_HUB_DISABLE_EXPERIMENTAL_WARNING=1` "
                          "as environment variable."));
}

TEST(NotedPlugin, ADraftIsSilentWhenTheOperatorSaysSoA02) {
  RegistryOptions options;
  options.warns_experimental = false;
  TestRegistry host(options);
  host.registry->load_file(host.add("uses_draft"));

  EXPECT_THAT(host.log.lines(), IsEmpty());
}

TEST(NotedPlugin, AForgottenTimerIsStoppedAndNamed) {
  TestRegistry host;
  host.registry->load_file(host.add("leaves_timer"));

  host.registry->shut_down();

  EXPECT_TRUE(host.log.has("quiesce left 1 timer running; the host stopped it"));
}

TEST(RefusedPlugin, SaysAtWhichStepItWasTurnedAway) {
  EXPECT_EQ(TestRegistry().refusal("no_entry").cause, SwapCause::kInspect);
  EXPECT_EQ(TestRegistry().refusal("create_fails").cause, SwapCause::kProbe);

  RegistryOptions without_probe;
  without_probe.is_probed = false;
  EXPECT_EQ(TestRegistry(without_probe).refusal("create_fails").cause, SwapCause::kCreate);
  EXPECT_EQ(TestRegistry(without_probe).refusal("null_table").cause, SwapCause::kLoad);

  TestRegistry host;
  std::filesystem::permissions(host.add("good"), std::filesystem::perms(0666));
  EXPECT_EQ(host.load().refused.at(0).cause, SwapCause::kStage);
}

TEST(RefusedPlugin, AChangedProcessIsFoundByACheck) {
  TestRegistry host;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();

  const ProbeReport report = check_file(host.add("changes_process"), host.folder / "stage", options,
                                        [](std::string_view) { return PluginSettings{}; });

  EXPECT_FALSE(report.is_good);
  EXPECT_EQ(report.reason,
            "create changed the working directory, the umask, the locale, the signal mask, a "
            "signal handler of the whole "
            "process (rule R8), put back");
}

TEST(ManifestNote, ThatAgreesIsReadWithoutRunningThePluginAndLoads) {
  TestRegistry host;
  const auto file = host.add("note_agrees");

  const auto inspection = inspect_file(file, {});
  ASSERT_TRUE(inspection);
  EXPECT_THAT(inspection->elf.manifest_note,
              StartsWith(R"({"id":"note_agrees","version":"1.0.0",)"));
  EXPECT_EQ(inspection->elf.manifest_note.back(), '}');
  EXPECT_EQ(host.load().loaded.size(), 1u);
}

// ---- Names and routes that are taken

TEST(Conflict, TheLaterPluginIsRefusedAndBothAreNamedP09) {
  TestRegistry host;
  host.add("good", "a.so");
  host.add("route_conflict", "b.so");

  const LoadReport report = host.load();

  ASSERT_EQ(report.loaded.size(), 1u);
  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.refused[0].file.filename(), "b.so");
  EXPECT_EQ(report.refused[0].reason, "Webhook /webhooks/good already exists.");
  EXPECT_EQ(report.refused[0].fix,
            "first:  a.so, endpoint x\nsecond: b.so, endpoint late   (refused)");
}

TEST(Conflict, TwoFilesWithOneIdAreNamed) {
  TestRegistry host;
  host.add("good", "a.so");
  host.add("same_id", "b.so");

  const LoadReport report = host.load();

  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.refused[0].reason, "plugin id \"good\" is taken by a.so");
}

// ---- Calls that break a rule cost their own request only

struct BrokenCall {
  const char* plugin;
  OutcomeKind kind;
  const char* detail;
  const char* log;  // part of a line; "": nothing is logged
};

class BrokenCallTest : public testing::TestWithParam<BrokenCall> {};

TEST_P(BrokenCallTest, FailsAloneWithItsReason) {
  TestRegistry host;
  const BrokenCall& expected = GetParam();
  ASSERT_EQ(host.registry->load_file(host.add(expected.plugin)).loaded.size(), 1u);
  for (int i = 0; i < 2; ++i) {
    TestAttempt attempt;

    Outcome outcome = host.post(attempt);

    EXPECT_EQ(outcome.kind, expected.kind);
    EXPECT_EQ(outcome.detail, expected.detail);
    release_chunks(outcome.response);
  }
  if (*expected.log == '\0') {
    EXPECT_THAT(host.log.lines(), IsEmpty());
  } else {
    EXPECT_TRUE(host.log.has(expected.log)) << testing::PrintToString(host.log.lines());
  }
}

constexpr auto kFailed = OutcomeKind::kFailed;
INSTANTIATE_TEST_SUITE_P(
    Clause, BrokenCallTest,
    testing::Values(
        BrokenCall{"throws", kFailed, "an exception left handle: no such table", ""},
        BrokenCall{"responds_twice", kFailed, "returned HOOKHOST_E_STATE", ""},
        BrokenCall{"garbage_lengths", kFailed, "returned HOOKHOST_E_LIMIT",
                   "/webhooks/garbage_lengths|evt_0000000000001|respond refused: chunks: more than "
                   "64 MiB together"},
        BrokenCall{"garbage_header_length", kFailed, "returned HOOKHOST_E_LIMIT",
                   "respond refused: headers: more than 8192 bytes together"},
        BrokenCall{"control_character_in_header", kFailed, "returned HOOKHOST_E_INVALID",
                   "respond refused: header \"X-A\": its value has a control character"},
        BrokenCall{"forbidden_header", kFailed, "returned HOOKHOST_E_INVALID",
                   "respond refused: header \"content-LENGTH\": the host writes it itself"},
        BrokenCall{"bad_status", kFailed, "returned HOOKHOST_E_INVALID",
                   "respond refused: status: not between 200 and 599"},
        BrokenCall{"pending_without_defer", kFailed,
                   "returned HOOKHOST_PENDING without defer: nobody would answer", ""},
        BrokenCall{"completes_twice", OutcomeKind::kSkipped, "", ""},
        BrokenCall{"unknown_status", kFailed, "returned 4711, which is not a hookhost_status", ""}),
    [](const auto& test) { return std::string(test.param.plugin); });

TEST(BrokenCallTest, ExceptionsOfTheLifeCycleAreLogged) {
  TestRegistry host;
  host.registry->load_file(host.add("throws"));

  host.registry->shut_down();

  EXPECT_TRUE(host.log.has("quiesce threw an exception"));
  EXPECT_TRUE(host.log.has("destroy threw an exception: already gone"));
}

TEST(BrokenCallTest, OneThatNeverCompletesIsFoundByACheck) {
  TestRegistry host;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();
  options.calls_handlers = true;

  const ProbeReport report = check_file(host.add("never_completes"), host.folder / "stage", options,
                                        [](std::string_view) { return PluginSettings{}; });

  EXPECT_FALSE(report.is_good);
  EXPECT_EQ(report.reason, "after quiesce 1 calls, answers or functions of it have not ended");
}

// ---- Unloading

struct Unloading {
  const char* plugin;
  const char* pinned;  // part of the reason; "": it is unmapped
};

class UnloadingTest : public testing::TestWithParam<Unloading> {};

TEST_P(UnloadingTest, IsVerifiedAndExplained) {
  TestRegistry host;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();

  const ProbeReport report = check_file(host.add(GetParam().plugin), host.folder / "stage", options,
                                        [](std::string_view) { return PluginSettings{}; });

  EXPECT_TRUE(report.is_good) << report.reason;
  EXPECT_EQ(report.was_unmapped, *GetParam().pinned == '\0') << report.pinned_reason;
  EXPECT_THAT(report.pinned_reason, HasSubstr(GetParam().pinned));
}

INSTANTIATE_TEST_SUITE_P(Plugin, UnloadingTest,
                         testing::Values(Unloading{"good", ""},
                                         Unloading{"keeps_loaded", "the plugin says KEEP_LOADED"},
                                         Unloading{"nodelete", "it was linked with -z nodelete"}),
                         [](const auto& test) { return std::string(test.param.plugin); });

TEST(UnloadingTest, UniqueSymbolsAreNamedBeforeTheyPinTheCode) {
  TestRegistry host;
  const LoadReport report = host.registry->load_file(host.add("unique_symbols"));

  ASSERT_EQ(report.loaded.size(), 1u);
#if !defined(__clang__)  // clang does not make them
  ASSERT_THAT(report.loaded[0].notes, testing::SizeIs(1));
  EXPECT_THAT(report.loaded[0].notes[0],
              StartsWith("it defines 1 STB_GNU_UNIQUE symbols, such as _ZN6Shared7counterE"));
  host.registry->shut_down();
  EXPECT_TRUE(host.log.has("unique_symbols.so: its code stays in memory: it defines 1"));
#endif
}

TEST(UnloadingTest, AThreadLocalDestructorIsSeenBeforeItIsLoaded) {
  const auto with = inspect_file(built_plugin("tls_destructor"), "");
  const auto without = inspect_file(built_plugin("throws"), "");

  ASSERT_TRUE(with && without);
  EXPECT_TRUE(with->elf.has_thread_local_destructor);
  EXPECT_FALSE(without->elf.has_thread_local_destructor);
}

TEST(UnloadingTest, AThreadLocalDestructorPinsTheCodeAndSaysSo) {
  TestRegistry host;
  host.registry->load_file(host.add("tls_destructor"));
  TestAttempt attempt;
  host.post(attempt);  // on this thread, which goes on

  host.registry->shut_down();

  EXPECT_TRUE(
      host.log.has("a thread-local destructor of it waits for the end of a thread that it ran on"));
}

}  // namespace
}  // namespace hookhost::plugin
