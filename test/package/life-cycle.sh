#!/bin/bash
# The life of the package on a minimal Debian: installed, started, upgraded, removed, purged. Run as root by scripts/test-package.ts in a
# throw-away Debian, with systemd or without it. Argument: the folder with old.deb and new.deb.
set -u
debs=$1
config=/etc/ballast/ballast.yaml
source "$debs/checks.sh"

# Not the whole tree: without a Debian of its own the test runs over the files of a machine that is in use.
files() { find /bin /etc /lib /opt /sbin /usr /var -xdev \( -path /var/cache -o -path /var/log -o -path /var/tmp -o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o -print | sort; }
property() { systemctl show -p "$1" --value ballast.service; }
is() { [ "$(property "$1")" = "$2" ] || { echo "$1 is $(property "$1")"; return 1; }; }
differs() { [ "$(property "$1")" != "$2" ]; }
journal_has() { journalctl -u ballast -o cat | grep -q -- "$1"; }
edit() { sed -i "$1" $config; }

# Each command of a page for operators, with the two packages under the names that it gives them.
page() { # NAME
  local command
  while read -r command; do
    # There is no service without systemd, and apt asks for confirmation in a terminal only.
    [[ $command == systemctl* ]] && ! has_systemd && continue
    check "docs/operations/$1.md: $command" bash -c "cd /tmp/page; apt() { apt-get -y -q -o Dpkg::Use-Pty=0 \"\$@\"; }; $command" </dev/null
  done <"$debs/page-$1"
}
mkdir -p /tmp/page
for deb in old new; do ln -s "$debs/$deb.deb" "/tmp/page/ballast_$(dpkg-deb -f "$debs/$deb.deb" Version)_$(dpkg --print-architecture).deb"; done

files >/tmp/before

# --- install
page install
check "the command runs on the Node.js of the package" sh -c 'head -1 /usr/bin/ballast | grep -q "^#!/usr/lib/ballast/bin/node " && ballast --version'
check "the config is valid" ballast check --config $config
check "the man page and the completions are there" sh -c 'test -s /usr/share/man/man1/ballast.1.gz && bash -n /usr/share/bash-completion/completions/ballast'
check "dpkg finds all files as they were packed" dpkg --verify ballast
check "ballast doctor looks at this host and the config of the service (exit code 1 or 2)" sh -c 'ballast doctor --json > /tmp/doctor.json; test $? -eq 1 -o $? -eq 2 && grep -q dry-run /tmp/doctor.json'
check "installing it again changes nothing" apt_get install --reinstall "$debs/old.deb"
check "postinst can be run again" sh -c '/var/lib/dpkg/info/ballast.postinst configure && /var/lib/dpkg/info/ballast.postinst configure 0.1.0-1'

# --- the service
if has_systemd; then
  check "the service is active and enabled" sh -c 'systemctl is-active ballast && systemctl is-enabled ballast'
  check "it has told systemd that it is ready" is StatusErrno 0
  check "its log is lines of JSON" sh -c 'journalctl -u ballast -o cat | grep -q "^{.*\"msg\":\"Running in dry-run"'
  pid=$(property MainPID)
  check "it runs without capabilities" grep -Eq '^CapEff:\s+0+$' "/proc/$pid/status"
  bare="setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all"
  in_unit() { nsenter -t "$pid" -m $bare "$@"; }
  # Each write is of the value that is there: nothing changes on the host.
  check "it may write the settings of KSM" in_unit sh -c 'cd /sys/kernel/mm/ksm && for f in run pages_to_scan sleep_millisecs; do cat $f > /run/ballast/value && cat /run/ballast/value > $f || exit 1; done; rm /run/ballast/value'
  check "it may write no other setting of the kernel" in_unit sh -c 'f=/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none; v=$(cat $f); ! echo $v > $f'
  check "it may write its own directories only" in_unit sh -c 'touch /run/ballast/t /var/lib/ballast/t /var/log/ballast/t && rm /run/ballast/t /var/lib/ballast/t /var/log/ballast/t && ! touch /usr/t && ! touch /etc/t && ! ls /root/.bashrc'
  sed -e 's/^Type=.*/Type=oneshot/' -e '/^ExecReload\|^Restart\|^WatchdogSec\|^Conflicts/d' -e 's#^ExecStart=.*#ExecStart=/bin/sh -c "touch /run/ballast/g \&\& chgrp games /run/ballast/g"\nSupplementaryGroups=games#' \
    /lib/systemd/system/ballast.service >/run/systemd/system/probe.service
  systemctl daemon-reload
  check "it may give a file to a group of the unit" sh -c 'systemctl start probe || { journalctl -o cat -u probe | tail -12; exit 1; }; test "$(stat -c %G /run/ballast/g)" = games'
  rm -f /run/ballast/g /run/systemd/system/probe.service
  systemctl daemon-reload
  check "systemctl reload works" sh -c "systemctl reload ballast"
  check "... and is logged" until_true journal_has 'Config and policies reloaded'
  edit 's/^dry_run: true/dry_run: maybe/'
  check "a reload of a wrong config fails" not systemctl reload ballast
  check "... and the daemon runs on" sh -c 'systemctl is-active ballast'
  systemctl restart ballast 2>/dev/null
  check "a start with a wrong config fails with exit code 2" is ExecMainStatus 2
  check "... and is not repeated" sh -c 'test "$(systemctl is-active ballast)" = failed && test "$(systemctl show -p NRestarts --value ballast)" = 0'
  edit 's/^dry_run: maybe/dry_run: true/'
  mkdir -p /etc/systemd/system/ballast.service.d
  printf '[Service]\nWatchdogSec=2s\nTimeoutAbortSec=1s\nRestartSec=100ms\n' >/etc/systemd/system/ballast.service.d/test.conf
  printf 'collect_interval: 200ms\npolicy_interval: 200ms\n' >>$config
  systemctl daemon-reload
  systemctl reset-failed ballast
  check "it starts again" systemctl start ballast
  fed=$(property WatchdogTimestampMonotonic)
  check "completed intervals feed the watchdog" until_true differs WatchdogTimestampMonotonic "$fed"
  pid=$(property MainPID)
  kill -STOP "$pid"
  check "a daemon that hangs is restarted" until_true differs MainPID "$pid"
  check "... and is ready again" until_true is ActiveState active
  check "... by the watchdog" sh -c 'journalctl -u ballast | grep -q "Watchdog timeout"'
  printf 'collect_interval: 10s\npolicy_interval: 10s\n' >/tmp/long
  sed -i '/_interval/d' $config
  cat /tmp/long >>$config
  systemctl restart ballast
  check "a long interval asks for a longer watchdog" until_true is WatchdogUSec 30s
  sed -i '/_interval/d' $config
  rm -r /etc/systemd/system/ballast.service.d
  systemctl daemon-reload
  systemctl restart ballast
  check "systemctl stop ends it with success" sh -c 'systemctl stop ballast && test "$(systemctl show -p Result --value ballast)" = success'
  systemctl start ballast
else
  run=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/ballast.service)
  $run >/tmp/log 2>&1 &
  pid=$!
  check "ExecStart starts the daemon" until_true grep -q 'Running in dry-run' /tmp/log
  kill "$pid"
  wait "$pid"
  check "SIGTERM ends it" test $? -eq 0
fi

# --- upgrade
echo '# edited by an administrator' >>$config
echo 'reserve: 25%' >/etc/ballast/parameters.yaml
# This script starts the service more often than systemd allows within ten seconds.
has_systemd && systemctl reset-failed ballast && pid=$(property MainPID)
page upgrade
check "the new version is installed" sh -c "test \$(dpkg-query -W -f '\${Version}' ballast) = \$(dpkg-deb -f $debs/new.deb Version)"
check "it keeps the config and the parameters" sh -c "grep -q 'edited by' $config && grep -q 25% /etc/ballast/parameters.yaml"
if has_systemd; then
  check "it restarts the daemon" sh -c "systemctl is-active ballast && test \$(systemctl show -p MainPID --value ballast) != $pid"
  systemctl disable --now ballast 2>/dev/null
  check "a reinstallation leaves a disabled service disabled" sh -c "apt-get -y -q install --reinstall $debs/new.deb && ! systemctl is-enabled ballast && ! systemctl is-active ballast"
  systemctl reset-failed ballast
  systemctl enable --now ballast 2>/dev/null
fi

# --- remove, install again, purge
check "apt remove" apt_get remove ballast
check "it keeps the config" grep -q 'edited by' $config
has_systemd && check "it stops the daemon" not systemctl is-active ballast
check "it can be installed again with the kept config" apt_get install "$debs/new.deb"
has_systemd && check "the service is active again" sh -c 'systemctl is-active ballast && systemctl is-enabled ballast'
page uninstall
check "purging again is no error" dpkg --purge ballast
files >/tmp/after
check "nothing is left" diff /tmp/before /tmp/after
has_systemd && check "no unit is left" sh -c '! systemctl cat ballast && ! systemctl list-units --all | grep -F ballast.service'
check "no directory in /run is left" test ! -e /run/ballast
echo "done"
