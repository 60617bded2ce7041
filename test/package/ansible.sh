#!/bin/bash
# The Ansible role on a new Debian: check mode, installation, nothing to do the second time, a wrong config, a host that is not healthy. Run as
# root by scripts/test-package.ts in a throw-away Debian, with systemd or without it. Argument: the folder with old.deb and the role.
set -u
debs=$1
source "$debs/checks.sh"

play() { # ARGUMENTS OF ansible-playbook
  ansible-playbook -i /tmp/hosts -e @/tmp/vars.yml "$debs/ansible/site.yml" "$@" >/tmp/play 2>&1
  local code=$?
  cat /tmp/play
  return $code
}
printed() { grep -qE -- "$1" /tmp/play; }
value() { sed -i "s/^\( *\)$1: .*/\1$1: $2/" /tmp/vars.yml; }

echo 'localhost ansible_connection=local ansible_python_interpreter=/usr/bin/python3' >/tmp/hosts
# There is no libvirt, which is a problem and not the role's.
cat >/tmp/vars.yml <<VARS
ballast_hosts: all
ballast_package: $debs/old.deb
ballast_manage_service: $(has_systemd && echo true || echo false)
ballast_healthy: [ok, problems]
ballast_health_retries: 30
ballast_health_delay: 1
ballast_config:
  dry_run: false
  policy: {files: [/usr/share/ballast/policies/mom-balloon.policy]}
  state_dir: /var/lib/ballast
VARS
# The service manager of a machine without one.
run_daemon() {
  has_systemd && return
  [ -e /run/ballast.pid ] && kill "$(cat /run/ballast.pid)" && until_true not test -e "/proc/$(cat /run/ballast.pid)"
  /usr/bin/ballast run --config /etc/ballast/ballast.yaml >>/tmp/log 2>&1 &
  echo $! >/run/ballast.pid
}

check "check mode on a new host" play --check --diff
check "... shows the config" printed '^\+dry_run: false'
check "... and changes nothing" test ! -e /etc/ballast
if has_systemd; then
  check "the role installs the package and passes the host" play
else
  play >/dev/null # Nobody has started the daemon yet.
  run_daemon
  check "the role passes the host" play
fi
check "the config is the one of the role" grep -q '^dry_run: false' /etc/ballast/ballast.yaml
has_systemd && check "the service is active and enabled" sh -c 'systemctl is-active ballast && systemctl is-enabled ballast'
check "the second time" play
check "... there is nothing to change" printed 'changed=0 .*failed=0'
value dry_run maybe
check "a config with mistakes fails" not play
check "... with the place of the mistake" printed 'dry_run: ..?maybe..? is not true or false'
check "... and the old one stays" grep -q '^dry_run: false' /etc/ballast/ballast.yaml
check "... and the daemon runs on" ballast why
value dry_run false
value ballast_healthy '[ok]'
value ballast_health_retries 1
check "a host that is not healthy fails" not play
check "... at the gate" printed 'Wait until ballast status is healthy'
echo "done"
