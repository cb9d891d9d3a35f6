#!/usr/bin/env bash
# Everything anew: sdist, the wheel from it, an empty environment with that wheel and the lowest versions that pyproject.toml
# admits, then one whole round of commands there. Minutes and a gigabyte, so it is no part of make test.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
python=${1:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$root/.venv/bin/python" -m hatchling build -t sdist -d "$place/dist"
tar -xzf "$place"/dist/icp-*.tar.gz -C "$place"
(cd "$place"/icp-*/ && "$root/.venv/bin/python" -m hatchling build -t wheel -d "$place/dist")
"$root/.venv/bin/python" tests/install/lowest.py >"$place/lowest.txt"
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check --prefer-binary -c "$place/lowest.txt" \
  "$place"/dist/icp-*.whl
cd "$place"
icp=venv/bin/icp
$icp --version
$icp simulate simulation.n_accounts=1200 output=sim
$icp validate output=out/validate
$icp train profiles.n_resamples=4 scoring.max_trees=60
$icp score delivery=generic campaign=spring
$icp report
$icp feedback action=check manifest=out/score/generic/manifest.json
$icp scorecard
printf 'name\nAcme\n' >leads.csv
$icp match leads.path=leads.csv
$icp backtest backtest.n_bootstrap=50 scoring.max_trees=60
$icp promote action=show
echo "every command ran with the lowest versions"
