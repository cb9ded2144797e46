#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the ORM costs the compiler: 1, 20 and 100 models of 12 columns, each created, found, asked for with a condition
and updated, in one file that includes the umbrella header. Prints one JSON object per line: CPU seconds, peak memory
and size of the object file. The baseline of the seconds is 3 s for 20 models with g++ -O0; of the others there is none
but the same file without models, which is measured first."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "orm" / "include"
COLUMNS = [("std::string", "name"), ("std::string", "title"), ("std::optional<std::string>", "email"), ("int", "age"),
           ("std::int64_t", "score"), ("std::int16_t", "rank"), ("double", "weight"), ("bool", "active"),
           ("std::optional<std::int64_t>", "parent_id"), ("orm::time", "seen_at"), ("std::optional<double>", "ratio"),
           ("std::vector<std::byte>", "data")]


def source(models):
    lines = ["#include <skua/orm.hpp>", "#include <skua/orm/sqlite.hpp>", "namespace orm = skua::orm;"]
    for i in range(models):
        # g++ needs initialisers for what is no class.
        members = "".join(f" {t} {n}{'' if t.startswith('std::') and not t.endswith('_t') else '{}'};" for t, n in COLUMNS)
        names = ", ".join(f"({n})" for _, n in COLUMNS)
        lines.append(f"struct M{i} : orm::model<M{i}> {{{members} SKUA_MODEL(M{i}, {names}) }};")
    lines.append("int main() {")
    lines.append('  auto db = orm::open(orm::sqlite(":memory:")).or_throw();')
    for i in range(models):
        lines.append(f"  {{ M{i} m; db.create(m).or_throw(); m = db.find<M{i}>(1).or_throw();")
        lines.append(f"    auto all = db.from<M{i}>().where(M{i}::c.age >= 18 && M{i}::c.name.like(\"j%\")).find().or_throw();")
        lines.append(f"    db.from<M{i}>().where(M{i}::c.id == 1).update(M{i}::c.age = M{i}::c.age + 1).or_throw(); }}")
    lines.append("}")
    return "\n".join(lines) + "\n"


def compile_once(compiler, level, text, folder):
    file, out = folder / "models.cc", folder / "models.o"
    file.write_text(text)
    command = [compiler, "-std=c++20", level, "-Wno-missing-field-initializers", f"-I{INCLUDE}", "-c", str(file), "-o", str(out)]
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f"bench: {' '.join(command)} failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.stat().st_size / 1024


def line(name, value, unit, baseline):
    ratio = round(value / baseline, 3) if baseline else None
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, "baseline": baseline and round(baseline, 3),
                      "ratio": ratio, "command": "python3 bench/orm/compile_time.py"}), flush=True)


def main():
    counts = [int(a) for a in sys.argv[1:]] or [1, 20, 100]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for compiler, label in (("g++", "gcc"), ("clang++-14", "clang")):
            if subprocess.run(["which", compiler], stdout=subprocess.DEVNULL, check=False).returncode != 0:
                print(f"bench: no {compiler}", file=sys.stderr)
                continue
            for level in ("-O0", "-O2"):
                alone = compile_once(compiler, level, source(0), folder)
                line(f"orm/compile/{label}{level}/header", alone[0], "cpu_s", None)
                for count in counts:
                    seconds, memory, size = compile_once(compiler, level, source(count), folder)
                    name = f"orm/compile/{label}{level}/{count}_models"
                    aim = 3.0 if (label, level, count) == ("gcc", "-O0", 20) else alone[0]
                    line(name, seconds, "cpu_s", aim)
                    line(name + "/memory", memory, "MiB", alone[1])
                    line(name + "/object", size, "KiB", alone[2])


if __name__ == "__main__":
    main()
