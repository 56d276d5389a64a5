# SPDX-License-Identifier: Apache-2.0
"""Does every README tell the truth? readme_test.py CHECK ROOT [HOOKHOST PLUGIN.so]

  code      a ```cpp block below `<!-- file: PATH -->` is that file, or a part of it, line by line
  links     every relative link leads to a file, every #anchor to a heading
  paths     what an sh block names in this repository is there
  commands  every `hookhost COMMAND --option` of an sh block is in the help of the binary
  settings  every ```toml block is a configuration that the binary accepts
  run       an sh block below `<!-- run -->` is executed, line by line, in a scratch folder that holds
            my_plugin.cc, my_plugin.so and plugins/my_plugin.so; `hookhost serve` and `hookhost run` stay until the end of
            the block. Each line must end with 0. Only blocks that need no network may carry the marker.

Prints one sentence for each lie, with file and line, and ends with 1 when there is one.
"""

import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

LIMIT_S = 60  # of one command; slow machines under a sanitizer
LONG_RUNNING = ("serve", "run")
OUR_FOLDERS = ("cmake", "host", "plugins", "sdk", "tests")

lies = []


def lie(readme, line, text):
    lies.append(f"{readme.relative_to(ROOT)}:{line}: {text}")


class Block:
    """One fenced block: its language, its lines, and the comment right above it."""

    def __init__(self, readme, line, language, marker):
        self.readme, self.line, self.language, self.marker = readme, line, language, marker
        self.lines = []


def blocks(readme):
    found, current, last = [], None, ""
    for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            if current is None:
                current = Block(readme, number, line[3:].strip(), last)
            else:
                found.append(current)
                current, last = None, ""
        elif current is not None:
            current.lines.append(line)
        elif line.strip():
            last = line.strip()
    if current is not None:
        lie(readme, current.line, "a block that does not end")
    return found


def readmes():
    skipped = {"build", "node_modules", ".git", "data"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in skipped)
        if "README.md" in files:
            yield pathlib.Path(folder, "README.md")


def commands_of(block):
    """The lines of an sh block with continued lines joined and comments cut off: (line number, words)."""
    text, start = "", 0
    for offset, line in enumerate(block.lines, 1):
        start = start or block.line + offset
        text += line
        if text.endswith("\\"):
            text = text[:-1]
            continue
        words = shlex.split(text, comments=True)
        if words:
            yield start, text, words
        text, start = "", 0


# ---- The checks


def check_code():
    seen = 0
    for readme in readmes():
        for block in blocks(readme):
            marked = re.fullmatch(r"<!-- file: (\S+) -->", block.marker)
            if block.language != "cpp" or not marked:
                continue
            seen += 1
            file = ROOT / marked[1]
            if not file.is_file():
                lie(readme, block.line, f"{marked[1]} does not exist")
                continue
            if not any(block.lines):
                lie(readme, block.line, f"the block of {marked[1]} is empty")
            lines = file.read_text(encoding="utf-8").splitlines()
            size = len(block.lines)
            if not any(lines[i : i + size] == block.lines for i in range(len(lines) - size + 1)):
                lie(readme, block.line, f"this is not (a part of) {marked[1]}")
    return seen


def anchors(markdown):
    """Anchors of the headings, as GitHub makes them."""
    for line in markdown.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("#").strip().lower()
            yield re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def check_links():
    seen = 0
    for readme in readmes():
        for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                seen += 1
                path, _, anchor = target.partition("#")
                file = (readme.parent / path) if path else readme
                if not file.exists():
                    lie(readme, number, f"the link {target} leads nowhere")
                elif anchor and file.suffix == ".md" and anchor not in anchors(file):
                    lie(readme, number, f"{path or 'this page'} has no heading #{anchor}")
    return seen


def check_paths():
    seen = 0
    for readme in readmes():
        for block in blocks(readme):
            if block.language != "sh":
                continue
            for number, _, words in commands_of(block):
                for word in words:
                    path = word.lstrip("@")
                    if path.split("/")[0] not in OUR_FOLDERS or "/" not in path.rstrip("/"):
                        continue
                    seen += 1
                    if not (ROOT / path).exists():
                        lie(readme, number, f"{path} is not there")
    return seen


def help_of(*words):
    return subprocess.run([HOOKHOST, *words, "--help"], capture_output=True, text=True, check=True, timeout=LIMIT_S).stdout


def check_commands():
    seen = 0
    known = re.findall(r"^  ([a-z]+) ", help_of(), re.M)
    for readme in readmes():
        for block in blocks(readme):
            if block.language not in ("sh", ""):
                continue
            for number, line in enumerate(block.lines, block.line + 1):
                for call in re.findall(r"(?:^|[|;&(]|\$ )\s*hookhost ([^#|;&)]*)", line):
                    words = call.split()
                    command = words[0] if words and not words[0].startswith("-") else None
                    seen += 1
                    if command and command not in known:
                        lie(readme, number, f"there is no command hookhost {command}")
                        continue
                    options = re.findall(r"--[a-z-]+", help_of(*([command] if command else [])))
                    for word in words:
                        name = word.split("=")[0]
                        if name.startswith("--") and name not in options and name != "--help":
                            lie(readme, number, f"hookhost {command or ''} has no option {name}")
        # In running text: `hookhost config --reference`.
        for command in re.findall(r"`hookhost ([a-z]+)", readme.read_text(encoding="utf-8")):
            seen += 1
            if command not in known:
                lie(readme, 1, f"there is no command hookhost {command}")
    return seen


def check_settings():
    seen = 0
    for readme in readmes():
        for block in blocks(readme):
            if block.language != "toml":
                continue
            seen += 1
            with tempfile.TemporaryDirectory() as folder:
                secret = pathlib.Path(folder, "secret")
                secret.write_text("a-secret-of-the-test", encoding="utf-8")
                secret.chmod(0o600)
                # Files of secrets are another machine's.
                text = re.sub(r'"/run/[^"]*"', f'"{secret}"', "\n".join(block.lines))
                file = pathlib.Path(folder, "hookhost.toml")
                file.write_text(text, encoding="utf-8")
                result = subprocess.run(
                    [HOOKHOST, "--check-config", "--config", str(file)], capture_output=True, text=True, timeout=LIMIT_S
                )
                if result.returncode != 0:
                    lie(readme, block.line, f"hookhost --check-config says: {result.stderr}")
    return seen


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_block(block, folder):
    """Each line by a shell; hosts stay in the background until the end."""
    environment = dict(
        os.environ,
        PATH=f"{pathlib.Path(HOOKHOST).parent}{os.pathsep}{os.environ['PATH']}",
        WEBHOOK_SECRET="a-secret-of-the-test",
        XDG_CACHE_HOME=f"{folder}/cache",
        HOOKHOST_LISTEN=f"127.0.0.1:{free_port()}",
        HOOKHOST_ADMIN__LISTEN=f"127.0.0.1:{free_port()}",
    )
    hosts = []
    for number, text, words in commands_of(block):
        if words[0] == "hookhost" and len(words) > 1 and words[1] in LONG_RUNNING:
            host = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
            hosts.append(host)
            for line in host.stdout:
                if '"msg":"ready"' in line:
                    break
            else:
                lie(block.readme, number, f"`{text}` did not get ready")
            continue
        result = subprocess.run(["sh", "-c", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
        if result.returncode != 0:
            lie(block.readme, number, f"`{text}` ended with {result.returncode}: {result.stderr}")
    for host in hosts:
        host.send_signal(signal.SIGTERM)
        host.stdout.read()
        if host.wait(timeout=LIMIT_S) != 0:
            lie(block.readme, block.line, f"{host.args} ended with {host.returncode}")


def check_run():
    seen = 0
    for readme in readmes():
        for block in blocks(readme):
            if block.language != "sh" or block.marker != "<!-- run -->":
                continue
            seen += 1
            with tempfile.TemporaryDirectory() as folder:
                os.mkdir(f"{folder}/plugins", 0o755)
                shutil.copy(PLUGIN, f"{folder}/my_plugin.so")
                shutil.copy(ROOT / "sdk/template/my_plugin.cc", folder)
                shutil.copy(PLUGIN, f"{folder}/plugins/my_plugin.so")
                run_block(block, folder)
    return seen


CHECKS = {
    "code": check_code,
    "links": check_links,
    "paths": check_paths,
    "commands": check_commands,
    "settings": check_settings,
    "run": check_run,
}

if __name__ == "__main__":
    check, ROOT = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    HOOKHOST, PLUGIN = ([str(pathlib.Path(file).resolve()) for file in sys.argv[3:5]] + [None, None])[:2]
    seen = CHECKS[check]()
    if seen == 0:
        lies.append(f"{check}: no README has anything to check, so this check has lost its subject")
    print(f"{check}: {seen} looked at, {len(lies)} wrong")
    for text in lies:
        print(text)
    sys.exit(1 if lies else 0)
