"""Limits of the process that reads a workbook, and how a reader ends that this machine has let down."""

MEMORY, FILE_SIZE = 2 << 30, 2 << 30
# A table of 300,000 firms packs to 15 MiB and takes a minute; what takes long and packs small was made to take long.
LEAST_SECONDS, SECONDS_PER_MIB, MOST_SECONDS = 6, 8, 240
#: Exit codes, as the parent reads them.
OUT_OF_MEMORY, OUT_OF_ROOM = 3, 4
