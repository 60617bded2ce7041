#!/bin/sh
# PID 1 of the bed's own mount and PID namespace: enter-bed.sh BED COMMAND…
#
# libvirtd of a root user cannot be told to keep away from /run/libvirt, /etc/libvirt and /var/*/libvirt. So it sees others there: in
# this namespace those paths are directories of the bed. A libvirtd, its guests, sockets and configuration outside are out of
# reach, and when this process ends the kernel ends everything in the namespace: no test can leave a guest or a daemon behind.
set -eu
bed=$1
shift

# The bed itself stays where it was.
mount --bind "$bed" "$bed/host-run/${bed#/run/}"
mount --rbind "$bed/host-run" /run
for directory in /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
  mount --bind "$bed$directory" "$directory"
done

# Not exec: a shell that waits also reaps the daemons that lose their parents. libvirt takes an unreaped QEMU for a living one.
# Up to here standard error told the runner what went wrong with the bed; the command has the terminal's, which came as 3.
status=0
"$@" 2>&3 3>&- || status=$?
exit "$status"
