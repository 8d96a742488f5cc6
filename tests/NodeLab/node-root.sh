#!/bin/bash
# node-root.sh: prints the directory of the root file system that every node has as its read-only lower layer,
# and builds it first when this machine does not have it yet (one to two minutes, with debootstrap).
#
# The directory is named after the hash of this file, so a change to the packages or to the users builds a new one
# and no caller ever meets half a tree: it is built beside its place and moved there when it is complete.
set -euo pipefail

suite=bookworm
packages=(
  systemd-sysv dbus systemd-resolved openssh-server sudo kmod procps
  iproute2 iputils-ping bridge-utils iptables ipset nftables nfacct conntrack
  tcpdump strace curl socat
)

# Alice's password has a blank, a quote and a dollar in it: what passes it through a shell by accident shows at once.
alice_password="Wonder land's \$7"

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ciliumlab-node-lab
key=$( (cat "${BASH_SOURCE[0]}"; dpkg --print-architecture) | sha256sum | cut -c1-16)
root=$cache/root-$key

if [[ ${1:-} == --alice-password ]]; then
  printf '%s\n' "$alice_password"
  exit
fi

add_users() {
  local tree=$1 user
  for user in vagrant alice; do
    chroot "$tree" useradd --create-home --shell /bin/bash "$user"
  done
  printf 'alice:%s\n' "$alice_password" | chroot "$tree" chpasswd
  printf 'vagrant ALL=(ALL) NOPASSWD: ALL\n' > "$tree/etc/sudoers.d/vagrant"
  printf 'alice ALL=(ALL) ALL\n' > "$tree/etc/sudoers.d/alice"
  chmod 440 "$tree"/etc/sudoers.d/{vagrant,alice}
}

# debootstrap mounts /proc and /sys in the tree; when it was killed they are still there
discard() {
  local tree mount
  for tree in "$@"; do
    [[ -d $tree ]] || continue
    for mount in "$tree"/{proc,sys,dev/pts,dev}; do umount -l "$mount" 2>/dev/null || true; done
    rm -rf --one-file-system "$tree"
  done
}

build() {
  local tree
  discard "$cache"/building.*
  tree=$(mktemp -d "$cache/building.XXXXXX")
  trap 'discard "$tree"' EXIT
  chmod 755 "$tree"
  echo "node-root: building the nodes' root file system, once for this machine (log: $cache/debootstrap.log)" >&2
  if ! debootstrap --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" "$suite" "$tree" \
      ${NODE_LAB_MIRROR:+"$NODE_LAB_MIRROR"} > "$cache/debootstrap.log" 2>&1; then
    tail -n 5 "$cache/debootstrap.log" >&2
    echo "node-root: debootstrap failed; see $cache/debootstrap.log" >&2
    return 1
  fi
  add_users "$tree"
  # every node makes its own; a shared key or machine id would hide mistakes
  rm -rf "$tree"/etc/ssh/ssh_host_* "$tree"/etc/machine-id "$tree"/var/cache/apt/archives/*.deb
  mv -T "$tree" "$root"
  trap - EXIT
}

mkdir -p "$cache"
if [[ ! -d $root ]]; then
  exec {lock}> "$cache/lock"
  flock "$lock"
  [[ -d $root ]] || build
  exec {lock}>&-
fi
printf '%s\n' "$root"
