"""icp's own reading and encoding, LightGBM's prediction, no contributions, no words; CSV in, CSV out.

Usage: python without_reasons.py BUNDLE NEW OUT
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv

from icp import bundle as bundles
from icp.engines import ScoringContext
from icp.engines._core import ID_COLUMN, margin_batch


def main(folder, new, out):
    bundle = bundles.read(folder)
    context = ScoringContext(bundle, bundle.columns, bundle.missing_values, np.datetime64("2024-07-01", "us"))
    text = {column.name: pa.string() for column in bundle.columns}
    schema = pa.schema([("account_id", pa.string()), ("propensity", pa.float64()), ("tier", pa.string())])
    read = {
        "read_options": pa.csv.ReadOptions(block_size=2 << 20),
        "convert_options": pa.csv.ConvertOptions(column_types=text, strings_can_be_null=True),
    }
    with pa.csv.open_csv(new, **read) as reader, pa.csv.CSVWriter(out, schema) as writer:
        for batch in reader:
            batch = batch.append_column(ID_COLUMN, batch.column("account_id"))
            margin = margin_batch(batch, context)
            tier = pa.array(bundle.reference.tier_of_margin(margin).astype(object), pa.string())
            writer.write_batch(
                pa.record_batch([batch.column("account_id"), pa.array(1 / (1 + np.exp(-margin))), tier], schema=schema)
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
