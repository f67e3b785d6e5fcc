"""What the offices would send: synthetic extracts in their real shapes, for rehearsal and tests.

Belongs here: making drops and the list of the defects planted in them. Does not belong here:
anything about reading them; of the pipeline only the contracts' names are known.
"""

from __future__ import annotations

from pipelines.sample.generate import write_sample
from pipelines.sample.manifest import Manifest

__all__ = ["Manifest", "write_sample"]
