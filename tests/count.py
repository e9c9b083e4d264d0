"""Sums Meson's test logs: the test cases of each doctest program, one for any other test. Prints `N passed, N failed`, and
`, N skipped` where something was: a test, or each of the test cases that it names."""
import json
import re
import sys

SUMMARY = re.compile(r"\[doctest\] test cases: *\d+ *\| *(\d+) passed *\| *(\d+) failed")


def count(test):
    """(passed, failed) of one test; a program that crashed has failed, whatever it printed before."""
    good = test["result"] in ("OK", "EXPECTEDFAIL")
    cases = SUMMARY.findall(test.get("stdout") or "")
    if not cases:
        return (1, 0) if good else (0, 1)
    passed, failed = map(int, cases[-1])
    if passed + failed == 0:
        good = False  # a filter that fits no name tests nothing
    return (passed, failed if good else max(failed, 1))


passed = failed = skipped = 0
for log in sys.argv[1:]:
    with open(log, encoding="utf-8") as lines:
        tests = [json.loads(line) for line in lines]
    if not tests:
        sys.exit(f"{log}: no test ran")
    for test in tests:
        if test["result"] == "SKIP":
            said = (test.get("stdout") or "").strip()
            cases = [line for line in said.split("\n") if line.startswith("no CUDA device: ")]
            for reason in cases or [f"{test['name']}: {said}"]:
                print(f"skipped: {reason}")
            skipped += len(cases) or 1
            continue
        counts = count(test)
        if counts[1]:
            print(f"failed: {test['name']}")
        passed += counts[0]
        failed += counts[1]
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed > 0 or passed == 0)
