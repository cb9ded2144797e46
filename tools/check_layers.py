#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The folder list is the architecture: checks who includes whom, where heavy headers are, and that no file is forgotten.

Usage: check_layers.py [compile_commands.json]   (with it: every .cc must be in the build)
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# folder -> folders it may include (besides itself). A file belongs to the longest matching folder.
EDGES = {
    "base": [],
    "orm/include": [],
    "orm": ["orm/include", "base"],  # base in .cc files only: base is not installed
    "orm/plugins": ["orm/include"],  # what anybody's plugin may include
    "otel": ["orm/include"],
    "examples": ["orm/include", "otel"],
    "server/model": ["base"],
    "server/ingest": ["server/model", "base"],
    "server/store": ["server/model", "base"],
    "server/sampling": ["server/model", "base"],
    "server/query": ["server/store", "server/model", "base"],
    "server/insight": ["server/query", "server/store", "server/model", "base"],
    "server/api": ["server/query", "server/insight", "server/sampling", "server/ingest", "server/model", "base"],
    "server/net": ["server/api/http.h", "server/api/rpc.h", "server/api/rpc_status.h", "server/api/datagram.h", "server/model", "base"],
    "server/app": ["server/api", "server/net", "server/query", "server/store", "server/ingest", "server/sampling",
                   "server/insight", "server/model", "base"],
    "fuzz": ["server", "orm/include", "base"],
    "bench": ["server", "orm/include", "otel", "base"],
    "tests": ["server", "orm/include", "otel", "base"],
}
# heavy third-party header -> folders whose .cc files may include it (never a header of ours)
HEAVY = {
    r"boost/|nghttp2/": ["server/net"],
    r"grpcpp/|grpc/": ["server/net", "bench"],
    r"google/protobuf": [],
    r"opentelemetry/": ["otel", "examples"],
    r"nlohmann/": [],
    r"simdjson": ["server/ingest", "server/api", "server/sampling", "server/query"],
    r"re2/": ["server/store"],
    r"sqlite3\.h": ["orm", "bench"],
}
# Headers that are such a boundary by design: a published one, or one that only the .cc files of its own folder include (checked).
HEAVY_HEADERS = {"otel/include", "otel/src", "otel/tests", "examples"}
INTERNAL_HEADERS = {
    "orm/bench/raw_sqlite.h",
    "server/net/acceptors.h",
    "server/net/grpc_session.h",
    "server/net/http_session.h",
    "server/net/io_context.h",
    "server/ingest/otlp/json_fields.h",
}
HEAVY_FILES_MAX = 40  # .cc files but tests that see Beast, gRPC, simdjson …, by themselves or through a header of ours

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SUFFIXES = (".h", ".hpp", ".cc")


def files():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if out.returncode == 0:
        return [f for f in out.stdout.splitlines() if f.endswith(SUFFIXES) and os.path.exists(os.path.join(ROOT, f))]
    found = []
    for folder, dirs, names in os.walk(ROOT):
        dirs[:] = [d for d in dirs if d not in ("build", "node_modules", ".tools", ".git")]
        found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names if n.endswith(SUFFIXES)]
    return found


def layer_of(path):
    return max((e for e in EDGES if path.startswith(e + "/")), key=len, default=None)


def resolve(include, source):
    """The repository path that an #include of ours means, or None for somebody else's header."""
    roots = ["", "server", "orm/include", "otel/include", "orm", "otel", os.path.dirname(source)]
    for root in roots:
        path = os.path.normpath(os.path.join(root, include))
        if os.path.exists(os.path.join(ROOT, path)) and layer_of(path):
            return path
    return None


def allowed(source, layer, target):
    target_layer = layer_of(target)
    if target_layer == layer:
        return True
    if target_layer == "base" and layer == "orm" and not source.endswith(".cc"):
        return False
    return any(target == edge or target.startswith(edge + "/") for edge in EDGES[layer])


def check():
    problems, heavy, includes = [], set(), {}
    for source in files():
        layer = layer_of(source)
        if layer is None:
            problems.append(f"{source}: belongs to no folder of the table in tools/check_layers.py")
            continue
        # Tests may use anything their folder may, and what the layer tests against is in the table too.
        text = open(os.path.join(ROOT, source), encoding="utf-8").read()
        if not text.startswith("// SPDX-License-Identifier: Apache-2.0"):
            problems.append(f"{source}:1: does not start with its SPDX line")
        includes[source] = set()
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = resolve(match.group(2), source)
            if target:
                includes[source].add(target)
                if target in INTERNAL_HEADERS and layer_of(target) != layer:
                    problems.append(f"{source}:{number}: {match.group(2)} is internal to {layer_of(target)}")
                if not allowed(source, layer, target) and not test_may(source, target):
                    problems.append(f"{source}:{number}: {layer} may not include {match.group(2)} ({layer_of(target)})")
                continue
            for pattern, where in HEAVY.items():
                if re.match(pattern, match.group(2)):
                    heavy.add(source)
                    in_place = any(layer == w or source.startswith(w + "/") for w in where)
                    is_header = not source.endswith(".cc") and source not in INTERNAL_HEADERS \
                        and not any(source.startswith(h) for h in HEAVY_HEADERS)
                    if not in_place and not source.endswith("_test.cc"):
                        problems.append(f"{source}:{number}: {match.group(2)} belongs into {', '.join(where) or 'no folder'}")
                    elif is_header:
                        problems.append(f"{source}:{number}: {match.group(2)} in a header: only .cc files may see it")
    seeing = [s for s in with_includers(heavy, includes) if s.endswith(".cc") and not s.endswith("_test.cc")]
    if len(seeing) > HEAVY_FILES_MAX:
        problems.append(f"{len(seeing)} sources see heavy headers, at most {HEAVY_FILES_MAX} may: the build gets slow:\n  "
                        + "\n  ".join(sorted(seeing)))
    return problems


def with_includers(found, includes):
    """`found` and every file that includes one of them, through any number of headers."""
    found = set(found)
    while more := {s for s, targets in includes.items() if s not in found and targets & found}:
        found |= more
    return found


def test_may(source, target):
    """A test may use the layers below it as the real parts it is tested with (never app)."""
    return source.endswith("_test.cc") and source.startswith("server/") and target.startswith("server/") \
        and not target.startswith("server/app/")


def check_build(commands_path):
    with open(commands_path, encoding="utf-8") as f:
        built = {os.path.relpath(entry["file"], ROOT) for entry in json.load(f)}
    exempt = ("orm/tests/compile_fail/", "tests/consumer/", "bench/compile_time/")
    return [f"{f}: not in the build: no CMakeLists.txt names it" for f in files()
            if f.endswith(".cc") and f not in built and not f.startswith(exempt)]


def main():
    problems = check()
    if len(sys.argv) > 1:
        problems += check_build(sys.argv[1])
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems" if problems else "layers are clean")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
