"""A small made-up PTB-XL: every superclass, both walls, in the native layout."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imn.leads import LEADS, expand
from tests.synthetic import ecg

STATEMENTS = {
    "NORM": "1.0,NORM,NORM", "ASMI": "1.0,MI,AMI", "NDT": "1.0,STTC,STTC", "LAFB": "1.0,CD,LAFB/LPFB",
    "LVH": "1.0,HYP,LVH", "IMI": "1.0,MI,IMI", "SR": ",,",
}  # fmt: skip
CODES = ("NORM", "ASMI", "NDT", "LAFB", "LVH")


def write_ptbxl(
    root: Path, folds: Sequence[int], *, codes: Sequence[str] = CODES, seconds: float = 4.0
) -> Path:
    """Write one recording per entry of ``folds``, their statements taking turns; give the root folder.

    Six men and six women take turns, and ages of 40, 55, 70 and 85 years.
    Infarcts are upside down, so that there is something to learn.
    """
    import wfdb

    (root / "records100").mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = ["ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr"]
    for i, fold in enumerate(folds):
        code, n = codes[i % len(codes)], round(100 * seconds)
        beats = ecg(100.0, np.arange(0.4, seconds, 0.83), seconds)
        signal = expand(rng.normal(0, 0.02, (8, n))) + beats * (-1 if code in ("ASMI", "IMI") else 1)
        wfdb.wrsamp(
            f"{i:05d}_lr",
            fs=100,
            units=["mV"] * 12,
            sig_name=[lead.upper() for lead in LEADS],
            p_signal=signal.T,
            fmt=["16"] * 12,
            write_dir=str(root / "records100"),
        )
        about = f"{40 + 15 * (i % 4)}.0,{i // 6 % 2}"
        lines.append(f"{i},{i},{about},\"{{'{code}': 100.0, 'SR': 0.0}}\",{fold},records100/{i:05d}_lr")
    table = [",diagnostic,diagnostic_class,diagnostic_subclass"]
    table += [f"{name},{rest}" for name, rest in STATEMENTS.items()]
    (root / "scp_statements.csv").write_text("\n".join(table) + "\n")
    (root / "ptbxl_database.csv").write_text("\n".join(lines) + "\n")
    return root
