# SPDX-License-Identifier: Apache-2.0
# What the host needs, each with its least version and the reason. Debian 12 has them all; nothing is downloaded.
find_package(Threads REQUIRED)
find_package(fmt 9.1 REQUIRED)                # formatting, in .cc files only
find_package(Boost 1.81 REQUIRED)             # Asio, Beast and DLL, headers only; 1.74's Beast is older than the fixes we rely on
find_package(simdjson 3.0 REQUIRED)           # first stage of the JSON parser; room payload
find_package(OpenSSL 3.0 REQUIRED)            # TLS, HMAC, SHA-256, constant-time compare; rooms auth and http
find_package(spdlog 1.10 REQUIRED)            # log sinks; room telemetry
find_package(prometheus-cpp REQUIRED COMPONENTS core)  # text form of metrics; room telemetry. Its package states no version
find_package(CLI11 2.1 REQUIRED)              # command line; room cli
find_package(tomlplusplus 3.3 REQUIRED)       # configuration; room app
find_package(SQLite3 3.40 REQUIRED)           # the journal; 3.40 is what its crash tests ran on. room store
