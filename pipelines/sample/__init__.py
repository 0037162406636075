"""The sample: synthetic deliveries of all five feeds, exactly in the contracts' formats.

Here: making them, by seed and scale, calibrated to the published figures of 滨江区. Not here: anything that reads deliveries;
the sample shares no code with landing or staging, so that each proves the other.
"""

from pipelines.sample.write import DEFAULT_SEED, FIRST, LAST, write_sample

__all__ = ["DEFAULT_SEED", "FIRST", "LAST", "write_sample"]
