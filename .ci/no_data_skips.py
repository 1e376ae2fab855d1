"""Fail if tests on real recordings were skipped although the recordings are there."""

import os
import sys
import xml.etree.ElementTree as ET

skipped = [
    f"{case.get('classname')}::{case.get('name')}"
    for case in ET.parse(sys.argv[1]).iter("testcase")
    for skip in case.iter("skipped")
    if "ECGLOCUS_DATA" in (skip.get("message") or "")
]
if os.environ.get("ECGLOCUS_DATA") and skipped:
    sys.exit("skipped although ECGLOCUS_DATA is set:\n" + "\n".join(skipped))
