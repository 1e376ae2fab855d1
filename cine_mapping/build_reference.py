"""Make ``anatomies/reference.npz``, and ``reference_myocardium.npz`` and ``reference_inner.npz`` beside it.

``python -m cine_mapping.build_reference [OUT]``

Needs the ``anatomy`` dependency group; not needed to use the package.
"""

import logging
import sys
from pathlib import Path


def main() -> None:
    """Build the reference anatomy into the package, or to the path given."""
    from cine_mapping.reference.build import build_reference

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    default = Path(__file__).parent / "anatomies" / "reference.npz"
    build_reference(Path(sys.argv[1]) if len(sys.argv) > 1 else default)


if __name__ == "__main__":
    main()
