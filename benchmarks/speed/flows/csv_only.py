"""The floor: CSV in, CSV out, nothing done. Usage: python csv_only.py NEW OUT."""

import sys

import pyarrow.csv


def main(new, out):
    with pyarrow.csv.open_csv(new, read_options=pyarrow.csv.ReadOptions(block_size=2 << 20)) as reader:
        with pyarrow.csv.CSVWriter(out, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
