# SPDX-License-Identifier: Apache-2.0
"""The parts of run.py: server (start and stop), slices (who was how fast), costs (calls, memory, start), report (tables and goals)."""
