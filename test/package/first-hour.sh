#!/bin/bash
# The first hour of an operator: a KVM host with libvirt, QEMU and a Prometheus, and guests that run; then the package, the service, why,
# top, metrics, an alert's way to the guest, and the guests' memory back. Run as root by scripts/test-package.ts in a throw-away Debian, with
# systemd or without it. The guests boot under software emulation. Argument: the folder with old.deb, the guests' kernel and initramfs.
set -u
debs=$1
source "$debs/checks.sh"
config=/etc/ballast/ballast.yaml
# The network is this machine's.
free_port() {
  local port
  while port=$((20000 + RANDOM)) && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
prometheus=127.0.0.1:$(free_port)
metrics=127.0.0.1:$(free_port)
export LIBVIRT_DEFAULT_URI=qemu:///system

show() { "$@" 2>&1 | sed 's/^/    /'; }

# --- a host
mkdir -p /guests
cat >>/etc/libvirt/qemu.conf <<'CONF'
user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
CONF
sed -i "s/localhost:9090/$prometheus/" /etc/prometheus/prometheus.yml
if has_systemd; then
  echo "ARGS=\"--web.listen-address=$prometheus\"" >/etc/default/prometheus
  systemctl restart libvirtd prometheus
else
  libvirtd -d
  (cd /tmp && exec prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/tmp/tsdb --web.listen-address=$prometheus --log.level=error) &
  prometheus_pid=$!
fi
check "libvirtd is there" until_true virsh version

# Each listens on a pair of pipes; test/real-host/bed/guest-init.sh has the commands.
start_guest() { # NAME DRIVER
  mkfifo "/guests/$1.in" "/guests/$1.out"
  cat >"/guests/$1.xml" <<XML
<domain type='qemu'>
  <name>$1</name>
  <memory unit='MiB'>512</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>$debs/guest-kernel</kernel>
    <initrd>$debs/guest-initramfs</initrd>
    <cmdline>console=ttyS0 quiet ballast.balloon=$2</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <controller type='usb' model='none'/>
    <serial type='file'><source path='/guests/$1.log'/><target port='0'/></serial>
    <serial type='pipe'><source path='/guests/$1'/><target port='1'/></serial>
    <memballoon model='virtio' autodeflate='on'><stats period='2'/></memballoon>
  </devices>
</domain>
XML
  virsh create "/guests/$1.xml"
}
is_up() { grep -q 'guest-init: ready' "/guests/$1.log"; }
in_guest() { # NAME COMMAND
  local line
  exec 4<>"/guests/$1.out"
  echo "$2" >"/guests/$1.in"
  while read -r -t 120 line <&4; do
    case $line in .ok*) return 0 ;; .error*) echo "$line"; return 1 ;; esac
  done
  echo "guest $1 does not answer"
  return 1
}
actual() { virsh dommemstat "$1" | sed -n 's/^actual //p'; }
less_than() { [ "$(actual "$1")" -lt "$2" ]; }
has_all() { [ "$(actual "$1")" = 524288 ]; }

for guest in web-1 db-1 idle-1 cache-1; do check "guest $guest starts" start_guest $guest on; done
check "guest win-1, without a balloon driver, starts" start_guest win-1 off
for guest in web-1 db-1 idle-1 cache-1 win-1; do check "$guest has booted" until_true is_up $guest; done
for guest in web-1 cache-1; do
  check "$guest uses a lot of memory" in_guest $guest 'fill 320 random'
  check "... and then no more" in_guest $guest free
done
check "db-1 uses nearly all of its memory" in_guest db-1 'fill 400 random'

# --- the package
cp "$debs/old.deb" "/tmp/ballast.deb"
check "apt install" apt_get install /tmp/ballast.deb
if has_systemd; then check "the service runs" systemctl is-active ballast; else
  /usr/bin/ballast run --config $config >/tmp/ballast.log 2>&1 &
  pid=$!
fi
restart_ballast() {
  if has_systemd; then systemctl restart ballast; else
    kill "$pid" && wait "$pid"
    /usr/bin/ballast run --config $config >>/tmp/ballast.log 2>&1 &
    pid=$!
  fi
}
says() { # TEXT COMMAND...
  local text=$1
  shift
  "$@" 2>&1 | grep -qF -- "$text"
}
echo "ballast doctor"
show ballast doctor
check "doctor says that it is a dry run" says dry-run ballast doctor
check "it may write KSM's settings" not says ksm-permission ballast doctor
check "status: a dry run" until_true says 'dry run: nothing is changed' ballast status
check "status: five guests" until_true says '5 running' ballast status
check "no guest was changed" has_all web-1

# --- switched on. The host is short of memory, as this operator sees it, whatever the machine has.
sed 's/:max 90%/:max 100%/' /usr/share/ballast/policies/mom-balloon.policy >/etc/ballast/mom-balloon.policy
sed -i -e 's/^dry_run: true/dry_run: false/' -e 's#/usr/share/ballast/policies/balanced.policy#/etc/ballast/mom-balloon.policy#' $config
cat >>$config <<CONF
collect_interval: 2s
policy_interval: 2s
rhythm: {boot_grace: 0s}
metrics: {listen: $metrics}
record: {path: /var/lib/ballast/recordings/host.jsonl.gz}
CONF
check "the parameter is set" ballast params set shortage_share 100% --config $config
check "the config is valid" ballast check --config $config
check "a guest can be paused before Ballast is switched on" ballast pause cache-1 --reason 'a customer calls'
restart_ballast
check "web-1, which leaves memory unused, is shrunk" until_true less_than web-1 500000
check "a second daemon that would write is kept out" says 'already writes to this host' ballast run --once --policy /etc/ballast/mom-balloon.policy
why() { # GUEST TEXT
  check "why $1: $2" until_true says "$2" ballast why "$1"
  show ballast why "$1" | head -4
}
why web-1 'Ballooning guest:web-1 from'
why db-1 'Nothing was changed: no policy and no guard requested a change'
why idle-1 'was held back by the guard'
why cache-1 'is paused'
why win-1 'excluded from policy evaluation'
check "the paused guest has all of its memory" has_all cache-1
check "so has the busy one" has_all db-1
echo "ballast status"
show ballast status
echo "ballast guests"
show ballast guests
echo "ballast timeline"
show ballast timeline live | tail -5

# --- Prometheus
cat >>/etc/prometheus/prometheus.yml <<CONF
  - job_name: ballast
    scrape_interval: 1s
    static_configs: [{targets: ['$metrics']}]
CONF
cp "$debs/ballast.rules.yaml" /etc/prometheus/
sed -i "s#^rule_files:#&\n  - ballast.rules.yaml#" /etc/prometheus/prometheus.yml
check "Prometheus takes the config and the rules" promtool check config /etc/prometheus/prometheus.yml
# Not "systemctl reload": it needs the program kill, which a minimal Debian lacks.
if has_systemd; then systemctl kill -s HUP prometheus; else kill -HUP "$prometheus_pid"; fi
answers() { # QUERY TEXT
  curl -sSG "http://$prometheus/api/v1/query" --data-urlencode "query=$1" | grep -qF -- "$2"
}
check "Prometheus scrapes Ballast" until_true answers 'up{job="ballast"} == 1' '"job":"ballast"'
check "it knows how far web-1 was shrunk" until_true answers 'ballast_guest_target_bytes{domain="web-1"} < 512 * 1024 * 1024' web-1
check "it knows of no target of win-1, whose statistics are missing" answers 'absent(ballast_guest_target_bytes{domain="win-1"})' '"value"'
check "it knows who holds idle-1 back" until_true answers 'ballast_holds_total > 0' guard
check "its alerts are loaded" says BallastNoInterval curl -sS "http://$prometheus/api/v1/rules"
check "none of them fires" not says '"state":"firing"' curl -sS "http://$prometheus/api/v1/alerts"

# --- top, in a terminal of 80 columns
screen() { tmux capture-pane -p -t top; }
check "ballast top starts in tmux" tmux new-session -d -s top -x 80 -y 24 'ballast top'
check "it shows the guests" until_true says web-1 screen
check "it shows the paused guest as paused" until_true says paused screen
show screen
check "no line is wider than the terminal" sh -c '! tmux capture-pane -p -t top | grep -E "^.{81}"'
tmux send-keys -t top q
check "q ends it" until_true not tmux has-session -t top

# --- doctor again: by now a guest without a driver cannot be one that boots
check "doctor names the guest without a balloon driver" until_true says guest-driver ballast doctor
show sh -c 'ballast doctor | grep -A2 guest-driver'

# --- at night: give it back, and stop it for this guest
echo "ballast release web-1"
show ballast release web-1
check "web-1 has its memory back" until_true has_all web-1
check "why web-1: it was released" until_true says 'reason: released' ballast why web-1
check "web-1 is paused" ballast pause web-1 --for 30min --reason 'slow since 03:12'
why web-1 'is paused'
check "a report of the night is written" ballast report-incident --around "$(date +%H:%M)" --output /tmp/night.tar.gz
check "... with a recording, decisions, log, config and versions" sh -c 'tar -tzf /tmp/night.tar.gz | tee /dev/stderr | grep -q recording'

# --- the end: what was taken comes back
if has_systemd; then systemctl disable --now ballast; else kill "$pid"; fi
echo "ballast release"
show ballast release --config $config
for guest in web-1 db-1 idle-1 cache-1; do check "$guest has all of its memory" until_true has_all $guest; done
check "apt remove" apt_get remove ballast
check "all guests run on" sh -c 'test "$(virsh list --name | grep -c .)" = 5'
for guest in web-1 db-1 idle-1 cache-1 win-1; do virsh destroy "$guest" >/dev/null; done
echo "done"
