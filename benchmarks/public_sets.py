"""The main job on public data sets, with no tuning: one table.

Usage: python benchmarks/public_sets.py [DATA_FOLDER] [NAME ...]

Reads the sets from DATA_FOLDER (default ``../shared/data``), trains each with the command a user would type, and prints
rows, best customers, AUC, lift in the top tenth with its interval, calibration slope, profiles found and seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LEADS = [
    "accounts=csv",
    "accounts.path=x_education_leads/Leads.csv",
    'accounts.account_id="Prospect ID"',
    'accounts.ignore=["Lead Number"]',
    "accounts.missing_values=[Select]",
    "labels=flag",
    "labels.column=Converted",
    "labels.positive=1",
]
AGENT_FILLED = ["Lead Number", "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"]
AGENT_FILLED += [f"Asymmetrique {kind} {what}" for kind in ("Activity", "Profile") for what in ("Index", "Score")]
BANK = [
    "accounts=csv",
    "accounts.path=uci_bank_marketing/bank-additional-full.csv.gz",
    "accounts.ignore=[duration]",
    "accounts.missing_values=[unknown]",
    "labels=flag",
    "labels.column=y",
    "labels.positive=yes",
]
SETS = {
    "x_education": LEADS,
    "x_education_honest": [*LEADS, f"accounts.ignore={json.dumps(AGENT_FILLED)}"],
    "bank_rows": [*BANK, "backtest.order=rows"],
    "bank_random": [*BANK, "backtest.order=random"],
    "customer_personality": [
        "accounts=csv",
        "accounts.path=customer_personality/marketing_campaign.csv",
        "accounts.account_id=ID",
        "labels=flag",
        "labels.column=Response",
        "labels.positive=1",
    ],
    "olist_won": [
        "accounts=csv",
        "accounts.path=olist_marketing_funnel/olist_marketing_qualified_leads_dataset.csv",
        "accounts.account_id=mql_id",
        "accounts.observed_at=first_contact_date",
        "accounts.missing_values=[unknown]",
        "outcomes=csv",
        "outcomes.path=olist_marketing_funnel/olist_closed_deals_dataset.csv",
        "outcomes.account_id=mql_id",
        "outcomes.at=won_date",
        "labels=won",
        "labels.window=90d",
    ],
    "online_retail_revenue": [
        "accounts=derived",
        "outcomes=csv",
        "outcomes.path=uci_online_retail/online_retail.csv.gz",
        "outcomes.account_id=CustomerID",
        "outcomes.at=InvoiceDate",
        'outcomes.amount="Quantity * UnitPrice"',
        "labels=revenue",
        "as_of=2011-06-09",
    ],
    "maven_deals": [
        "accounts=csv",
        "accounts.path=maven_crm_sales/sales_pipeline.csv",
        "accounts.account_id=opportunity_id",
        "accounts.known_after=[close_value,close_date]",
        "labels=flag",
        "labels.column=deal_stage",
        "labels.positive=Won",
        "labels.negative=Lost",
    ],
}
COLUMNS = (
    "set, n, best, order, AUC (95 %), lift at 10 % (95 %), calibration slope, profiles, quarantined, verdict, exit, s"
)


def main() -> None:
    """Run the sets named on the command line, or all, and print the table as it grows."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data").resolve()
    wanted = sys.argv[2:] or list(SETS)
    heads = COLUMNS.split(", ")
    print("| " + " | ".join(heads) + " |")
    print("| --- " * len(heads) + "|")
    with tempfile.TemporaryDirectory() as work:
        for name in wanted:
            print(row(name, folder, Path(work)), flush=True)


def row(name: str, folder: Path, work: Path) -> str:
    """One line of the table."""
    overrides = [text.replace(".path=", f".path={folder}/") for text in SETS[name]]
    output = work / name
    command = [sys.executable, "-m", "icp.train", f"name={name}", f"output={output}", *overrides]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 3):
        return f"| {name} | exit {done.returncode}: {done.stderr.strip().splitlines()[-1][:200]} |"
    metrics = json.loads((output / "metrics.json").read_text())
    card = json.loads((output / "bundle" / "card.json").read_text())
    found = {key: _round(value) for key, value in metrics.items()}
    cells = [
        name,
        f"{card['data']['n_labelled']:,}",
        f"{metrics['n_best']:,}",
        metrics["split"],
        f"{found['auc']} ({found['auc_low']} to {found['auc_high']})",
        f"{found['lift_at_10']} ({found['lift_at_10_low']} to {found['lift_at_10_high']})",
        f"{found['calibration_slope']}",
        str(len(card["profiles"])),
        ", ".join(card["quarantined"]) or "none",
        "signal" if card["verdict"]["signal"] else "no signal",
        str(done.returncode),
        f"{seconds:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _round(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
