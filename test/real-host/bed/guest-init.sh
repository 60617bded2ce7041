#!/bin/busybox sh
# PID 1 of a test guest. Reads one command per line from the second serial port and replies with zero or more lines and an
# end marker (`.ok` or `.error …`), so that the host knows when the reply is complete.
#
# It must survive memory pressure caused by tests: `ping` uses only shell builtins (no fork, no allocation), all programs are
# in the initramfs, and the kernel's OOM killer is told to skip it.

/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /run
mount -t tmpfs -o size=1m tmpfs /run
echo -1000 > /proc/self/oom_score_adj

# Waits without a fork, because a failed fork would exit the shell.
mkfifo /run/never
exec 5<> /run/never
pause() {
  read -r -t 1 nothing <&5
}

# The build lists the modules in dependency order.
read -r cmdline < /proc/cmdline
while read -r module; do
  case "$cmdline $module" in *ballast.balloon=off*virtio_balloon.ko) continue ;; esac
  insmod "/modules/$module" || echo "guest-init: insmod $module failed" > /dev/console
done < /modules/order

CHUNK_MIB=8
kind=random
chunks=''   # pids, one per held chunk
serial=0

# A chunk is a dd that has read 8 MiB into its (anonymous) buffer and blocks on writing it to a pipe without a reader.
# When the first byte can be read from the pipe, the buffer is full. Killing the reader ends the dd by SIGPIPE.
hold_chunk() {
  serial=$((serial + 1))
  ready="/run/ready.$serial"
  (
    echo 0 > /proc/self/oom_score_adj
    case "$kind" in
      zero) exec dd if=/dev/zero bs="${CHUNK_MIB}M" count=1 iflag=fullblock ;;
      same) { while cat /pattern; do :; done; } | exec dd bs="${CHUNK_MIB}M" count=1 iflag=fullblock ;;
      random) exec dd if=/dev/urandom bs="${CHUNK_MIB}M" count=1 iflag=fullblock ;;
      chunk) exec dd if=/kept/chunk bs="${CHUNK_MIB}M" count=1 iflag=fullblock ;;
    esac
  ) 2> /dev/null | {
    echo 0 > /proc/self/oom_score_adj
    first=$(dd bs=1 count=1 2> /dev/null | wc -c)
    echo "$first" > "$ready"
    exec sleep 2147483647
  } &
  chunks="$! $chunks"
  until [ -s "$ready" ]; do usleep 20000; done
  read -r first < "$ready"
  rm -f "$ready"
  [ "$first" = 1 ]
}

release_chunks() { # how many
  left=$1
  kept=''
  for pid in $chunks; do
    if [ "$left" -gt 0 ]; then
      kill "$pid" 2> /dev/null
      wait "$pid" 2> /dev/null
      left=$((left - 1))
    else
      kept="$kept $pid"
    fi
  done
  chunks="$kept"
}

# Chunks still in memory: a dd killed by the OOM killer leaves its reader behind.
count_chunks() {
  set -- $(pidof dd)
  held=$#
}

release_all() {
  set -- $chunks
  release_chunks $#
}

fill() { # MiB kind
  case "$2" in zero | same | random) ;; chunk) [ -s /kept/chunk ] || { echo '.error fill: chunk is for after keep'; return; } ;; *) echo ".error fill: unknown kind '$2'"; return ;; esac
  wanted=$(($1 / CHUNK_MIB))
  count_chunks
  set -- "$2" $chunks
  if [ "$1" != "$kind" ] || [ $held -ne $(($# - 1)) ]; then
    release_all
    held=0
    kind=$1
  fi
  [ $held -gt $wanted ] && release_chunks $((held - wanted))
  while [ $held -lt $wanted ]; do
    if ! hold_chunk; then
      echo ".error fill: out of memory after $((held * CHUNK_MIB)) MiB"
      return
    fi
    held=$((held + 1))
  done
  # The OOM killer may have killed an earlier chunk meanwhile.
  count_chunks
  if [ $held -eq $wanted ]; then echo '.ok'; else echo ".error fill: out of memory, $((held * CHUNK_MIB)) MiB are held"; fi
}

# The disk of the guest is its swap.
swap() {
  if mkswap /dev/vda > /dev/null && swapon /dev/vda; then echo '.ok'; else echo '.error swap: no swap on /dev/vda'; fi
}

# Keeps a working set in a tmpfs, and one chunk for `fill … chunk`, which is faster than random bytes.
keep() { # MiB
  [ -d /kept ] || { mkdir /kept && mount -t tmpfs -o size=100% tmpfs /kept; } || { echo '.error keep: no tmpfs'; return; }
  rm -f /kept/*
  if copies "$1" > /kept/set && copies "$CHUNK_MIB" > /kept/chunk; then echo '.ok'; else echo '.error keep: no room'; fi
}

# With one cat: a fork takes as long as copying a mebibyte.
copies() { # of the pattern, which is 1 MiB
  left=$1
  sources=''
  while [ "$left" -gt 0 ]; do
    sources="$sources /pattern"
    left=$((left - 1))
  done
  [ -z "$sources" ] || cat $sources
}

# The job whose time is measured: reads the working set (cat would only pass on references to it), then needs a CPU.
work() { # MiB of the loop
  if (
    echo 0 > /proc/self/oom_score_adj
    dd if=/kept/set of=/dev/null bs=64k 2> /dev/null && exec dd if=/dev/zero of=/dev/null bs=64k count=$(($1 * 16)) 2> /dev/null
  ); then echo '.ok'; else echo '.error work: it was ended'; fi
}

# A heap of exactly this size in a tmpfs, which swaps like anonymous memory and takes one process. `disk`: with the content of the disk,
# so that guests with equal disks have equal pages; otherwise copies of the pattern.
heap() { # MiB, and pattern or disk
  [ -d /heap ] || { mkdir /heap && mount -t tmpfs -o size=100% tmpfs /heap && : > /heap/set && heap_mib=0; } || { echo '.error heap: no tmpfs'; return; }
  if [ "$1" -le "$heap_mib" ]; then
    truncate -s "$1M" /heap/set
  elif [ "$2" = disk ]; then
    dd if=/dev/vda of=/heap/set bs=1M iflag=direct conv=notrunc skip="$heap_mib" seek="$heap_mib" count=$(($1 - heap_mib)) 2> /dev/null
  else
    copies $(($1 - heap_mib)) >> /heap/set
  fi || { echo '.error heap: no room'; return; }
  heap_mib=$1
  echo '.ok'
}

# Reads the given mebibytes of the disk, through the page cache, or of the heap. The kernel drops the page cache of a disk that nobody has open.
look() { # disk or heap, then numbers
  if [ "$1" = disk ]; then from=/dev/vda; exec 6< /dev/vda; else from=/heap/set; fi
  shift
  for at in "$@"; do dd if="$from" of=/dev/null bs=1M skip="$at" count=1 2> /dev/null || { echo '.error look: failed'; return; }; done
  echo '.ok'
}

# Overwrites the given mebibytes of the heap with what `heap … disk` has put there.
scribble() { # numbers
  for at in "$@"; do dd if=/dev/vda of=/heap/set bs=1M iflag=direct skip="$at" seek="$at" count=1 conv=notrunc 2> /dev/null || { echo '.error scribble: failed'; return; }; done
  echo '.ok'
}

# Without its driver, the balloon returns all memory and reports nothing.
balloon() { # off or on
  driver=/sys/bus/virtio/drivers/virtio_balloon
  case "$1" in
    off)
      for path in "$driver"/virtio*; do device=${path##*/}; done
      echo "$device" > "$driver/unbind" && echo '.ok' || echo '.error balloon: cannot unbind'
      ;;
    on) echo "$device" > "$driver/bind" && echo '.ok' || echo '.error balloon: cannot bind' ;;
    *) echo '.error balloon: off or on' ;;
  esac
}

# Reports less available memory than there is: the kernel counts what it keeps free as not available.
claim() { # KiB
  if echo "$1" > /proc/sys/vm/min_free_kbytes; then echo '.ok'; else echo '.error claim: refused'; fi
}

reply() { # command and its arguments
  case "$1" in
    ping) echo pong; echo '.ok' ;;
    fill) fill "$2" "$3" ;;
    free) release_all; echo '.ok' ;;
    held) count_chunks; echo $((held * CHUNK_MIB)); echo '.ok' ;;
    swap) swap ;;
    balloon) balloon "$2" ;;
    agent) real_agent "$2" ;;
    claim) claim "$2" ;;
    keep) keep "$2" ;;
    work) work "$2" ;;
    counters)
      while read -r line; do case "$line" in pswp* | pgmajfault* | oom_kill*) echo "$line" ;; esac; done < /proc/vmstat
      while read -r line; do echo "$line"; done < /proc/pressure/memory
      echo '.ok'
      ;;
    heap) heap "$2" "$3" ;;
    look) shift; look "$@" ;;
    scribble) shift; scribble "$@" ;;
    pulse) grep -hE '^(some|full|pswpin|pswpout|pgmajfault|workingset_refault|oom_kill |allocstall|Mem|Swap|Buffers|Cached|Shmem:)' /proc/pressure/memory /proc/vmstat /proc/meminfo; echo '.ok' ;;
    memory) while read -r line; do echo "$line"; done < /proc/meminfo; echo '.ok' ;;
    uptime) read -r up idle < /proc/uptime; echo "$up"; echo '.ok' ;;
    modules) while read -r name rest; do echo "$name"; done < /proc/modules; echo '.ok' ;;
    '') ;;
    *) echo ".error unknown command '$1'" ;;
  esac
}

# Only in the image that has the distribution's agent.
real_agent() { # stop, cont or end
  pid=$(pidof qemu-ga) || { echo '.error agent: it does not run'; return; }
  case "$1" in
    stop) kill -STOP "$pid" ;;
    cont) kill -CONT "$pid" ;;
    end) kill -KILL "$pid" ;;
    *) echo '.error agent: stop, cont or end'; return ;;
  esac
  echo '.ok'
}

# The distribution's agent, else a minimal one: libvirt synchronises before each command.
agent() {
  for name in /sys/class/virtio-ports/*/name; do
    read -r port < "$name"
    [ "$port" = org.qemu.guest_agent.0 ] && device=${name%/name} && device="/dev/${device##*/}"
  done
  [ -n "$device" ] || return
  [ -x /usr/sbin/qemu-ga ] && exec /usr/sbin/qemu-ga -m virtio-serial -p "$device" -t /run -f /run/qemu-ga.pid 2> /dev/console
  exec 4<> "$device"
  while :; do
    # read returns at once while libvirt is not connected.
    if ! read -r line <&4; then pause; continue; fi
    case "$line" in
      *'"guest-sync"'*) id=${line##*'"id":'}; echo "{\"return\": ${id%%\}*}}" >&4 ;;
      *'"guest-ping"'*) echo '{"return": {}}' >&4 ;;
      *'"guest-info"'*) echo '{"return": {"version": "test", "supported_commands": []}}' >&4 ;;
      *) echo '{"error": {"class": "CommandNotFound", "desc": "the test guest does not know this command"}}' >&4 ;;
    esac
  done
}

agent &
stty -F /dev/ttyS1 raw -echo
exec 3<> /dev/ttyS1
echo 'guest-init: ready' > /dev/console
while :; do
  if read -r line <&3; then
    reply $line >&3
  else
    pause
  fi
done
