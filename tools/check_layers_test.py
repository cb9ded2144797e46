#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_layers.py must be able to fail: each rule is broken once in a scratch tree."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_layers  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


class Layers(unittest.TestCase):
    def problems(self, tree):
        with tempfile.TemporaryDirectory() as root:
            for path, text in tree.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                    f.write(text)
            saved, check_layers.ROOT = check_layers.ROOT, root
            try:
                return check_layers.check()
            finally:
                check_layers.ROOT = saved

    def test_rules(self):
        store = {"server/store/a.h": SPDX}
        cases = [
            ("allowed edge", {**store, "server/query/b.cc": SPDX + '#include "store/a.h"\n'}, None),
            ("upwards", {**store, "server/model/b.cc": SPDX + '#include "store/a.h"\n'}, "server/model may not include"),
            ("api sees no store", {**store, "server/api/b.cc": SPDX + '#include "store/a.h"\n'}, "may not include"),
            ("server sees no orm", {"orm/include/skua/orm.hpp": SPDX, "server/app/b.cc": SPDX + "#include <skua/orm.hpp>\n"},
             "may not include"),
            ("base in a public header", {"base/a.h": SPDX, "orm/include/x.hpp": SPDX + '#include "base/a.h"\n'}, "may not"),
            ("heavy header elsewhere", {"server/store/c.cc": SPDX + "#include <boost/asio.hpp>\n"}, "belongs into"),
            ("heavy in a header", {"server/net/c.h": SPDX + "#include <grpcpp/grpcpp.h>\n"}, "only .cc files"),
            ("no SPDX", {"base/c.h": "#pragma once\n"}, "SPDX"),
            ("unknown folder", {"misc/c.h": SPDX}, "no folder"),
        ]
        for name, tree, want in cases:
            with self.subTest(name):
                got = self.problems(tree)
                if want is None:
                    self.assertEqual(got, [])
                else:
                    self.assertTrue(any(want in p for p in got), got)


if __name__ == "__main__":
    unittest.main()
