#!/usr/bin/env bash
# Everything anew: sdist, the wheel from it, an empty environment with that wheel and the lowest versions that pyproject.toml
# admits, then one whole round of commands there. Minutes and a gigabyte, so it is no part of make test.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
python=${1:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
step() { echo "[$((SECONDS / 60)) min $((SECONDS % 60)) s] $*"; }

step "sdist, and the wheel from it"
"$root/.venv/bin/python" -m hatchling build -t sdist -d "$place/dist"
tar -xzf "$place"/dist/icp-*.tar.gz -C "$place"
(cd "$place"/icp-*/ && "$root/.venv/bin/python" -m hatchling build -t wheel -d "$place/dist")

step "an environment of $("$python" --version) with the lowest versions"
"$root/.venv/bin/python" tests/install/lowest.py >"$place/lowest.txt"
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --prefer-binary \
  -c "$place/lowest.txt" "$place"/dist/icp-*.whl
"$place/venv/bin/python" "$root/tests/install/lowest.py" installed

cd "$place"
export OMP_NUM_THREADS=1
icp() {
  step "icp $*"
  local code=0
  venv/bin/icp "$@" >said.txt 2>&1 || code=$?
  # 3: done, with findings (a small simulated CRM has some)
  [ $code = 0 ] || [ $code = 3 ] || { cat said.txt; echo "icp $1 ended with exit code $code"; exit 1; }
}
icp --version
icp simulate simulation.n_accounts=1200 output=sim
icp validate output=out/validate
icp train profiles.n_resamples=4 scoring.max_trees=60
icp score delivery=generic campaign=spring
icp report
icp feedback action=check manifest=out/score/generic/manifest.json
icp scorecard
printf 'name\nAcme\n' >leads.csv
icp match leads.path=leads.csv
icp backtest backtest.n_bootstrap=50 scoring.max_trees=60
icp promote action=show
step "every command ran with the lowest versions on $("$python" --version)"
