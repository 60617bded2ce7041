#!/bin/sh
# PID 1 of the mount and PID namespace of the bed: enter-bed.sh BED COMMAND…
#
# libvirtd run by root always uses /run/libvirt, /etc/libvirt and /var/*/libvirt. In this namespace, these paths are directories
# of the bed, so the machine's own libvirtd with its guests, sockets and configuration is not affected. When this process exits,
# the kernel kills all processes in the namespace, so no test can leave a guest or a daemon behind.
set -eu
bed=$1
shift

# Keep the bed accessible at its path.
mount --bind "$bed" "$bed/host-run/${bed#/run/}"
mount --rbind "$bed/host-run" /run
for directory in /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt; do
  mount --bind "$bed$directory" "$directory"
done

# Not exec: the waiting shell also reaps orphaned daemons. libvirt treats an unreaped QEMU as running.
# Up to here, standard error reports setup errors to the runner; the command gets the terminal's standard error, descriptor 3.
status=0
"$@" 2>&3 3>&- || status=$?
exit "$status"
