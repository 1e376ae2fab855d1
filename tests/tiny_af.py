"""A small made-up PTB-XL with atrial fibrillation: irregular beats without P waves, at 100 and 500 Hz."""

from pathlib import Path

import numpy as np

from imn.leads import LEADS, expand
from tests.synthetic import ecg

SECONDS = 4.0
HEADER = "ecg_id,patient_id,scp_codes,strat_fold,filename_lr"


def write_af(root: Path, n_af: int, n_normal: int, *, fast: int = 0, fold: int = 9) -> Path:
    """Write recordings, AF first; of the first ``fast`` of either kind also one at 500 Hz.

    Two recordings in turn are of one patient.
    """
    (root / "records100").mkdir(parents=True)
    (root / "records500").mkdir()
    rng = np.random.default_rng(0)
    lines = [HEADER]
    for i in range(n_af + n_normal):
        sick = i < n_af
        gaps = rng.uniform(0.4, 1.1, 12) if sick else np.full(12, 0.8)
        times = 0.3 + gaps.cumsum()
        noise = rng.normal(0, 0.02, (8, round(500 * SECONDS)))
        for fs, folder, ending in ((100, "records100", "lr"), (500, "records500", "hr")):
            if fs == 500 and (i if sick else i - n_af) >= fast:
                continue
            signal = ecg(float(fs), times[times < SECONDS - 0.3], SECONDS)
            _write(root / folder, f"{i:05d}_{ending}", fs, signal + expand(noise[:, :: 500 // fs]))
        code = "AFIB" if sick else "NORM"
        lines.append(f"{i},{i // 2}.0,\"{{'{code}': 100.0}}\",{fold},records100/{i:05d}_lr")
    (root / "scp_statements.csv").write_text(",diagnostic,diagnostic_class\nNORM,1.0,NORM\n")
    (root / "ptbxl_database.csv").write_text("\n".join(lines) + "\n")
    return root


def _write(folder: Path, name: str, fs: int, signal: np.ndarray) -> None:
    import wfdb

    names = [lead.upper() for lead in LEADS]
    formats = {"units": ["mV"] * 12, "fmt": ["16"] * 12, "sig_name": names}
    wfdb.wrsamp(name, fs=fs, p_signal=signal.T, write_dir=str(folder), **formats)
