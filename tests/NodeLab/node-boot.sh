#!/bin/bash
# node-boot.sh NODE STATE ROOT: the machine that a node's system runs on. Called by node-lab.sh in a mount
# namespace of its own and in the node's network namespace. It has the disk, so it outlives the system: a system
# that reboots is started again on the same disk, as a virtual machine would.
set -euo pipefail
node=$1 state=$2 root=$3
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
disk=$state/$node/disk

mount --make-rprivate /
mkfifo "$state/$node/power"
mkdir -p "$disk"
# small enough that a test can fill it in a moment
mount -t tmpfs -o "size=${NODE_LAB_DISK:-256m},mode=755" "$node" "$disk"
mkdir "$disk"/{changes,work,root}
mount -t overlay -o "lowerdir=$root,upperdir=$disk/changes,workdir=$disk/work" "$node" "$disk/root"
"$here/node-files.sh" "$node" "$disk/root" "$state/id_ed25519.pub"

while true; do
  result=0
  unshare --mount --uts --ipc --pid --cgroup --fork --kill-child \
    "$here/node-init.sh" "$node" "$disk/root" "$state/$node/init.pid" || result=$?
  : > "$state/$node/init.pid"
  case $result in
    # how the kernel ends a PID namespace: with SIGHUP when it asked for a reboot, with SIGINT when it powered off
    129) ;;
    130) read -r _ < "$state/$node/power" ;;
    *) exit "$result" ;;
  esac
done
