"""What the benchmarks beside the peers share."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from servers import SOURCE  # noqa: E402

NODELAY = {"TCP_NODELAY": "1"}


def tuning_name(tuned):
    return "tuned" if tuned else "as installed"


def ratio_text(rates, wanted=None):
    """Punctum's rate beside Orthanc's, and what was wanted; rates by server."""
    if not {"Punctum", "Orthanc"} <= rates.keys():
        return "-"
    ratio = rates["Punctum"] / rates["Orthanc"]
    if wanted is None:
        return f"{ratio:.1f} x"
    return f"{ratio:.1f} x of {wanted:g}{'' if ratio >= wanted else ' MISSED'}"


def add_common_options(parser, servers):
    parser.add_argument("--servers", nargs="+", choices=servers, default=list(servers))
    parser.add_argument("--dir", default=SOURCE / "build", type=pathlib.Path, help="disk to measure on (default build/)")
    parser.add_argument("--json", type=pathlib.Path, help="also write every single measurement here")
