// SPDX-License-Identifier: Apache-2.0
//
// Starts a program for a commit of a dataset and asks later whether it has ended. Any thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

// COMMAND DATASET COMMIT, in a process group of its own: Ctrl-C for the host is not meant for it.
// It sees $DATASET and $COMMIT, and of our environment PATH, HOME, LANG and TMPDIR alone, so no
// secret. It reads nothing, and what it prints goes to our standard error. Throws
// std::runtime_error with the reason when it cannot be started.
pid_t start_command(const std::string& command, const std::string& dataset,
                    const std::string& commit);

// How it ended, as a phrase, once; empty: it runs. A process that is not ours (any more) has ended.
std::optional<std::string> end_of(pid_t pid);
