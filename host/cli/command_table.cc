// SPDX-License-Identifier: Apache-2.0
//
// Every command and option of hookhost, one row each.
#include <array>

#include "cli/command_line.h"
#include "cli/commands.h"

namespace hookhost::cli {
namespace {

constexpr Option kConfigFile{"--config", "FILE", "configuration; else ./hookhost.toml, then /etc",
                             Takes::kFile};
constexpr Option kJson{"--json", "", "print JSON", Takes::kNothing};
constexpr Option kHelp{"--help", "", "print this help", Takes::kNothing};
constexpr Option kListen{"--listen", "ADDR:PORT", "where webhooks are served  [127.0.0.1:7860]",
                         Takes::kText, "listen"};
constexpr Option kPort{"--port", "N", "only the port of --listen", Takes::kText, "listen.port"};
constexpr Option kAdminListen{"--admin-listen", "ADDR:PORT",
                              "of health, metrics and commands  [127.0.0.1:7861]", Takes::kText,
                              "admin.listen"};
constexpr Option kPlugins{"--plugins", "DIR", "folder of the plugins  [./plugins]", Takes::kFolder,
                          "plugins"};
constexpr Option kUi{"--ui", "DIR", "static files in place of the landing page", Takes::kFolder,
                     "ui"};
constexpr Option kInsecureOpen{"--insecure-open", "",
                               "no secret beyond this machine: anyone can call", Takes::kNothing,
                               "insecure_open"};
constexpr Option kAllowRoot{"--allow-root", "", "serve beyond this machine as root too",
                            Takes::kNothing, "allow_root"};
constexpr Option kLogFormat{"--log-format", "FORMAT",     "auto, pretty, json or journald  [auto]",
                            Takes::kChoice, "log.format", "auto pretty json journald"};

constexpr Option kCheck{"--check",      "LEVEL", "off, basic, strict or guard  [basic]",
                        Takes::kChoice, "check", "off basic strict guard"};

constexpr std::array kServeOptions{kPlugins,   kListen,       kPort,      kAdminListen,
                                   kUi,        kInsecureOpen, kAllowRoot, kCheck,
                                   kLogFormat, kConfigFile,   kHelp};
constexpr std::array kRunOptions{kListen,    kPort,  kAdminListen, kUi,         kInsecureOpen,
                                 kAllowRoot, kCheck, kLogFormat,   kConfigFile, kHelp};
constexpr std::array kCheckOptions{
    Option{"--swaps", "N", "lives of the plugin that are compared  [50]", Takes::kText},
    Option{"--payloads", "N", "mutated events for each route  [200]", Takes::kText},
    Option{"--seed", "N", "other mutations  [1]", Takes::kText},
    Option{"--only", "ENDPOINT:N", "that payload alone, as a finding names it", Takes::kText},
    Option{"--call-all", "", "also routes that do not say IDEMPOTENT", Takes::kNothing},
    Option{"--no-timeout", "", "wait a day for each step, as a debugger needs", Takes::kNothing},
    kJson,
    kConfigFile,
    kHelp};
constexpr std::array kInspectOptions{kJson, kHelp};
constexpr std::array kSendOptions{
    Option{"--route", "NAME", "which webhook; needed when there are several", Takes::kText},
    Option{"--url", "URL", "of another host or path; http only", Takes::kText},
    Option{"--header", "'K: V'", "one more header; may be repeated", Takes::kText, "", "", true},
    Option{"--list", "", "print the built-in events", Takes::kNothing},
    kJson,
    kConfigFile,
    kHelp};
constexpr std::array kAdminOptions{kJson, kAdminListen, kConfigFile, kHelp};
constexpr std::array kPluginsOptions{
    Option{"--history", "", "the last swaps and refusals instead", Takes::kNothing}, kJson,
    kAdminListen, kConfigFile, kHelp};
constexpr std::array kEventsOptions{
    Option{"--failed", "", "whose last attempt failed", Takes::kNothing},
    Option{"--state", "STATE", "ready, done, dead or skipped", Takes::kChoice, "",
           "ready done dead skipped"},
    Option{"--route", "NAME", "of that route", Takes::kText},
    Option{"--type", "TYPE", "as the sender says it: repo.content:update", Takes::kText},
    Option{"--since", "TIME", "received in the last 30m, 1h, 2d", Takes::kText},
    Option{"--text", "TEXT", "in the body; the newest 10,000 are searched", Takes::kText},
    Option{"--limit", "N", "lines  [50]", Takes::kText},
    Option{"--before", "ID", "older than that one", Takes::kText},
    kJson,
    kAdminListen,
    kConfigFile,
    kHelp};
constexpr std::array kOpenapiOptions{kPlugins, kConfigFile, kHelp};
constexpr std::array kConfigOptions{
    Option{"--effective", "", "every value with its origin; secrets are ***", Takes::kNothing},
    Option{"--reference", "", "every key with its default and meaning", Takes::kNothing}, kJson,
    kConfigFile, kHelp};
constexpr std::array kDoctorOptions{kJson, kPlugins, kListen, kAdminListen, kConfigFile, kHelp};
constexpr std::array kSecretOptions{
    Option{"--scheme", "NAME", "add: how the sender proves itself  [hf]", Takes::kText},
    Option{"--from-file", "FILE", "where it is, and stays; else it is read", Takes::kFile},
    Option{"--overlap", "TIME", "rotate: how long the old one counts  [24h]", Takes::kText},
    kJson,
    kConfigFile,
    kHelp};
constexpr std::array kHealthcheckOptions{kListen, kAdminListen, kConfigFile, kHelp};
constexpr std::array kCompletionOptions{kHelp};
constexpr std::array kProbeOptions{kHelp};

constexpr std::array kGlobalOptions{
    Option{"--check-config", "", "read the configuration, say what is wrong, and end",
           Takes::kNothing},
    kConfigFile, Option{"--version", "", "what this binary was made from", Takes::kNothing}, kJson,
    kHelp};

constexpr std::array kCommands{
    Command{.name = "serve",
            .operands = "",
            .summary = "serve the plugin folder",
            .text = "Loads every plugin of the folder and serves its webhooks until SIGINT or\n"
                    "SIGTERM. The secret comes from the configuration or WEBHOOK_SECRET. SIGHUP\n"
                    "reads both again: all of it is taken over, or nothing.\n",
            .options = kServeOptions,
            .examples = "  hookhost serve\n"
                        "  WEBHOOK_SECRET=... hookhost serve --listen 0.0.0.0:7860\n"
                        "  hookhost serve --config /etc/hookhost/hookhost.toml --log-format json\n",
            .run = serve},
    Command{.name = "run",
            .operands = "FILE",
            .operands_min = 1,
            .operands_max = 1,
            .takes = Takes::kFile,
            .summary = "serve one plugin while you write it",
            .text = "A source (.cpp .cc .cxx .c) or a folder of them is compiled, served, and\n"
                    "built and swapped at every save; a library (.so) is served and swapped when\n"
                    "it changes. A build that fails leaves the one before serving. The compiler\n"
                    "is CXX with CXXFLAGS and LDFLAGS, for .c CC with CFLAGS. A failing handler's\n"
                    "words go to the sender as well.\n",
            .options = kRunOptions,
            .examples = "  hookhost run handler.cpp\n"
                        "  LDFLAGS=-lcurl hookhost run my_plugin/\n"
                        "  hookhost run build/retrain.so --port 7862\n",
            .run = run_plugin},
    Command{.name = "inspect",
            .operands = "FILE.so",
            .operands_min = 1,
            .operands_max = 1,
            .takes = Takes::kFile,
            .summary = "what a library is, without running it",
            .text = "Reads the file and runs nothing of it, whoever owns it. Ends with 1 when its\n"
                    "form is refused. What only its code can tell needs `hookhost check`.\n",
            .options = kInspectOptions,
            .examples = "  hookhost inspect build/retrain.so\n",
            .run = inspect},
    Command{.name = "check",
            .operands = "FILE.so...",
            .operands_min = 1,
            .operands_max = 1024,
            .takes = Takes::kFile,
            .summary = "all load checks, in a child process",
            .text = "Inspects, loads, tests and unloads the library without a host, hands mutated\n"
                    "events to every route whose handler says IDEMPOTENT, and looks for what is\n"
                    "left behind after many swaps. Several files, or those of a folder, may not\n"
                    "want the same id or route. Ends with 1 when it finds anything.\n",
            .options = kCheckOptions,
            .examples = "  hookhost check build/retrain.so\n"
                        "  hookhost check plugins/\n"
                        "  hookhost check build/retrain.so --call-all --payloads 10000 --seed 7\n",
            .run = check},
    Command{.name = "send",
            .operands = "EVENT|FILE.json",
            .operands_max = 1,
            .takes = Takes::kFile,
            .summary = "send one test event to a running host",
            .text = "Sends a built-in event of the Hub or a file of your own, with the secret of\n"
                    "the configuration. Ends with 1 when the answer is not 2xx.\n",
            .options = kSendOptions,
            .examples = "  hookhost send hf.discussion.create\n"
                        "  hookhost send push.json --route retrain --header 'X-Debug: 1'\n"
                        "  hookhost send --list\n",
            .run = send},
    Command{.name = "plugins",
            .operands = "",
            .summary = "the plugins of a running host",
            .text =
                "Every generation that is in memory: the live ones, those on probation and the\n"
                "builds that stand by for them, what still drains, and what could not be\n"
                "unloaded. Then the files that were refused, with the reason.\n",
            .options = kPluginsOptions,
            .examples = "  hookhost plugins\n"
                        "  hookhost plugins --history --json\n",
            .run = plugins},
    Command{.name = "events",
            .operands = "",
            .summary = "events that the journal keeps, and their state",
            .text = "Kept are events of routes with ack = \"durable\", and those whose handler\n"
                    "failed. Newest first.\n",
            .options = kEventsOptions,
            .examples = "  hookhost events --failed --since 1h\n"
                        "  hookhost events --state dead --route retrain --json\n",
            .run = events},
    Command{
        .name = "why",
        .operands = "EVENT",
        .operands_min = 1,
        .operands_max = 1,
        .takes = Takes::kText,
        .summary = "what became of one event, attempt by attempt",
        .text =
            "Its route, its size, each attempt that failed and why, and when the next one is.\n",
        .options = kAdminOptions,
        .examples = "  hookhost why evt_0DCJQAP7KG00R\n",
        .run = why},
    Command{.name = "save",
            .operands = "EVENT FILE",
            .operands_min = 2,
            .operands_max = 2,
            .takes = Takes::kFile,
            .summary = "write the body of an event to a file",
            .text = "The bytes as they came, for a fixture or for `hookhost send FILE`.\n",
            .options = kAdminOptions,
            .examples = "  hookhost save evt_0DCJQAP7KG00R fixtures/empty-refs.json\n",
            .run = save},
    Command{
        .name = "replay",
        .operands = "EVENT...",
        .operands_min = 1,
        .operands_max = 1024,
        .takes = Takes::kText,
        .summary = "hand events to their handlers once more",
        .text = "The handler sees the same event, marked as replayed. A dead one lives again.\n",
        .options = kAdminOptions,
        .examples = "  hookhost replay evt_0DCJQAP7KG00R\n",
        .run = replay},
    Command{
        .name = "drop",
        .operands = "EVENT...",
        .operands_min = 1,
        .operands_max = 1024,
        .takes = Takes::kText,
        .summary = "give dead events up",
        .text = "A dead event is one whose attempts are used up. It stays listed, as skipped.\n",
        .options = kAdminOptions,
        .examples = "  hookhost drop evt_0DCJQAP7KG00R\n",
        .run = drop},
    Command{.name = "deploy",
            .operands = "FILE.so",
            .operands_min = 1,
            .operands_max = 1,
            .takes = Takes::kFile,
            .summary = "put a build into service",
            .text = "Has the running host check and load the file, and puts it into the plugin\n"
                    "folder under its name. Ends with 1 when it is refused; the build before\n"
                    "then goes on. The file must be readable for the host, on its machine.\n",
            .options = kAdminOptions,
            .examples = "  hookhost deploy build/retrain.so\n",
            .run = deploy},
    Command{.name = "rollback",
            .operands = "PLUGIN",
            .operands_min = 1,
            .operands_max = 1,
            .takes = Takes::kText,
            .summary = "have the build before serve again",
            .text =
                "At once while it stands by (swap.probation), with its memory as it was; later\n"
                "as a new generation of the same bytes.\n",
            .options = kAdminOptions,
            .examples = "  hookhost rollback retrain\n",
            .run = rollback},
    Command{.name = "reload",
            .operands = "PLUGIN",
            .operands_min = 1,
            .operands_max = 1,
            .takes = Takes::kText,
            .summary = "load a plugin's file again",
            .text = "As a new generation, changed or not.\n",
            .options = kAdminOptions,
            .examples = "  hookhost reload retrain\n",
            .run = reload},
    Command{.name = "openapi",
            .operands = "",
            .summary = "print the OpenAPI document of the plugin folder",
            .text = "",
            .options = kOpenapiOptions,
            .examples = "  hookhost openapi --plugins build/plugins > openapi.json\n",
            .run = openapi},
    Command{.name = "config",
            .operands = "",
            .summary = "show the configuration",
            .text = "A later source wins: default, file, environment (HOOKHOST_ADMIN__LISTEN is\n"
                    "admin.listen; WEBHOOK_SECRET and PORT count too), flags.\n",
            .options = kConfigOptions,
            .examples = "  hookhost config --effective\n"
                        "  hookhost config --reference > hookhost.toml\n",
            .run = config},
    Command{.name = "secret",
            .operands = "VERB [ROUTE [N]]",
            .operands_min = 1,
            .operands_max = 3,
            .takes = Takes::kChoice,
            .choices = "add rotate ls rm",
            .summary = "add, rotate, ls, rm: secrets of routes",
            .text =
                "add ROUTE, rotate ROUTE, ls [ROUTE], rm ROUTE N. What they change is `secrets`\n"
                "of [route.ROUTE] in the configuration; every other line stays as it is. The new\n"
                "secret is a file, which the configuration then names, or comes through the input\n"
                "and is kept in secrets/ beside the configuration, with mode 0600. After rotate\n"
                "the new one is number 1, and the old ones have a not_after. A running host takes\n"
                "it over at SIGHUP. ls shows sources, never a secret; USED is what the running\n"
                "host has counted since it read the configuration.\n",
            .options = kSecretOptions,
            .examples = "  hookhost secret add retrain --scheme hf --from-file /run/keys/retrain\n"
                        "  openssl rand -hex 32 | hookhost secret rotate retrain --overlap 24h\n"
                        "  hookhost secret ls\n"
                        "  hookhost secret rm retrain 2\n",
            .run = secret},
    Command{.name = "doctor",
            .operands = "",
            .summary = "look for what is wrong around a host",
            .text = "Configuration, secrets, ports, certificate, folders, plugins and the clock,\n"
                    "without a host and without running a plugin. Ends with 1 when something\n"
                    "fails, with 78 when the configuration cannot be read. A clock that is wrong\n"
                    "by little cannot be found without a network.\n",
            .options = kDoctorOptions,
            .examples = "  hookhost doctor\n"
                        "  hookhost doctor --config /etc/hookhost/hookhost.toml --json\n",
            .run = doctor},
    Command{.name = "healthcheck",
            .operands = "",
            .summary = "ask a running host whether it is well",
            .text = "GET /healthz of the admin listener, or of the public one when nobody listens\n"
                    "there. Ends with 0 when it is well, else with 1.\n",
            .options = kHealthcheckOptions,
            .examples = "  hookhost healthcheck\n",
            .run = healthcheck},
    Command{.name = "completion",
            .operands = "SHELL",
            .operands_min = 1,
            .operands_max = 1,
            .takes = Takes::kChoice,
            .choices = "bash zsh fish",
            .summary = "print the completion script for bash, zsh or fish",
            .text = "",
            .options = kCompletionOptions,
            .examples = "  source <(hookhost completion bash)\n"
                        "  hookhost completion fish > ~/.config/fish/completions/hookhost.fish\n",
            .run = completion},
    Command{.name = "probe",
            .operands = "",
            .operands_max = 1,
            .summary = "the child side of check and of loading",
            .text = "",
            .options = kProbeOptions,
            .examples = "",
            .run = probe,
            .is_hidden = true},
};

}  // namespace

std::span<const Command> commands() noexcept { return kCommands; }
std::span<const Option> global_options() noexcept { return kGlobalOptions; }

}  // namespace hookhost::cli
