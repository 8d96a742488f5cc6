#!/bin/bash
# node-init.sh NODE ROOT PIDFILE: process 1 of a node, inside all its namespaces. Mounts what a kernel and an initrd
# would have mounted, moves into the root file system and becomes systemd.
set -euo pipefail
node=$1 root=$2 pid_file=$3

# /proc is still the one outside: it knows this process by the number that nsenter needs
read -r pid _ < /proc/self/stat
hostname "$node"
mount --make-rprivate /

mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t bpf bpf "$root/sys/fs/bpf"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
# kernel settings outside net/ have no namespace: a write would reach the host
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
if [[ -e $root/proc/sysrq-trigger ]]; then
  mount --bind /dev/null "$root/proc/sysrq-trigger"
fi

mount -t tmpfs -o mode=755,size=64k tmpfs "$root/dev"
mkdir "$root"/dev/{pts,shm,net}
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
while read -r device major minor; do
  mknod -m 666 "$root/dev/$device" c "$major" "$minor"
done <<'DEVICES'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
net/tun 10 200
DEVICES
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

printf '%s\n' "$pid" > "$pid_file"
cd "$root"
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
rmdir /.outside
cd /
# the clock and the kernel's modules belong to the host
exec setpriv --bounding-set=-sys_time,-sys_module \
  env -i container=node-lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /sbin/init --unit=multi-user.target < /dev/null > /run/console.log 2>&1
