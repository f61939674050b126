"""What the benchmarks beside the peers share."""

import contextlib
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from servers import SOURCE  # noqa: E402

NODELAY = {"TCP_NODELAY": "1"}


@contextlib.contextmanager
def data_folder(name, parent):
    """A new folder on a disk that has nothing left to write; afterwards its files are emptied, which gives their room back.

    They are not removed before the end of all measurements: for minutes after a removal, ext4 without a journal looks over
    every removed file whenever one is made, and the next server would pay for it.
    """
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))
    os.sync()
    yield folder  # what a failed cell leaves stays as it is, to be looked at
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            os.truncate(path, 0)


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
