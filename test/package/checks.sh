# For the scripts of this folder. Each line of their output is "ok WHAT" or "FAILED WHAT", or what a person would see, indented; the caller
# counts. The last line is "done".
# shellcheck shell=bash
export DEBIAN_FRONTEND=noninteractive

check() { # WHAT COMMAND...
  local what=$1 output
  shift
  if output=$("$@" 2>&1); then echo "ok $what"; else
    echo "FAILED $what"
    echo "$output" | tail -15 | sed 's/^/    /'
  fi
}
not() { ! "$@"; }
# Waits for a condition that has no event; the limit only stops a hang.
until_true() {
  for _ in $(seq 300); do
    "$@" && return 0
    sleep 0.1
  done
  "$@"
}
apt_get() { apt-get -y -q -o Dpkg::Use-Pty=0 "$@"; }
has_systemd() { [ -d /run/systemd/system ]; }
