"""Runs the consumers' checks on every file of a folder and holds the totals that they print against the
JSON of the same report.

    python3 totals.py CONSUMERS FOLDER

A check prints a line for each file and program, with figures `name=number`. What each figure must be
is computed here from `KIND.json` alone, so a mistake of a writer shows even if the file is well-formed. Times
are held exactly, in the unit of the format: nanoseconds in all of them, but for the Firefox Profiler's
milliseconds, of which its check prints six digits.
"""

import concurrent.futures
import json
import math
import os
import pathlib
import re
import subprocess
import sys

# Programs say so if they have nothing to show; that is how they take a file of nothing.
NOTHING = {
    ".folded": "No stack counts found",  # inferno has no graph of no stacks
    ".pb.gz": "no sample in it",  # go reads it, with its types; the check wants more
    ".csv": "a header and no record",  # as above
    ".calls.csv": "a header and no record",
}
# What a program says of a file that is right, and why.
EXCEPTIONS = {
    # It takes what stands before a `!` for the name of a library, as in `kernel32!Sleep`, and leaves it out.
    "hostile.profile.json.gz": re.compile(r"it saw (\d+) functions, the file's tables reach \1$"),
}
# A program that did not come up is tried again: on a busy machine the Firefox Profiler's gives up after
# half a second.
ATTEMPTS = 8
# A check that starts slowly on a busy machine, not a file that is refused.
NOT_STARTED = re.compile("did not become ready|timed out|Timeout")


def end_of(report, thread):
    """When a thread was last looked at, in ticks: in a merged report at the end of the run it belongs to."""
    for source in report["sources"]:
        if thread <= source["last_thread"]:
            return source["run_ticks"]
    return report["clock"]["run_ticks"]


class Facts:
    """What a report says of itself."""

    def __init__(self, path):
        report = json.loads(path.read_text())
        nanos_per_tick = report["clock"]["nanos_per_tick"]

        def nanos(ticks):
            return round(ticks * nanos_per_tick)

        functions, calls = report["functions"], report["calls"]
        threads = [*report["threads"], report["exited"]]
        # Of a node: path, calls, own time, calls and time that a limit kept out of the tree.
        nodes = [node for thread in threads for node in thread["nodes"]]
        self.profiled_nanos = nanos(sum(node[2] + node[4] for node in nodes))
        self.functions = len(functions)
        self.calls = sum(function["count"] for function in functions)
        self.logged_calls = len(calls)
        self.open_scopes = len(report["open"])
        self.panicked = sum(function["panicked"] for function in functions)
        self.total_nanos = sum(nanos(function["total"]) for function in functions)
        self.self_nanos = sum(nanos(function["self"]) for function in functions)
        # Of a call: thread, function, path, start, duration, whether it unwound, metadata.
        self.duration_nanos = sum(nanos(call[4]) for call in calls)
        starts = [nanos(call[3]) for call in calls] + [nanos(scope[2]) for scope in report["open"]]
        ends = [nanos(call[3] + call[4]) for call in calls]
        ends += [nanos(end_of(report, scope[0])) for scope in report["open"]]
        if report["open"]:  # a trace marks the moment of the report, to which viewers draw them
            ends.append(nanos(report["clock"]["run_ticks"]))
        self.span_nanos = max(ends) - min(starts) if starts else nanos(report["clock"]["run_ticks"])
        self.is_empty = not functions


def figures(line):
    """The numbers that a check prints, by name."""
    found = re.findall(r'("[^"]*"|[\w/()]+)=(-?[\d.]+(?:e[-+]?\d+)?)', line)
    return {name: float(number) for name, number in found}


def expected(ending, facts, program):
    """What the numbers of a format must be: name, number, by how much they may differ."""
    exact = 0.0
    if ending == ".folded":
        yield "total", facts.profiled_nanos, exact
    elif ending == ".csv":
        yield "rows", facts.functions, exact
        yield "sum(calls)", facts.calls, exact
        yield "sum(panicked)", facts.panicked, exact
        # A row is rounded to a nanosecond, and here from ticks.
        yield "sum(total_ns)", facts.total_nanos, facts.functions
        yield "sum(self_ns)", facts.self_nanos, facts.functions
    elif ending == ".calls.csv":
        yield "rows", facts.logged_calls, exact
        yield "sum(duration_ns)", facts.duration_nanos, facts.logged_calls
    elif ending == ".pb.gz":
        yield "calls/count", facts.calls, exact
        yield "time/nanoseconds", facts.profiled_nanos, exact
    elif ending == ".speedscope.json":
        yield '"all threads: call tree"', facts.profiled_nanos, exact
    elif ending == ".trace.json":
        # A file of nothing says so in a slice; the moment of the report is one, too, for Perfetto.
        slices = facts.logged_calls + facts.open_scopes
        if "trace_processor" in program:
            yield "slices", slices + bool(facts.open_scopes) if slices else 1, exact
            yield "dur_ns", max(facts.span_nanos, 1), exact
        elif "catapult" in program:
            yield "slices", slices or 1, exact
    elif ending == ".profile.json.gz":
        # The check prints six digits; to the last one it is held by the tests of the writer.
        yield "weight", facts.profiled_nanos / 1e6, facts.profiled_nanos / 1e6 * 5.1e-6


CHECKS = {
    ".folded": ["check-folded"],
    ".csv": ["check-csv"],
    ".calls.csv": ["check-csv"],
    ".json": ["check-json"],
    ".svg": ["check-svg"],
    ".icicle.svg": ["check-svg"],
    ".difference.svg": ["check-svg"],
    ".trace.json": ["check-chrome-trace", "--allow-unfinished"],
    ".speedscope.json": ["check-speedscope"],
    ".pb.gz": ["check-pprof"],
    ".profile.json.gz": ["check-firefox"],
    ".html": ["check-html"],
    ".md": None,  # no program beside the one who reads it
}


def ending_of(path):
    """The longest ending that there is."""
    found = [ending for ending in CHECKS if path.name.endswith(ending)]
    if not found:
        sys.exit(f"no check is known for {path}")
    return max(found, key=len)


def run(consumers, path):
    """The exit code of the check of a file, and what it printed."""
    check, *options = CHECKS[ending_of(path)]
    for _ in range(ATTEMPTS):
        command = [str(consumers / check), *options, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        text = done.stdout + done.stderr
        if done.returncode == 1 and NOT_STARTED.search(text):
            done.returncode = 2
        if done.returncode != 2:
            break
    return done.returncode, text.strip()


def judge(path, code, text):
    """`accepted`, `refused` or `undecided`, and why."""
    ending = ending_of(path)
    facts = Facts(path.with_name(path.name.removesuffix(ending) + ".json"))
    if code == 2:
        return "undecided", text
    if code != 0:
        if facts.is_empty and NOTHING.get(ending, "\0") in text:
            return "accepted", f"{path.name}: nothing is in it, and the program says so"
        if path.name in EXCEPTIONS and EXCEPTIONS[path.name].search(text):
            return "accepted", f"{text}\n    which is known: see EXCEPTIONS"
        return "refused", text
    wrong, held = [], set()
    for line in text.splitlines():
        found = figures(line)
        for name, number, slack in expected(ending, facts, line):
            if name in found:
                held.add(name)
                if not math.isclose(found[name], number, rel_tol=0, abs_tol=slack):
                    wrong.append(f"{name} is {found[name]:.15g}, in the report {number:.15g}: {line}")
    missing = {name for name, _, _ in expected(ending, facts, "trace_processor")} - held
    if facts.is_empty:
        missing.clear()
    wrong += [f"{name} is not shown: {text}" for name in sorted(missing)]
    return ("refused", "\n".join(wrong)) if wrong else ("accepted", text)


def main():
    consumers, folder = map(pathlib.Path, sys.argv[1:])
    files = sorted(path for path in folder.iterdir() if CHECKS[ending_of(path)])
    counts = {"accepted": 0, "refused": 0, "undecided": 0}
    # Browsers wait more than they work.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, done in zip(files, pool.map(lambda path: run(consumers, path), files)):
            verdict, why = judge(path, *done)
            counts[verdict] += 1
            print(f"{verdict}  {why}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    strict = os.environ.get("CONSUMERS_STRICT") == "1"
    return 1 if counts["refused"] or (strict and counts["undecided"]) else 0


if __name__ == "__main__":
    sys.exit(main())
