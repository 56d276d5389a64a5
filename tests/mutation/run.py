#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Do the tests test? Breaks one rule at a time in a copy of the tree and expects the tests that guard it to go red.

  tests/mutation/run.py               every mutant of mutants.py; 1 when one survives, does not compile or has lost its line
  tests/mutation/run.py --only WORD   those whose rule or file holds the word
  tests/mutation/run.py --check       only: does the line of every mutant still stand in the source, once?

The copy is build/mutation/tree, so a second run rebuilds only what has changed. Needs what cmake/test needs.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

from mutants import MUTANTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / 'build/mutation/tree'
TEST_SECONDS_MAX = 120  # a mutant that hangs is a mutant that was noticed


def lost(mutant):
    """Why the row cannot be applied; '' when it can."""
    count = (ROOT / mutant.file).read_text().count(mutant.line)
    return '' if count == 1 else f'its line stands in {mutant.file} {count} times'


def copy_tree():
    """Files that git knows or would take; what is equal keeps its time, so that it is not built again."""
    listed = subprocess.run(['git', 'ls-files', '-coz', '--exclude-standard'], cwd=ROOT, check=True, capture_output=True)
    for name in filter(None, listed.stdout.decode().split('\0')):
        source, target = ROOT / name, COPY / name
        if not source.is_file():
            continue
        content = source.read_bytes()
        if target.is_file() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(source.stat().st_mode)


def quiet(command):
    environment = dict(os.environ, CCACHE_BASEDIR=str(COPY), CCACHE_NOHASHDIR='1')
    return subprocess.run(command, cwd=COPY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def build(room):
    return quiet(['cmake', '--build', 'build/dev', '--target', f'{room}_test'])


def is_green(room, tests):
    command = [f'build/dev/tests/{room}/{room}_test', f'--gtest_filter={tests}', '--gtest_brief=1']
    try:
        return subprocess.run(command, cwd=COPY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=TEST_SECONDS_MAX).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def judge(mutant):
    """What became of the mutant; 'caught' is the only good word."""
    if lost(mutant):
        return lost(mutant)
    file = COPY / mutant.file
    original = file.read_text()
    try:
        file.write_text(original.replace(mutant.line, mutant.instead))
        if build(mutant.tests).returncode != 0:
            return 'does not compile'
        return 'SURVIVED' if is_green(mutant.tests, mutant.filter) else 'caught'
    finally:
        file.write_text(original)


def prove_whole(mutants):
    """Red proves nothing about a mutant when the tests are red without it."""
    for room in sorted({mutant.tests for mutant in mutants}):
        built = build(room)
        if built.returncode != 0:
            sys.exit(f'{built.stdout[-4000:]}\n{room}_test does not build')
        for tests in sorted({mutant.filter for mutant in mutants if mutant.tests == room}):
            if not is_green(room, tests):
                sys.exit(f'{room}_test --gtest_filter={tests} is red in the whole tree')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', default='', metavar='WORD')
    parser.add_argument('--check', action='store_true')
    options = parser.parse_args()
    mutants = [m for m in MUTANTS if options.only in m.rule or options.only in m.file]

    if options.check:
        flaws = [f'{m.rule}: {lost(m)}' for m in mutants if lost(m)]
        print('\n'.join(flaws) or f'{len(mutants)} mutants can be made')
        return 1 if flaws else 0

    copy_tree()
    configured = quiet(['cmake', '--preset', 'dev'])
    if configured.returncode != 0:
        sys.exit(configured.stdout)
    prove_whole(mutants)
    failures = 0
    for mutant in mutants:
        began = time.monotonic()
        verdict = judge(mutant)
        failures += verdict != 'caught'
        print(f'{verdict:10} {time.monotonic() - began:4.0f} s  {mutant.rule:45} {mutant.file}', flush=True)
    print(f'{len(mutants) - failures} of {len(mutants)} mutants caught')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
