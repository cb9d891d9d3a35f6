#!/usr/bin/env bash
# Installs what some tests need from Debian: PostgreSQL, Chromium, Java for Spark. Tests start and stop them themselves.
# Without root, or without Debian, nothing is installed and those tests are skipped and named at the end.
set -u
wanted=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
command -v chromium >/dev/null 2>&1 || wanted+=(chromium)
command -v java >/dev/null 2>&1 || wanted+=(default-jre-headless)
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
