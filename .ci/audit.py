"""Fail if a package that ecglocus needs at run time has a known vulnerability (pip-audit, OSV).

Where the service cannot be reached within `LIMIT_S` there is a warning, and no failure: a
machine without network must be able to run the checks.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from licences import packages

LIMIT_S = 180


def main() -> int:
    """Ask, and say what is known; 1 if there is a vulnerability."""
    installed = {name: package for name, package in packages()[0].items() if package}
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        pins = [f"{name}=={package.version.partition('+')[0]}" for name, package in installed.items()]
        listed.write_text("\n".join(sorted(pins)) + "\n")
        answer = _ask(listed)
    if answer is None:
        print("WARNING: known vulnerabilities were not looked up, the advisory service is out of reach")
        return 0
    found = [(held["name"], held["version"], flaw) for held in answer for flaw in held.get("vulns", ())]
    for name, version, flaw in found:
        print(f"{name} {version}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version'}")
    print(f"{len(answer)} packages at run time, {len(found)} known vulnerabilities")
    return int(bool(found))


def _ask(listed: Path) -> list[dict] | None:
    options = ["--no-deps", "--disable-pip", "-s", "osv", "-f", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", "-r", str(listed), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return None
    if done.stdout:
        return json.loads(done.stdout)["dependencies"]
    if re.search(r"ConnectionError|ConnectTimeout|ReadTimeout|ServiceError|HTTPError", done.stderr):
        return None
    sys.exit(done.stderr)


if __name__ == "__main__":
    sys.exit(main())
