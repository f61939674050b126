"""CTest's way to an interop test: python3 run.py MODULE. Runs it with the pinned packages; 77 means skipped."""

import os
import pathlib
import sys
import unittest

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent
PYTHON = HERE.parents[1] / "build/interop-venv/bin/python"


def skip(reason):
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(SKIPPED)


def main(module):
    if not PYTHON.exists() or not (HERE / "node_modules").is_dir():
        skip("the foreign readers are not installed; `./dev setup --interop` does it")
    if pathlib.Path(sys.prefix) != PYTHON.parents[1]:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        os.execv(PYTHON, [str(PYTHON), __file__, module])
    os.chdir(HERE)
    result = unittest.main(module, argv=["run.py"], verbosity=2, exit=False, warnings="ignore").result
    if result.wasSuccessful() and result.testsRun == len(result.skipped):
        skip("; ".join(reason for _, reason in result.skipped) or "no test in it")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main(sys.argv[1])
