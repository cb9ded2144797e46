# SPDX-License-Identifier: Apache-2.0
"""The guides are true: their C++ compiles, and the tests that from-gorm.md names exist.

check.py CXX REPOSITORY: every ```cpp block is compiled (syntax only): one with a main() as a program, another as statements among the
models of prelude.h, where "…" stands for nothing; so is every line on the right side of the table "Go line, C++ line".
"""
import pathlib
import re
import subprocess
import sys
import tempfile

compiler, root = sys.argv[1], pathlib.Path(sys.argv[2])
guides = root / "docs" / "guides"
problems = []


def compile_text(name, text):
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as source:
        source.write(text)
        source.flush()
        flags = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wno-missing-field-initializers", "-Wno-unused", "-Wno-unused-result"]
        include = [f"-I{root}/{path}" for path in ("orm/include", "otel/include", "orm/plugins/dbresolver/include",
                                                  "orm/plugins/hints/include", "tests/guides")]
        done = subprocess.run([compiler, *flags, *include, source.name], capture_output=True, text=True)
    if done.returncode:
        problems.append(f"{name} does not compile:\n{done.stderr[:3000]}")


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def code(cell):
    return cell.replace(r"\|", "|").strip("`")


for guide in sorted(guides.glob("*.md")):
    for number, block in enumerate(re.findall(r"```cpp\n(.*?)```", guide.read_text(), re.S), 1):
        name = f"{guide.name}, block {number}"
        if "int main" in block:
            compile_text(name, "template <class T> void use(T&&) {}\n" + block)
        else:
            includes = "\n".join(re.findall(r"^#include.*$", block, re.M))
            block = re.sub(r"^#include.*$", "", block, flags=re.M)
            compile_text(name, f"""#include "prelude.h"
{includes}
[[maybe_unused]] static void block(orm::database& db, User user, std::vector<User> users, std::string name, std::string mail) {{
    {{
{block.replace("…", "")}
    }}
}}
""")

text = (guides / "from-gorm.md").read_text()
table = text.split("## Go line, C++ line")[1].split("\n## ")[0]
lines = [code(cells(line)[1]) for line in table.splitlines() if line.startswith("| `")]
if len(lines) < 40:
    problems.append(f"from-gorm.md: only {len(lines)} lines of C++ were found")
statements = "\n".join(f"    {{\n        {line};\n    }}" for line in lines)
compile_text("the table of from-gorm.md", f"""#include "prelude.h"
[[maybe_unused]] static void lines(orm::database& db, User user, Pet pet, std::vector<User> users, std::string n, std::vector<std::int64_t> ids) {{
    const auto adults = [](const auto& q) {{ return q.where(User::c.age >= 18); }};
{statements}
}}
""")

known = set()
for source in list((root / "orm").rglob("tests/**/*.cc")):
    for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", source.read_text(), re.M):
        known.add(name if name.startswith("Test") and "contract" in source.parts else f"{suite}.{name}")
behaviours = [cells(line) for line in text.split("## What gorm's tests ask")[1].splitlines() if re.match(r"\| \d+ \|", line)]
if [int(row[0]) for row in behaviours] != list(range(1, 81)):
    problems.append("from-gorm.md: the behaviours are not 1 to 80")
for row in behaviours:
    for name in re.findall(r"`([\w.]+)`", row[3]):
        if name not in known:
            problems.append(f"from-gorm.md, behaviour {row[0]}: there is no test {name}")

print("\n".join(problems) or f"{len(lines)} lines, {len(behaviours)} behaviours: the guides are true")
sys.exit(1 if problems else 0)
