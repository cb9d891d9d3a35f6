"""The floor: CSV in, CSV out, nothing done. Usage: python csv_only.py NEW OUT."""

import sys

import pyarrow.csv


def main(new, out):
    options = pyarrow.csv.ReadOptions(block_size=2 << 20)
    with pyarrow.csv.open_csv(new, read_options=options) as read, pyarrow.csv.CSVWriter(out, read.schema) as written:
        for batch in read:
            written.write_batch(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
