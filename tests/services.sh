#!/usr/bin/env bash
# Installs what some tests need: jsforce with npm; from Debian PostgreSQL, Chromium, Java for Spark, zsh. Tests start and
# stop them themselves.
# Without root, or without Debian, nothing is installed and those tests are skipped and named at the end.
set -u
# a reader of CSV that others wrote, for the Salesforce lists; only where npm is already there
if command -v npm >/dev/null 2>&1 && [ -d .venv ] && [ ! -d .venv/node/node_modules/jsforce ]; then
  echo "installing jsforce for the tests"
  npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix .venv/node jsforce@3.10.26 >/dev/null 2>&1 ||
    echo "could not install jsforce; the test with it will be skipped"
fi
wanted=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
command -v chromium >/dev/null 2>&1 || wanted+=(chromium)
command -v java >/dev/null 2>&1 || wanted+=(default-jre-headless)
command -v zsh >/dev/null 2>&1 || wanted+=(zsh)
[ ${#wanted[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "not installed: ${wanted[*]} (needs root on Debian); the tests with these parts will be skipped"
  exit 0
fi
echo "installing ${wanted[*]} for the tests"
export DEBIAN_FRONTEND=noninteractive
# the package would start a server of its own, on a port of its own choice: the tests start theirs
[ -e /etc/postgresql-common/createcluster.conf ] || {
  mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
}
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null ||
  echo "could not install ${wanted[*]}; the tests with these parts will be skipped"
exit 0
